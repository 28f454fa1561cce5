/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Issue ALTCHA challenges and judge their solutions, deterministic mode. */
#include "base/altcha.h"

#include "base/altcha_core.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/status.h"
#include "base/token.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <string.h>

#define ALGORITHM "PBKDF2/SHA-256"
#define PURPOSE_CHALLENGE "altcha challenge"
#define PURPOSE_KEY "altcha key"
#define NONCE_BYTES 16
#define PREFIX_DIGITS CP_ALTCHA_KEY_BYTES /* half of the key, in hex */

/* A counter between the policy's bounds. The remainder's bias is below one in
 * a million and only prices the work. */
static apr_status_t pick_counter(unsigned *counter,
                                 const cp_altcha_policy_t *policy,
                                 const cp_port_t *port)
{
    uint32_t random;
    apr_status_t rv = cp_random(port, &random, sizeof(random));
    uint32_t span = (uint32_t)(policy->counter_max - policy->counter_min) + 1;

    *counter = (unsigned)policy->counter_min + random % span;
    return rv;
}

static apr_status_t random_hex(const char **hex, const cp_port_t *port,
                               apr_pool_t *p)
{
    unsigned char bytes[NONCE_BYTES];
    apr_status_t rv = cp_random(port, bytes, sizeof(bytes));

    *hex = rv == APR_SUCCESS ? cp_encode_hex(bytes, sizeof(bytes), p) : NULL;
    return rv;
}

static apr_status_t new_parameters(json_t **parameters,
                                   const cp_altcha_policy_t *policy,
                                   const cp_altcha_scope_t *scope,
                                   const cp_port_t *port, apr_pool_t *p)
{
    const char *nonce = NULL;
    const char *salt = NULL;
    apr_status_t rv = random_hex(&nonce, port, p);

    if (rv == APR_SUCCESS) {
        rv = random_hex(&salt, port, p);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *parameters = cp_json_own(
        json_pack("{s:s, s:i, s:i, s:s, s:s, s:I, s:{s:s, s:s, s:s}}",
                  "algorithm", ALGORITHM, "cost", policy->cost, "keyLength",
                  CP_ALTCHA_KEY_BYTES, "nonce", nonce, "salt", salt,
                  "expiresAt",
                  (json_int_t)apr_time_sec(cp_now(port)) + policy->ttl_s,
                  "data", "clinic", scope->clinic, "form", scope->form, "visit",
                  scope->visit),
        p);
    return *parameters == NULL ? CP_EINPUT : APR_SUCCESS;
}

/* Hex HMAC over the derived key with a secret of its own: proof that a key is
 * the right one, without deriving it again. */
static apr_status_t key_signature(const char **hex, const unsigned char *key,
                                  const cp_keys_t *keys, int is_previous,
                                  apr_pool_t *p)
{
    unsigned char secret[CP_KEY_BYTES];
    unsigned char mac[32];
    apr_status_t rv = cp_keys_derive(keys, is_previous, PURPOSE_KEY, secret);

    if (rv == APR_SUCCESS) {
        rv =
            cp_token_mac(mac, secret, sizeof(secret), key, CP_ALTCHA_KEY_BYTES);
        OPENSSL_cleanse(secret, sizeof(secret));
    }
    *hex = rv == APR_SUCCESS ? cp_encode_hex(mac, sizeof(mac), p) : NULL;
    return rv;
}

static apr_status_t challenge_signature(const char **hex,
                                        const json_t *parameters,
                                        const cp_keys_t *keys, int is_previous,
                                        apr_pool_t *p)
{
    unsigned char secret[CP_KEY_BYTES];
    apr_status_t rv =
        cp_keys_derive(keys, is_previous, PURPOSE_CHALLENGE, secret);

    if (rv == APR_SUCCESS) {
        rv = cp_altcha_sign(hex, parameters, secret, sizeof(secret), p);
        OPENSSL_cleanse(secret, sizeof(secret));
    }
    return rv;
}

static apr_status_t add_answer(json_t *parameters, unsigned counter,
                               const cp_keys_t *keys, apr_pool_t *p)
{
    unsigned char key[CP_ALTCHA_KEY_BYTES];
    const char *signature;
    const char *hex;
    apr_status_t rv = cp_altcha_derive(key, parameters, counter, p);

    if (rv == APR_SUCCESS) {
        rv = key_signature(&signature, key, keys, 0, p);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    hex = cp_encode_hex(key, sizeof(key), p);
    if (json_object_set_new(parameters, "keyPrefix",
                            json_stringn(hex, PREFIX_DIGITS)) != 0 ||
        json_object_set_new(parameters, "keySignature",
                            json_string(signature)) != 0) {
        return APR_ENOMEM;
    }
    return APR_SUCCESS;
}

apr_status_t cp_altcha_issue(json_t **challenge,
                             const cp_altcha_policy_t *policy,
                             const cp_altcha_scope_t *scope,
                             const cp_keys_t *keys, const cp_port_t *port,
                             apr_pool_t *p)
{
    json_t *parameters;
    const char *signature;
    unsigned counter;
    apr_status_t rv = pick_counter(&counter, policy, port);

    if (rv == APR_SUCCESS) {
        rv = new_parameters(&parameters, policy, scope, port, p);
    }
    if (rv == APR_SUCCESS) {
        rv = add_answer(parameters, counter, keys, p);
    }
    if (rv == APR_SUCCESS) {
        rv = challenge_signature(&signature, parameters, keys, 0, p);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *challenge = cp_json_own(json_pack("{s:O, s:s}", "parameters", parameters,
                                       "signature", signature),
                             p);
    return *challenge == NULL ? APR_ENOMEM : APR_SUCCESS;
}

/* Which of our secrets signed it? 0 current, 1 previous, -1 neither. */
static int signer_of(const cp_altcha_payload_t *payload, const cp_keys_t *keys,
                     apr_pool_t *p)
{
    const char *expected;
    int is_previous;

    for (is_previous = 0; is_previous < 2; is_previous++) {
        if (challenge_signature(&expected, payload->parameters, keys,
                                is_previous, p) == APR_SUCCESS &&
            cp_token_equal(payload->signature, expected)) {
            return is_previous;
        }
    }
    return -1;
}

static int is_text(const json_t *object, const char *name, const char *wanted)
{
    return strcmp(cp_json_string(object, name, ""), wanted) == 0;
}

/* Signed by us is not enough: it must be for this form, and no cheaper than
 * what is asked today. */
static int fits(const json_t *parameters, const cp_altcha_policy_t *policy,
                const cp_altcha_scope_t *scope)
{
    const json_t *data = json_object_get(parameters, "data");

    return is_text(parameters, "algorithm", ALGORITHM) &&
           cp_json_integer(parameters, "cost", 0) == policy->cost &&
           cp_json_integer(parameters, "keyLength", 0) == CP_ALTCHA_KEY_BYTES &&
           strlen(cp_json_string(parameters, "keyPrefix", "")) ==
               PREFIX_DIGITS &&
           is_text(data, "clinic", scope->clinic) &&
           is_text(data, "form", scope->form) && scope->visit[0] != '\0' &&
           is_text(data, "visit", scope->visit);
}

/* The derived key begins with the prefix and is the one the server derived. */
static int is_solved(const cp_altcha_payload_t *payload, const cp_keys_t *keys,
                     int is_previous, apr_pool_t *p)
{
    const json_t *parameters = payload->parameters;
    const char *signature = cp_json_string(parameters, "keySignature", NULL);
    unsigned char key[CP_ALTCHA_KEY_BYTES];
    const char *expected;
    apr_size_t i;

    if (!cp_altcha_has_prefix(payload->derived_key,
                              cp_json_string(parameters, "keyPrefix", ""))) {
        return 0;
    }
    for (i = 0; i < sizeof(key); i++) {
        char digits[3] = {payload->derived_key[2 * i],
                          payload->derived_key[2 * i + 1], '\0'};

        key[i] = (unsigned char)apr_strtoi64(digits, NULL, 16);
    }
    return key_signature(&expected, key, keys, is_previous, p) == APR_SUCCESS &&
           cp_token_equal(signature, expected);
}

apr_status_t cp_altcha_verify(cp_altcha_proof_t *proof, const char *payload,
                              const cp_altcha_policy_t *policy,
                              const cp_altcha_scope_t *scope,
                              const cp_keys_t *keys, apr_time_t now,
                              apr_pool_t *p)
{
    cp_altcha_payload_t decoded;
    json_int_t expires_at;
    int signer;

    if (cp_altcha_decode(&decoded, payload, p) != APR_SUCCESS) {
        return CP_EDENIED;
    }
    signer = signer_of(&decoded, keys, p);
    expires_at = cp_json_integer(decoded.parameters, "expiresAt", 0);
    if (signer < 0 || expires_at > apr_time_sec(now) + policy->ttl_s) {
        return CP_EDENIED;
    }
    if (expires_at <= apr_time_sec(now)) {
        return expires_at > 0 ? CP_EEXPIRED : CP_EDENIED;
    }
    if (!fits(decoded.parameters, policy, scope) ||
        !is_solved(&decoded, keys, signer, p)) {
        return CP_EDENIED;
    }
    proof->nonce = cp_json_string(decoded.parameters, "nonce", "");
    proof->expires_at = apr_time_from_sec(expires_at);
    return APR_SUCCESS;
}
