/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Values a browser hands back: genuine, for the purpose and context they were
 * made for, in time, over a rotation; nothing else. */
#include "base/signed.h"

#include "base/encode.h"
#include "base/status.h"

#include <apr_strings.h>

#include "unit.h"

#define SECRET_A ((const unsigned char *)"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define SECRET_B ((const unsigned char *)"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
#define SECRET_C ((const unsigned char *)"cccccccccccccccccccccccccccccccc")
#define EXPIRY apr_time_from_sec(1800000000)
#define PURPOSE "csrf"
#define CONTEXT "visit-1"
#define MAC_LENGTH 43 /* of base64url */
#define VALUE "/portal/staff/?day=2026-11-22"

static const cp_keys_t keys_a = {SECRET_A, 32, NULL, 0};
static const cp_keys_t keys_ba = {SECRET_B, 32, SECRET_A, 32};
static const cp_keys_t keys_cb = {SECRET_C, 32, SECRET_B, 32};

static const char *make(const cp_keys_t *keys, const char *value, apr_pool_t *p)
{
    cp_signer_t signer = {keys, PURPOSE, CONTEXT};
    const char *text;

    assert_int_equal(cp_signed_make(&text, &signer, value, EXPIRY, p),
                     APR_SUCCESS);
    return text;
}

static apr_status_t read_back(const char **value, const cp_keys_t *keys,
                              const char *text, apr_pool_t *p)
{
    cp_signer_t signer = {keys, PURPOSE, CONTEXT};

    *value = NULL;
    return cp_signed_read(value, &signer, text, EXPIRY, p);
}

static void values_come_back(void **state)
{
    static const char *const values[] = {
        "", "a", VALUE, "a.b.c", "1.2.3.4", "\xc3\xa9 \r\n\"<>&", "....",
    };
    size_t i;

    for (i = 0; i < ROWS(values); i++) {
        const char *text = make(&keys_a, values[i], *state);
        const char *value;

        assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "abcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_."),
                         strlen(text));
        assert_int_equal(read_back(&value, &keys_a, text, *state), APR_SUCCESS);
        assert_string_equal(value, values[i]);
    }
}

static void a_rotation_keeps_values_for_one_secret(void **state)
{
    const char *old = make(&keys_a, VALUE, *state);
    const char *rotated = make(&keys_ba, VALUE, *state);
    const char *value;

    assert_string_not_equal(old, rotated);
    assert_int_equal(read_back(&value, &keys_ba, old, *state), APR_SUCCESS);
    assert_string_equal(value, VALUE);
    assert_int_equal(read_back(&value, &keys_ba, rotated, *state), APR_SUCCESS);
    assert_int_equal(read_back(&value, &keys_cb, rotated, *state), APR_SUCCESS);
    assert_int_equal(read_back(&value, &keys_cb, old, *state), CP_EDENIED);
    assert_int_equal(read_back(&value, &keys_a, rotated, *state), CP_EDENIED);
    assert_null(value);
}

static void time_ends_them(void **state)
{
    static const struct {
        apr_time_t now;
        apr_status_t expected;
    } cases[] = {
        {0, APR_SUCCESS},
        {EXPIRY - 1, APR_SUCCESS},
        {EXPIRY, APR_SUCCESS},
        {EXPIRY + 1, CP_EEXPIRED},
        {EXPIRY + apr_time_from_sec(1), CP_EEXPIRED},
        {APR_INT64_MAX, CP_EEXPIRED},
    };
    static const cp_signer_t signer = {&keys_a, PURPOSE, CONTEXT};
    const char *text = make(&keys_a, VALUE, *state);
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *value = NULL;

        assert_int_equal(
            cp_signed_read(&value, &signer, text, cases[i].now, *state),
            cases[i].expected);
        assert_string_equal(value, VALUE);
    }
}

static void purpose_and_context_must_fit(void **state)
{
    static const struct {
        const char *purpose;
        const char *context;
        apr_status_t expected;
    } cases[] = {
        {PURPOSE, CONTEXT, APR_SUCCESS},    {"next", CONTEXT, CP_EDENIED},
        {"", CONTEXT, CP_EDENIED},          {"csr", CONTEXT, CP_EDENIED},
        {"csrf2", CONTEXT, CP_EDENIED},     {PURPOSE, "", CP_EDENIED},
        {PURPOSE, "visit-", CP_EDENIED},    {PURPOSE, "visit-2", CP_EDENIED},
        {PURPOSE, "Visit-1", CP_EDENIED},   {PURPOSE, "visit-11", CP_EDENIED},
        {PURPOSE, "visit-11.", CP_EDENIED},
    };
    const char *text = make(&keys_ba, VALUE, *state);
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        cp_signer_t signer = {&keys_ba, cases[i].purpose, cases[i].context};
        const char *value = NULL;

        assert_int_equal(cp_signed_read(&value, &signer, text, EXPIRY, *state),
                         cases[i].expected);
        assert_true((cases[i].expected == APR_SUCCESS) == (value != NULL));
    }
}

/* Every byte, changed to every other value. */
static void any_other_byte_is_a_forgery(void **state)
{
    const char *text = make(&keys_ba, VALUE, *state);
    char *forged = apr_pstrdup(*state, text);
    const char *value;
    apr_pool_t *p;
    size_t i;
    int byte;

    for (i = 0; i < strlen(text); i++) {
        assert_int_equal(apr_pool_create(&p, *state), APR_SUCCESS);
        for (byte = 0; byte < 256; byte++) {
            forged[i] = (char)byte;
            if (forged[i] != text[i] &&
                read_back(&value, &keys_ba, forged, p) != CP_EDENIED) {
                fail_msg("accepted: byte %d is %d", (int)i, byte);
            }
            assert_true(forged[i] == text[i] || value == NULL);
        }
        forged[i] = text[i];
        apr_pool_destroy(p);
    }
}

static void cut_or_grown_is_a_forgery(void **state)
{
    const char *text = make(&keys_a, VALUE, *state);
    const char *value;
    size_t i;

    for (i = 0; i < strlen(text); i++) {
        assert_int_equal(
            read_back(&value, &keys_a, apr_pstrndup(*state, text, i), *state),
            CP_EDENIED);
        assert_int_equal(read_back(&value, &keys_a, text + i + 1, *state),
                         CP_EDENIED);
    }
    for (i = 1; i < 256; i++) {
        assert_int_equal(read_back(&value, &keys_a,
                                   apr_psprintf(*state, "%s%c", text, (int)i),
                                   *state),
                         CP_EDENIED);
        assert_int_equal(read_back(&value, &keys_a,
                                   apr_psprintf(*state, "%c%s", (int)i, text),
                                   *state),
                         CP_EDENIED);
    }
}

static void parts_cannot_be_exchanged(void **state)
{
    const char *one = make(&keys_a, "one", *state);
    char *forged = apr_pstrdup(*state, make(&keys_a, "two", *state));
    apr_size_t body_len = strlen(one) - MAC_LENGTH;
    const char *value;

    assert_int_equal(strlen(forged), strlen(one));
    assert_memory_not_equal(forged, one, body_len);
    memcpy(forged, one, body_len);
    assert_int_equal(read_back(&value, &keys_a, forged, *state), CP_EDENIED);
}

static void odd_texts_are_refused(void **state)
{
    static const char *const texts[] = {
        "",
        ".",
        "..",
        "...",
        "....",
        "1",
        "1.",
        "1..",
        "1...",
        "1.2",
        "1.2.3",
        "1.2.3.",
        "1.2.3.4",
        "1.1800000000000000..",
        "2.1800000000000000.YQ.YQ",
        "0.0.0.0",
        "1.-1.YQ.YQ",
        "1.99999999999999999999.YQ.YQ",
        "1 .2.3.4",
        " 1.2.3.4",
        "1,2,3,4",
        "null",
    };
    const char *value;
    size_t i;

    assert_int_equal(read_back(&value, &keys_a, NULL, *state), CP_EDENIED);
    for (i = 0; i < ROWS(texts); i++) {
        assert_int_equal(read_back(&value, &keys_a, texts[i], *state),
                         CP_EDENIED);
    }
}

/* Genuine, and of exactly 8192 bytes, or one more for a longer expiry. */
static void long_input_is_refused(void **state)
{
    static const struct {
        apr_time_t expires_at;
        size_t len;
        apr_status_t expected;
    } cases[] = {
        {APR_INT64_C(10000000000000000), 8192, APR_SUCCESS},
        {APR_INT64_C(100000000000000000), 8193, CP_EDENIED},
    };
    static const cp_signer_t signer = {&keys_a, PURPOSE, CONTEXT};
    char value[6097] = {0};
    size_t i;

    memset(value, 'v', sizeof(value) - 1);
    for (i = 0; i < ROWS(cases); i++) {
        const char *text;
        const char *back;

        assert_int_equal(
            cp_signed_make(&text, &signer, value, cases[i].expires_at, *state),
            APR_SUCCESS);
        assert_int_equal(strlen(text), cases[i].len);
        assert_int_equal(read_back(&back, &keys_a, text, *state),
                         cases[i].expected);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(values_come_back),
        POOL_TEST(a_rotation_keeps_values_for_one_secret),
        POOL_TEST(time_ends_them),
        POOL_TEST(purpose_and_context_must_fit),
        POOL_TEST(any_other_byte_is_a_forgery),
        POOL_TEST(cut_or_grown_is_a_forgery),
        POOL_TEST(parts_cannot_be_exchanged),
        POOL_TEST(odd_texts_are_refused),
        POOL_TEST(long_input_is_refused),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
