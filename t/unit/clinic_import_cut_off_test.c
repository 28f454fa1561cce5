/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Imports that end before they are done, or of which nobody knows whether they
 * are: no file that they have copied stays for ever unless a document has it.
 * The hash and the COMMIT go through this file, which can make them fail. */
#include "clinic_import.h"

#include <dlfcn.h>
#include <glob.h>
#include <sodium.h>

#define DAY (24 * HOUR)
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FIRST_PASSWORD                                                         \
    ", \"staff\": [{\"username\": \"ann\", \"practitioner\": \"1\", "          \
    "\"password\": \"the first passphrase\"}]"

static struct {
    const import_test_t *test;
    int files;                /* that had names while a password was hashed */
    const char *commits_with; /* what COMMIT, which fails, does; NULL: works */
} spy;

/* Always fails. */
int crypto_pwhash_str(char out[crypto_pwhash_STRBYTES],
                      const char *const password, unsigned long long len,
                      unsigned long long operations, size_t memory)
{
    spy.files = count_files(spy.test->documents, spy.test->clinic->cx.pool);
    return -1;
}

int apr_dbd_query(const apr_dbd_driver_t *driver, apr_dbd_t *handle, int *count,
                  const char *sql)
{
    int (*real)(const apr_dbd_driver_t *, apr_dbd_t *, int *, const char *) =
        (int (*)(const apr_dbd_driver_t *, apr_dbd_t *, int *,
                 const char *))dlsym(RTLD_NEXT, "apr_dbd_query");

    if (spy.commits_with == NULL || strcmp(sql, "COMMIT") != 0) {
        return real(driver, handle, count, sql);
    }
    assert_int_equal(real(driver, handle, count, spy.commits_with), 0);
    return 1;
}

static int cut_off_setup(void **state)
{
    memset(&spy, 0, sizeof(spy));
    if (import_setup(state) != 0) {
        return 1;
    }
    spy.test = *state;
    files_write(spy.test->source, "a.pdf", PDF, spy.test->clinic->cx.pool);
    return 0;
}

#define CUT_OFF_TEST(function)                                                 \
    cmocka_unit_test_setup_teardown(function, cut_off_setup, import_teardown)

static int files_of(const import_test_t *test)
{
    return count_files(test->documents, test->clinic->cx.pool);
}

static int is_there(const import_test_t *test, const char *name)
{
    return access(in_directory(test->documents, name, test->clinic->cx.pool),
                  F_OK) == 0;
}

/* An import that brings nothing new. */
static void import_after(import_test_t *test, apr_interval_time_t pause)
{
    test->clinic->fake->now += pause;
    import_good(test, ACME(""));
}

/* Its COMMIT fails, and does this. */
static void import_plan_and(import_test_t *test, const char *sql)
{
    spy.commits_with = sql;
    assert_int_equal(import_text(test, PLAN("a.pdf")), CP_EDB);
    spy.commits_with = NULL;
    assert_int_equal(files_of(test), 1);
}

/* Only then may it be one that nobody takes away. */
static void a_copy_has_its_name_last(void **state)
{
    import_test_t *test = *state;
    glob_t found;

    spy.files = -1;
    assert_int_equal(import_text(test, PLAN_AND("a.pdf", FIRST_PASSWORD)),
                     CP_EUNAVAILABLE);
    assert_int_equal(spy.files, 0);
    assert_int_equal(
        glob(in_directory(test->documents, ".import-*", test->clinic->cx.pool),
             0, NULL, &found),
        GLOB_NOMATCH);
    import_good(test, PLAN("a.pdf"));
    assert_int_equal(files_of(test), 1);
}

static void what_a_killed_import_has_left_goes(void **state)
{
    static const char *const names[] = {".import-" HEX, ".import-.retired"};
    import_test_t *test = *state;
    apr_pool_t *p = test->clinic->cx.pool;
    size_t i;

    for (i = 0; i < ROWS(names); i++) {
        files_write(test->documents, names[i], "half of", p);
    }
    files_write(test->documents, "import-x", "of somebody else", p);
    import_good(test, ACME(""));
    for (i = 0; i < ROWS(names); i++) {
        assert_false(is_there(test, names[i]));
    }
    assert_true(is_there(test, "import-x"));
}

static void files_of_a_failed_commit_go_after_a_week(void **state)
{
    import_test_t *test = *state;

    import_plan_and(test, "ROLLBACK");
    import_after(test, 7 * DAY - HOUR);
    assert_int_equal(files_of(test), 1);
    import_after(test, 2 * HOUR);
    assert_int_equal(files_of(test), 0);
}

/* Its answer was lost. */
static void files_of_a_commit_that_took_effect_stay(void **state)
{
    import_test_t *test = *state;

    import_plan_and(test, "COMMIT");
    import_after(test, 8 * DAY);
    assert_int_equal(access(stored_path(test), R_OK), 0);
}

/* The clinic has been made anew, and its documents have other ids. */
static void files_of_a_failed_commit_that_came_again_stay(void **state)
{
    import_test_t *test = *state;

    import_plan_and(test, "ROLLBACK");
    import_good(test, PLAN("a.pdf"));
    import_after(test, 8 * DAY);
    assert_int_equal(access(stored_path(test), R_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CUT_OFF_TEST(a_copy_has_its_name_last),
        CUT_OFF_TEST(what_a_killed_import_has_left_goes),
        CUT_OFF_TEST(files_of_a_failed_commit_go_after_a_week),
        CUT_OFF_TEST(files_of_a_commit_that_took_effect_stay),
        CUT_OFF_TEST(files_of_a_failed_commit_that_came_again_stay),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
