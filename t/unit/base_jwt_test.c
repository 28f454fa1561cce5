/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Signed tokens: whoever has the key set can verify them, and nobody else makes
 * them. */
#include "base/encode.h"
#include "base/jwt.h"

#include <apr_strings.h>
#include <sodium.h>

#include "unit.h"

static const unsigned char secret[] = "a secret of at least thirty-two bytes";
static const unsigned char other[] = "another secret of thirty-two bytes ...";

static cp_keys_t keys_of(const unsigned char *current,
                         const unsigned char *previous)
{
    cp_keys_t keys = {current, strlen((const char *)current), previous,
                      previous == NULL ? 0 : strlen((const char *)previous),
                      NULL};

    return keys;
}

static const char *token_of(const cp_keys_t *keys, apr_pool_t *p)
{
    json_t *claims = json_pack("{s:s, s:i}", "sub", "J\xc3\xbcrgen", "exp", 1);
    const cp_jwt_key_t *key = NULL;
    const char *token = NULL;

    assert_int_equal(cp_jwt_key_make(&key, keys, p), APR_SUCCESS);
    assert_int_equal(cp_jwt_sign(&token, key, claims, p), APR_SUCCESS);
    json_decref(claims);
    return token;
}

/* Does key number `i` of the set verify the token? */
static int is_signed_by(const char *token, const json_t *set, size_t i,
                        apr_pool_t *p)
{
    const json_t *key = json_array_get(json_object_get(set, "keys"), i);
    const char *x = json_string_value(json_object_get(key, "x"));
    const char *dot = strrchr(token, '.');
    unsigned char *public;
    unsigned char *signature;
    apr_size_t len;

    assert_int_equal(cp_decode_base64url(&public, &len, x, p), APR_SUCCESS);
    assert_int_equal(len, crypto_sign_PUBLICKEYBYTES);
    assert_int_equal(cp_decode_base64url(&signature, &len, dot + 1, p),
                     APR_SUCCESS);
    assert_int_equal(len, crypto_sign_BYTES);
    return crypto_sign_verify_detached(signature, (const unsigned char *)token,
                                       (unsigned long long)(dot - token),
                                       public) == 0;
}

static void the_key_set_verifies(void **state)
{
    apr_pool_t *p = *state;
    cp_keys_t keys = keys_of(secret, NULL);
    json_t *set = cp_jwt_public(&keys, p);
    char *token = apr_pstrdup(p, token_of(&keys, p));
    unsigned char *text;
    apr_size_t len;

    assert_int_equal(json_array_size(json_object_get(set, "keys")), 1);
    assert_true(is_signed_by(token, set, 0, p));
    assert_int_equal(
        cp_decode_base64url(&text, &len,
                            apr_pstrmemdup(p, token, strcspn(token, ".")), p),
        APR_SUCCESS);
    assert_non_null(strstr(apr_pstrmemdup(p, (char *)text, len),
                           "\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\""));
    token[strcspn(token, ".") + 1] ^= 1;
    assert_false(is_signed_by(token, set, 0, p));
    json_decref(set);
}

/* While the secret is replaced, tokens of both verify; new ones are of the new.
 */
static void a_rotation_has_both_keys(void **state)
{
    apr_pool_t *p = *state;
    cp_keys_t before = keys_of(secret, NULL);
    cp_keys_t during = keys_of(other, secret);
    json_t *set = cp_jwt_public(&during, p);

    assert_int_equal(json_array_size(json_object_get(set, "keys")), 2);
    assert_true(is_signed_by(token_of(&during, p), set, 0, p));
    assert_false(is_signed_by(token_of(&during, p), set, 1, p));
    assert_true(is_signed_by(token_of(&before, p), set, 1, p));
    json_decref(set);
}

/* Every server that has the secret signs alike. */
static void servers_sign_alike(void **state)
{
    apr_pool_t *p = *state;
    cp_keys_t one = keys_of(secret, NULL);
    cp_keys_t two = keys_of(secret, NULL);

    assert_string_equal(token_of(&one, p), token_of(&two, p));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(the_key_set_verifies),
        POOL_TEST(a_rotation_has_both_keys),
        POOL_TEST(servers_sign_alike),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
