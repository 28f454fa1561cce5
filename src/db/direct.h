/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A source of one connection opened by apr_dbd itself, without mod_dbd: for
 * the command line, for configtest and for the tests. */
#ifndef CP_DIRECT_H
#define CP_DIRECT_H

#include "db/db.h"

typedef struct cp_direct_target_t {
    const char *driver; /* "sqlite3" or "pgsql" */
    const char *params; /* mod_dbd's DBDParams words */
    int may_create;     /* or else a SQLite file that does not exist is an error
                         * (sqlite3_open would make an empty one) */
    apr_interval_time_t time_limit; /* PostgreSQL: of each call, after it is
                                     * open, in place of the server's own
                                     * limits of a statement; 0: those alone */
} cp_direct_target_t;

/* Open it. *error: a sentence in p, without the parameters (they may hold a
 * password); CP_EUNAVAILABLE if it may be right another time, CP_EINPUT if a
 * pooler hands PostgreSQL's sessions round. The connection closes with p. */
apr_status_t cp_direct_open(cp_db_source_t *source,
                            const cp_direct_target_t *target,
                            const char **error, apr_pool_t *p);

#endif
