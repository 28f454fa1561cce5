/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The strict parser of urlencoded data: what it decodes, all it refuses. */
#include "base/form.h"

#include "base/status.h"

#include <apr_strings.h>

#include "unit.h"

#define HEART "\xe2\x99\xa5"

static const char *const known[] = {"clinicID", "name", "LoginType", NULL};

/* A literal with its length, which may hold NUL. */
#define BYTES(text) text, sizeof(text) - 1

static apr_status_t parse(cp_form_t **form, const char *data, apr_pool_t *p)
{
    return cp_form_parse(form, data, strlen(data), known, p);
}

/* head, then `count` times `unit`. */
static const char *repeated(const char *head, const char *unit, int count,
                            apr_pool_t *p)
{
    apr_size_t unit_len = strlen(unit);
    apr_size_t head_len = strlen(head);
    char *text = apr_palloc(p, head_len + unit_len * (apr_size_t)count + 1);
    int i;

    strcpy(text, head);
    for (i = 0; i < count; i++) {
        strcpy(text + head_len + unit_len * (apr_size_t)i, unit);
    }
    return text;
}

static void values_are_decoded(void **state)
{
    static const struct {
        const char *data;
        const char *expected; /* of "name"; NULL: absent */
        const char *why;
    } cases[] = {
        {"", NULL, "nothing sent"},
        {"&&", NULL, "empty pairs"},
        {"name", "", "no equals sign"},
        {"name=", "", "an empty value"},
        {"=x", NULL, "an empty name"},
        {"other=1", NULL, "only an unknown name"},
        {"names=1", NULL, "a longer name"},
        {"nam=1", NULL, "a shorter name"},
        {"name=a", "a", "plain"},
        {"NAME=a", "a", "names ignore case"},
        {"n%61me=a", "a", "a name is decoded too"},
        {"name=a+b", "a b", "plus is a space"},
        {"name=a%2Bb", "a+b", "an escaped plus is a plus"},
        {"name=a%2bb", "a+b", "hexadecimal of lower case"},
        {"name=a=b=c", "a=b=c", "only the first equals sign divides"},
        {"name=a%26b", "a&b", "an escaped ampersand does not divide"},
        {"name=a;b", "a;b", "a semicolon does not divide"},
        {"name=%25zz", "%zz", "decoded once"},
        {"name=" HEART, HEART, "raw UTF-8"},
        {"name=%E2%99%A5", HEART, "escaped UTF-8"},
        {"name=\xe2%99\xa5", HEART, "mixed"},
        {"name=a%09b%0D%0Ac", "a\tb\r\nc", "tab and line ends"},
        {"name=%F0%9F%98%80", "\xf0\x9f\x98\x80", "beyond 16 bits"},
        {"name=%C2%A0", "\xc2\xa0", "the first character behind C1"},
        {"x=1&name=a&x=2", "a", "unknown names may repeat"},
        {"&name=a&", "a", "ampersands at the ends"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        cp_form_t *form;
        const char *value;

        if (parse(&form, cases[i].data, *state) != APR_SUCCESS) {
            fail_msg("refused: %s", cases[i].why);
        }
        value = cp_form_get(form, "name");
        if (cases[i].expected == NULL
                ? value != NULL
                : value == NULL || strcmp(value, cases[i].expected) != 0) {
            fail_msg("%s: got %s", cases[i].why, value);
        }
    }
}

typedef struct bad_t {
    const char *data;
    apr_size_t len;
    const char *why;
} bad_t;

static void assert_refused(const bad_t *cases, size_t count, apr_pool_t *p)
{
    size_t i;

    for (i = 0; i < count; i++) {
        cp_form_t *form;

        if (cp_form_parse(&form, cases[i].data, cases[i].len, known, p) !=
            CP_EINPUT) {
            fail_msg("accepted: %s", cases[i].why);
        }
    }
}

static void bad_escapes_are_refused(void **state)
{
    static const bad_t cases[] = {
        {BYTES("name=%"), "nothing behind the percent sign"},
        {BYTES("name=%4"), "a cut escape"},
        {"name=%41", 7, "an escape cut by the end of the data"},
        {BYTES("name=%4&x=1"), "an escape cut by the next pair"},
        {BYTES("name=%zz"), "no hexadecimal"},
        {BYTES("name=%4g"), "half hexadecimal"},
        {BYTES("name=% 41"), "a space inside"},
        {BYTES("name=%u0041"), "the escape of old scripts"},
        {BYTES("name%=a"), "a bad escape in the name"},
        {BYTES("other=%zz"), "a bad escape in an unknown value"},
        {BYTES("%zz=a"), "a bad escape in an unknown name"},
    };

    assert_refused(cases, ROWS(cases), *state);
}

static void control_characters_are_refused(void **state)
{
    static const bad_t cases[] = {
        {BYTES("name=a%00b"), "an escaped NUL"},
        {BYTES("name=a\0b"), "a raw NUL"},
        {BYTES("name=%00"), "only NUL"},
        {BYTES("name%00x=a"), "NUL in the name"},
        {BYTES("name=a\0&name=b"), "NUL before a second one"},
        {BYTES("name=%01"), "a control character"},
        {BYTES("name=%08"), "backspace"},
        {BYTES("name=%0B"), "vertical tab"},
        {BYTES("name=%0C"), "form feed"},
        {BYTES("name=%1B[2J"), "escape"},
        {BYTES("name=\x1f"), "a raw control character"},
        {BYTES("name=%7F"), "delete"},
        {BYTES("name=%C2%80"), "the first of C1"},
        {BYTES("name=%C2%85"), "next line, of C1"},
        {BYTES("name=%C2%9F"), "the last of C1"},
    };

    assert_refused(cases, ROWS(cases), *state);
}

static void what_is_not_utf8_is_refused(void **state)
{
    static const bad_t cases[] = {
        {BYTES("name=%FF"), "no UTF-8"},
        {BYTES("name=%80"), "a stray continuation"},
        {BYTES("name=%C3"), "cut UTF-8"},
        {BYTES("name=%E2%99"), "cut UTF-8 of three"},
        {BYTES("name=%E2%99x"), "UTF-8 broken off"},
        {BYTES("name=%C0%80"), "NUL, overlong"},
        {BYTES("name=%C0%AF"), "a slash, overlong"},
        {BYTES("name=%E0%80%AF"), "a slash, overlong in three"},
        {BYTES("name=%F0%80%80%AF"), "a slash, overlong in four"},
        {BYTES("name=%ED%A0%80"), "a high surrogate"},
        {BYTES("name=%ED%BF%BF"), "a low surrogate"},
        {BYTES("name=%F4%90%80%80"), "beyond Unicode"},
        {BYTES("name=%F8%88%80%80%80"), "five bytes"},
        {BYTES("%FF=a"), "no UTF-8 in an unknown name"},
        {BYTES("x=%FF"), "no UTF-8 in an unknown value"},
    };

    assert_refused(cases, ROWS(cases), *state);
}

static void a_field_twice_is_refused(void **state)
{
    static const bad_t cases[] = {
        {BYTES("name=a&name=b"), "twice"},
        {BYTES("name=a&name=a"), "twice the same"},
        {BYTES("name&name="), "twice empty"},
        {BYTES("clinicID=A&clinicid=C"), "twice but for case"},
        {BYTES("name=a&n%61me=b"), "twice but for an escape"},
    };

    assert_refused(cases, ROWS(cases), *state);
}

static void limits_are_exact(void **state)
{
    const char *full = repeated("name=", "v", CP_FORM_VALUE_MAX, *state);
    cp_form_t *form;

    assert_int_equal(parse(&form, full, *state), APR_SUCCESS);
    assert_int_equal(strlen(cp_form_get(form, "name")), CP_FORM_VALUE_MAX);
    full = repeated("name=", "%41", CP_FORM_VALUE_MAX, *state);
    assert_int_equal(parse(&form, full, *state), APR_SUCCESS);
    assert_int_equal(parse(&form, apr_pstrcat(*state, full, "v", NULL), *state),
                     CP_EINPUT);
    full = repeated("x=", "v", CP_FORM_VALUE_MAX + 1, *state);
    assert_int_equal(parse(&form, full, *state), CP_EINPUT);

    full = repeated("", "n", CP_FORM_NAME_MAX, *state);
    assert_int_equal(parse(&form, full, *state), APR_SUCCESS);
    full = repeated("n", "n", CP_FORM_NAME_MAX, *state);
    assert_int_equal(parse(&form, full, *state), CP_EINPUT);

    full = repeated("x", "&x", CP_FORM_PAIRS_MAX - 1, *state);
    assert_int_equal(parse(&form, full, *state), APR_SUCCESS);
    full = repeated("x", "&x", CP_FORM_PAIRS_MAX, *state);
    assert_int_equal(parse(&form, full, *state), CP_EINPUT);
}

static void absence_is_not_an_error(void **state)
{
    cp_form_t *form;

    assert_int_equal(cp_form_parse(&form, NULL, 0, known, *state), APR_SUCCESS);
    assert_null(cp_form_get(form, "name"));
    assert_null(cp_form_get(NULL, "name"));
    assert_int_equal(parse(&form, "name=a&logintype=b", *state), APR_SUCCESS);
    assert_string_equal(cp_form_get(form, "NAME"), "a");
    assert_string_equal(cp_form_get(form, "LoginType"), "b");
    assert_null(cp_form_get(form, "clinicID"));
    assert_null(cp_form_get(form, "unknown"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(values_are_decoded),
        POOL_TEST(bad_escapes_are_refused),
        POOL_TEST(control_characters_are_refused),
        POOL_TEST(what_is_not_utf8_is_refused),
        POOL_TEST(a_field_twice_is_refused),
        POOL_TEST(limits_are_exact),
        POOL_TEST(absence_is_not_an_error),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
