/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The keys drawn from the portal's secret. */
#include "base/keys.h"

#include "base/status.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <sodium.h>
#include <string.h>

static int hkdf(unsigned char *key, const unsigned char *secret,
                apr_size_t secret_len, const char *purpose)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
    size_t len = CP_KEY_BYTES;
    int ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
             EVP_PKEY_CTX_set_hkdf_md(ctx, EVP_sha256()) == 1 &&
             EVP_PKEY_CTX_set1_hkdf_key(ctx, secret, (int)secret_len) == 1 &&
             EVP_PKEY_CTX_add1_hkdf_info(ctx, (const unsigned char *)purpose,
                                         (int)strlen(purpose)) == 1 &&
             EVP_PKEY_derive(ctx, key, &len) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

struct cp_drawn_key_t {
    const char *purpose;
    unsigned char current[CP_KEY_BYTES];
    unsigned char previous[CP_KEY_BYTES];
    /* Keyed, and still without a text. */
    crypto_auth_hmacsha256_state keyed[2]; /* current and previous */
    const cp_drawn_key_t *next;
};

static const cp_drawn_key_t *find_drawn(const cp_keys_t *keys,
                                        const char *purpose)
{
    const cp_drawn_key_t *drawn = keys->drawn;

    while (drawn != NULL && strcmp(drawn->purpose, purpose) != 0) {
        drawn = drawn->next;
    }
    return drawn;
}

apr_status_t cp_keys_derive(const cp_keys_t *keys, int is_previous,
                            const char *purpose,
                            unsigned char key[CP_KEY_BYTES])
{
    const unsigned char *secret = is_previous ? keys->previous : keys->current;
    const cp_drawn_key_t *drawn = find_drawn(keys, purpose);

    if (secret == NULL) {
        return APR_ENOENT;
    }
    if (drawn != NULL) {
        memcpy(key, is_previous ? drawn->previous : drawn->current,
               CP_KEY_BYTES);
        return APR_SUCCESS;
    }
    return hkdf(key, secret,
                is_previous ? keys->previous_len : keys->current_len, purpose)
               ? APR_SUCCESS
               : CP_EUNAVAILABLE;
}

apr_status_t cp_keys_mac(const cp_keys_t *keys, int is_previous,
                         const char *purpose, const char *text,
                         unsigned char mac[CP_MAC_BYTES])
{
    const cp_drawn_key_t *drawn = find_drawn(keys, purpose);
    crypto_auth_hmacsha256_state state;
    unsigned char key[CP_KEY_BYTES];
    apr_status_t rv;

    if (drawn == NULL || (is_previous && keys->previous == NULL)) {
        rv = cp_keys_derive(keys, is_previous, purpose, key);
        if (rv != APR_SUCCESS) {
            return rv;
        }
        cp_token_mac(mac, key, sizeof(key), text, strlen(text));
        OPENSSL_cleanse(key, sizeof(key));
        return APR_SUCCESS;
    }
    state = drawn->keyed[is_previous != 0];
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)text,
                                        strlen(text));
    (void)crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof(state));
    return APR_SUCCESS;
}

static apr_status_t wipe_drawn(void *data)
{
    OPENSSL_cleanse(data, sizeof(cp_drawn_key_t));
    return APR_SUCCESS;
}

apr_status_t cp_keys_draw(cp_keys_t *keys, const char *purpose, apr_pool_t *p)
{
    cp_drawn_key_t *drawn = apr_pcalloc(p, sizeof(*drawn));
    apr_status_t rv = cp_keys_derive(keys, 0, purpose, drawn->current);

    apr_pool_cleanup_register(p, drawn, wipe_drawn, apr_pool_cleanup_null);
    if (rv == APR_SUCCESS && keys->previous != NULL) {
        rv = cp_keys_derive(keys, 1, purpose, drawn->previous);
    }
    if (rv == APR_SUCCESS) {
        (void)crypto_auth_hmacsha256_init(&drawn->keyed[0], drawn->current,
                                          CP_KEY_BYTES);
        (void)crypto_auth_hmacsha256_init(&drawn->keyed[1], drawn->previous,
                                          CP_KEY_BYTES);
        drawn->purpose = purpose;
        drawn->next = keys->drawn;
        keys->drawn = drawn;
    }
    return rv;
}
