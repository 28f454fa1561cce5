/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The catalogue of named SQL statements, read from conf/sql/<area>.sql.
 *
 * A file is a series of
 *     -- name: session_find
 *     SELECT a.name, s.count AS "count:int"
 *       FROM ... WHERE clinic_id = :clinic_id AND expires_at > :now:int
 * A statement ends at the next "-- name:" or the end of the file; other
 * comment lines are dropped. `-- name: session_find (pgsql)` gives the text for
 * that driver alone and goes before the common one.
 *
 * Parameters are :name (text) or :name:int (64-bit integer) and may stand any
 * number of times; "::" is a PostgreSQL cast, a colon inside quotes is text.
 * Result columns are named by their alias, which becomes the JSON member:
 * "x" text, "x:int" integer, "x:bool" 0/1 as false/true. NULL is JSON null.
 *
 * Immutable after start-up and shared by all threads. */
#ifndef CP_CATALOG_H
#define CP_CATALOG_H

#include <apr_hash.h>
#include <apr_pools.h>
#include <apr_tables.h>

typedef enum cp_sql_type_t {
    CP_SQL_TEXT,
    CP_SQL_INT,
    CP_SQL_BOOL
} cp_sql_type_t;

typedef struct cp_sql_param_t {
    const char *name;
    cp_sql_type_t type;
} cp_sql_param_t;

typedef struct cp_statement_t {
    const char *name; /* [a-z][a-z0-9_]*, at most 40; part of the label */
    const char *sql;  /* in apr_dbd's format: %s, %lld, %% */
    const cp_sql_param_t *params; /* one for each %s or %lld, in order */
    int param_count;
    const char *origin; /* file and line, for messages */
    const char *key;    /* digest of sql: tells texts apart on a connection */
} cp_statement_t;

typedef struct cp_catalog_t cp_catalog_t;

/* An empty catalogue for `driver` ("sqlite3" or "pgsql"). */
cp_catalog_t *cp_catalog_make(const char *driver, apr_pool_t *p);

/* Add every *.sql file of a directory. CP_EINPUT or an APR code, *error a
 * sentence with file and line: a doubled name, an unknown type, no text. */
apr_status_t cp_catalog_read(cp_catalog_t *catalog, const char *directory,
                             const char **error, apr_pool_t *p);

/* Put `sql` (same syntax) in the place of the statement `name`
 * (ClinicPortalSQL). The parameters it uses must be among those of the
 * statement it replaces. CP_EINPUT with *error otherwise. */
apr_status_t cp_catalog_override(cp_catalog_t *catalog, const char *name,
                                 const char *sql, const char *origin,
                                 const char **error);

/* The statement of that name, or NULL. */
const cp_statement_t *cp_catalog_find(const cp_catalog_t *catalog,
                                      const char *name);

/* Every name, sorted: an array of const char * in p. */
apr_array_header_t *cp_catalog_names(const cp_catalog_t *catalog,
                                     apr_pool_t *p);

/* "sqlite3" or "pgsql". */
const char *cp_catalog_driver(const cp_catalog_t *catalog);

#endif
