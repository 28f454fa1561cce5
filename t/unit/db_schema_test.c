/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Migrations, on SQLite or, with CP_TEST_DB, on PostgreSQL. */
#include "database.h"

#include "base/status.h"

#include <apr_file_info.h>

static const char *ask_schema_dir(apr_pool_t *p)
{
    return database_source_path("conf/schema", p);
}

static void test_shipped_schema_applies_once(void **state)
{
    database_t *database = database_open(*state);
    const char *directory = ask_schema_dir(*state);
    const char *error = "";
    int newest = 0;
    int version = -1;
    int from = -1;
    int to = -1;

    assert_int_equal(cp_schema_newest(&newest, directory, *state), APR_SUCCESS);
    assert_true(newest >= 1);
    assert_int_equal(cp_schema_version(&version, database->db, *state),
                     APR_SUCCESS);
    assert_int_equal(version, 0);
    if (cp_schema_migrate(database->db, directory, &from, &to, &error,
                          *state) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
    assert_int_equal(from, 0);
    assert_int_equal(to, newest);
    assert_int_equal(
        cp_schema_migrate(database->db, directory, &from, &to, &error, *state),
        APR_SUCCESS);
    assert_int_equal(from, newest);
    assert_int_equal(to, newest);
    assert_int_equal(cp_schema_version(&version, database->db, *state),
                     APR_SUCCESS);
    assert_int_equal(version, newest);
    assert_int_equal(database->lines->nelts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_shipped_schema_applies_once),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
