/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The statements, and whether the database fits them. */
#ifndef CP_WEB_BUILD_DATABASE_H
#define CP_WEB_BUILD_DATABASE_H

#include "config/config.h"
#include "web/portal.h"

/* Fill in what a portal knows of its database, in p, which is pconf. Refused:
 * no mod_dbd or DBDriver, a statement that does not compile, a schema that is
 * missing, old or too new. A database that cannot be reached only warns and
 * leaves the portal is_unchecked: it may come up after the server. */
apr_status_t cp_build_database(cp_portal_t *portal, const cp_config_t *cfg,
                               server_rec *s, const char **error,
                               apr_pool_t *p);

#endif
