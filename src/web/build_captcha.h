/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The CAPTCHA as configured. */
#ifndef CP_WEB_BUILD_CAPTCHA_H
#define CP_WEB_BUILD_CAPTCHA_H

#include "clinic/context.h"
#include "config/config.h"

/* Fill in the options. Refused: a remote provider without site key or secret,
 * an address that is not https, a public test key. */
apr_status_t cp_build_captcha(cp_captcha_options_t *captcha,
                              const cp_config_t *cfg, const server_rec *s,
                              const char **error, apr_pool_t *p);

/* The connections of this child process, for a remote provider. */
apr_status_t cp_build_captcha_in_child(cp_captcha_options_t *captcha,
                                       apr_pool_t *p);

#endif
