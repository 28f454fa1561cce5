/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Cursors: what is made reads back, anything else is refused. */
#include "clinic/page_cursor.h"

#include "unit.h"

#include "base/encode.h"
#include "base/json.h"
#include "base/status.h"

#define ID "AAAAAAAAAAAAAAAAAAAAAA"

static void what_is_made_reads_back(void **state)
{
    static const apr_time_t moments[] = {
        0, 1, -1, 1800000000000000, APR_INT64_MAX, APR_INT64_MIN};
    cp_page_cursor_t cursor;
    size_t i;

    for (i = 0; i < ROWS(moments); i++) {
        const char *text = cp_page_cursor_make(moments[i], ID, *state);

        assert_int_equal(cp_page_cursor_read(&cursor, text, *state),
                         APR_SUCCESS);
        assert_true(cursor.at == moments[i]);
        assert_string_equal(cursor.id, ID);
    }
}

static void none_is_the_first_page(void **state)
{
    cp_page_cursor_t cursor;

    assert_int_equal(cp_page_cursor_read(&cursor, NULL, *state), APR_SUCCESS);
    assert_true(cursor.at == APR_INT64_MAX);
    assert_string_equal(cursor.id, "");
}

static void other_content_is_refused(void **state)
{
    static const struct {
        const char *content;
        const char *why;
    } cases[] = {
        {"", "nothing"},
        {"12", "no id"},
        {"12.", "an empty id"},
        {"." ID, "no number"},
        {"12." ID "A", "an id too long"},
        {"12.AAAAAAAAAAAAAAAAAAAAA", "an id too short"},
        {"12.AAAAAAAAAAAAAAAAAAAAA'", "an id of other characters"},
        {"12." ID ".", "something behind"},
        {"+12." ID, "a sign"},
        {"012." ID, "a leading zero"},
        {" 12." ID, "a space"},
        {"-0." ID, "minus nothing"},
        {"0x12." ID, "hexadecimal"},
        {"1e3." ID, "an exponent"},
        {"9223372036854775808." ID, "a number too large"},
        {"-9223372036854775809." ID, "a number too small"},
        {"12-" ID, "another separator"},
    };
    cp_page_cursor_t cursor;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *text = cp_encode_base64url(
            cases[i].content, strlen(cases[i].content), *state);

        if (cp_page_cursor_read(&cursor, text, *state) != CP_EINPUT) {
            fail_msg("%s", cases[i].why);
        }
    }
}

static void other_text_is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"", "nothing"},
        {"12." ID, "not encoded"},
        {"MTI=", "padding"},
        {"MT I", "a space"},
        {"%00", "an escape"},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
         "too long"},
    };
    cp_page_cursor_t cursor;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        if (cp_page_cursor_read(&cursor, cases[i].text, *state) != CP_EINPUT) {
            fail_msg("%s", cases[i].why);
        }
    }
}

static void a_nul_inside_is_refused(void **state)
{
    static const char content[] = "12." ID "\0more";
    cp_page_cursor_t cursor;

    assert_int_equal(
        cp_page_cursor_read(
            &cursor, cp_encode_base64url(content, sizeof(content) - 1, *state),
            *state),
        CP_EINPUT);
}

static void a_page_is_cut_behind_its_last_row(void **state)
{
    static const cp_column_t columns[] = {{"at", CP_SQL_INT},
                                          {"id", CP_SQL_TEXT}};
    static const char *const cells[] = {"7", ID, "6", ID};
    cp_rows_t rows = {columns, 2, 2, cells};

    assert_null(cp_page_cursor_cut(&rows, 2, "at", *state));
    assert_int_equal(rows.count, 2);
    assert_string_equal(cp_page_cursor_cut(&rows, 1, "at", *state),
                        cp_page_cursor_make(7, ID, *state));
    assert_int_equal(rows.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(what_is_made_reads_back),
        POOL_TEST(none_is_the_first_page),
        POOL_TEST(other_content_is_refused),
        POOL_TEST(other_text_is_refused),
        POOL_TEST(a_nul_inside_is_refused),
        POOL_TEST(a_page_is_cut_behind_its_last_row),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
