/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* apr_dbd made safe: named statements in, rows out, transactions that
 * roll back, connections that heal.
 *
 * Each call takes a connection, works, and gives it back before it returns
 * (a transaction holds one throughout), so that nobody holds one while hashing
 * or while a slow client reads. Statements are prepared on first use of a
 * connection. When a statement fails outside a transaction, and not for what it
 * asks, the connection is healed (reconnected, statements prepared anew) and
 * the statement tried again, a few times and within one deadline; a transaction
 * is retried as a whole only if nothing of it had run.
 *
 * Every failure is CP_EDB, logged here once with the statement's name and
 * the driver's code, never with a row value (text from "DETAIL" on is cut). */
#ifndef CP_DB_H
#define CP_DB_H

#include "base/port.h"
#include "db/args.h"
#include "db/deadline.h"
#include "db/rows.h"

#include <apr_dbd.h>
#include <jansson.h>

/* One open connection. `prepared` is the wrapper's own; NULL until the first
 * use. The source keeps the struct with the connection, in `pool`, for as long
 * as it is open. is_shared: others have statements prepared on it, which must
 * stay good. is_alone: no other thread of this process asks the database but a
 * task's now and then. has_own_limit: the deadline ends what takes too long,
 * not PostgreSQL's statement_timeout or lock_timeout, which are for pages. */
typedef struct cp_db_connection_t {
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    apr_pool_t *pool;
    apr_hash_t *prepared;
    int is_shared;
    int is_alone;
    int has_own_limit;
    cp_deadline_t *deadline; /* NULL: statements take as long as they take */
    apr_interval_time_t time_limit; /* its, for the calls of who has it now */
} cp_db_connection_t;

/* Where connections come from: mod_dbd's pool, or one of the command line's
 * own. open: CP_EUNAVAILABLE when there is none; it may block. */
typedef struct cp_db_source_t {
    apr_status_t (*open)(void *ctx, cp_db_connection_t **connection,
                         apr_pool_t *p);
    void (*close)(void *ctx, cp_db_connection_t *connection);
    void *ctx;
} cp_db_source_t;

/* The database as one request sees it: one thread, lives in p. */
typedef struct cp_db_t cp_db_t;

cp_db_t *cp_db_make(const cp_db_source_t *source, const cp_catalog_t *catalog,
                    const cp_port_t *port, apr_pool_t *p);

/* There are two families of calls. In both the arguments have to name each
 * parameter of the statement, and may name more; one that is missing, of
 * another type or not UTF-8 is CP_EINPUT. */

/* For code that builds something of its own from the rows: all of them, in p.
 * Also for INSERT/UPDATE ... RETURNING. */
apr_status_t cp_db_rows(cp_db_t *db, const char *name, const cp_arg_t *args,
                        cp_rows_t **rows, apr_pool_t *p);

/* The first row, in p; APR_ENOENT when there is none. */
apr_status_t cp_db_row(cp_db_t *db, const char *name, const cp_arg_t *args,
                       cp_row_t *row, apr_pool_t *p);

/* For values that come as JSON or go on as JSON. `args` is an object (strings,
 * integers, booleans as 0/1, null); the call takes over the reference, like
 * jansson's _new functions. NULL args (json_pack refused a string that is not
 * UTF-8) is CP_EINPUT. */

/* All rows as an array of objects, owned by p. */
apr_status_t cp_db_select(cp_db_t *db, const char *name, json_t *args,
                          json_t **rows, apr_pool_t *p);

/* The first row as an object, owned by p; APR_ENOENT when there is none. */
apr_status_t cp_db_find(cp_db_t *db, const char *name, json_t *args,
                        json_t **row, apr_pool_t *p);

/* *count: rows changed; may be NULL. Never for RETURNING. */
apr_status_t cp_db_execute(cp_db_t *db, const char *name, json_t *args,
                           int *count);

/* Run `work` between BEGIN and COMMIT; anything but APR_SUCCESS from it rolls
 * back and is returned. Inside, db is used as usual. Not nestable (CP_EINPUT).
 * A COMMIT that fails is CP_EDB: outcome unknown, so `work` must be safe to
 * repeat by its caller. */
typedef apr_status_t (*cp_db_work_t)(cp_db_t *db, void *baton);
apr_status_t cp_db_transaction(cp_db_t *db, cp_db_work_t work, void *baton);

/* The same as part of the transaction that runs, or else in one of its own. */
apr_status_t cp_db_atomically(cp_db_t *db, cp_db_work_t work, void *baton);

/* Prepare every statement of the catalogue on one connection. CP_EINPUT with
 * *error naming the first that does not compile (name, origin, cut driver
 * text); CP_EDB when the server gave no answer, CP_EUNAVAILABLE when there is
 * no connection. Each statement has the connection's time limit. For start-up.
 */
apr_status_t cp_db_check_statements(cp_db_t *db, const char **error,
                                    apr_pool_t *p);

/* After much has changed. PostgreSQL gathers the statistics by which it plans.
 * SQLite loses those that somebody gathered: without any it takes an index
 * wherever there is one, but a table that was small then it reads whole, and an
 * open connection never learns that the table has grown. *error as in
 * cp_db_run. */
apr_status_t cp_db_renew_plans(cp_db_t *db, const char **error, apr_pool_t *p);

/* Run one constant SQL text without result, unprepared: schema work only. */
apr_status_t cp_db_run(cp_db_t *db, const char *sql, const char **error,
                       apr_pool_t *p);

#endif
