/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Connections of our own: what is refused, what is said of it, and how long
 * one waits. */
#include "database.h"
#include "files.h"

#include "base/status.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

typedef int (*thread_t)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
                        void *);
typedef int (*query_t)(const apr_dbd_driver_t *, apr_dbd_t *, int *,
                       const char *);

static int has_no_thread; /* no thread begins */
static int is_silent;     /* no answer comes in time */

/* For APR, which is a library. */
__attribute__((visibility("default"))) int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
               void *(*start)(void *), void *arg)
{
    thread_t real = (thread_t)dlsym(RTLD_NEXT, "pthread_create");

    return has_no_thread ? EAGAIN : real(thread, attr, start, arg);
}

int apr_dbd_query(const apr_dbd_driver_t *driver, apr_dbd_t *handle, int *count,
                  const char *sql)
{
    query_t real = (query_t)dlsym(RTLD_NEXT, "apr_dbd_query");

    return real(driver, handle, count,
                is_silent ? "SELECT pg_sleep(3600)" : sql);
}

typedef struct refusal_t {
    const char *driver;
    const char *params;
    const char *said; /* in the error */
    const char *why;
} refusal_t;

static const refusal_t refusals[] = {
    {"oracle", "hunter2", "\"oracle\"", "no such driver"},
    {"sqlite3", "/hunter2/file", "does not exist", "no such directory"},
    {"pgsql", "host=/no/such/hunter3 user=x password=hunter2", "/no/such",
     "no such server"},
    {"pgsql", "host=/no/such password=my hunter2", "not understood",
     "libpq quotes it"},
    {"pgsql", "host=/no/such port=hunter2", "not understood",
     "libpq quotes it"},
    {"pgsql", "host=/no/such password='hunter2", "not understood",
     "an open quote"},
};

static void test_refusals_keep_the_parameters(void **state)
{
    size_t i;

    for (i = 0; i < ROWS(refusals); i++) {
        const refusal_t *row = &refusals[i];
        cp_direct_target_t target = {row->driver, row->params, 0};
        cp_db_source_t source;
        const char *error = "";

        assert_int_not_equal(cp_direct_open(&source, &target, &error, *state),
                             APR_SUCCESS);
        if (strstr(error, row->said) == NULL ||
            strstr(error, "hunter2") != NULL || strchr(error, '\n') != NULL) {
            fail_msg("%s: %s", row->why, error);
        }
    }
}

static void test_file_is_only_made_when_asked(void **state)
{
    const char *path = apr_pstrcat(*state, files_make(*state), "/new", NULL);
    cp_direct_target_t target = {"sqlite3", path, 0};
    cp_db_source_t source;
    const char *error = "";
    apr_finfo_t info;

    assert_int_equal(cp_direct_open(&source, &target, &error, *state),
                     APR_ENOENT);
    assert_int_equal(apr_stat(&info, path, APR_FINFO_TYPE, *state), APR_ENOENT);
    target.may_create = 1;
    assert_int_equal(cp_direct_open(&source, &target, &error, *state),
                     APR_SUCCESS);
    assert_int_equal(apr_stat(&info, path, APR_FINFO_TYPE, *state),
                     APR_SUCCESS);
}

/* Two at a time could wait for each other for ever in a pool. */
static void test_one_at_a_time(void **state)
{
    static const cp_direct_target_t target = {"sqlite3", ":memory:", 1};
    cp_db_source_t source;
    cp_db_connection_t *first;
    cp_db_connection_t *second;
    const char *error = "";

    assert_int_equal(cp_direct_open(&source, &target, &error, *state),
                     APR_SUCCESS);
    assert_int_equal(source.open(source.ctx, &first, *state), APR_SUCCESS);
    assert_int_equal(source.open(source.ctx, &second, *state), CP_EUNAVAILABLE);
    source.close(source.ctx, first);
    assert_int_equal(source.open(source.ctx, &second, *state), APR_SUCCESS);
    assert_ptr_equal(first, second);
    source.close(source.ctx, second);
}

/* A connection that waits a second, to what another transaction has locked. */
static cp_db_t *db_beside_a_lock(database_t *database, const char *table)
{
    cp_direct_target_t target = {database->driver, database->params,
                                 .time_limit = apr_time_from_sec(1)};
    cp_db_source_t *source = apr_palloc(database->pool, sizeof(*source));
    apr_pool_t *p = database->pool;
    const char *error = "";

    if (cp_direct_open(source, &target, &error, p) != APR_SUCCESS ||
        cp_db_run(database->db,
                  apr_pstrcat(p, "BEGIN; LOCK TABLE ", table, NULL), &error,
                  p) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
    return cp_db_make(source, database->catalog, &database->port.port, p);
}

static void test_no_lock_is_waited_for(void **state)
{
    database_t *database = database_make(*state);
    const char *error = "";
    int version = -1;
    cp_db_t *db;

    if (strcmp(database->driver, "pgsql") != 0) {
        skip();
    }
    db = db_beside_a_lock(database, "schema_version");
    assert_int_equal(cp_schema_version(&version, db, *state), CP_EDB);
    assert_int_equal(database->lines->nelts, 1);
    assert_non_null(strstr(APR_ARRAY_IDX(database->lines, 0, const char *),
                           "it gave no answer in time"));
    assert_int_equal(cp_db_run(database->db, "ROLLBACK", &error, *state),
                     APR_SUCCESS);
    db = db_beside_a_lock(database, "document");
    assert_int_equal(cp_schema_version(&version, db, *state), APR_SUCCESS);
    assert_int_equal(cp_db_check_statements(db, &error, *state), CP_EDB);
    assert_non_null(strstr(error, "it gave no answer in time"));
    assert_int_equal(cp_db_run(database->db, "ROLLBACK", &error, *state),
                     APR_SUCCESS);
}

/* A connection that nobody could cut off is not had, but later it may be. */
static void test_none_is_had_unwatched(void **state)
{
    database_t *database = database_open(*state);
    cp_direct_target_t target = {database->driver, database->params,
                                 .time_limit = apr_time_from_sec(1)};
    struct rlimit all;
    struct rlimit none;
    cp_db_source_t source;
    const char *error = "";

    if (strcmp(database->driver, "pgsql") != 0) {
        skip();
    }
    has_no_thread = 1;
    assert_int_equal(cp_direct_open(&source, &target, &error, *state),
                     CP_EUNAVAILABLE);
    assert_non_null(strstr(error, "no thread"));
    has_no_thread = 0;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
    none = all;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(cp_direct_open(&source, &target, &error, *state),
                     CP_EUNAVAILABLE);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
    assert_non_null(strstr(error, "no descriptor"));
    assert_int_equal(cp_direct_open(&source, &target, &error, *state),
                     APR_SUCCESS);
}

/* Nor is one waited for once more that lets us in and is silent then. */
static void test_silence_is_said_at_once(void **state)
{
    database_t *database = database_open(*state);
    cp_direct_target_t target = {database->driver, database->params,
                                 .time_limit = apr_time_from_sec(1)};
    cp_db_source_t source;
    const char *error = "";
    apr_status_t rv;

    if (strcmp(database->driver, "pgsql") != 0) {
        skip();
    }
    is_silent = 1;
    rv = cp_direct_open(&source, &target, &error, *state);
    is_silent = 0;
    assert_int_equal(rv, CP_EUNAVAILABLE);
    assert_string_equal(error, "it gave no answer in time");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_refusals_keep_the_parameters),
        POOL_TEST(test_file_is_only_made_when_asked),
        POOL_TEST(test_one_at_a_time),
        POOL_TEST(test_no_lock_is_waited_for),
        POOL_TEST(test_none_is_had_unwatched),
        POOL_TEST(test_silence_is_said_at_once),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
