/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* ALTCHA's arithmetic: signatures, key derivation, the payload's form, and the
 * verdict on it. */
#include "base/altcha_core.h"

#include "base/altcha.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/status.h"
#include "base/token.h"

#include <apr_encode.h>
#include <apr_escape.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

#define NONCE_BYTES 16
#define COUNTER_BYTES 4
#define KEY_DIGITS (2 * CP_ALTCHA_KEY_BYTES)

static const char *sign(const void *data, apr_size_t len,
                        const cp_altcha_secret_t *secret, apr_pool_t *p)
{
    unsigned char mac[CP_MAC_BYTES];

    cp_token_mac(mac, secret->bytes, secret->len, data, len);
    return cp_encode_hex(mac, sizeof(mac), p);
}

/* Exactly `len` bytes in lower-case hex, the only form that is ever made. */
static apr_status_t read_hex(unsigned char *bytes, apr_size_t len,
                             const char *hex)
{
    apr_size_t count;

    if (strlen(hex) != 2 * len || strspn(hex, "0123456789abcdef") != 2 * len ||
        apr_unescape_hex(bytes, hex, APR_ESCAPE_STRING, 0, &count) !=
            APR_SUCCESS) {
        return CP_EINPUT;
    }
    return count == len ? APR_SUCCESS : CP_EINPUT;
}

static int digest(unsigned char *out, const unsigned char *data, size_t len)
{
    return EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) == 1;
}

/* `input` is salt || nonce || counter. */
static int iterate_sha256(unsigned char *key, const unsigned char *input,
                          size_t len, json_int_t cost)
{
    int ok = digest(key, input, len);

    for (; ok && cost > 1; cost--) {
        ok = digest(key, key, CP_ALTCHA_KEY_BYTES);
    }
    return ok;
}

typedef struct member_t {
    const char *name;
    json_type type; /* JSON_REAL stands for any number */
    int is_optional;
} member_t;

static int has_type(const json_t *value, json_type type)
{
    return type == JSON_REAL ? json_is_number(value)
                             : json_typeof(value) == type;
}

/* An object of these members, none of another name or type. */
static int has_members(const json_t *object, const member_t *members)
{
    size_t count = 0;

    for (; members->name != NULL; members++) {
        const json_t *value = json_object_get(object, members->name);

        if (value == NULL ? !members->is_optional
                          : !has_type(value, members->type)) {
            return 0;
        }
        count += value != NULL;
    }
    return json_is_object(object) && json_object_size(object) == count;
}

static int are_parameters(const json_t *parameters)
{
    static const member_t members[] = {
        {"algorithm", JSON_STRING, 0},    {"cost", JSON_INTEGER, 0},
        {"data", JSON_OBJECT, 1},         {"expiresAt", JSON_INTEGER, 1},
        {"keyLength", JSON_INTEGER, 0},   {"keyPrefix", JSON_STRING, 0},
        {"keySignature", JSON_STRING, 1}, {"nonce", JSON_STRING, 0},
        {"salt", JSON_STRING, 0},         {NULL},
    };
    json_t *data = json_object_get(parameters, "data");
    const char *name;
    json_t *value;

    if (!has_members(parameters, members)) {
        return 0;
    }
    json_object_foreach(data, name, value)
    {
        if (!json_is_string(value)) {
            return 0;
        }
    }
    return 1;
}

static apr_status_t read_challenge(cp_altcha_payload_t *payload,
                                   const json_t *challenge)
{
    static const member_t members[] = {
        {"parameters", JSON_OBJECT, 0}, {"signature", JSON_STRING, 0}, {NULL}};

    payload->parameters = json_object_get(challenge, "parameters");
    payload->signature = cp_json_string(challenge, "signature", NULL);
    return has_members(challenge, members) &&
                   are_parameters(payload->parameters)
               ? APR_SUCCESS
               : CP_EINPUT;
}

static apr_status_t read_solution(cp_altcha_payload_t *payload,
                                  const json_t *solution)
{
    static const member_t members[] = {{"counter", JSON_INTEGER, 0},
                                       {"derivedKey", JSON_STRING, 0},
                                       {"time", JSON_REAL, 0},
                                       {NULL}};
    json_int_t counter = cp_json_integer(solution, "counter", -1);

    if (!has_members(solution, members) || counter < 0 ||
        counter > UINT32_MAX) {
        return CP_EINPUT;
    }
    payload->counter = (unsigned)counter;
    payload->derived_key = cp_json_string(solution, "derivedKey", "");
    return read_hex(payload->key, sizeof(payload->key), payload->derived_key);
}

/* The text must be what encoding its bytes gives: no white space, no other
 * alphabet, no loose bits. */
static json_t *decode_json(const char *text, apr_pool_t *p)
{
    apr_size_t len = 0;
    const unsigned char *bytes = apr_pdecode_base64_binary(
        p, text, APR_ENCODE_STRING, APR_ENCODE_NONE, &len);
    const char *again =
        bytes == NULL ? NULL
                      : apr_pencode_base64_binary(p, bytes, (apr_ssize_t)len,
                                                  APR_ENCODE_NONE, NULL);

    if (again == NULL || strcmp(again, text) != 0) {
        return NULL;
    }
    return cp_json_own(
        json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, NULL), p);
}

static int is_text(const json_t *object, const char *name, const char *wanted)
{
    return strcmp(cp_json_string(object, name, ""), wanted) == 0;
}

/* Signed by us is not enough: it must be for this form, and no cheaper than
 * what is asked today. */
static int fits(const json_t *parameters, const cp_altcha_rules_t *rules)
{
    const json_t *data = json_object_get(parameters, "data");

    return is_text(parameters, "algorithm", rules->algorithm) &&
           cp_json_integer(parameters, "cost", 0) == rules->cost &&
           cp_json_integer(parameters, "keyLength", 0) == CP_ALTCHA_KEY_BYTES &&
           strlen(cp_json_string(parameters, "keyPrefix", "")) ==
               (size_t)rules->prefix_digits &&
           (rules->data == NULL ? data == NULL : json_equal(data, rules->data));
}

/* The counter is looked at only where the key is derived from it. */
static apr_status_t check_key(const cp_altcha_payload_t *payload,
                              const cp_altcha_rules_t *rules,
                              const cp_altcha_secret_t *secret, apr_pool_t *p)
{
    const char *given;
    const char *expected;
    unsigned char key[CP_ALTCHA_KEY_BYTES] = {0};
    apr_status_t rv = APR_SUCCESS;

    if (rules->is_rederived) {
        given = payload->derived_key;
        rv = cp_altcha_derive(key, payload->parameters, payload->counter);
        expected = cp_encode_hex(key, sizeof(key), p);
    }
    else {
        given = cp_json_string(payload->parameters, "keySignature", NULL);
        expected = cp_altcha_sign_key(payload->key, secret, p);
    }
    if (rv != APR_SUCCESS) {
        return rv == CP_EINPUT ? CP_EDENIED : rv;
    }
    return cp_token_equal(given, expected) ? APR_SUCCESS : CP_EDENIED;
}

apr_status_t cp_altcha_sign(const char **hex, const json_t *parameters,
                            const cp_altcha_secret_t *secret, apr_pool_t *p)
{
    const char *canonical = cp_json_text(parameters, p);

    if (canonical == NULL) {
        return CP_EINPUT;
    }
    *hex = sign(canonical, strlen(canonical), secret, p);
    return APR_SUCCESS;
}

const char *cp_altcha_sign_key(const unsigned char key[CP_ALTCHA_KEY_BYTES],
                               const cp_altcha_secret_t *secret, apr_pool_t *p)
{
    return sign(key, CP_ALTCHA_KEY_BYTES, secret, p);
}

apr_status_t cp_altcha_derive(unsigned char key[CP_ALTCHA_KEY_BYTES],
                              const json_t *parameters, unsigned counter)
{
    const char *algorithm = cp_json_string(parameters, "algorithm", "");
    json_int_t cost = cp_json_integer(parameters, "cost", 0);
    /* salt || password, where password is nonce || counter */
    unsigned char input[2 * NONCE_BYTES + COUNTER_BYTES];
    unsigned char *password = input + NONCE_BYTES;
    int ok;
    int i;

    if (read_hex(input, NONCE_BYTES, cp_json_string(parameters, "salt", "")) !=
            APR_SUCCESS ||
        read_hex(password, NONCE_BYTES,
                 cp_json_string(parameters, "nonce", "")) != APR_SUCCESS ||
        cost < 1 || cost > INT32_MAX) {
        return CP_EINPUT;
    }
    for (i = 0; i < COUNTER_BYTES; i++) {
        password[NONCE_BYTES + i] = (unsigned char)(counter >> (24 - 8 * i));
    }
    if (strcmp(algorithm, "SHA-256") == 0) {
        ok = iterate_sha256(key, input, sizeof(input), cost);
    }
    else if (strcmp(algorithm, "PBKDF2/SHA-256") == 0) {
        ok = PKCS5_PBKDF2_HMAC((const char *)password,
                               NONCE_BYTES + COUNTER_BYTES, input, NONCE_BYTES,
                               (int)cost, EVP_sha256(), CP_ALTCHA_KEY_BYTES,
                               key) == 1;
    }
    else {
        return CP_EINPUT;
    }
    return ok ? APR_SUCCESS : CP_EUNAVAILABLE;
}

apr_status_t cp_altcha_decode(cp_altcha_payload_t *payload, const char *text,
                              apr_pool_t *p)
{
    static const member_t members[] = {
        {"challenge", JSON_OBJECT, 0}, {"solution", JSON_OBJECT, 0}, {NULL}};
    const json_t *json;
    apr_status_t rv;

    if (text == NULL ||
        strnlen(text, CP_ALTCHA_PAYLOAD_MAX + 1) > CP_ALTCHA_PAYLOAD_MAX) {
        return CP_EINPUT;
    }
    json = decode_json(text, p);
    if (!has_members(json, members)) {
        return CP_EINPUT;
    }
    rv = read_challenge(payload, json_object_get(json, "challenge"));
    return rv != APR_SUCCESS
               ? rv
               : read_solution(payload, json_object_get(json, "solution"));
}

apr_status_t cp_altcha_judge(const cp_altcha_payload_t *payload,
                             const cp_altcha_rules_t *rules,
                             const cp_altcha_secrets_t *secrets, apr_time_t now,
                             apr_pool_t *p)
{
    const json_t *parameters = payload->parameters;
    json_int_t now_s = apr_time_sec(now);
    json_int_t expires_at = cp_json_integer(parameters, "expiresAt", 0);
    const char *prefix = cp_json_string(parameters, "keyPrefix", "");
    const char *expected;
    apr_status_t rv =
        cp_altcha_sign(&expected, parameters, &secrets->challenge, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (!cp_token_equal(payload->signature, expected) || expires_at <= 0 ||
        expires_at > now_s + rules->ttl_s) {
        return CP_EDENIED;
    }
    if (expires_at <= now_s) {
        return CP_EEXPIRED;
    }
    if (!fits(parameters, rules) ||
        strncmp(payload->derived_key, prefix, strlen(prefix)) != 0) {
        return CP_EDENIED;
    }
    return check_key(payload, rules, &secrets->key, p);
}
