/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Reading the Cookie header as hostile browsers and neighbours send it, and
 * making Set-Cookie. */
#include "base/cookie.h"

#include <apr_strings.h>
#include <stdio.h>

#include "unit.h"

#define NAME "__Host-cp"

static const char *join(const apr_array_header_t *values, apr_pool_t *p)
{
    return apr_array_pstrcat(p, values, '|');
}

static void values_are_found(void **state)
{
    static const struct {
        const char *header;
        const char *expected; /* joined by "|" */
        const char *why;
    } cases[] = {
        {NULL, "", "no header"},
        {"", "", "an empty header"},
        {NAME, "", "a name alone"},
        {NAME "=", "", "no value"},
        {"=", "", "only an equals sign"},
        {"&=", "", "as in CVE-2021-26690"},
        {";;;", "", "only separators"},
        {";=;", "", "separators and nothing"},
        {"=a", "", "no name"},
        {NAME "=a", "a", "plain"},
        {"x=1; " NAME "=a; y=2", "a", "between others"},
        {"x=1;" NAME "=a;y=2", "a", "no spaces"},
        {" \t" NAME "=a \t", "a", "white space around"},
        {NAME "=a; " NAME "=b", "a|b", "twice, in order"},
        {NAME "=; " NAME "=b", "b", "one is malformed"},
        {NAME "=a;", "a", "a separator behind"},
        {NAME "=a=b", "a=b", "an equals sign in the value"},
        {NAME "==", "=", "a value that is an equals sign"},
        {NAME " =a", "", "a space before the equals sign"},
        {NAME "= a", "", "a space behind it"},
        {"__host-cp=a", "", "names respect case"},
        {"x" NAME "=a", "", "a longer name before"},
        {NAME "x=a", "", "a longer name behind"},
        {"x=" NAME "=a", "", "the name inside a value"},
        {"x=\"; " NAME "=a\"", "", "quotes do not join, and are no value"},
        {NAME "=\"a\"", "", "quotes"},
        {NAME "=a b", "", "a space inside"},
        {NAME "=a,b", "", "a comma"},
        {NAME "=a\\b", "", "a backslash"},
        {NAME "=a\tb", "", "a tab inside"},
        {NAME "=a\rb", "", "a carriage return"},
        {NAME "=a\nb", "", "a line feed"},
        {NAME "=a\x7f", "", "delete"},
        {NAME "=\xc3\xa9", "", "not ASCII"},
        {NAME "=a%00b", "a%00b", "escapes are not undone"},
        {NAME "=1;" NAME "=2;" NAME "=3;" NAME "=4;" NAME "=5;" NAME "=6;" NAME
              "=7;" NAME "=8;" NAME "=9",
         "1|2|3|4|5|6|7|8", "more than are worth trying"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *got =
            join(cp_cookie_values(cases[i].header, NAME, *state), *state);

        if (strcmp(got, cases[i].expected) != 0) {
            fail_msg("%s: got %s", cases[i].why, got);
        }
    }
}

static void cookies_are_made(void **state)
{
    static const struct {
        cp_cookie_t cookie;
        const char *expected; /* NULL: refused */
        const char *why;
    } cases[] = {
        {{NAME, "abc", "/", -1, 1},
         NAME "=abc; Path=/; HttpOnly; SameSite=Lax; Secure",
         "of a session"},
        {{"cp", "abc", "/portal", 60, 0},
         "cp=abc; Path=/portal; Max-Age=60; HttpOnly; SameSite=Lax",
         "without TLS"},
        {{NAME, "", "/", 0, 1},
         NAME "=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
         "deleted"},
        {{"", "a", "/", -1, 1}, NULL, "no name"},
        {{NULL, "a", "/", -1, 1}, NULL, "NULL name"},
        {{"a=b", "c", "/", -1, 1}, NULL, "an equals sign in the name"},
        {{"a;b", "c", "/", -1, 1}, NULL, "a semicolon in the name"},
        {{"a b", "c", "/", -1, 1}, NULL, "a space in the name"},
        {{"a", NULL, "/", -1, 1}, NULL, "NULL value"},
        {{"a", "b; Domain=evil.example", "/", -1, 1}, NULL, "an attribute"},
        {{"a", "b;c", "/", -1, 1}, NULL, "a semicolon in the value"},
        {{"a", "b\r\nX: y", "/", -1, 1}, NULL, "a header"},
        {{"a", "b\nc", "/", -1, 1}, NULL, "a line feed"},
        {{"a", "b,c", "/", -1, 1}, NULL, "a comma"},
        {{"a", "b\\c", "/", -1, 1}, NULL, "a backslash"},
        {{"a", "\"b\"", "/", -1, 1}, NULL, "quotes"},
        {{"a", "\xc3\xa9", "/", -1, 1}, NULL, "not ASCII"},
        {{"a", "b", "/;Domain=evil.example", -1, 1}, NULL, "in the path"},
        {{"a", "b", "/\r\nX:y", -1, 1}, NULL, "a header in the path"},
        {{"a", "b", NULL, -1, 1}, NULL, "NULL path"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *got = cp_cookie_make(&cases[i].cookie, *state);

        if (cases[i].expected == NULL
                ? got != NULL
                : got == NULL || strcmp(got, cases[i].expected) != 0) {
            fail_msg("%s: got %s", cases[i].why, got);
        }
    }
}

static void cookies_stay_below_4096_bytes(void **state)
{
    char value[4097] = {0};
    cp_cookie_t cookie = {"a", value, "/", -1, 1};
    apr_size_t rest = strlen(cp_cookie_make(&cookie, *state));

    memset(value, 'v', 4095 - rest);
    assert_int_equal(strlen(cp_cookie_make(&cookie, *state)), 4095);
    value[4095 - rest] = 'v';
    assert_null(cp_cookie_make(&cookie, *state));
}

static int is_named_so(const char *name, apr_size_t len)
{
    return len == strlen(NAME) && memcmp(name, NAME, len) == 0;
}

static void cookies_are_left_out(void **state)
{
    static const struct {
        const char *header;
        const char *expected;
    } cases[] = {
        {NULL, NULL},
        {"", NULL},
        {"; ;", NULL},
        {NAME "=a", NULL},
        {NAME "=a; " NAME "=b;" NAME, NULL},
        {"a=1", "a=1"},
        {"a=1;b=2 ;\tc", "a=1; b=2 ; c"},
        {"a=1; " NAME "=x; b=2", "a=1; b=2"},
        {NAME " =x; a=1", "a=1"},
        {NAME "x=x; x" NAME "=x", NAME "x=x; x" NAME "=x"},
        {"a=" NAME "=x", "a=" NAME "=x"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *got =
            cp_cookie_without(cases[i].header, is_named_so, *state);

        assert_int_equal(got == NULL, cases[i].expected == NULL);
        if (got != NULL) {
            assert_string_equal(got, cases[i].expected);
        }
    }
}

static long pages_in_use(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld", &pages), 1);
    assert_int_equal(fclose(file), 0);
    return pages;
}

/* Whoever sends a header of nothing but tiny cookies must not get much for
 * it. */
static void many_cookies_take_little_memory(void **state)
{
    enum { COUNT = 16000, PAGES_MAX = 256 };
    char *header = apr_palloc(*state, 2 * COUNT + 1);
    long before = pages_in_use();
    int i;

    for (i = 0; i < COUNT; i++) {
        memcpy(header + 2 * i, "a;", 3);
    }
    assert_int_equal(strlen(cp_cookie_without(header, is_named_so, *state)),
                     3 * COUNT - 2);
    assert_in_range(pages_in_use(), before, before + PAGES_MAX);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(values_are_found),
        POOL_TEST(cookies_are_made),
        POOL_TEST(cookies_stay_below_4096_bytes),
        POOL_TEST(cookies_are_left_out),
        POOL_TEST(many_cookies_take_little_memory),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
