/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* One connection of our own, opened with mod_dbd's words. */
#include "db/direct.h"

#include "base/status.h"
#include "db/db_impl.h"
#include "db/sqlite_file.h"

#include <apr_strings.h>
#include <string.h>

typedef struct direct_t {
    cp_db_connection_t connection;
    cp_deadlines_t *watch; /* NULL: calls take as long as they take */
    int is_taken;
} direct_t;

static apr_status_t open_direct(void *ctx, cp_db_connection_t **connection,
                                apr_pool_t *p)
{
    direct_t *direct = ctx;

    if (direct->is_taken) {
        return CP_EUNAVAILABLE;
    }
    direct->is_taken = 1;
    *connection = &direct->connection;
    return APR_SUCCESS;
}

static void close_direct(void *ctx, cp_db_connection_t *connection)
{
    ((direct_t *)ctx)->is_taken = 0;
}

static apr_status_t disconnect(void *data)
{
    cp_db_connection_t *connection = data;

    return apr_dbd_close(connection->driver, connection->handle);
}

/* libpq quotes the parameters it does not understand, which may be a piece of
 * the password; what it says of a server it reached or tried to is safe. */
static const char *describe(const char *said, apr_pool_t *p)
{
    static const char *const safe[] = {
        "connection to server", "could not connect",
        "could not translate host name",
        "FATAL:", "unable to open database file"};
    apr_size_t i;

    for (i = 0; said != NULL && i < sizeof(safe) / sizeof(safe[0]); i++) {
        if (strncmp(said, safe[i], strlen(safe[i])) == 0) {
            return apr_pstrmemdup(p, said, strcspn(said, "\r\n"));
        }
    }
    return "the connection's parameters are not understood";
}

static int is_pgsql(const cp_db_connection_t *connection)
{
    return strcmp(apr_dbd_name(connection->driver), "pgsql") == 0;
}

/* A session must be its own, and answer. Other failures show on first use. */
static apr_status_t check_session(cp_db_connection_t *connection,
                                  const char **error, apr_pool_t *p)
{
    int code = cp_db_ready(connection);

    if (code != CP_DB_POOLED && !cp_deadline_is_past(connection->deadline)) {
        return APR_SUCCESS;
    }
    *error = cp_db_error(connection, code, p);
    return code == CP_DB_POOLED ? CP_EINPUT : CP_EUNAVAILABLE;
}

static apr_status_t open_connection(direct_t *direct, const char *params,
                                    const char **error, apr_pool_t *p)
{
    cp_db_connection_t *connection = &direct->connection;
    const char *said = NULL;
    apr_status_t rv = apr_dbd_open_ex(connection->driver, p, params,
                                      &connection->handle, &said);

    if (rv != APR_SUCCESS) {
        *error = apr_psprintf(p, "the database cannot be opened: %s",
                              describe(said, p));
        return CP_EUNAVAILABLE;
    }
    apr_pool_cleanup_register(p, connection, disconnect, apr_pool_cleanup_null);
    connection->pool = p;
    if (cp_deadline_add(&connection->deadline, direct->watch,
                        connection->driver, connection->handle,
                        p) != APR_SUCCESS) {
        *error = "there is no thread left to watch over it";
        return CP_EUNAVAILABLE;
    }
    cp_deadline_renew(connection->deadline, connection->time_limit);
    return is_pgsql(connection) ? check_session(connection, error, p)
                                : APR_SUCCESS;
}

/* What this connection prepares is gone when it closes. If the next one finds
 * it, both were served by one session. */
static apr_status_t open_and_close(const direct_t *wanted, const char *params,
                                   const char **error, apr_pool_t *p)
{
    direct_t direct = *wanted;
    apr_pool_t *scratch;
    apr_status_t rv = apr_pool_create(&scratch, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = open_connection(&direct, params, error, scratch);
    if (rv != APR_SUCCESS) {
        *error = apr_pstrdup(p, *error);
    }
    apr_pool_destroy(scratch);
    return rv;
}

static apr_status_t end_watch(void *watch)
{
    cp_deadlines_end(watch);
    return APR_SUCCESS;
}

/* It ends after the connections, which are closed or dropped before. */
static apr_status_t make_watch(direct_t *direct,
                               const cp_direct_target_t *target,
                               const char **error, apr_pool_t *p)
{
    apr_status_t rv;

    if (target->time_limit == 0 || !is_pgsql(&direct->connection)) {
        return APR_SUCCESS;
    }
    direct->connection.time_limit = target->time_limit;
    direct->connection.has_own_limit = 1;
    rv = cp_deadlines_make(&direct->watch, p);
    if (rv != APR_SUCCESS) {
        *error = "there is no descriptor left to watch over it";
        return CP_EUNAVAILABLE;
    }
    apr_pool_pre_cleanup_register(p, direct->watch, end_watch);
    return APR_SUCCESS;
}

apr_status_t cp_direct_open(cp_db_source_t *source,
                            const cp_direct_target_t *target,
                            const char **error, apr_pool_t *p)
{
    direct_t *direct = apr_pcalloc(p, sizeof(*direct));
    cp_db_connection_t *connection = &direct->connection;
    apr_status_t rv = apr_dbd_init(p);

    if (rv == APR_SUCCESS) {
        rv = apr_dbd_get_driver(p, target->driver, &connection->driver);
    }
    if (rv != APR_SUCCESS) {
        *error = apr_psprintf(p, "there is no database driver \"%s\"",
                              target->driver);
        return rv;
    }
    if (!target->may_create && !is_pgsql(connection) &&
        !cp_sqlite_file_exists(target->params, p)) {
        *error = "the database file does not exist";
        return APR_ENOENT;
    }
    rv = make_watch(direct, target, error, p);
    if (rv == APR_SUCCESS && is_pgsql(connection)) {
        rv = open_and_close(direct, target->params, error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = open_connection(direct, target->params, error, p);
    }
    source->open = open_direct;
    source->close = close_direct;
    source->ctx = direct;
    return rv;
}
