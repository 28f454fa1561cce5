/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Values that only the secret opens. */
#include "base/sealed.h"

#include "unit.h"

#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

static const unsigned char one[] = "the first secret of this portal, 32+";
static const unsigned char two[] = "the second secret of this portal, 32";

static cp_keys_t keys_of(const unsigned char *current,
                         const unsigned char *previous)
{
    cp_keys_t keys = {current, sizeof(one) - 1, previous,
                      previous == NULL ? 0 : sizeof(one) - 1, NULL};

    return keys;
}

static const char *make(const cp_keys_t *keys, const char *text, apr_pool_t *p)
{
    const char *sealed = NULL;

    assert_int_equal(cp_sealed_make(&sealed, keys, "context", text,
                                    strlen(text), &cp_port_system, p),
                     APR_SUCCESS);
    return sealed;
}

static void what_is_sealed_opens(void **state)
{
    cp_keys_t keys = keys_of(one, NULL);
    static const char *const texts[] = {"", "a", "some longer text, \xc3\xa4"};
    const char *bytes;
    apr_size_t len;
    int is_old;
    size_t i;

    for (i = 0; i < ROWS(texts); i++) {
        const char *sealed = make(&keys, texts[i], *state);

        assert_null(strstr(sealed, "longer"));
        assert_string_not_equal(sealed, make(&keys, texts[i], *state));
        assert_int_equal(cp_sealed_open(&bytes, &len, &is_old, &keys, "context",
                                        sealed, *state),
                         APR_SUCCESS);
        assert_string_equal(bytes, texts[i]);
        assert_int_equal(len, strlen(texts[i]));
        assert_false(is_old);
    }
}

static void the_previous_secret_opens_too(void **state)
{
    cp_keys_t old = keys_of(one, NULL);
    cp_keys_t both = keys_of(two, one);
    cp_keys_t new = keys_of(two, NULL);
    const char *sealed = make(&old, "text", *state);
    const char *bytes;
    apr_size_t len;
    int is_old;

    assert_int_equal(
        cp_sealed_open(&bytes, &len, &is_old, &both, "context", sealed, *state),
        APR_SUCCESS);
    assert_true(is_old);
    assert_int_equal(
        cp_sealed_open(&bytes, &len, &is_old, &new, "context", sealed, *state),
        CP_EDENIED);
}

static void what_is_altered_stays_shut(void **state)
{
    cp_keys_t keys = keys_of(one, NULL);
    char *sealed = apr_pstrdup(*state, make(&keys, "some text", *state));
    const char *bytes;
    apr_size_t len;
    int is_old;
    size_t i;

    assert_int_equal(
        cp_sealed_open(&bytes, &len, &is_old, &keys, "contexT", sealed, *state),
        CP_EDENIED);
    for (i = 0; i < strlen(sealed); i++) {
        char was = sealed[i];

        sealed[i] = was == 'A' ? 'B' : 'A';
        /* The last character holds two bits that say nothing. */
        if (i + 1 < strlen(sealed)) {
            assert_int_equal(cp_sealed_open(&bytes, &len, &is_old, &keys,
                                            "context", sealed, *state),
                             CP_EDENIED);
        }
        sealed[i] = was;
    }
    assert_int_equal(
        cp_sealed_open(&bytes, &len, &is_old, &keys, "context", "", *state),
        CP_EDENIED);
    assert_int_equal(
        cp_sealed_open(&bytes, &len, &is_old, &keys, "context", "AAAA", *state),
        CP_EDENIED);
    assert_int_equal(cp_sealed_open(&bytes, &len, &is_old, &keys, "context",
                                    "not base64!", *state),
                     CP_EDENIED);
}

static apr_status_t no_random(void *ctx, void *buf, apr_size_t len)
{
    return CP_EUNAVAILABLE;
}

static void without_random_bytes_nothing_is_sealed(void **state)
{
    cp_keys_t keys = keys_of(one, NULL);
    cp_port_t port = cp_port_system;
    const char *sealed;

    port.random = no_random;
    assert_int_not_equal(
        cp_sealed_make(&sealed, &keys, "context", "x", 1, &port, *state),
        APR_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(what_is_sealed_opens),
        POOL_TEST(the_previous_secret_opens_too),
        POOL_TEST(what_is_altered_stays_shut),
        POOL_TEST(without_random_bytes_nothing_is_sealed),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
