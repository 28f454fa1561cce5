/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A source of one connection opened by apr_dbd itself, without mod_dbd: for
 * the command line, for configtest and for the tests. */
#ifndef CP_DIRECT_H
#define CP_DIRECT_H

#include "db/db.h"

/* Open `driver` ("sqlite3", "pgsql") with mod_dbd's DBDParams words. A SQLite
 * file that does not exist is an error unless may_create (sqlite3_open would
 * make an empty one). *error: a sentence in p, without the parameters (they
 * may hold a password); CP_EUNAVAILABLE if it may be right another time,
 * CP_EINPUT if a pooler hands PostgreSQL's sessions round. The connection
 * closes with p. */
apr_status_t cp_direct_open(cp_db_source_t *source, const char *driver,
                            const char *params, int may_create,
                            const char **error, apr_pool_t *p);

#endif
