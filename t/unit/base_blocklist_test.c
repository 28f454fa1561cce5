/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Common passwords: a list from a file, and what comes down to it. */
#include "base/blocklist.h"

#include "files.h"
#include "unit.h"

#include "base/status.h"

static const char *write_list(const char *text, apr_pool_t *p)
{
    const char *directory = files_make(p);

    files_write(directory, "list", text, p);
    return apr_pstrcat(p, directory, "/list", NULL);
}

static cp_blocklist_t *read_list(const char *text, apr_pool_t *p)
{
    const char *error = "";
    cp_blocklist_t *list = NULL;

    if (cp_blocklist_read(&list, write_list(text, p), &error, p) !=
        APR_SUCCESS) {
        fail_msg("%s", error);
    }
    return list;
}

static void words_are_found(void **state)
{
    cp_blocklist_t *list =
        read_list("# a comment\n#name?\n123456\nletmein\nsunshine\n", *state);

    assert_true(cp_blocklist_has(list, "123456"));
    assert_true(cp_blocklist_has(list, "#name?"));
    assert_true(cp_blocklist_has(list, "sunshine"));
    assert_false(cp_blocklist_has(list, "# a comment"));
    assert_false(cp_blocklist_has(list, "sun"));
    assert_false(cp_blocklist_has(list, ""));
    assert_false(cp_blocklist_has(NULL, "123456"));
}

static void a_bad_file_is_refused(void **state)
{
    const char *error = "";
    cp_blocklist_t *list;

    assert_int_equal(
        cp_blocklist_read(&list, write_list("b\na\n", *state), &error, *state),
        CP_EINPUT);
    assert_non_null(strstr(error, "\"a\" is out of order"));
    assert_int_equal(
        cp_blocklist_read(&list, write_list("# a\n\n", *state), &error, *state),
        CP_EINPUT);
    assert_non_null(strstr(error, "there is no password in it"));
    assert_int_not_equal(
        cp_blocklist_read(&list, "/nowhere/at/all", &error, *state),
        APR_SUCCESS);
    assert_non_null(strstr(error, "/nowhere/at/all"));
}

static void passwords_come_down_to_words(void **state)
{
    static const char *const words[] = {"riverside", "doej", NULL};
    static const struct {
        const char *password;
        int is_refused;
    } rows[] = {
        {"password", 1},
        {"PASSWORD", 1},
        {"password1234567", 1},
        {"2026!password!2026", 1},
        {"p@ssw0rd", 1},
        {"P455w0rd!!", 1},
        {"$unshine99", 1},
        {"riverside2026", 1},
        {"DoeJ-DoeJ", 0},
        {"doej.2026.12.31", 1},
        {"aaaaaaaaaaaaaaa", 1},
        {"abababababababab", 1},
        {"abcabcabcabcabca", 1},
        {"abcdefghijklmnop", 1},
        {"9876543210", 1},
        {"12345678", 1},
        {"correct horse battery staple", 0},
        {"sunshine in the password", 0},
        {"password password", 0},
        {"31415926535897932", 0},
        {"joe1", 0},
        {"\xc3\xa4\xc3\xb6\xc3\xbc sunshine", 0},
        {"", 0},
    };
    cp_blocklist_t *list = read_list("joe\npassword\nsunshine\n", *state);
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        if (cp_blocklist_refuses(list, words, rows[i].password, *state) !=
            rows[i].is_refused) {
            fail_msg("%s", rows[i].password);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(words_are_found),
        POOL_TEST(a_bad_file_is_refused),
        POOL_TEST(passwords_come_down_to_words),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
