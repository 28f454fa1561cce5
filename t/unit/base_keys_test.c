/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Keys drawn from a secret: HKDF, rotation, drawing beforehand. */
#include "unit.h"

#include "base/encode.h"
#include "base/keys.h"

#define SECRET_32 "abcdefghijklmnopqrstuvwxyz012345"
#define SECRET_64 SECRET_32 SECRET_32

/* The first from RFC 5869, appendix A.3; the others from another program. */
static void keys_are_hkdf_sha256(void **state)
{
    static const struct {
        const char *secret;
        const char *purpose;
        const char *expected;
    } cases[] = {
        {"\v\v\v\v\v\v\v\v\v\v\v\v\v\v\v\v\v\v\v\v\v\v", "",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"},
        {"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "csrf",
         "d6c4973e5a27081587b3f44e8d13de0a4f5c7d1a2196ee71fb07ccfb97a773b9"},
        {"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "csrg",
         "2f8d8929eb3c530d51df5e24ade1256b852885cc33799a81e5c146a8f1064818"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const unsigned char *secret = (const unsigned char *)cases[i].secret;
        cp_keys_t keys = {secret, strlen(cases[i].secret), NULL, 0};
        unsigned char key[CP_KEY_BYTES];

        assert_int_equal(cp_keys_derive(&keys, 0, cases[i].purpose, key),
                         APR_SUCCESS);
        assert_string_equal(cp_encode_hex(key, sizeof(key), *state),
                            cases[i].expected);
    }
}

static void a_rotation_has_two(void **state)
{
    static const cp_keys_t both = {(const unsigned char *)SECRET_32, 32,
                                   (const unsigned char *)SECRET_64, 64};
    static const cp_keys_t after = {(const unsigned char *)SECRET_64, 64, NULL,
                                    0};
    unsigned char current[CP_KEY_BYTES];
    unsigned char previous[CP_KEY_BYTES];
    unsigned char later[CP_KEY_BYTES];

    assert_int_equal(cp_keys_derive(&both, 0, "csrf", current), APR_SUCCESS);
    assert_int_equal(cp_keys_derive(&both, 1, "csrf", previous), APR_SUCCESS);
    assert_memory_not_equal(current, previous, CP_KEY_BYTES);
    assert_int_equal(cp_keys_derive(&after, 0, "csrf", later), APR_SUCCESS);
    assert_memory_equal(previous, later, CP_KEY_BYTES);
    assert_int_equal(cp_keys_derive(&after, 1, "csrf", later), APR_ENOENT);
}

/* Drawing beforehand changes when the work is done, not what comes out. */
static void a_key_drawn_beforehand_is_the_same_key(void **state)
{
    cp_keys_t keys = {(const unsigned char *)SECRET_64, 64,
                      (const unsigned char *)SECRET_32, 32};
    const cp_keys_t plain = keys;
    static const char *const purposes[] = {"csrf", "next", "other"};
    size_t i;
    int is_previous;

    assert_int_equal(cp_keys_draw(&keys, "csrf", *state), APR_SUCCESS);
    assert_int_equal(cp_keys_draw(&keys, "next", *state), APR_SUCCESS);
    for (i = 0; i < ROWS(purposes); i++) {
        for (is_previous = 0; is_previous < 2; is_previous++) {
            unsigned char drawn[CP_KEY_BYTES];
            unsigned char derived[CP_KEY_BYTES];
            unsigned char mac[CP_MAC_BYTES];
            unsigned char expected[CP_MAC_BYTES];

            assert_int_equal(
                cp_keys_derive(&keys, is_previous, purposes[i], drawn),
                APR_SUCCESS);
            assert_int_equal(
                cp_keys_derive(&plain, is_previous, purposes[i], derived),
                APR_SUCCESS);
            assert_memory_equal(drawn, derived, CP_KEY_BYTES);
            cp_token_mac(expected, derived, sizeof(derived), "text", 4);
            assert_int_equal(
                cp_keys_mac(&keys, is_previous, purposes[i], "text", mac),
                APR_SUCCESS);
            assert_memory_equal(mac, expected, CP_MAC_BYTES);
            assert_int_equal(
                cp_keys_mac(&plain, is_previous, purposes[i], "text", mac),
                APR_SUCCESS);
            assert_memory_equal(mac, expected, CP_MAC_BYTES);
        }
    }
}

/* Without a previous secret there is no previous key to mistake for one. */
static void a_drawn_key_has_a_previous_one_only_in_a_rotation(void **state)
{
    cp_keys_t keys = {(const unsigned char *)SECRET_64, 64, NULL, 0};
    unsigned char key[CP_KEY_BYTES];

    assert_int_equal(cp_keys_draw(&keys, "csrf", *state), APR_SUCCESS);
    assert_int_equal(cp_keys_derive(&keys, 1, "csrf", key), APR_ENOENT);
    assert_int_equal(cp_keys_mac(&keys, 1, "csrf", "text", key), APR_ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(keys_are_hkdf_sha256),
        POOL_TEST(a_rotation_has_two),
        POOL_TEST(a_key_drawn_beforehand_is_the_same_key),
        POOL_TEST(a_drawn_key_has_a_previous_one_only_in_a_rotation),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
