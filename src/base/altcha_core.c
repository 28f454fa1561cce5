/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* ALTCHA's arithmetic: signatures, key derivation, the payload's form. */
#include "base/altcha_core.h"

#include "base/altcha.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/status.h"
#include "base/token.h"

#include <apr_encode.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

#define NONCE_BYTES 16
#define HEX_DIGITS "0123456789abcdef"

apr_status_t cp_altcha_sign(const char **hex, const json_t *parameters,
                            const void *secret, apr_size_t secret_len,
                            apr_pool_t *p)
{
    const char *canonical = cp_json_text(parameters, p);
    unsigned char mac[32];
    apr_status_t rv = canonical == NULL
                          ? CP_EINPUT
                          : cp_token_mac(mac, secret, secret_len, canonical,
                                         strlen(canonical));

    if (rv == APR_SUCCESS) {
        *hex = cp_encode_hex(mac, sizeof(mac), p);
    }
    return rv;
}

static apr_status_t hex_bytes(unsigned char bytes[NONCE_BYTES],
                              const json_t *parameters, const char *name)
{
    const char *hex = cp_json_string(parameters, name, "");
    int i;

    if (strlen(hex) != 2 * NONCE_BYTES ||
        strspn(hex, HEX_DIGITS) != 2 * NONCE_BYTES) {
        return CP_EINPUT;
    }
    for (i = 0; i < NONCE_BYTES; i++) {
        bytes[i] =
            (unsigned char)((strchr(HEX_DIGITS, hex[2 * i]) - HEX_DIGITS) * 16 +
                            (strchr(HEX_DIGITS, hex[2 * i + 1]) - HEX_DIGITS));
    }
    return APR_SUCCESS;
}

static apr_status_t iterate_sha256(unsigned char *key,
                                   const unsigned char *salt,
                                   const unsigned char *password,
                                   apr_size_t password_len, json_int_t cost)
{
    unsigned char first[2 * NONCE_BYTES + 4];
    json_int_t i;

    memcpy(first, salt, NONCE_BYTES);
    memcpy(first + NONCE_BYTES, password, password_len);
    if (EVP_Digest(first, NONCE_BYTES + password_len, key, NULL, EVP_sha256(),
                   NULL) != 1) {
        return CP_EUNAVAILABLE;
    }
    for (i = 1; i < cost; i++) {
        if (EVP_Digest(key, CP_ALTCHA_KEY_BYTES, key, NULL, EVP_sha256(),
                       NULL) != 1) {
            return CP_EUNAVAILABLE;
        }
    }
    return APR_SUCCESS;
}

apr_status_t cp_altcha_derive(unsigned char key[CP_ALTCHA_KEY_BYTES],
                              const json_t *parameters, unsigned counter,
                              apr_pool_t *p)
{
    const char *algorithm = cp_json_string(parameters, "algorithm", "");
    json_int_t cost = cp_json_integer(parameters, "cost", 0);
    unsigned char password[NONCE_BYTES + 4];
    unsigned char salt[NONCE_BYTES];
    int i;

    if (hex_bytes(password, parameters, "nonce") != APR_SUCCESS ||
        hex_bytes(salt, parameters, "salt") != APR_SUCCESS || cost < 1 ||
        cost > INT32_MAX) {
        return CP_EINPUT;
    }
    for (i = 0; i < 4; i++) {
        password[NONCE_BYTES + i] = (unsigned char)(counter >> (24 - 8 * i));
    }
    if (strcmp(algorithm, "SHA-256") == 0) {
        return iterate_sha256(key, salt, password, sizeof(password), cost);
    }
    if (strcmp(algorithm, "PBKDF2/SHA-256") != 0) {
        return CP_EINPUT;
    }
    return PKCS5_PBKDF2_HMAC((const char *)password, sizeof(password), salt,
                             sizeof(salt), (int)cost, EVP_sha256(),
                             CP_ALTCHA_KEY_BYTES, key) == 1
               ? APR_SUCCESS
               : CP_EUNAVAILABLE;
}

int cp_altcha_has_prefix(const char *hex, const char *prefix)
{
    return prefix[0] != '\0' && strncmp(hex, prefix, strlen(prefix)) == 0;
}

/* An object with exactly these members, none more. */
static int has_members(const json_t *object, const char *const *names)
{
    size_t count = 0;

    while (names[count] != NULL) {
        if (json_object_get(object, names[count]) == NULL) {
            return 0;
        }
        count++;
    }
    return json_object_size(object) == count;
}

static apr_status_t read_solution(cp_altcha_payload_t *payload,
                                  const json_t *solution)
{
    static const char *const names[] = {"counter", "derivedKey", "time", NULL};
    json_int_t counter = cp_json_integer(solution, "counter", -1);

    payload->derived_key = cp_json_string(solution, "derivedKey", "");
    if (!has_members(solution, names) || counter < 0 || counter > UINT32_MAX ||
        !json_is_number(json_object_get(solution, "time")) ||
        strlen(payload->derived_key) != 2 * CP_ALTCHA_KEY_BYTES ||
        strspn(payload->derived_key, HEX_DIGITS) != 2 * CP_ALTCHA_KEY_BYTES) {
        return CP_EINPUT;
    }
    payload->counter = (unsigned)counter;
    return APR_SUCCESS;
}

static json_t *decode_json(const char *text, apr_pool_t *p)
{
    apr_size_t len;
    const unsigned char *bytes = apr_pdecode_base64_binary(
        p, text, APR_ENCODE_STRING, APR_ENCODE_NONE, &len);

    if (bytes == NULL ||
        strcmp(apr_pencode_base64_binary(p, bytes, (apr_ssize_t)len,
                                         APR_ENCODE_NONE, NULL),
               text) != 0) {
        return NULL;
    }
    return cp_json_own(
        json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, NULL), p);
}

apr_status_t cp_altcha_decode(cp_altcha_payload_t *payload, const char *text,
                              apr_pool_t *p)
{
    static const char *const outer[] = {"challenge", "solution", NULL};
    static const char *const inner[] = {"parameters", "signature", NULL};
    const json_t *challenge;
    const json_t *json;

    if (strnlen(text, CP_ALTCHA_PAYLOAD_MAX + 1) > CP_ALTCHA_PAYLOAD_MAX) {
        return CP_EINPUT;
    }
    json = decode_json(text, p);
    challenge = json_object_get(json, "challenge");
    payload->parameters = json_object_get(challenge, "parameters");
    payload->signature = cp_json_string(challenge, "signature", NULL);
    if (!has_members(json, outer) || !has_members(challenge, inner) ||
        !json_is_object(payload->parameters) || payload->signature == NULL) {
        return CP_EINPUT;
    }
    return read_solution(payload, json_object_get(json, "solution"));
}
