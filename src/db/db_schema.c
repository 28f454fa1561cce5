/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* SQL that is not in the catalogue, for start-up and the schema; failures are
 * sentences for the administrator, not log lines. */
#include "db/db_impl.h"

#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

apr_status_t cp_db_run(cp_db_t *db, const char *sql, const char **error,
                       apr_pool_t *p)
{
    cp_db_connection_t *connection;
    apr_status_t rv = cp_db_take(db, &connection);
    int code;

    if (rv != APR_SUCCESS) {
        *error = cp_status_text(rv);
        return rv;
    }
    code = cp_db_query(connection, sql);
    if (code == 0) {
        /* What was prepared before the schema changed does not work after. */
        cp_db_forget(connection);
    }
    else {
        *error = cp_db_error(connection, code, p);
        db->has_failed = 1;
        rv = CP_EDB;
    }
    cp_db_give(db, connection);
    return rv;
}

int cp_db_is_pgsql(const cp_db_t *db)
{
    return strcmp(cp_catalog_driver(db->catalog), "pgsql") == 0;
}

apr_status_t cp_db_renew_plans(cp_db_t *db, const char **error, apr_pool_t *p)
{
    return cp_db_run(db,
                     cp_db_is_pgsql(db) ? "ANALYZE"
                                        : "DROP TABLE IF EXISTS sqlite_stat1",
                     error, p);
}

static int ask_on(cp_db_connection_t *connection, const char *sql,
                  const char **answer, apr_pool_t *p)
{
    const apr_dbd_driver_t *driver = connection->driver;
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    const char *text = NULL;
    int code = cp_db_ready(connection);

    *answer = NULL;
    if (code != 0) {
        return code;
    }
    if (cp_deadline_begin(connection->deadline) != APR_SUCCESS) {
        return CP_DB_UNWATCHED;
    }
    code = apr_dbd_select(driver, p, connection->handle, &results, sql, 1);
    cp_deadline_end(connection->deadline);
    if (code == 0 && apr_dbd_get_row(driver, p, results, &row, -1) == 0 &&
        apr_dbd_datum_get(driver, row, 0, APR_DBD_TYPE_STRING, &text) ==
            APR_SUCCESS) {
        *answer = apr_pstrdup(p, text);
    }
    return code;
}

apr_status_t cp_db_ask(cp_db_t *db, const char *sql, const char **answer,
                       const char **error, apr_pool_t *p)
{
    cp_db_connection_t *connection;
    apr_status_t rv = cp_db_take(db, &connection);
    int code;

    if (rv != APR_SUCCESS) {
        *error = cp_status_text(rv);
        return rv;
    }
    code = ask_on(connection, sql, answer, p);
    if (code != 0) {
        *error = cp_db_error(connection, code, p);
        db->has_failed = 1;
        rv = CP_EDB;
    }
    cp_db_give(db, connection);
    return rv;
}

/* (apr_dbd_check_conn would mend a lost connection before it answers.) */
static int answers(cp_db_connection_t *connection)
{
    return !cp_deadline_is_past(connection->deadline) &&
           cp_db_query(connection, "SELECT 1 WHERE 1 = 0") == 0;
}

/* A statement is not to blame for a connection that was lost, nor for what
 * passes: somebody cancelled it, or it was chosen to end a deadlock. */
static apr_status_t check_one(cp_db_connection_t *connection,
                              const cp_statement_t *statement, const char **why,
                              apr_pool_t *p)
{
    int tries;

    for (tries = 0; tries < 2; tries++) {
        apr_dbd_prepared_t *prepared;
        int code;

        cp_deadline_renew(connection->deadline, connection->time_limit);
        code = cp_db_prepare(connection, statement, &prepared);
        if (code == 0) {
            return APR_SUCCESS;
        }
        *why = cp_db_error(connection, code, p);
        if (!answers(connection)) {
            return CP_EDB;
        }
    }
    return CP_EINPUT;
}

static apr_status_t check_on(cp_db_t *db, cp_db_connection_t *connection,
                             const char **error, apr_pool_t *p)
{
    apr_array_header_t *names = cp_catalog_names(db->catalog, p);
    int i;

    for (i = 0; i < names->nelts; i++) {
        const cp_statement_t *statement =
            cp_catalog_find(db->catalog, APR_ARRAY_IDX(names, i, const char *));
        const char *why;
        apr_status_t rv = check_one(connection, statement, &why, p);

        if (rv != APR_SUCCESS) {
            *error = apr_psprintf(p, "%s: statement %s: %s", statement->origin,
                                  statement->name, why);
            return rv;
        }
    }
    return APR_SUCCESS;
}

apr_status_t cp_db_check_statements(cp_db_t *db, const char **error,
                                    apr_pool_t *p)
{
    cp_db_connection_t *connection;
    apr_status_t rv = cp_db_take(db, &connection);

    if (rv != APR_SUCCESS) {
        *error = "there is no database connection";
        return rv;
    }
    rv = check_on(db, connection, error, p);
    cp_db_give(db, connection);
    return rv;
}
