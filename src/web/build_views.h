/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Compile the views: the hospital's own before the installed ones. */
#ifndef CP_WEB_BUILD_VIEWS_H
#define CP_WEB_BUILD_VIEWS_H

#include "base/mustache.h"
#include "config/config.h"

apr_status_t cp_build_views(cp_mustache_t **views, const cp_config_t *cfg,
                            const char **error, apr_pool_t *p);

/* The same for mail: the hospital's own in the folder "mail" of its views. */
apr_status_t cp_build_mail_templates(const cp_mustache_t **templates,
                                     const cp_config_t *cfg, const char **error,
                                     apr_pool_t *p);

#endif
