/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The schema's version and its migrations: conf/schema/NNN_name.sql, applied
 * in order, each in one transaction (both databases roll DDL back), recorded
 * in schema_version. One portable text serves both databases; a statement
 * behind a line "-- only: pgsql" (or sqlite3) runs on that one alone.
 * Statements end with ";" at the end of a line. */
#ifndef CP_SCHEMA_H
#define CP_SCHEMA_H

#include "db/db.h"

/* The newest version the directory has. APR_ENOENT: it has none. */
apr_status_t cp_schema_newest(int *version, const char *directory,
                              apr_pool_t *p);

/* The version the database is at; 0 when it has no schema of ours. */
apr_status_t cp_schema_version(int *version, cp_db_t *db, apr_pool_t *p);

/* Why a database of one version does not fit software that needs another, and
 * what to do: a sentence in p for the administrator. NULL: it fits. */
const char *cp_schema_misfit(int version, int needed, apr_pool_t *p);

/* The versions before and after. */
typedef struct cp_schema_change_t {
    int from;
    int to;
} cp_schema_change_t;

/* Apply what is missing. On failure *error says which file and statement; of
 * the file nothing is applied then. PostgreSQL: no statement waits for a lock
 * for more than five seconds, for all who came later would wait behind it. A
 * database newer than the directory is CP_EINPUT: older software must not touch
 * it. SQLite: journal mode WAL is set once, here. */
apr_status_t cp_schema_migrate(cp_db_t *db, const char *directory,
                               cp_schema_change_t *change, const char **error,
                               apr_pool_t *p);

#endif
