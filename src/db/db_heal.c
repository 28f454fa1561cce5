/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* One connection: preparing statements on it, and making it good again after
 * the server restarted or the schema changed. */
#include "db/db_impl.h"

#include <apr_strings.h>
#include <string.h>
#include <unistd.h>

typedef struct prepared_t {
    const char *label;
    apr_dbd_prepared_t *prepared;
} prepared_t;

#define PROBE "_probe"

/* Each fails when the statements prepared before it do: on PostgreSQL because
 * the server has forgotten them, on SQLite because reading a table compares
 * the schema's version. */
static const cp_statement_t probe_pgsql = {PROBE, "SELECT 1", NULL,
                                           0,     "",         PROBE};
static const cp_statement_t probe_sqlite = {
    PROBE, "SELECT 1 FROM sqlite_master LIMIT 1", NULL, 0, "", PROBE};

/* Any connection's probe: see label_of. */
#define FIND_PROBES                                                            \
    "SELECT 1 FROM pg_prepared_statements"                                     \
    " WHERE starts_with(name, 'cp_" PROBE "_')"

static int is_sqlite(const cp_db_connection_t *connection)
{
    return strcmp(apr_dbd_name(connection->driver), "sqlite3") == 0;
}

int cp_db_query(cp_db_connection_t *connection, const char *sql)
{
    int count = 0;
    int code;

    if (cp_deadline_begin(connection->deadline) != APR_SUCCESS) {
        return CP_DB_UNWATCHED;
    }
    code = apr_dbd_query(connection->driver, connection->handle, &count, sql);
    cp_deadline_end(connection->deadline);
    return code;
}

static const cp_statement_t *probe_of(const cp_db_connection_t *connection)
{
    return is_sqlite(connection) ? &probe_sqlite : &probe_pgsql;
}

/* One label is one text wherever it is prepared, so that in a session that is
 * another's too, another's text is never run. A probe's is of this connection
 * alone. */
static const char *label_of(const cp_db_connection_t *connection,
                            const cp_statement_t *statement, apr_pool_t *p)
{
    apr_ssize_t len = APR_HASH_KEY_STRING;

    return strcmp(statement->name, PROBE) == 0
               ? apr_psprintf(p, "cp_" PROBE "_%" APR_PID_T_FMT "_%pp",
                              getpid(), (const void *)connection)
               : apr_psprintf(p, "cp_%s_%08x", statement->name,
                              apr_hashfunc_default(statement->key, &len));
}

/* Its text tells a statement, for servers that share a pool of connections may
 * have overridden a statement differently. */
static int find_or_prepare(cp_db_connection_t *connection,
                           const cp_statement_t *statement,
                           apr_dbd_prepared_t **prepared)
{
    prepared_t *entry =
        apr_hash_get(connection->prepared, statement->key, APR_HASH_KEY_STRING);
    apr_pool_t *pool = apr_hash_pool_get(connection->prepared);
    int code;

    if (entry == NULL) {
        if (cp_deadline_begin(connection->deadline) != APR_SUCCESS) {
            return CP_DB_UNWATCHED;
        }
        entry = apr_pcalloc(pool, sizeof(*entry));
        entry->label = label_of(connection, statement, pool);
        code = apr_dbd_prepare(connection->driver, pool, connection->handle,
                               statement->sql, entry->label, &entry->prepared);
        cp_deadline_end(connection->deadline);
        if (code != 0) {
            return code;
        }
        apr_hash_set(connection->prepared, apr_pstrdup(pool, statement->key),
                     APR_HASH_KEY_STRING, entry);
    }
    *prepared = entry->prepared;
    return 0;
}

/* Other modules have statements on this connection too, so each of ours is
 * named. One the server has forgotten is no failure. */
void cp_db_forget(cp_db_connection_t *connection)
{
    apr_hash_index_t *index;
    apr_pool_t *pool;

    if (connection->prepared == NULL) {
        return;
    }
    pool = apr_hash_pool_get(connection->prepared);
    for (index = apr_hash_first(pool, connection->prepared);
         index != NULL && !is_sqlite(connection);
         index = apr_hash_next(index)) {
        prepared_t *entry = apr_hash_this_val(index);

        (void)cp_db_query(connection,
                          apr_pstrcat(pool, "DEALLOCATE ", entry->label, NULL));
    }
    connection->prepared = NULL;
    apr_pool_destroy(pool);
}

/* SQLite waits with the one lock held that all of this process's statements
 * need. Where there are threads it may wait while the schema is read, and
 * afterwards just as long as another process's writing usually takes: then the
 * driver does, without that lock. But the driver looks again only every 100 ms
 * and fifteen times, so that among many processes one may never have its turn;
 * who is alone in one had better let SQLite wait in between. */
static int stop_waiting(cp_db_connection_t *connection)
{
    if (!is_sqlite(connection)) {
        return 0;
    }
    return cp_db_query(connection,
                       connection->is_alone
                           ? "PRAGMA busy_timeout=100; SELECT 1 WHERE 1 = 0"
                           : "PRAGMA busy_timeout=8; SELECT 1 WHERE 1 = 0");
}

#define PGSQL_SETTINGS                                                         \
    "SET client_encoding TO 'UTF8';"                                           \
    " SET plan_cache_mode TO force_generic_plan"
#define NO_LIMITS "; SET statement_timeout = 0; SET lock_timeout = 0"

/* On SQLite a foreign key is only checked if asked for, and asking makes the
 * statements prepared before stale, for good; so it is not asked for where
 * another module has some. And APR waits for a lock while a statement runs, but
 * not while the first is prepared, which reads the schema just when another
 * process may be closing the file. On PostgreSQL the database may be in an
 * encoding that JSON is not; and every statement walks an index whatever its
 * values, so that to plan it again for them only takes time, more than to run
 * it does. */
static const char *settings_of(const cp_db_connection_t *connection)
{
    if (!is_sqlite(connection)) {
        return connection->has_own_limit ? PGSQL_SETTINGS NO_LIMITS
                                         : PGSQL_SETTINGS;
    }
    return connection->is_shared
               ? "PRAGMA busy_timeout=300; SELECT 1 WHERE 1 = 0"
               : "PRAGMA busy_timeout=300; PRAGMA foreign_keys=ON";
}

/* A session in which nothing of ours is prepared yet, or no longer, holds no
 * probe; if it does, another connection is served by it too. */
static int check_is_own(const cp_db_connection_t *connection)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    apr_pool_t *scratch;
    int code = apr_pool_create(&scratch, connection->pool);

    if (code != 0) {
        return code;
    }
    if (cp_deadline_begin(connection->deadline) != APR_SUCCESS) {
        apr_pool_destroy(scratch);
        return CP_DB_UNWATCHED;
    }
    code = apr_dbd_select(connection->driver, scratch, connection->handle,
                          &results, FIND_PROBES, 1);
    cp_deadline_end(connection->deadline);
    if (code == 0 &&
        apr_dbd_get_row(connection->driver, scratch, results, &row, -1) == 0) {
        code = CP_DB_POOLED;
    }
    apr_pool_destroy(scratch);
    return code;
}

/* Nothing of this works inside a transaction. */
int cp_db_ready(cp_db_connection_t *connection)
{
    apr_dbd_prepared_t *prepared;
    apr_pool_t *pool;
    int code;

    if (connection->prepared != NULL) {
        return 0;
    }
    code = cp_db_query(connection, settings_of(connection));
    if (code == 0 && !is_sqlite(connection)) {
        code = check_is_own(connection);
    }
    if (code == 0) {
        /* Its own, so that healing again and again does not grow. */
        code = apr_pool_create(&pool, connection->pool);
    }
    if (code != 0) {
        return code;
    }
    connection->prepared = apr_hash_make(pool);
    /* No statement may be older than the probe: it could be stale alone. */
    code = find_or_prepare(connection, probe_of(connection), &prepared);
    if (code == 0) {
        code = stop_waiting(connection);
    }
    if (code != 0) {
        cp_db_forget(connection);
    }
    return code;
}

int cp_db_prepare(cp_db_connection_t *connection,
                  const cp_statement_t *statement,
                  apr_dbd_prepared_t **prepared)
{
    int code = cp_db_ready(connection);

    return code != 0 ? code : find_or_prepare(connection, statement, prepared);
}

/* Run the statement that fails if the prepared ones have gone stale. */
static int probe(cp_db_connection_t *connection, apr_pool_t *p)
{
    apr_dbd_prepared_t *prepared;
    apr_dbd_results_t *results = NULL;
    const void *none = NULL;
    int code = cp_db_prepare(connection, probe_of(connection), &prepared);

    if (code != 0) {
        return code;
    }
    if (cp_deadline_begin(connection->deadline) != APR_SUCCESS) {
        return CP_DB_UNWATCHED;
    }
    code = apr_dbd_pbselect(connection->driver, p, connection->handle, &results,
                            prepared, 1, &none);
    cp_deadline_end(connection->deadline);
    return code;
}

/* SQLite takes the lock for writing now, so that it cannot lose it later. On
 * PostgreSQL the probe goes along in one message. */
int cp_db_begin(cp_db_connection_t *connection, apr_pool_t *p)
{
    int code = cp_db_ready(connection);

    if (code != 0) {
        return code;
    }
    if (!is_sqlite(connection)) {
        return cp_db_query(connection,
                           apr_pstrcat(p, "BEGIN; EXECUTE \"",
                                       label_of(connection, &probe_pgsql, p),
                                       "\"", NULL));
    }
    code = cp_db_query(connection, "BEGIN IMMEDIATE");
    return code == 0 ? probe(connection, p) : code;
}

static const char *explaining(const char *label, int values, apr_pool_t *p)
{
    const char *sql = apr_pstrcat(p, "EXPLAIN EXECUTE ", label, NULL);
    int i;

    for (i = 0; i < values; i++) {
        sql = apr_pstrcat(p, sql, i == 0 ? "(NULL" : ", NULL", NULL);
    }
    return values == 0 ? sql : apr_pstrcat(p, sql, ")", NULL);
}

/* Would PostgreSQL run the statement, whatever comes of it? To explain it looks
 * at what is prepared and at its plan as running it does, and fails likewise
 * where the connection is lost or somebody has left a transaction failed. */
static int is_good(cp_db_connection_t *connection,
                   const cp_statement_t *statement, apr_pool_t *p)
{
    const prepared_t *entry = NULL;

    if (connection->prepared != NULL) {
        entry = apr_hash_get(connection->prepared, statement->key,
                             APR_HASH_KEY_STRING);
    }
    return entry != NULL &&
           cp_db_query(connection, explaining(entry->label,
                                              statement->param_count, p)) == 0;
}

/* Does PostgreSQL refuse the statement on a connection as good as new? For
 * somebody who may not run it EXPLAIN fails, too. The transaction keeps the
 * locks of the tables in between, lest they change once more, and its end tells
 * whether the connection is still there. */
static int is_refused(cp_db_connection_t *connection,
                      const cp_statement_t *statement, apr_pool_t *p)
{
    apr_dbd_prepared_t *prepared;
    int is_bad;

    if (cp_db_ready(connection) != 0 || cp_db_query(connection, "BEGIN") != 0) {
        return 0;
    }
    is_bad = find_or_prepare(connection, statement, &prepared) != 0 ||
             !is_good(connection, statement, p);
    return cp_db_query(connection, "ROLLBACK") == 0 && is_bad;
}

int cp_db_heal(cp_db_connection_t *connection, const cp_statement_t *statement,
               apr_pool_t *p)
{
    int was_open;

    if (statement != NULL && !is_sqlite(connection) &&
        is_good(connection, statement, p)) {
        return 0;
    }
    /* Whoever had it before may have left it inside one; if not, this fails
     * on SQLite and that is well. */
    was_open = cp_db_query(connection, "ROLLBACK") == 0;
    if (apr_dbd_check_conn(connection->driver, p, connection->handle) !=
        APR_SUCCESS) {
        return 0;
    }
    /* On SQLite the failure was genuine if the statements are not stale: a
     * lock for which the driver has waited, say. (And the driver keeps what was
     * prepared until it closes.) A PostgreSQL plan can be stale while the
     * probe works. */
    if (is_sqlite(connection) && probe(connection, p) == 0) {
        return was_open;
    }
    cp_db_forget(connection);
    return statement == NULL || is_sqlite(connection) ||
           !is_refused(connection, statement, p);
}

static const char *error_text(const cp_db_connection_t *connection, int code)
{
    switch (code) {
    case CP_DB_POOLED:
        return "other connections are served by the same session, so a pooler "
               "in transaction mode stands before PostgreSQL; the portal needs "
               "one in session mode, or none";
    case CP_DB_UNWATCHED:
        return "too many files are open for one more, which is needed to end "
               "the wait for an answer";
    default:
        return cp_deadline_is_past(connection->deadline)
                   ? "it gave no answer in time"
                   : apr_dbd_error(connection->driver, connection->handle,
                                   code);
    }
}

/* PostgreSQL puts values into the lines after the first (DETAIL), and into the
 * first only as «...: "value"». */
const char *cp_db_error(cp_db_connection_t *connection, int code, apr_pool_t *p)
{
    const char *text = error_text(connection, code);
    const char *line = apr_pstrmemdup(p, text == NULL ? "" : text,
                                      text == NULL ? 0 : strcspn(text, "\r\n"));
    const char *value = strstr(line, ": \"");

    return value == NULL ? line
                         : apr_pstrmemdup(p, line, (apr_size_t)(value - line));
}
