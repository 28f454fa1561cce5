/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Migrations, on SQLite or, with CP_TEST_DB, on PostgreSQL. */
#include "database.h"
#include "files.h"

#include "base/status.h"

typedef struct migrated_t {
    apr_status_t rv;
    cp_schema_change_t change;
    const char *error;
} migrated_t;

static migrated_t migrate(database_t *database, const char *directory)
{
    migrated_t result = {APR_SUCCESS, {-1, -1}, ""};

    result.rv = cp_schema_migrate(database->db, directory, &result.change,
                                  &result.error, database->pool);
    return result;
}

static void assert_migrated(database_t *database, const char *directory,
                            int from, int to)
{
    migrated_t result = migrate(database, directory);
    int version = -1;

    if (result.rv != APR_SUCCESS) {
        fail_msg("%s", result.error);
    }
    assert_int_equal(result.change.from, from);
    assert_int_equal(result.change.to, to);
    assert_int_equal(cp_schema_version(&version, database->db, database->pool),
                     APR_SUCCESS);
    assert_int_equal(version, to);
}

static void run(database_t *database, const char *sql, apr_status_t expected)
{
    const char *error = "";
    apr_status_t rv = cp_db_run(database->db, sql, &error, database->pool);

    if (rv != expected) {
        fail_msg("%s: %s", sql, error);
    }
}

static void test_shipped_schema(void **state)
{
    database_t *database = database_open(*state);
    const char *directory = database_source_path("conf/schema", *state);
    int newest = 0;
    int version = -1;

    assert_int_equal(cp_schema_newest(&newest, directory, *state), APR_SUCCESS);
    assert_true(newest >= 1);
    assert_int_equal(cp_schema_version(&version, database->db, *state),
                     APR_SUCCESS);
    assert_int_equal(version, 0);
    assert_migrated(database, directory, 0, newest);
    assert_migrated(database, directory, newest, newest);
    assert_int_equal(database->lines->nelts, 0);
}

static void test_shipped_statements_fit_it(void **state)
{
    database_t *database = database_make(*state);
    const char *error = "";

    if (cp_db_check_statements(database->db, &error, *state) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
}

/* Readers do not wait for the writer; the file remembers it. */
static void test_sqlite_is_in_wal_mode(void **state)
{
    database_t *database = database_make(*state);
    apr_finfo_t info;

    if (strcmp(database->driver, "sqlite3") != 0) {
        skip();
    }
    assert_int_equal(
        apr_stat(&info, apr_pstrcat(*state, database->params, "-wal", NULL),
                 APR_FINFO_SIZE, *state),
        APR_SUCCESS);
}

static void test_what_is_missing_is_applied_in_order(void **state)
{
    database_t *database = database_open(*state);
    const char *directory = files_make(*state);

    files_write(directory, "001_a.sql", "CREATE TABLE a (x BIGINT);", *state);
    files_write(directory, "notes.sql", "nonsense;", *state);
    files_write(directory, "002.sql", "nonsense;", *state);
    assert_migrated(database, directory, 0, 1);
    files_write(directory, "010_c.sql", "INSERT INTO b VALUES (1);\n", *state);
    files_write(directory, "002_b.sql",
                "-- A comment; with semicolons;\n"
                "CREATE TABLE b (x BIGINT -- inside;\n);\n"
                "INSERT INTO a SELECT 1;  -- behind\n"
                "INSERT INTO b VALUES (2); INSERT INTO b VALUES (3);\n\n",
                *state);
    assert_migrated(database, directory, 1, 10);
    assert_migrated(database, directory, 10, 10);
    run(database, "INSERT INTO schema_version VALUES (10, 0)", CP_EDB);
}

/* Both databases take the same file, and each its own part of it. */
static void test_parts_for_one_driver(void **state)
{
    database_t *database = database_open(*state);
    const char *directory = files_make(*state);
    int is_pgsql = strcmp(database->driver, "pgsql") == 0;

    files_write(directory, "001_a.sql",
                "-- only: pgsql\nCREATE TABLE p (x BIGINT);\n"
                "-- only: sqlite3\n-- and why\nCREATE TABLE s (x BIGINT);\n"
                "CREATE TABLE shared (x BIGINT);\n",
                *state);
    assert_migrated(database, directory, 0, 1);
    run(database, "INSERT INTO shared VALUES (1)", APR_SUCCESS);
    run(database, "INSERT INTO p VALUES (1)", is_pgsql ? APR_SUCCESS : CP_EDB);
    run(database, "INSERT INTO s VALUES (1)", is_pgsql ? CP_EDB : APR_SUCCESS);
}

static void test_broken_file_leaves_nothing(void **state)
{
    database_t *database = database_open(*state);
    const char *directory = files_make(*state);
    migrated_t result;

    files_write(directory, "001_a.sql", "CREATE TABLE a (x BIGINT);", *state);
    files_write(
        directory, "002_b.sql",
        "CREATE TABLE b (x BIGINT);\nINSERT INTO a VALUES (1);  -- x\n\n"
        "INSERT INTO nowhere VALUES (1);\nCREATE TABLE c (x BIGINT);\n",
        *state);
    result = migrate(database, directory);
    assert_int_equal(result.rv, CP_EDB);
    assert_int_equal(result.change.from, 0);
    assert_int_equal(result.change.to, 1);
    assert_non_null(strstr(result.error, "/002_b.sql:4: "));
    assert_non_null(strstr(result.error, "nowhere"));
    files_write(directory, "002_b.sql",
                "CREATE TABLE b (x BIGINT);\nCREATE TABLE c (x BIGINT);\n"
                "CREATE UNIQUE INDEX a_x ON a (x);\nINSERT INTO a VALUES (1);",
                *state);
    assert_migrated(database, directory, 1, 2);
}

static void test_first_file_broken(void **state)
{
    database_t *database = database_open(*state);
    const char *directory = files_make(*state);
    int version = -1;

    files_write(directory, "001_a.sql", "CREATE TABLE a (x BIGINT);\nSELEKT;",
                *state);
    assert_int_equal(migrate(database, directory).rv, CP_EDB);
    assert_int_equal(cp_schema_version(&version, database->db, *state),
                     APR_SUCCESS);
    assert_int_equal(version, 0);
    run(database, "CREATE TABLE a (y BIGINT)", APR_SUCCESS);
}

/* Only COMMIT finds out, and no statement is to blame. */
static void test_failed_commit_is_told(void **state)
{
    database_t *database = database_open(*state);
    const char *directory = files_make(*state);
    migrated_t result;

    files_write(directory, "001_a.sql",
                "CREATE TABLE a (x BIGINT PRIMARY KEY);\n"
                "CREATE TABLE b (x BIGINT REFERENCES a (x)"
                " DEFERRABLE INITIALLY DEFERRED);\n"
                "INSERT INTO b VALUES (1);\n",
                *state);
    result = migrate(database, directory);
    assert_int_equal(result.rv, CP_EDB);
    assert_int_equal(result.change.to, 0);
    assert_non_null(strstr(result.error, "/001_a.sql: the transaction failed"));
}

static void test_newer_database_is_refused(void **state)
{
    database_t *database = database_open(*state);
    const char *newer = files_make(*state);
    const char *older = files_make(*state);
    migrated_t result;

    files_write(newer, "001_a.sql", "CREATE TABLE a (x BIGINT);", *state);
    files_write(newer, "002_b.sql", "CREATE TABLE b (x BIGINT);", *state);
    files_write(older, "001_a.sql", "CREATE TABLE a (x BIGINT);", *state);
    assert_migrated(database, newer, 0, 2);
    result = migrate(database, older);
    assert_int_equal(result.rv, CP_EINPUT);
    assert_int_equal(result.change.from, 2);
    assert_int_equal(result.change.to, 2);
    assert_non_null(strstr(result.error, "version 2"));
}

static void test_bad_directories(void **state)
{
    database_t *database = database_open(*state);
    const char *directory = files_make(*state);
    migrated_t result;
    int version = -1;

    assert_int_equal(cp_schema_newest(&version, directory, *state), APR_ENOENT);
    assert_int_equal(migrate(database, directory).rv, APR_ENOENT);
    assert_int_equal(migrate(database, "/no/such").rv, APR_ENOENT);
    files_write(directory, "001_a.sql", "CREATE TABLE a (x BIGINT);", *state);
    files_write(directory, "001_b.sql", "CREATE TABLE b (x BIGINT);", *state);
    result = migrate(database, directory);
    assert_int_equal(result.rv, CP_EINPUT);
    assert_non_null(strstr(result.error, "same version"));
    assert_int_equal(result.change.to, 0);
}

/* Readers would wait behind it. */
static void test_no_lock_is_waited_for_long(void **state)
{
    database_t *database = database_open(*state);
    const char *directory = files_make(*state);
    cp_db_source_t source;
    database_t other = *database;
    migrated_t result;

    if (strcmp(database->driver, "pgsql") != 0) {
        skip();
    }
    files_write(directory, "001_a.sql", "CREATE TABLE a (x BIGINT);", *state);
    assert_migrated(database, directory, 0, 1);
    files_write(directory, "002_b.sql", "ALTER TABLE a ADD y BIGINT;", *state);
    database_connect(database, &source, *state);
    other.db = cp_db_make(&source, database->catalog, &cp_port_system, *state);
    run(&other, "BEGIN; SELECT x FROM a", APR_SUCCESS);
    result = migrate(database, directory);
    assert_int_equal(result.rv, CP_EDB);
    assert_non_null(strstr(result.error, "002_b.sql:1: "));
    assert_non_null(strstr(result.error, "lock timeout"));
    run(&other, "ROLLBACK", APR_SUCCESS);
    assert_migrated(database, directory, 1, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_shipped_schema),
        POOL_TEST(test_shipped_statements_fit_it),
        POOL_TEST(test_sqlite_is_in_wal_mode),
        POOL_TEST(test_what_is_missing_is_applied_in_order),
        POOL_TEST(test_parts_for_one_driver),
        POOL_TEST(test_broken_file_leaves_nothing),
        POOL_TEST(test_first_file_broken),
        POOL_TEST(test_failed_commit_is_told),
        POOL_TEST(test_newer_database_is_refused),
        POOL_TEST(test_bad_directories),
        POOL_TEST(test_no_lock_is_waited_for_long),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
