/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* mod_dbd as a source of connections, and its settings as written. */
#ifndef CP_WEB_DBD_H
#define CP_WEB_DBD_H

#include "web/portal.h"

#include <httpd.h>

/* Is mod_dbd loaded? */
int cp_dbd_is_loaded(void);

/* Connections of mod_dbd's pool for the portal's server, by ap_dbd_open and
 * ap_dbd_close, so that one is held only while it is worked with. In p. CP_EUNAVAILABLE at once
 * while the database is known not to answer, and when all connections stay out
 * for some seconds. */
const cp_db_source_t *cp_dbd_source(const cp_portal_t *portal, apr_pool_t *p);

/* The same for whoever looks whether the database answers, one at a time in a
 * process: also while it is known not to, or all others are in use. */
const cp_db_source_t *cp_dbd_source_to_look(const cp_portal_t *portal,
                                            apr_pool_t *p);

/* How many may hold a connection of the portal's pool at once, beside whoever
 * looks at the database. */
int cp_dbd_seats(const cp_portal_t *portal);

/* What the configuration says for `s`: its own virtual host's words, else the
 * main server's. Members are NULL where nothing is said. mod_dbd keeps these
 * to itself, so they are read from the configuration tree; for start-up. */
typedef struct cp_dbd_settings_t {
    const char *driver; /* DBDriver */
    const char *params; /* DBDParams */
    const char *max;    /* DBDMax */
} cp_dbd_settings_t;

/* mod_dbd's own default of DBDMax. */
#define CP_DBD_MAX_DEFAULT 10

void cp_dbd_settings(cp_dbd_settings_t *settings, const server_rec *s,
                     apr_pool_t *p);

#endif
