/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Applies the migrations that a database lacks. */
#include "db/schema.h"

#include "base/status.h"
#include "db/db_impl.h"
#include "db/sqlfile.h"
#include "db/sqltext.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define ONLY "-- only:"

/* Whoever comes later waits behind us for what we wait for, and a backup holds
 * the locks of all tables until it is through. */
#define LOCK_TIMEOUT "5s"

#define VERSION_DIGITS 3

typedef struct migration_t {
    int version;
    const char *path;
} migration_t;

/* What one transaction does. */
typedef struct step_t {
    const migration_t *migration;
    const char *text;
    const char **error;
    apr_pool_t *pool;
} step_t;

/* NNN_name.sql, or 0. */
static int version_of(const char *name)
{
    int i;

    for (i = 0; i < VERSION_DIGITS; i++) {
        if (!apr_isdigit(name[i])) {
            return 0;
        }
    }
    return name[VERSION_DIGITS] == '_' ? (int)strtol(name, NULL, 10) : 0;
}

/* Sorted by version, for the names are. */
static apr_status_t list_migrations(apr_array_header_t **migrations,
                                    const char *directory, apr_pool_t *p)
{
    apr_array_header_t *names;
    apr_status_t rv = cp_sqlfile_list(&names, directory, p);
    int i;

    if (rv != APR_SUCCESS) {
        return rv;
    }
    *migrations = apr_array_make(p, 8, sizeof(migration_t));
    for (i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);
        migration_t migration = {version_of(name), NULL};

        if (migration.version > 0) {
            migration.path = apr_pstrcat(p, directory, "/", name, NULL);
            APR_ARRAY_PUSH(*migrations, migration_t) = migration;
        }
    }
    return (*migrations)->nelts == 0 ? APR_ENOENT : APR_SUCCESS;
}

static int last_version(const apr_array_header_t *migrations)
{
    return APR_ARRAY_IDX(migrations, migrations->nelts - 1, migration_t)
        .version;
}

apr_status_t cp_schema_newest(int *version, const char *directory,
                              apr_pool_t *p)
{
    apr_array_header_t *migrations;
    apr_status_t rv = list_migrations(&migrations, directory, p);

    if (rv == APR_SUCCESS) {
        *version = last_version(migrations);
    }
    return rv;
}

static apr_status_t read_version(int *version, cp_db_t *db, const char **error,
                                 apr_pool_t *p)
{
    const char *answer = NULL;
    apr_status_t rv =
        cp_db_ask(db,
                  cp_db_is_pgsql(db)
                      ? "SELECT to_regclass('schema_version')"
                      : "SELECT name FROM sqlite_master"
                        " WHERE type = 'table' AND name = 'schema_version'",
                  &answer, error, p);

    *version = 0;
    if (rv == APR_SUCCESS && answer != NULL) {
        rv = cp_db_ask(db, "SELECT max(version) FROM schema_version", &answer,
                       error, p);
        *version = answer == NULL ? 0 : (int)strtol(answer, NULL, 10);
    }
    return rv;
}

apr_status_t cp_schema_version(int *version, cp_db_t *db, apr_pool_t *p)
{
    const char *error = "";
    apr_status_t rv = read_version(version, db, &error, p);

    if (rv == CP_EDB) {
        cp_log(db->port, CP_LOG_ERROR, rv,
               CP_TAG(0311) "the schema's version cannot be read: %s", error);
    }
    return rv;
}

const char *cp_schema_misfit(int version, int needed, apr_pool_t *p)
{
    if (version == needed) {
        return NULL;
    }
    return version == 0
               ? "the database has no schema of the portal; run "
                 "\"clinicportalctl db init\""
               : apr_psprintf(p,
                              "the database's schema is version %d, this "
                              "software needs %d; %s",
                              version, needed,
                              version < needed
                                  ? "run \"clinicportalctl db migrate\""
                                  : "install the newer one");
}

static int is_end_of_line(const char *s)
{
    s += strspn(s, " \t\r");
    return *s == '\n' || *s == '\0' || cp_sqltext_is_comment(s);
}

/* The end of the statement at text: behind a ";" that ends its line, or the
 * end of the text. */
static const char *end_of_statement(const char *text)
{
    const char *s = text;

    while (*s != '\0') {
        const char *end = cp_sqltext_skip(s);

        if (end == NULL) {
            return text + strlen(text);
        }
        if (end == s) {
            end++;
            if (*s == ';' && is_end_of_line(end)) {
                return end;
            }
        }
        s = end;
    }
    return s;
}

/* Past blanks and comments. *only is what the last "-- only:" line among them
 * names, or NULL. */
static const char *skip_to_statement(const char *s, const char **only,
                                     apr_pool_t *p)
{
    *only = NULL;
    for (;;) {
        const char *end;

        s += strspn(s, " \t\r\n");
        end = cp_sqltext_is_comment(s) ? cp_sqltext_skip(s) : s;
        if (end == NULL || end == s) {
            return s;
        }
        if (strncmp(s, ONLY, strlen(ONLY)) == 0) {
            char *words = apr_pstrmemdup(p, s + strlen(ONLY),
                                         (apr_size_t)(end - s) - strlen(ONLY));

            *only = apr_strtok(words, " \t\r", &words);
        }
        s = end;
    }
}

static int line_of(const char *text, const char *at)
{
    int line = 1;

    for (; text < at; text++) {
        line += *text == '\n';
    }
    return line;
}

static apr_status_t apply_text(cp_db_t *db, step_t *step)
{
    const char *only;
    const char *why = "";
    const char *s = skip_to_statement(step->text, &only, step->pool);
    apr_status_t rv = APR_SUCCESS;

    while (*s != '\0' && rv == APR_SUCCESS) {
        const char *end = end_of_statement(s);

        if (only == NULL || strcmp(only, cp_catalog_driver(db->catalog)) == 0) {
            rv = cp_db_run(db,
                           apr_pstrmemdup(step->pool, s, (apr_size_t)(end - s)),
                           &why, step->pool);
        }
        if (rv != APR_SUCCESS) {
            *step->error =
                apr_psprintf(step->pool, "%s:%d: %s", step->migration->path,
                             line_of(step->text, s), why);
        }
        s = skip_to_statement(end, &only, step->pool);
    }
    return rv;
}

/* Two that migrate at once take turns: SQLite by BEGIN IMMEDIATE. */
static apr_status_t prepare_to_apply(cp_db_t *db, step_t *step, int *version)
{
    apr_status_t rv = cp_db_run(db,
                                "CREATE TABLE IF NOT EXISTS schema_version ("
                                "version BIGINT NOT NULL PRIMARY KEY, "
                                "applied_at BIGINT NOT NULL)",
                                step->error, step->pool);

    if (rv == APR_SUCCESS && cp_db_is_pgsql(db)) {
        rv = cp_db_run(db,
                       "LOCK TABLE schema_version IN EXCLUSIVE MODE;"
                       " SET LOCAL lock_timeout = '" LOCK_TIMEOUT "'",
                       step->error, step->pool);
    }
    if (rv == APR_SUCCESS) {
        rv = read_version(version, db, step->error, step->pool);
    }
    return rv;
}

static apr_status_t apply(cp_db_t *db, void *baton)
{
    step_t *step = baton;
    int version = 0;
    apr_status_t rv = prepare_to_apply(db, step, &version);

    if (rv != APR_SUCCESS || version >= step->migration->version) {
        return rv;
    }
    rv = apply_text(db, step);
    if (rv == APR_SUCCESS) {
        rv = cp_db_run(db,
                       apr_psprintf(step->pool,
                                    "INSERT INTO schema_version VALUES"
                                    " (%d, %" APR_TIME_T_FMT ")",
                                    step->migration->version, cp_now(db->port)),
                       step->error, step->pool);
    }
    return rv;
}

static apr_status_t migrate_one(cp_db_t *db, const migration_t *migration,
                                const char **error, apr_pool_t *p)
{
    step_t step = {migration, NULL, error, p};
    apr_status_t rv;

    *error = NULL;
    rv = cp_sqlfile_read(&step.text, migration->path, error, p);
    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(db, apply, &step);
    }
    if (rv != APR_SUCCESS && *error == NULL) {
        *error = apr_psprintf(p, "%s: the transaction failed: %s",
                              migration->path, cp_status_text(rv));
    }
    return rv;
}

/* Readers and the one writer of a SQLite file do not wait for each other. The
 * file remembers it. */
static apr_status_t set_journal_mode(cp_db_t *db, const char **error,
                                     apr_pool_t *p)
{
    const char *mode = NULL;
    apr_status_t rv;

    if (cp_db_is_pgsql(db)) {
        return APR_SUCCESS;
    }
    rv = cp_db_ask(db, "PRAGMA journal_mode=WAL", &mode, error, p);
    if (rv == APR_SUCCESS && (mode == NULL || strcmp(mode, "wal") != 0)) {
        cp_log(db->port, CP_LOG_WARNING, APR_SUCCESS,
               CP_TAG(0312) "SQLite's journal mode is %s and not wal: readers "
                            "wait for the writer",
               mode == NULL ? "unknown" : mode);
    }
    return rv;
}

static apr_status_t check_versions(const apr_array_header_t *migrations,
                                   int version, const char **error,
                                   apr_pool_t *p)
{
    int newest = last_version(migrations);
    int i;

    if (version > newest) {
        *error = apr_psprintf(p,
                              "the database is at version %d, and this "
                              "software knows %d: it is too old for it",
                              version, newest);
        return CP_EINPUT;
    }
    for (i = 1; i < migrations->nelts; i++) {
        const migration_t *two = &APR_ARRAY_IDX(migrations, i - 1, migration_t);

        if (two[0].version == two[1].version) {
            *error = apr_psprintf(p, "%s and %s have the same version",
                                  two[0].path, two[1].path);
            return CP_EINPUT;
        }
    }
    return APR_SUCCESS;
}

static apr_status_t migrate_all(cp_db_t *db,
                                const apr_array_header_t *migrations, int *to,
                                const char **error, apr_pool_t *p)
{
    apr_status_t rv = set_journal_mode(db, error, p);
    int i;

    for (i = 0; i < migrations->nelts && rv == APR_SUCCESS; i++) {
        const migration_t *migration =
            &APR_ARRAY_IDX(migrations, i, migration_t);

        if (migration->version > *to) {
            rv = migrate_one(db, migration, error, p);
            *to = rv == APR_SUCCESS ? migration->version : *to;
        }
    }
    return rv;
}

apr_status_t cp_schema_migrate(cp_db_t *db, const char *directory,
                               cp_schema_change_t *change, const char **error,
                               apr_pool_t *p)
{
    apr_array_header_t *migrations;
    apr_status_t rv = list_migrations(&migrations, directory, p);

    change->from = change->to = 0;
    if (rv != APR_SUCCESS) {
        *error = apr_psprintf(p, "there are no migrations in %s", directory);
        return rv;
    }
    rv = read_version(&change->from, db, error, p);
    change->to = change->from;
    if (rv == APR_SUCCESS) {
        rv = check_versions(migrations, change->from, error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = migrate_all(db, migrations, &change->to, error, p);
    }
    return rv;
}
