/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Whether PostgreSQL (CP_TEST_DB) knows every statement: what passes is not a
 * statement's fault, and each has the time limit. What is prepared goes through
 * this file, which disturbs it. */
#include "db_items.h"

#include <dlfcn.h>

#define LIMIT apr_time_from_sec(1)

typedef int (*prepare_t)(const apr_dbd_driver_t *, apr_pool_t *, apr_dbd_t *,
                         const char *, const char *, apr_dbd_prepared_t **);

static int failures;             /* so many are refused from now on */
static const database_t *to_end; /* its victim ends before the next */
static const char *before_each;  /* SQL; NULL: nothing */

int apr_dbd_prepare(const apr_dbd_driver_t *driver, apr_pool_t *p,
                    apr_dbd_t *handle, const char *sql, const char *label,
                    apr_dbd_prepared_t **prepared)
{
    prepare_t real = (prepare_t)dlsym(RTLD_NEXT, "apr_dbd_prepare");
    const database_t *database = to_end;
    const char *error = "";
    int count;

    if (strncmp(label, "cp_item_", 8) != 0) {
        return real(driver, p, handle, sql, label, prepared);
    }
    if (database != NULL) {
        to_end = NULL;
        assert_int_equal(
            cp_db_run(database->db,
                      "SELECT pg_terminate_backend(pid, 10000)"
                      "  FROM pg_stat_activity"
                      " WHERE application_name = current_schema() || '_victim'",
                      &error, p),
            APR_SUCCESS);
    }
    if (before_each != NULL) {
        assert_int_equal(apr_dbd_query(driver, handle, &count, before_each), 0);
    }
    return real(driver, p, handle, failures-- > 0 ? "SELECT nothing" : sql,
                label, prepared);
}

/* The same statements on a connection with a time limit. */
static cp_db_t *make_watched(const database_t *database)
{
    apr_pool_t *p = database->pool;
    cp_direct_target_t target = {
        database->driver,
        apr_pstrcat(p, database->params, " application_name=", database->schema,
                    "_victim", NULL),
        .time_limit = LIMIT};
    cp_db_source_t *source = apr_palloc(p, sizeof(*source));
    const char *error = "";

    if (cp_direct_open(source, &target, &error, p) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
    failures = 0;
    before_each = NULL;
    to_end = NULL;
    return cp_db_make(source, database->catalog, &database->port.port, p);
}

static database_t *make_on_pgsql(apr_pool_t *p)
{
    database_t *database = items_make(p);

    if (!items_is_pgsql(database)) {
        skip();
    }
    return database;
}

static void test_one_refusal_may_pass(void **state)
{
    const database_t *database = make_on_pgsql(*state);
    cp_db_t *db = make_watched(database);
    const char *error = "";

    failures = 1;
    assert_int_equal(cp_db_check_statements(db, &error, *state), APR_SUCCESS);
    db = make_watched(database);
    failures = 2;
    assert_int_equal(cp_db_check_statements(db, &error, *state), CP_EINPUT);
    assert_non_null(strstr(error, "statement item_add: "));
}

static void test_lost_connection_is_no_refusal(void **state)
{
    database_t *database = make_on_pgsql(*state);
    cp_db_t *db = make_watched(database);
    const char *error = "";

    to_end = database;
    assert_int_equal(cp_db_check_statements(db, &error, *state), CP_EDB);
    assert_null(to_end);
}

/* Twice the limit altogether. */
static void test_each_statement_has_the_limit(void **state)
{
    const database_t *database = make_on_pgsql(*state);
    cp_db_t *db = make_watched(database);
    int count = cp_catalog_names(database->catalog, *state)->nelts;
    const char *error = "";

    before_each = apr_psprintf(*state, "SELECT pg_sleep(%d::float / %d)",
                               (int)(2 * apr_time_sec(LIMIT)), count);
    assert_true(count > 4);
    if (cp_db_check_statements(db, &error, *state) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_one_refusal_may_pass),
        POOL_TEST(test_lost_connection_is_no_refusal),
        POOL_TEST(test_each_statement_has_the_limit),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
