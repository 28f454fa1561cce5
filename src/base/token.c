/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Random tokens, digests and comparisons. The digests are libsodium's: OpenSSL
 * looks its algorithms up for each call, which takes longer than the call. */
#include "base/token.h"

#include "base/encode.h"
#include "base/ident.h"
#include "base/status.h"

#include <openssl/crypto.h>
#include <sodium.h>
#include <string.h>

#define REFERENCE_DIGITS 8

static apr_status_t random_text(const char **text, apr_size_t bytes,
                                const cp_port_t *port, apr_pool_t *p)
{
    unsigned char buf[CP_TOKEN_BYTES];
    apr_status_t rv = cp_random(port, buf, bytes);

    if (rv == APR_SUCCESS) {
        *text = cp_encode_base64url(buf, bytes, p);
    }
    OPENSSL_cleanse(buf, sizeof(buf));
    return rv;
}

apr_status_t cp_token_make(const char **token, const cp_port_t *port,
                           apr_pool_t *p)
{
    return random_text(token, CP_TOKEN_BYTES, port, p);
}

apr_status_t cp_token_public_id(const char **id, const cp_port_t *port,
                                apr_pool_t *p)
{
    return random_text(id, CP_PUBLIC_ID_BYTES, port, p);
}

const char *cp_token_reference(const cp_port_t *port, apr_pool_t *p)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char bytes[REFERENCE_DIGITS] = {0};
    char *text = apr_palloc(p, REFERENCE_DIGITS + 2);
    char *out = text;
    int i;

    if (cp_random(port, bytes, sizeof(bytes)) != APR_SUCCESS) {
        memset(bytes, 0, sizeof(bytes));
    }
    for (i = 0; i < REFERENCE_DIGITS; i++) {
        if (i == REFERENCE_DIGITS / 2) {
            *out++ = '-';
        }
        *out++ = digits[bytes[i] & 31];
    }
    *out = '\0';
    return text;
}

const char *cp_token_digest(const char *text, apr_pool_t *p)
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    (void)crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
    return cp_encode_hex(digest, sizeof(digest), p);
}

void cp_token_mac(unsigned char mac[CP_MAC_BYTES], const unsigned char *key,
                  apr_size_t key_len, const void *data, apr_size_t len)
{
    crypto_auth_hmacsha256_state state;

    (void)crypto_auth_hmacsha256_init(&state, key, key_len);
    (void)crypto_auth_hmacsha256_update(&state, data, len);
    (void)crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof(state));
}

int cp_token_equal(const char *a, const char *b)
{
    apr_size_t len = a == NULL ? 0 : strlen(a);

    return a != NULL && b != NULL && strlen(b) == len &&
           CRYPTO_memcmp(a, b, len) == 0;
}
