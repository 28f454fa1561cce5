/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* AES-256-GCM by OpenSSL (libsodium's needs a processor that has it). */
#include "base/sealed.h"

#include "base/encode.h"
#include "base/status.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#define PURPOSE "sealed"
#define NONCE_BYTES 12
#define TAG_BYTES 16
#define SEALED_MAX (1024 * 1024)

/* nonce, ciphertext, tag: as stored, before base64. */
typedef struct box_t {
    unsigned char *bytes;
    apr_size_t len; /* of the ciphertext */
} box_t;

static unsigned char *text_of(const box_t *box)
{
    return box->bytes + NONCE_BYTES;
}

static unsigned char *tag_of(const box_t *box)
{
    return text_of(box) + box->len;
}

static int close_box(const box_t *box, const unsigned char *key,
                     const char *context, const void *plain)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;
    int ok =
        ctx != NULL &&
        EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, box->bytes) ==
            1 &&
        EVP_EncryptUpdate(ctx, NULL, &len, (const unsigned char *)context,
                          (int)strlen(context)) == 1 &&
        EVP_EncryptUpdate(ctx, text_of(box), &len, plain, (int)box->len) == 1 &&
        EVP_EncryptFinal_ex(ctx, text_of(box) + len, &len) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES,
                            tag_of(box)) == 1;

    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

static int open_box(const box_t *box, const unsigned char *key,
                    const char *context, char *plain)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;
    int ok = ctx != NULL &&
             EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key,
                                box->bytes) == 1 &&
             EVP_DecryptUpdate(ctx, NULL, &len, (const unsigned char *)context,
                               (int)strlen(context)) == 1 &&
             EVP_DecryptUpdate(ctx, (unsigned char *)plain, &len, text_of(box),
                               (int)box->len) == 1 &&
             EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES,
                                 tag_of(box)) == 1 &&
             EVP_DecryptFinal_ex(ctx, (unsigned char *)plain + len, &len) == 1;

    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

apr_status_t cp_sealed_make(const char **text, const cp_seal_t *seal,
                            const void *bytes, apr_size_t len, apr_pool_t *p)
{
    apr_size_t size = NONCE_BYTES + len + TAG_BYTES;
    box_t box = {apr_palloc(p, size), len};
    unsigned char key[CP_KEY_BYTES];
    apr_status_t rv = len > SEALED_MAX ? CP_ETOOLARGE : APR_SUCCESS;

    if (rv == APR_SUCCESS) {
        rv = cp_random(seal->port, box.bytes, NONCE_BYTES);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_keys_derive(seal->keys, 0, PURPOSE, key);
    }
    if (rv == APR_SUCCESS && !close_box(&box, key, seal->context, bytes)) {
        rv = APR_EGENERAL;
    }
    OPENSSL_cleanse(key, sizeof(key));
    if (rv == APR_SUCCESS) {
        *text = cp_encode_base64url(box.bytes, size, p);
    }
    return rv;
}

static apr_status_t open_with(const cp_seal_t *seal, int is_previous,
                              const box_t *box, char *plain)
{
    unsigned char key[CP_KEY_BYTES];
    apr_status_t rv = cp_keys_derive(seal->keys, is_previous, PURPOSE, key);

    if (rv == APR_SUCCESS && !open_box(box, key, seal->context, plain)) {
        rv = CP_EDENIED;
    }
    OPENSSL_cleanse(key, sizeof(key));
    return rv;
}

apr_status_t cp_sealed_open(cp_unsealed_t *unsealed, const cp_seal_t *seal,
                            const char *text, apr_pool_t *p)
{
    apr_size_t size = 0;
    box_t box;
    char *plain;
    apr_status_t rv;

    if (strlen(text) > 2 * SEALED_MAX ||
        cp_decode_base64url(&box.bytes, &size, text, p) != APR_SUCCESS ||
        size < NONCE_BYTES + TAG_BYTES) {
        return CP_EDENIED;
    }
    box.len = size - NONCE_BYTES - TAG_BYTES;
    plain = apr_pcalloc(p, box.len + 1);
    unsealed->is_old = 0;
    rv = open_with(seal, 0, &box, plain);
    if (rv == CP_EDENIED) {
        unsealed->is_old = 1;
        rv = open_with(seal, 1, &box, plain);
    }
    plain[box.len] = '\0';
    unsealed->bytes = plain;
    unsealed->len = box.len;
    return rv == APR_ENOENT ? CP_EDENIED : rv;
}
