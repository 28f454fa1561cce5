/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Identifiers: what is one, and which of them are the same. */
#include "base/ident.h"

#include <apr_strings.h>

#include "unit.h"

#define TEN "0123456789"
#define ALPHA_20 "abcdefghijklmnopqrst"

typedef struct verdict_t {
    const char *text;
    int expected;
    const char *why;
} verdict_t;

static void check(int (*is_one)(const char *text), const verdict_t *cases,
                  size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (is_one(cases[i].text) != cases[i].expected) {
            fail_msg("%s: %s", cases[i].why, cases[i].text);
        }
    }
}

static void clinic_codes_are_told(void **state)
{
    static const verdict_t cases[] = {
        {"a", 1, "one letter"},
        {"A-1_b", 1, "all that is allowed"},
        {"9", 1, "a digit first"},
        {TEN TEN TEN "12", 1, "32 characters"},
        {TEN TEN TEN "123", 0, "33 characters"},
        {"", 0, "nothing"},
        {"-a", 0, "a hyphen first"},
        {"_a", 0, "an underscore first"},
        {"a b", 0, "a space"},
        {" a", 0, "a space first"},
        {"a\n", 0, "a line feed"},
        {"a.b", 0, "a dot"},
        {"../a", 0, "a path"},
        {"a/b", 0, "a slash"},
        {"a%41", 0, "an escape"},
        {"a'--", 0, "SQL"},
        {"\xc3\xa9", 0, "not ASCII"},
        {"\xef\xbc\xa1", 0, "a wide letter"},
    };

    check(cp_ident_is_clinic_code, cases, ROWS(cases));
    assert_string_equal(cp_ident_clinic_id("A-Z_a9", *state), "a-z_a9");
}

static void user_names_are_told(void **state)
{
    static const verdict_t cases[] = {
        {"a", 1, "one letter"},
        {"ana.lopez@example.org", 1, "an address"},
        {"Jo Ann", 1, "a space inside"},
        {"Ren\xc3\xa9", 1, "not ASCII"},
        {"\xf0\x9f\x98\x80", 1, "beyond 16 bits"},
        {TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "12345678", 1,
         "128 bytes"},
        {TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "123456789", 0,
         "129 bytes"},
        {"", 0, "nothing"},
        {" ", 0, "a space"},
        {" a", 0, "a space first"},
        {"a ", 0, "a space last"},
        {"\xc2\xa0"
         "a",
         0, "a no-break space first"},
        {"a\xe3\x80\x80", 0, "an ideographic space last"},
        {"a\tb", 0, "a tab"},
        {"a\n", 0, "a line feed"},
        {"a\x1b[2J", 0, "a control character"},
        {"a\x7f", 0, "delete"},
        {"a\xc2\x9b"
         "b",
         0, "a control character of C1"},
        {"a\xff", 0, "no UTF-8"},
        {"a\xc3", 0, "cut UTF-8"},
        {"\xc0\xaf", 0, "overlong UTF-8"},
        {"\xed\xa0\x80", 0, "a surrogate"},
    };

    check(cp_ident_is_username, cases, ROWS(cases));
}

static void public_ids_are_told(void **state)
{
    static const verdict_t cases[] = {
        {ALPHA_20 "-_", 1, "22 characters"},
        {ALPHA_20 "A", 0, "21"},
        {ALPHA_20 "ABC", 0, "23"},
        {ALPHA_20 "A=", 0, "padding"},
        {ALPHA_20 "A+", 0, "the other base64"},
        {ALPHA_20 "A/", 0, "a slash"},
        {ALPHA_20 "A ", 0, "a space"},
        {ALPHA_20 "\xc3\xa9", 0, "not ASCII"},
        {"", 0, "nothing"},
    };

    check(cp_ident_is_public_id, cases, ROWS(cases));
}

static void keys_of_user_names_fold(void **state)
{
    static const struct {
        const char *username;
        const char *key; /* NULL: none */
        const char *why;
    } cases[] = {
        {"ana", "ana", "plain"},
        {"ANA", "ana", "case"},
        {"Jo Ann", "jo ann", "a space inside stays"},
        {"\xc3\x89milie", "\xc3\xa9milie", "case beyond ASCII"},
        {"e\xcc\x81milie", "\xc3\xa9milie", "decomposed"},
        {"\xef\xbc\xa1\xef\xbd\x82", "ab", "wide letters"},
        {"stra\xc3\x9f"
         "e",
         "strasse", "sharp s"},
        {"\xe1\xba\x9e", "ss", "capital sharp s"},
        {"\xef\xac\x81n", "fin", "a ligature"},
        {"\xe2\x84\xaa", "k", "the Kelvin sign"},
        {"\xc4\xb0", "i\xcc\x87", "dotted I, no locale asked"},
        {"I", "i", "plain I, no locale asked"},
        {"\xcf\x82", "\xcf\x83", "final sigma"},
        {"a\xc2\xad"
         "b",
         "ab", "a soft hyphen is not seen"},
        {"a\xe2\x80\x8b"
         "b",
         "ab", "nor a space of no width"},
        {"\xd0\xb0na", "\xd0\xb0na", "a Cyrillic letter stays one"},
        {"\xe2\x80\x8b", NULL, "nothing that can be seen"},
        {"", NULL, "nothing"},
        {" a", NULL, "no user name"},
        {"a\x01", NULL, "a control character"},
        {"\xff", NULL, "no UTF-8"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *key = cp_ident_username_key(cases[i].username, *state);

        if (cases[i].key == NULL
                ? key != NULL
                : key == NULL || strcmp(key, cases[i].key) != 0) {
            fail_msg("%s: got %s", cases[i].why, key);
        }
        if (key != NULL && cp_ident_is_username(key)) {
            assert_string_equal(cp_ident_username_key(key, *state), key);
        }
    }
}

/* U+FDFA becomes 18 characters, the most there is. */
static void the_longest_key_has_room(void **state)
{
    char name[CP_USERNAME_MAX + 1] = {0};
    const char *key;
    int i;

    for (i = 0; i + 3 <= CP_USERNAME_MAX; i += 3) {
        memcpy(name + i, "\xef\xb7\xba", 3);
    }
    key = cp_ident_username_key(name, *state);
    assert_non_null(key);
    assert_int_equal(strlen(key), (CP_USERNAME_MAX / 3) * 33);
}

static void utf8_is_told(void **state)
{
    int i;

    assert_true(cp_utf8_is_valid("", 0));
    assert_true(cp_utf8_is_valid("a\xc3\xa9", 3));
    assert_false(cp_utf8_is_valid("a\xc3\xa9", 2));
    assert_false(cp_utf8_is_valid("a\0b", 3));
    assert_true(cp_utf8_is_valid("\xef\xbf\xbf", 3));
    assert_true(cp_utf8_is_valid("\xf4\x8f\xbf\xbf", 4));
    assert_false(cp_utf8_is_valid("\xf4\x90\x80\x80", 4));
    assert_true(cp_utf8_is_valid("\xed\x9f\xbf", 3));
    assert_false(cp_utf8_is_valid("\xed\xa0\x80", 3));

    /* Every place of a fault among the bytes that are looked at together. */
    for (i = 0; i < 24; i++) {
        char text[] = "abcdefgh\x01ijklmn\x7fopqrstuv";

        text[i] = '\0';
        assert_false(cp_utf8_is_valid(text, 24));
        text[i] = '\xff';
        assert_false(cp_utf8_is_valid(text, 24));
        text[i] = '\x01';
        assert_true(cp_utf8_is_valid(text, 24));
    }
    assert_true(cp_utf8_is_valid("abcdefg\xc3\xa9xyz abc", 16));
    assert_false(cp_utf8_is_valid("abcdefg\xc3\xa9xyz abc", 8));

    assert_true(cp_utf8_is_plain("a\tb\n", "\t\n"));
    assert_false(cp_utf8_is_plain("a\tb\r", "\t\n"));
    assert_false(cp_utf8_is_plain("a\xff", "\t\n"));
    assert_int_equal(cp_utf8_control("\x1f"), 1);
    assert_int_equal(cp_utf8_control("\xc2\x80"), 2);
    assert_int_equal(cp_utf8_control("\xc2\xa0"), 0);
    assert_int_equal(cp_utf8_control("\xc2"), 0);
}

static void characters_are_counted(void **state)
{
    static const struct {
        const char *text;
        apr_size_t count;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"\xd0\xaf", 1},
        {"\xe2\x82\xac\xe2\x82\xac", 2},
        {"a\xf0\x9f\x98\x80z", 3},
        {"e\xcc\x81", 2}, /* an accent of its own */
        {"a\r\nb\r\n", 4},
        {"a\n\r\r\n", 4},
        {"\r", 1},
    };
    apr_size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        assert_int_equal(cp_utf8_count(cases[i].text), cases[i].count);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(clinic_codes_are_told),    POOL_TEST(user_names_are_told),
        POOL_TEST(public_ids_are_told),      POOL_TEST(keys_of_user_names_fold),
        POOL_TEST(the_longest_key_has_room), POOL_TEST(utf8_is_told),
        POOL_TEST(characters_are_counted),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
