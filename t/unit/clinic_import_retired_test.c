/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Files that documents no longer use stay for a week, so that a copy of the
 * directory has every file that a dump made before it names; then they go. */
#include "clinic_import.h"

#include <dlfcn.h>
#include <sys/stat.h>

#define DAY (24 * HOUR)
#define LIST ".retired"
#define REVISED PDF "revised\n"
#define LIST_MAX (256 * 1024 * 1024)

static size_t list_size; /* that the list is said to have; 0: its own */

size_t json_dumpb(const json_t *json, char *buffer, size_t size, size_t flags)
{
    size_t (*real)(const json_t *, char *, size_t, size_t) =
        (size_t(*)(const json_t *, char *, size_t, size_t))dlsym(RTLD_NEXT,
                                                                 "json_dumpb");

    return buffer == NULL && list_size > 0 ? list_size
                                           : real(json, buffer, size, flags);
}

static apr_pool_t *pool_of(const import_test_t *test)
{
    return test->clinic->cx.pool;
}

static void import_plan(import_test_t *test, const char *bytes)
{
    files_write(test->source, "a.pdf", bytes, pool_of(test));
    import_good(test, PLAN("a.pdf"));
}

/* An import that brings nothing new. */
static void import_after(import_test_t *test, apr_interval_time_t pause)
{
    test->clinic->fake->now += pause;
    import_good(test, ACME(""));
}

static int is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void an_old_file_stays_for_a_week(void **state)
{
    import_test_t *test = *state;
    const char *old;

    import_plan(test, PDF);
    old = stored_path(test);
    import_plan(test, REVISED);
    assert_string_not_equal(stored_path(test), old);
    assert_true(is_there(old));
    import_after(test, 7 * DAY - HOUR);
    assert_true(is_there(old));
    import_after(test, 2 * HOUR);
    assert_false(is_there(old));
    assert_true(is_there(stored_path(test)));
    assert_int_equal(count_files(test->documents, pool_of(test)), 1);
}

/* The week begins anew when a file is retired again. */
static void a_file_that_came_back_stays(void **state)
{
    import_test_t *test = *state;
    const char *first;
    const char *second;

    import_plan(test, PDF);
    first = stored_path(test);
    import_plan(test, REVISED);
    second = stored_path(test);
    import_after(test, 6 * DAY);
    import_plan(test, PDF);
    import_after(test, 3 * DAY);
    assert_true(is_there(first));
    assert_true(is_there(second));
    import_plan(test, REVISED);
    import_after(test, 6 * DAY);
    assert_true(is_there(first));
    assert_true(is_there(second));
    import_after(test, 2 * DAY);
    assert_false(is_there(first));
    assert_true(is_there(second));
}

/* As a dump does that is put back. */
static void a_file_that_a_row_names_stays(void **state)
{
    import_test_t *test = *state;
    const char *error = "";
    const char *old;

    import_plan(test, PDF);
    old = stored_path(test);
    import_plan(test, REVISED);
    assert_int_equal(
        cp_db_run(test->clinic->cx.db,
                  apr_pstrcat(pool_of(test),
                              "UPDATE document SET storage_key = '",
                              strrchr(old, '/') + 1, "'", NULL),
                  &error, pool_of(test)),
        APR_SUCCESS);
    import_after(test, 8 * DAY);
    assert_true(is_there(old));
    import_after(test, 8 * DAY);
    assert_true(is_there(old));
}

/* The same document with the same bytes, of another clinic. */
static void a_file_of_another_clinic_stays(void **state)
{
    import_test_t *test = *state;
    const char *other_text =
        apr_pstrcat(pool_of(test), "{\"clinics\": [{\"code\": \"OTHER\", ",
                    strstr(PLAN("a.pdf"), "\"name\": \"Acme\""), NULL);
    const json_t *row;
    const char *other;

    files_write(test->source, "a.pdf", PDF, pool_of(test));
    import_good(test, other_text);
    row = look(test->clinic, "test_import_document",
               json_pack("{s:s, s:s}", "clinic_id", "other", "title", "Plan"));
    other = in_directory(test->documents,
                         cp_json_string(row, "storage_key", ""), pool_of(test));
    import_plan(test, PDF);
    import_plan(test, REVISED);
    import_after(test, 8 * DAY);
    assert_true(is_there(other));
    assert_int_equal(count_files(test->documents, pool_of(test)), 2);
}

static void without_a_list_nothing_is_replaced(void **state)
{
    import_test_t *test = *state;
    const char *in_the_way;
    const char *old;

    import_plan(test, PDF);
    old = stored_path(test);
    in_the_way = in_directory(test->documents, ".import-" LIST, pool_of(test));
    assert_int_equal(mkdir(in_the_way, 0700), 0);
    files_write(test->source, "a.pdf", REVISED, pool_of(test));
    assert_int_not_equal(import_text(test, PLAN("a.pdf")), APR_SUCCESS);
    assert_string_equal(stored_path(test), old);
    assert_int_equal(count_files(test->documents, pool_of(test)), 1);
    assert_int_equal(rmdir(in_the_way), 0);
    import_good(test, PLAN("a.pdf"));
    assert_true(is_there(old));
}

/* Or every later import would fail at reading it. */
static void a_list_too_long_to_be_read_is_not_written(void **state)
{
    import_test_t *test = *state;
    const char *old;
    apr_status_t rv;

    import_plan(test, PDF);
    old = stored_path(test);
    files_write(test->source, "a.pdf", REVISED, pool_of(test));
    list_size = LIST_MAX + 1;
    rv = import_text(test, PLAN("a.pdf"));
    list_size = 0;
    assert_int_equal(rv, CP_ETOOLARGE);
    assert_true(has_logged(test, "CP0568: "));
    assert_string_equal(stored_path(test), old);
    assert_int_equal(count_files(test->documents, pool_of(test)), 1);
    import_good(test, PLAN("a.pdf"));
}

/* What the import did not write is neither believed nor overwritten. */
static void a_damaged_list_is_an_error(void **state)
{
    static const char *const rows[] = {"", "[]",
                                       "{\"x\": ", "{\"x\": 1, \"x\": 2}"};
    import_test_t *test = *state;
    size_t i;

    files_write(test->source, "a.pdf", PDF, pool_of(test));
    for (i = 0; i < ROWS(rows); i++) {
        files_write(test->documents, LIST, rows[i], pool_of(test));
        assert_int_not_equal(import_text(test, PLAN("a.pdf")), APR_SUCCESS);
        assert_null(plan(test));
    }
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ENTRY(key, members) "{\"" key "\": {" members "}}"
#define AT "\"retired_at\": 1"
#define OF "\"clinic_id\": \"acme\", \"document_id\": \"x\""

/* The directory belongs to the server, and the import may be root's. */
static void only_files_of_imports_are_removed(void **state)
{
    static const struct {
        const char *name;
        const char *list;
        int stays;
    } rows[] = {
        {HEX, ENTRY(HEX, AT ", " OF), 0},
        {HEX, ENTRY(HEX, OF), 1},
        {HEX, ENTRY(HEX, AT), 1},
        {HEX, "{\"" HEX "\": 1}", 1},
        {"plain", ENTRY("plain", AT ", " OF), 1},
        {"plain", ENTRY("../plain", AT ", " OF), 1},
    };
    import_test_t *test = *state;
    apr_pool_t *p = pool_of(test);
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        files_write(test->documents, rows[i].name, "x", p);
        files_write(test->documents, LIST, rows[i].list, p);
        import_good(test, ACME(""));
        if (is_there(in_directory(test->documents, rows[i].name, p)) !=
            rows[i].stays) {
            fail_msg("row %d", (int)i);
        }
    }
}

/* What is done is done; the next import sees to the rest. */
static void what_cannot_be_removed_is_tried_again(void **state)
{
    import_test_t *test = *state;
    apr_pool_t *p = pool_of(test);
    const char *path = in_directory(test->documents, HEX, p);

    assert_int_equal(mkdir(path, 0700), 0);
    files_write(test->documents, LIST, ENTRY(HEX, AT ", " OF), p);
    import_good(test, ACME(""));
    assert_int_equal(rmdir(path), 0);
    files_write(test->documents, HEX, "x", p);
    import_good(test, ACME(""));
    assert_false(is_there(path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IMPORT_TEST(an_old_file_stays_for_a_week),
        IMPORT_TEST(a_file_that_came_back_stays),
        IMPORT_TEST(a_file_that_a_row_names_stays),
        IMPORT_TEST(a_file_of_another_clinic_stays),
        IMPORT_TEST(without_a_list_nothing_is_replaced),
        IMPORT_TEST(a_list_too_long_to_be_read_is_not_written),
        IMPORT_TEST(a_damaged_list_is_an_error),
        IMPORT_TEST(only_files_of_imports_are_removed),
        IMPORT_TEST(what_cannot_be_removed_is_tried_again),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
