/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Statements and transactions over apr_dbd, with one log line for each
 * failure. */
#include "db/db.h"

#include "base/status.h"
#include "db/db_impl.h"

#include <apr_strings.h>
#include <string.h>

/* Whoever changes a schema may do so again at once; a statement that waited for
 * the first change then meets the second. */
#define HEALINGS_MAX 5

/* One call of one statement. */
typedef struct call_t {
    const cp_statement_t *statement; /* NULL: BEGIN */
    const void **values;
    int has_rows;
    apr_dbd_results_t *results;
    int count;
    apr_pool_t *scratch;
    const apr_dbd_driver_t *driver; /* of the connection that served it */
} call_t;

/* Something on a connection that may be tried again when it fails. */
typedef int (*step_t)(cp_db_connection_t *connection, void *baton);

cp_db_t *cp_db_make(const cp_db_source_t *source, const cp_catalog_t *catalog,
                    const cp_port_t *port, apr_pool_t *p)
{
    cp_db_t *db = apr_pcalloc(p, sizeof(*db));

    db->source = source;
    db->catalog = catalog;
    db->port = port;
    db->pool = p;
    return db;
}

static apr_status_t open_connection(cp_db_t *db,
                                    cp_db_connection_t **connection)
{
    apr_time_t since = cp_now(db->port);
    apr_status_t rv = db->source->open(db->source->ctx, connection, db->pool);

    cp_meter_time(db->port->meter, CP_METER_DATABASE_WAIT,
                  cp_now(db->port) - since);
    if (rv != APR_SUCCESS) {
        cp_meter_count(db->port->meter, CP_METER_DATABASE, "no-connection");
        cp_log(db->port, CP_LOG_ERROR, rv,
               CP_TAG(0301) "there is no database connection");
    }
    return rv;
}

apr_status_t cp_db_take(cp_db_t *db, cp_db_connection_t **connection)
{
    apr_status_t rv = APR_SUCCESS;

    if (db->held != NULL) {
        *connection = db->held;
        rv = db->has_failed ? CP_EDB : APR_SUCCESS;
    }
    else {
        rv = open_connection(db, connection);
    }
    if (rv == APR_SUCCESS) {
        cp_deadline_renew((*connection)->deadline, (*connection)->time_limit);
    }
    return rv;
}

void cp_db_give(cp_db_t *db, cp_db_connection_t *connection)
{
    if (connection != db->held) {
        db->source->close(db->source->ctx, connection);
    }
}

/* Healing may use up what was left of the time. */
static int can_try_again(const cp_db_t *db, cp_db_connection_t *connection,
                         const call_t *call, int code)
{
    return db->held == NULL && code != CP_DB_POOLED &&
           code != CP_DB_UNWATCHED &&
           !cp_deadline_is_past(connection->deadline) &&
           cp_db_heal(connection, call->statement, call->scratch) &&
           !cp_deadline_is_past(connection->deadline);
}

static void log_failure(const cp_db_t *db, const cp_db_connection_t *connection,
                        const char *what, const char *why, int code)
{
    if (code == CP_DB_POOLED) {
        cp_log(db->port, CP_LOG_ERROR, CP_EDB, CP_TAG(0309) "%s", why);
    }
    else if (code == CP_DB_UNWATCHED) {
        cp_log(db->port, CP_LOG_ERROR, CP_EDB,
               CP_TAG(0313) "the database was not asked: %s: %s", what, why);
    }
    else if (cp_deadline_is_past(connection->deadline)) {
        cp_log(db->port, CP_LOG_ERROR, CP_EDB,
               CP_TAG(0310) "the database gave no answer in time: %s", what);
    }
    else {
        cp_log(db->port, CP_LOG_ERROR, CP_EDB,
               CP_TAG(0303) "the database failed: %s: %s (driver's code %d)",
               what, why, code);
    }
}

/* The driver's text is read at once: healing overwrites it. */
static apr_status_t attempt(cp_db_t *db, cp_db_connection_t *connection,
                            const char *what, step_t step, call_t *call)
{
    apr_pool_t *p = call->scratch;
    int code = step(connection, call);
    const char *why = code == 0 ? "" : cp_db_error(connection, code, p);
    int healings = 0;

    while (code != 0 && healings < HEALINGS_MAX &&
           can_try_again(db, connection, call, code)) {
        code = step(connection, call);
        if (code == 0) {
            cp_meter_count(db->port->meter, CP_METER_DATABASE, "healed");
            cp_log(db->port, CP_LOG_NOTICE, APR_SUCCESS,
                   CP_TAG(0302) "the connection was healed: %s: %s", what, why);
        }
        else {
            why = cp_db_error(connection, code, p);
        }
        healings++;
    }
    if (code == 0) {
        return APR_SUCCESS;
    }
    db->has_failed = 1;
    cp_meter_count(db->port->meter, CP_METER_DATABASE, "failed");
    log_failure(db, connection, what, why, code);
    return CP_EDB;
}

static int call_once(cp_db_connection_t *connection, void *baton)
{
    call_t *call = baton;
    apr_dbd_prepared_t *prepared;
    int code = cp_db_prepare(connection, call->statement, &prepared);

    if (code != 0) {
        return code;
    }
    if (cp_deadline_begin(connection->deadline) != APR_SUCCESS) {
        return CP_DB_UNWATCHED;
    }
    call->driver = connection->driver;
    code = call->has_rows ? apr_dbd_pbselect(connection->driver, call->scratch,
                                             connection->handle, &call->results,
                                             prepared, 1, call->values)
                          : apr_dbd_pbquery(connection->driver, call->scratch,
                                            connection->handle, &call->count,
                                            prepared, call->values);
    cp_deadline_end(connection->deadline);
    return code;
}

static apr_status_t find_and_bind(cp_db_t *db, const char *name,
                                  const cp_arg_t *args, call_t *call)
{
    const char *member = "";

    call->statement = cp_catalog_find(db->catalog, name);
    if (call->statement == NULL) {
        db->has_failed = 1;
        cp_log(db->port, CP_LOG_ERROR, CP_EDB,
               CP_TAG(0304) "there is no statement %s", name);
        return CP_EDB;
    }
    if (args == NULL) {
        return CP_EINPUT;
    }
    if (cp_db_bind(&call->values, call->statement, args, &member,
                   call->scratch) != APR_SUCCESS) {
        cp_log(db->port, CP_LOG_ERROR, CP_EINPUT,
               CP_TAG(0305) "statement %s: the parameter %s is missing or of "
                            "another type",
               name, member);
        return CP_EINPUT;
    }
    return APR_SUCCESS;
}

static apr_status_t run(cp_db_t *db, const char *name, const cp_arg_t *args,
                        call_t *call)
{
    cp_db_connection_t *connection;
    apr_status_t rv = find_and_bind(db, name, args, call);

    if (rv == APR_SUCCESS) {
        rv = cp_db_take(db, &connection);
    }
    if (rv == APR_SUCCESS) {
        rv = attempt(db, connection, name, call_once, call);
        cp_db_give(db, connection);
    }
    return rv;
}

/* Both drivers keep a whole result apart from its connection. */
apr_status_t cp_db_rows(cp_db_t *db, const char *name, const cp_arg_t *args,
                        cp_rows_t **rows, apr_pool_t *p)
{
    call_t call = {.has_rows = 1};
    const char *column = "";
    apr_status_t rv = apr_pool_create(&call.scratch, db->pool);

    if (rv == APR_SUCCESS) {
        rv = run(db, name, args, &call);
    }
    if (rv == APR_SUCCESS) {
        *rows = cp_db_read_rows(call.driver, call.results, &column, p);
        if (*rows == NULL) {
            db->has_failed = 1;
            rv = CP_EDB;
            cp_log(db->port, CP_LOG_ERROR, rv,
                   CP_TAG(0306) "statement %s: a value of column %s is not of "
                                "its type, or not UTF-8",
                   name, column);
        }
    }
    apr_pool_destroy(call.scratch);
    return rv;
}

apr_status_t cp_db_row(cp_db_t *db, const char *name, const cp_arg_t *args,
                       cp_row_t *row, apr_pool_t *p)
{
    cp_rows_t *rows;
    apr_status_t rv = cp_db_rows(db, name, args, &rows, p);

    if (rv == APR_SUCCESS) {
        *row = cp_rows_first(rows);
        rv = rows->count == 0 ? APR_ENOENT : APR_SUCCESS;
    }
    return rv;
}

apr_status_t cp_db_execute(cp_db_t *db, const char *name, json_t *args,
                           int *count)
{
    call_t call = {.has_rows = 0};
    apr_status_t rv = apr_pool_create(&call.scratch, db->pool);

    if (rv == APR_SUCCESS) {
        rv = run(db, name, cp_args_of_json(args, call.scratch), &call);
    }
    json_decref(args);
    if (rv == APR_SUCCESS && count != NULL) {
        *count = call.count;
    }
    apr_pool_destroy(call.scratch);
    return rv;
}

static int begin_once(cp_db_connection_t *connection, void *baton)
{
    const call_t *call = baton;

    return cp_db_begin(connection, call->scratch);
}

static apr_status_t begin(cp_db_t *db, cp_db_connection_t *connection)
{
    call_t call = {NULL};
    apr_status_t rv = apr_pool_create(&call.scratch, db->pool);

    if (rv == APR_SUCCESS) {
        rv = attempt(db, connection, "BEGIN", begin_once, &call);
        apr_pool_destroy(call.scratch);
    }
    return rv;
}

/* A COMMIT that failed may have left the transaction open. */
static apr_status_t commit(cp_db_t *db)
{
    int code;

    cp_deadline_renew(db->held->deadline, db->held->time_limit);
    code = cp_db_query(db->held, "COMMIT");
    if (code == 0) {
        return APR_SUCCESS;
    }
    cp_meter_count(db->port->meter, CP_METER_DATABASE, "failed");
    cp_log(db->port, CP_LOG_ERROR, CP_EDB,
           CP_TAG(0307) "COMMIT failed: %s (driver's code %d)",
           cp_db_error(db->held, code, db->pool), code);
    db->has_failed = 1;
    return CP_EDB;
}

/* After a failure the connection is healed for whoever has it next: a plan
 * that is only used in transactions would stay stale for ever. One that was cut
 * off cannot be yet; whoever has it next will see. */
static void roll_back(cp_db_t *db)
{
    if (cp_deadline_is_past(db->held->deadline)) {
        return;
    }
    cp_deadline_renew(db->held->deadline, db->held->time_limit);
    if (db->has_failed) {
        (void)cp_db_heal(db->held, NULL, db->pool);
    }
    else {
        (void)cp_db_query(db->held, "ROLLBACK");
    }
}

static void release(cp_db_t *db)
{
    cp_db_connection_t *connection = db->held;

    db->held = NULL;
    cp_db_give(db, connection);
}

/* The work never returned: its pool is going. Runs before the cleanup of the
 * source, which was registered before it. */
static apr_status_t abandon(void *baton)
{
    cp_db_t *db = baton;

    cp_deadline_renew(db->held->deadline, db->held->time_limit);
    (void)cp_db_query(db->held, "ROLLBACK");
    release(db);
    return APR_SUCCESS;
}

static apr_status_t work_inside(cp_db_t *db, cp_db_work_t work, void *baton)
{
    apr_status_t rv;

    db->has_failed = 0;
    apr_pool_cleanup_register(db->pool, db, abandon, apr_pool_cleanup_null);
    rv = work(db, baton);
    apr_pool_cleanup_kill(db->pool, db, abandon);
    /* Work that overlooked a failure must not commit the rest. */
    if (rv == APR_SUCCESS && db->has_failed) {
        rv = CP_EDB;
    }
    if (rv == APR_SUCCESS) {
        rv = commit(db);
    }
    if (rv != APR_SUCCESS) {
        roll_back(db);
    }
    release(db);
    return rv;
}

apr_status_t cp_db_transaction(cp_db_t *db, cp_db_work_t work, void *baton)
{
    cp_db_connection_t *connection;
    apr_status_t rv;

    if (db->held != NULL) {
        cp_log(db->port, CP_LOG_ERROR, CP_EINPUT,
               CP_TAG(0308) "a transaction inside a transaction");
        return CP_EINPUT;
    }
    rv = cp_db_take(db, &connection);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = begin(db, connection);
    if (rv != APR_SUCCESS) {
        cp_db_give(db, connection);
        return rv;
    }
    db->held = connection;
    return work_inside(db, work, baton);
}

apr_status_t cp_db_atomically(cp_db_t *db, cp_db_work_t work, void *baton)
{
    return db->held != NULL ? work(db, baton)
                            : cp_db_transaction(db, work, baton);
}
