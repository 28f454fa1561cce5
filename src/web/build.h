/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Build a portal from its configuration: read, compile, check. */
#ifndef CP_WEB_BUILD_H
#define CP_WEB_BUILD_H

#include "config/config.h"
#include "web/portal.h"

/* The portal of `mount` on server s, in p. On failure *error says what is
 * wrong and what to do; nothing is logged. Warnings of what is unwise go to
 * the server's log. Runs in configtest and at start, in the parent. */
apr_status_t cp_build_portal(cp_portal_t **portal, server_rec *s,
                             const cp_mount_t *mount, const char **error,
                             apr_pool_t *p);

/* What a child process adds before it serves: the gates of password hashing and
 * of connections, the deadlines of statements, and, for a remote CAPTCHA
 * provider, its connections. All in the pool of `gates`, which holds the gates
 * of connections (cp_gate_t *) by portal->database_pool, for all portals of the
 * process. */
apr_status_t cp_build_in_child(cp_portal_t *portal, const server_rec *s,
                               const cp_config_t *cfg, apr_hash_t *gates);

/* The settings of the mount, merged with the server's. */
const cp_config_t *cp_build_config(server_rec *s, const cp_mount_t *mount,
                                   apr_pool_t *p);

#endif
