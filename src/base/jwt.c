/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* JSON Web Tokens, in the one form we make them. */
#include "base/jwt.h"

#include "base/encode.h"
#include "base/json.h"

#include <apr_strings.h>
#include <sodium.h>
#include <string.h>

#define PURPOSE "token"

struct cp_jwt_key_t {
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    unsigned char public[crypto_sign_PUBLICKEYBYTES];
    const char *id;     /* RFC 7638 thumbprint */
    const char *header; /* of a token, encoded */
};

static apr_status_t wipe(void *key)
{
    sodium_memzero(((cp_jwt_key_t *)key)->secret, crypto_sign_SECRETKEYBYTES);
    return APR_SUCCESS;
}

static const char *x_of(const cp_jwt_key_t *key, apr_pool_t *p)
{
    return cp_encode_base64url(key->public, sizeof(key->public), p);
}

/* RFC 7638 section 3: these members, in this order, without spaces. */
static const char *thumbprint(const cp_jwt_key_t *key, apr_pool_t *p)
{
    const char *text = apr_pstrcat(p,
                                   "{\"crv\":\"Ed25519\",\"kty\":\"OKP\","
                                   "\"x\":\"",
                                   x_of(key, p), "\"}", NULL);
    unsigned char digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
    return cp_encode_base64url(digest, sizeof(digest), p);
}

static apr_status_t make(cp_jwt_key_t **made, const cp_keys_t *keys,
                         int is_previous, apr_pool_t *p)
{
    cp_jwt_key_t *key = apr_pcalloc(p, sizeof(*key));
    unsigned char seed[CP_KEY_BYTES];
    const char *header;
    apr_status_t rv = cp_keys_derive(keys, is_previous, PURPOSE, seed);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    apr_pool_cleanup_register(p, key, wipe, apr_pool_cleanup_null);
    (void)crypto_sign_seed_keypair(key->public, key->secret, seed);
    sodium_memzero(seed, sizeof(seed));
    key->id = thumbprint(key, p);
    header = apr_pstrcat(p, "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"",
                         key->id, "\"}", NULL);
    key->header = cp_encode_base64url(header, strlen(header), p);
    *made = key;
    return APR_SUCCESS;
}

apr_status_t cp_jwt_key_make(const cp_jwt_key_t **key, const cp_keys_t *keys,
                             apr_pool_t *p)
{
    cp_jwt_key_t *made = NULL;
    apr_status_t rv = make(&made, keys, 0, p);

    *key = made;
    return rv;
}

apr_status_t cp_jwt_sign(const char **token, const cp_jwt_key_t *key,
                         const json_t *claims, apr_pool_t *p)
{
    const char *text = cp_json_text(claims, p);
    unsigned char signature[crypto_sign_BYTES];
    const char *body;

    if (text == NULL) {
        return APR_ENOMEM;
    }
    body = apr_pstrcat(p, key->header, ".",
                       cp_encode_base64url(text, strlen(text), p), NULL);
    (void)crypto_sign_detached(signature, NULL, (const unsigned char *)body,
                               strlen(body), key->secret);
    *token =
        apr_pstrcat(p, body, ".",
                    cp_encode_base64url(signature, sizeof(signature), p), NULL);
    return APR_SUCCESS;
}

json_t *cp_jwt_public(const cp_keys_t *keys, apr_pool_t *p)
{
    json_t *list = json_array();
    int is_previous;

    for (is_previous = 0; is_previous < 2; is_previous++) {
        cp_jwt_key_t *key;

        if (make(&key, keys, is_previous, p) == APR_SUCCESS) {
            (void)json_array_append_new(
                list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "kty", "OKP",
                                "crv", "Ed25519", "use", "sig", "alg", "EdDSA",
                                "kid", key->id, "x", x_of(key, p)));
        }
    }
    return json_pack("{s:o}", "keys", list);
}
