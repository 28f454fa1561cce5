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
    cp_seal_t seal = {keys, &cp_port_system, "context"};
    const char *sealed = NULL;

    assert_int_equal(cp_sealed_make(&sealed, &seal, text, strlen(text), p),
                     APR_SUCCESS);
    return sealed;
}

static apr_status_t unseal(cp_unsealed_t *unsealed, const cp_keys_t *keys,
                           const char *text, apr_pool_t *p)
{
    cp_seal_t seal = {keys, &cp_port_system, "context"};

    return cp_sealed_open(unsealed, &seal, text, p);
}

static void what_is_sealed_opens(void **state)
{
    cp_keys_t keys = keys_of(one, NULL);
    static const char *const texts[] = {"", "a", "some longer text, \xc3\xa4"};
    cp_unsealed_t unsealed;
    size_t i;

    for (i = 0; i < ROWS(texts); i++) {
        const char *sealed = make(&keys, texts[i], *state);

        assert_null(strstr(sealed, "longer"));
        assert_string_not_equal(sealed, make(&keys, texts[i], *state));
        assert_int_equal(unseal(&unsealed, &keys, sealed, *state), APR_SUCCESS);
        assert_string_equal(unsealed.bytes, texts[i]);
        assert_int_equal(unsealed.len, strlen(texts[i]));
        assert_false(unsealed.is_old);
    }
}

static void the_previous_secret_opens_too(void **state)
{
    cp_keys_t old = keys_of(one, NULL);
    cp_keys_t both = keys_of(two, one);
    cp_keys_t new = keys_of(two, NULL);
    const char *sealed = make(&old, "text", *state);
    cp_unsealed_t unsealed;

    assert_int_equal(unseal(&unsealed, &both, sealed, *state), APR_SUCCESS);
    assert_true(unsealed.is_old);
    assert_int_equal(unseal(&unsealed, &new, sealed, *state), CP_EDENIED);
}

static void what_is_altered_stays_shut(void **state)
{
    cp_keys_t keys = keys_of(one, NULL);
    char *sealed = apr_pstrdup(*state, make(&keys, "some text", *state));
    cp_seal_t another = {&keys, &cp_port_system, "contexT"};
    cp_unsealed_t unsealed;
    size_t i;

    assert_int_equal(cp_sealed_open(&unsealed, &another, sealed, *state),
                     CP_EDENIED);
    for (i = 0; i < strlen(sealed); i++) {
        char was = sealed[i];

        sealed[i] = was == 'A' ? 'B' : 'A';
        /* The last character holds two bits that say nothing. */
        if (i + 1 < strlen(sealed)) {
            assert_int_equal(unseal(&unsealed, &keys, sealed, *state),
                             CP_EDENIED);
        }
        sealed[i] = was;
    }
    assert_int_equal(unseal(&unsealed, &keys, "", *state), CP_EDENIED);
    assert_int_equal(unseal(&unsealed, &keys, "AAAA", *state), CP_EDENIED);
    assert_int_equal(unseal(&unsealed, &keys, "not base64!", *state),
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
    cp_seal_t seal = {&keys, &port, "context"};
    const char *sealed;

    port.random = no_random;
    assert_int_not_equal(cp_sealed_make(&sealed, &seal, "x", 1, *state),
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
