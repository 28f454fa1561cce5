/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What stands in a database of an older version is carried over by the
 * migrations that are shipped. */
#include "database.h"
#include "files.h"

#include "base/json.h"
#include "db/db.h"

#include <stdlib.h>

#define SHIPPED "conf/schema"
#define WINDOW_AT APR_INT64_C(1790000000000000) /* in September 2026 */
#define MINUTE apr_time_from_sec(60)
#define HOUR apr_time_from_sec(3600)
#define DAY apr_time_from_sec(86400)
#define FOR_GOOD APR_INT64_MAX

/* The migrations of that version and older ones. */
static const char *schema_of(int version, apr_pool_t *p)
{
    const char *from = database_source_path(SHIPPED, p);
    const char *to = files_make(p);
    apr_finfo_t info;
    apr_dir_t *directory;

    assert_int_equal(apr_dir_open(&directory, from, p), APR_SUCCESS);
    while (apr_dir_read(&info, APR_FINFO_NAME, directory) == APR_SUCCESS) {
        if (info.name[0] != '.' && atoi(info.name) <= version) {
            assert_int_equal(
                apr_file_copy(apr_pstrcat(p, from, "/", info.name, NULL),
                              apr_pstrcat(p, to, "/", info.name, NULL),
                              APR_FPROT_FILE_SOURCE_PERMS, p),
                APR_SUCCESS);
        }
    }
    assert_int_equal(apr_dir_close(directory), APR_SUCCESS);
    return to;
}

static database_t *database_of(int version, apr_pool_t *p)
{
    database_t *database = database_open(p);

    database_migrate(database, schema_of(version, p));
    database_read(database, "t/unit/fixtures/upgrade");
    return database;
}

/* A counter of version 12, and when it is forgotten from then on. */
static const struct {
    const char *kind;
    const char *key;
    apr_time_t locked_until;
    apr_time_t ends_at;
} counters[] = {
    {"account", "free", 0, WINDOW_AT + DAY},
    {"account", "unlocked", WINDOW_AT - MINUTE, WINDOW_AT + DAY},
    {"account", "locked", WINDOW_AT + HOUR, WINDOW_AT + HOUR + DAY},
    {"account", "for good", FOR_GOOD, FOR_GOOD},
    {"factor", "free", 0, WINDOW_AT + 30 * DAY},
    {"factor", "locked", WINDOW_AT + HOUR, WINDOW_AT + HOUR + 30 * DAY},
    {"factor", "for good", FOR_GOOD, FOR_GOOD},
    {"address", "192.0.2.7", 0, WINDOW_AT + HOUR},
    {"clinic", "", 0, WINDOW_AT + HOUR},
    {"reset-account", "a-doe", 0, WINDOW_AT + HOUR},
};

static void test_counters_get_their_end(void **state)
{
    database_t *database = database_of(12, *state);
    json_t *row;
    apr_size_t i;
    int count;

    for (i = 0; i < ROWS(counters); i++) {
        assert_int_equal(
            cp_db_execute(database->db, "test_count",
                          json_pack("{s:s, s:s, s:I, s:I}", "key_kind",
                                    counters[i].kind, "key", counters[i].key,
                                    "window_at", (json_int_t)WINDOW_AT,
                                    "locked_until",
                                    (json_int_t)counters[i].locked_until),
                          &count),
            APR_SUCCESS);
        assert_int_equal(count, 1);
    }
    database_migrate(database, database_source_path(SHIPPED, *state));
    for (i = 0; i < ROWS(counters); i++) {
        assert_int_equal(
            cp_db_find(database->db, "test_end",
                       json_pack("{s:s, s:s}", "key_kind", counters[i].kind,
                                 "key", counters[i].key),
                       &row, *state),
            APR_SUCCESS);
        if (cp_json_integer(row, "ends_at", -1) != counters[i].ends_at) {
            fail_msg("%s, %s: ends at %" JSON_INTEGER_FORMAT, counters[i].kind,
                     counters[i].key, cp_json_integer(row, "ends_at", -1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_counters_get_their_end),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
