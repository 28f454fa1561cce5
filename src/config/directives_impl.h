/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to src/config/directives*.c: setters and what they share. */
#ifndef CP_DIRECTIVES_IMPL_H
#define CP_DIRECTIVES_IMPL_H

#include <httpd.h>
#include <http_config.h>

/* The message behind the directive's name; NULL for NULL. */
const char *cp_directive_complain(cmd_parms *cmd, const char *message);

/* Where the line stands: "portal.conf:12". */
const char *cp_directive_origin(cmd_parms *cmd);

/* "/portal/" and "/portal" are the same place: the latter. */
const char *cp_directive_path(apr_pool_t *p, const char *path);

/* directives_guard.c: setters of guarded locations, as httpd calls them. */
const char *cp_directive_login(cmd_parms *cmd, void *config, const char *base,
                               const char *kind);
const char *cp_directive_remote_user(cmd_parms *cmd, void *config,
                                     const char *arg);
const char *cp_directive_headers(cmd_parms *cmd, void *config, int argc,
                                 char *const argv[]);
const char *cp_directive_token(cmd_parms *cmd, void *config,
                               const char *audience, const char *lifetime);

#endif
