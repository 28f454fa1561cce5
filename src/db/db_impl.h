/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to src/db: what the wrapper's files share. A "code" is what an
 * apr_dbd driver returns: 0 is success, the rest differs by driver. */
#ifndef CP_DB_IMPL_H
#define CP_DB_IMPL_H

#include "db/db.h"

struct cp_db_t {
    const cp_db_source_t *source;
    const cp_catalog_t *catalog;
    const cp_port_t *port;
    apr_pool_t *pool;
    cp_db_connection_t *held; /* by the running transaction, or NULL */
    int has_failed;           /* a statement of that transaction */
};

/* db_heal.c: one connection. */

/* No driver's code: a pooler gives this connection's session to others between
 * its transactions, so that what is prepared comes and goes. */
#define CP_DB_POOLED (-1000)

/* Nor this: the call could not be cut off, so it has not been made, and the
 * connection is shut down. */
#define CP_DB_UNWATCHED (-1001)

/* What a connection needs before its first statement, and outside a
 * transaction. Does nothing the second time. */
int cp_db_ready(cp_db_connection_t *connection);

/* The prepared form of `statement`, made on first use. */
int cp_db_prepare(cp_db_connection_t *connection,
                  const cp_statement_t *statement,
                  apr_dbd_prepared_t **prepared);

/* Begin a transaction whose prepared statements are known to be good: once its
 * work has begun nothing of it can be repeated. */
int cp_db_begin(cp_db_connection_t *connection, apr_pool_t *p);

/* Drop the prepared statements; each is prepared again on its next use. Not in
 * a transaction that has failed: PostgreSQL would keep them. */
void cp_db_forget(cp_db_connection_t *connection);

/* After `statement` has failed, or NULL for what is none of the catalogue;
 * rolls back what is open. True: the connection is good again and another try
 * makes sense. False: it is not, or nothing was wrong with it. */
int cp_db_heal(cp_db_connection_t *connection, const cp_statement_t *statement,
               apr_pool_t *p);

/* Run text that returns no rows. */
int cp_db_query(cp_db_connection_t *connection, const char *sql);

/* What the driver says about `code`: the first line, without values. */
const char *cp_db_error(cp_db_connection_t *connection, int code,
                        apr_pool_t *p);

/* db_schema.c. */

int cp_db_is_pgsql(const cp_db_t *db);

/* db_rows.c: values in and out of apr_dbd. */

/* The values of the statement's parameters, for the typed calls; they point
 * into args. CP_EINPUT: *name is the one that is missing, of another type, or
 * not UTF-8. */
apr_status_t cp_db_bind(const void ***values, const cp_statement_t *statement,
                        const cp_arg_t *args, const char **name, apr_pool_t *p);

/* All rows, in p. NULL: *bad is the column with a value that
 * is not of its type. */
cp_rows_t *cp_db_read_rows(const apr_dbd_driver_t *driver,
                           apr_dbd_results_t *results, const char **bad,
                           apr_pool_t *p);

/* db.c */

/* A connection, or the one of the running transaction, with all of the time for
 * a call; give back with cp_db_give. */
apr_status_t cp_db_take(cp_db_t *db, cp_db_connection_t **connection);
void cp_db_give(cp_db_t *db, cp_db_connection_t *connection);

/* The first column of the first row of a constant text, unprepared, in p; NULL
 * when there is none. *error as in cp_db_run. */
apr_status_t cp_db_ask(cp_db_t *db, const char *sql, const char **answer,
                       const char **error, apr_pool_t *p);

#endif
