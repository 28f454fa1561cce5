/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A fresh database for one test: a SQLite file, or with CP_TEST_DB set to
 * "pgsql:PARAMS" a schema of its own on that server. It goes with the pool.
 *
 *     database_t *database = database_make(*state);
 *     cp_db_t *db = database->db; */
#ifndef CP_T_DATABASE_H
#define CP_T_DATABASE_H

#include "unit.h"

#include "db/direct.h"
#include "db/schema.h"

#include <apr_env.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <unistd.h>

typedef struct database_t {
    fake_port_t port; /* first: it is the context of the log function */
    cp_db_source_t source;
    cp_catalog_t *catalog;
    cp_db_t *db;
    const char *driver;
    const char *params;
    const char *schema;        /* PostgreSQL: its name */
    apr_array_header_t *lines; /* const char *: what was logged */
    apr_pool_t *pool;
} database_t;

/* Where a file of the source tree is. */
static inline const char *database_source_path(const char *path, apr_pool_t *p)
{
    char *root = NULL;

    return apr_env_get(&root, "CP_SRCDIR", p) == APR_SUCCESS
               ? apr_pstrcat(p, root, "/", path, NULL)
               : path;
}

static inline void database_log(void *ctx, cp_log_level_t level,
                                apr_status_t rv, const char *text)
{
    database_t *database = ctx;

    APR_ARRAY_PUSH(database->lines, const char *) =
        apr_pstrdup(database->pool, text);
}

static inline apr_status_t database_remove_file(void *data)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    database_t *database = data;
    apr_size_t i;

    for (i = 0; i < ROWS(suffixes); i++) {
        (void)apr_file_remove(
            apr_pstrcat(database->pool, database->params, suffixes[i], NULL),
            database->pool);
    }
    return APR_SUCCESS;
}

/* One more connection to the same database. */
static inline void database_connect(const database_t *database,
                                    cp_db_source_t *source, apr_pool_t *p)
{
    cp_direct_target_t target = {database->driver, database->params, 0};
    const char *error = "";

    if (cp_direct_open(source, &target, &error, p) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
}

static inline void database_choose_file(database_t *database)
{
    apr_pool_t *p = database->pool;
    const char *directory;
    apr_file_t *file;
    char *path;

    assert_int_equal(apr_temp_dir_get(&directory, p), APR_SUCCESS);
    path = apr_pstrcat(p, directory, "/clinicportal-XXXXXX", NULL);
    assert_int_equal(apr_file_mktemp(&file, path,
                                     APR_FOPEN_CREATE | APR_FOPEN_EXCL |
                                         APR_FOPEN_READ | APR_FOPEN_WRITE,
                                     p),
                     APR_SUCCESS);
    assert_int_equal(apr_file_close(file), APR_SUCCESS);
    database->driver = "sqlite3";
    database->params = path;
    apr_pool_cleanup_register(p, database, database_remove_file,
                              apr_pool_cleanup_null);
}

/* On a connection of its own: the test may break the others. */
static inline void database_run_as_admin(const database_t *database,
                                         const char *verb, const char *behind)
{
    cp_db_source_t source;
    const char *error = "";
    apr_pool_t *p;

    assert_int_equal(apr_pool_create(&p, NULL), APR_SUCCESS);
    database_connect(database, &source, p);
    if (cp_db_run(
            cp_db_make(&source, database->catalog, &cp_port_system, p),
            apr_pstrcat(p, verb, " SCHEMA ", database->schema, behind, NULL),
            &error, p) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
    apr_pool_destroy(p);
}

static inline apr_status_t database_drop_schema(void *data)
{
    database_run_as_admin(data, "DROP", " CASCADE");
    return APR_SUCCESS;
}

/* The schema is chosen by the parameters, so that it survives a reconnect. */
static inline void database_choose_schema(database_t *database,
                                          const char *params)
{
    apr_pool_t *p = database->pool;

    database->driver = "pgsql";
    database->schema = apr_psprintf(p, "t_%ld_%" APR_TIME_T_FMT, (long)getpid(),
                                    apr_time_now());
    database->params = apr_pstrcat(
        p, params, " options='-c search_path=", database->schema, "'", NULL);
    database_run_as_admin(database, "CREATE", "");
    apr_pool_cleanup_register(p, database, database_drop_schema,
                              apr_pool_cleanup_null);
}

/* An empty database and an empty catalogue. */
static inline database_t *database_open(apr_pool_t *p)
{
    database_t *database = apr_pcalloc(p, sizeof(*database));
    char *choice = NULL;

    database->pool = p;
    database->lines = apr_array_make(p, 8, sizeof(const char *));
    fake_port_init(&database->port);
    database->port.port.log = database_log;
    if (apr_env_get(&choice, "CP_TEST_DB", p) == APR_SUCCESS &&
        strncmp(choice, "pgsql:", 6) == 0) {
        database_choose_schema(database, choice + 6);
    }
    else {
        database_choose_file(database);
    }
    database_connect(database, &database->source, p);
    database->catalog = cp_catalog_make(database->driver, p);
    database->db = cp_db_make(&database->source, database->catalog,
                              &database->port.port, p);
    return database;
}

/* Applies the migrations of a directory. */
static inline void database_migrate(database_t *database, const char *directory)
{
    cp_schema_change_t change;
    const char *error = "";

    if (cp_schema_migrate(database->db, directory, &change, &error,
                          database->pool) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
}

/* Adds the statements of a directory of the source tree. */
static inline void database_read(database_t *database, const char *path)
{
    const char *error = "";

    if (cp_catalog_read(database->catalog,
                        database_source_path(path, database->pool), &error,
                        database->pool) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
}

/* With the migrations and statements of two directories of the source tree. */
static inline database_t *database_make_from(const char *schema,
                                             const char *sql, apr_pool_t *p)
{
    database_t *database = database_open(p);

    database_migrate(database, database_source_path(schema, p));
    database_read(database, sql);
    return database;
}

/* With those that are shipped. */
static inline database_t *database_make(apr_pool_t *p)
{
    return database_make_from("conf/schema", "conf/sql", p);
}

#endif
