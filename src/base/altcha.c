/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Issue ALTCHA challenges and judge their solutions, deterministic mode. */
#include "base/altcha.h"

#include "base/altcha_core.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/status.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <string.h>

#define ALGORITHM "PBKDF2/SHA-256"
#define PURPOSE_CHALLENGE "altcha challenge"
#define PURPOSE_KEY "altcha key"
#define NONCE_BYTES 16
#define PREFIX_DIGITS CP_ALTCHA_KEY_BYTES /* half of the key, in hex */

/* The two secrets of one generation. */
typedef struct drawn_t {
    unsigned char challenge[CP_KEY_BYTES];
    unsigned char key[CP_KEY_BYTES];
    cp_altcha_secrets_t secrets; /* of the two above */
} drawn_t;

/* To be wiped by the caller in any case. APR_ENOENT: no such generation. */
static apr_status_t draw(drawn_t *drawn, const cp_keys_t *keys, int is_previous)
{
    apr_status_t rv =
        cp_keys_derive(keys, is_previous, PURPOSE_CHALLENGE, drawn->challenge);

    if (rv == APR_SUCCESS) {
        rv = cp_keys_derive(keys, is_previous, PURPOSE_KEY, drawn->key);
    }
    drawn->secrets.challenge.bytes = drawn->challenge;
    drawn->secrets.challenge.len = sizeof(drawn->challenge);
    drawn->secrets.key.bytes = drawn->key;
    drawn->secrets.key.len = sizeof(drawn->key);
    return rv;
}

/* Letters that every JSON writer leaves as they are, or the widget's text and
 * ours would be signed differently. */
static int is_plain(const char *text)
{
    return text != NULL && text[0] != '\0' &&
           text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz"
                             "0123456789._-")] == '\0';
}

/* NULL for a scope that binds to nothing. */
static json_t *data_of(const cp_altcha_scope_t *scope, apr_pool_t *p)
{
    if (!is_plain(scope->clinic) || !is_plain(scope->form) ||
        !is_plain(scope->visit)) {
        return NULL;
    }
    return cp_json_own(json_pack("{s:s, s:s, s:s}", "clinic", scope->clinic,
                                 "form", scope->form, "visit", scope->visit),
                       p);
}

/* A counter between the policy's bounds. The remainder's bias is below one in
 * a million and only prices the work. */
static apr_status_t pick_counter(unsigned *counter,
                                 const cp_altcha_policy_t *policy,
                                 const cp_port_t *port)
{
    uint32_t random = 0;
    apr_status_t rv;

    if (policy->counter_min < 0 || policy->counter_max < policy->counter_min) {
        return CP_EINPUT;
    }
    rv = cp_random(port, &random, sizeof(random));
    *counter = (unsigned)policy->counter_min +
               random % ((unsigned)policy->counter_max -
                         (unsigned)policy->counter_min + 1);
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

/* All but what depends on the counter. */
static apr_status_t new_parameters(json_t **parameters,
                                   const cp_altcha_policy_t *policy,
                                   json_t *data, const cp_port_t *port,
                                   apr_pool_t *p)
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
        json_pack("{s:s, s:i, s:i, s:s, s:s, s:I, s:O}", "algorithm", ALGORITHM,
                  "cost", policy->cost, "keyLength", CP_ALTCHA_KEY_BYTES,
                  "nonce", nonce, "salt", salt, "expiresAt",
                  (json_int_t)apr_time_sec(cp_now(port)) + policy->ttl_s,
                  "data", data),
        p);
    return *parameters == NULL ? APR_ENOMEM : APR_SUCCESS;
}

static apr_status_t add_answer(json_t *parameters, unsigned counter,
                               const cp_altcha_secret_t *secret, apr_pool_t *p)
{
    unsigned char key[CP_ALTCHA_KEY_BYTES];
    apr_status_t rv = cp_altcha_derive(key, parameters, counter);

    if (rv == APR_SUCCESS &&
        (json_object_set_new(
             parameters, "keyPrefix",
             json_string(cp_encode_hex(key, PREFIX_DIGITS / 2, p))) != 0 ||
         json_object_set_new(parameters, "keySignature",
                             json_string(cp_altcha_sign_key(key, secret, p))) !=
             0)) {
        rv = APR_ENOMEM;
    }
    OPENSSL_cleanse(key, sizeof(key));
    return rv;
}

apr_status_t cp_altcha_issue(json_t **challenge, const cp_altcha_terms_t *terms,
                             const cp_port_t *port, apr_pool_t *p)
{
    json_t *data = data_of(terms->scope, p);
    const char *signature;
    json_t *parameters;
    unsigned counter;
    drawn_t drawn;
    apr_status_t rv =
        data == NULL ? CP_EINPUT : pick_counter(&counter, terms->policy, port);

    if (rv == APR_SUCCESS) {
        rv = new_parameters(&parameters, terms->policy, data, port, p);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = draw(&drawn, terms->keys, 0);
    if (rv == APR_SUCCESS) {
        rv = add_answer(parameters, counter, &drawn.secrets.key, p);
    }
    if (rv == APR_SUCCESS) {
        rv =
            cp_altcha_sign(&signature, parameters, &drawn.secrets.challenge, p);
    }
    OPENSSL_cleanse(&drawn, sizeof(drawn));
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *challenge = cp_json_own(json_pack("{s:O, s:s}", "parameters", parameters,
                                       "signature", signature),
                             p);
    return *challenge == NULL ? APR_ENOMEM : APR_SUCCESS;
}

apr_status_t cp_altcha_verify(cp_altcha_proof_t *proof, const char *payload,
                              const cp_altcha_terms_t *terms, apr_time_t now,
                              apr_pool_t *p)
{
    cp_altcha_rules_t rules = {.algorithm = ALGORITHM,
                               .cost = terms->policy->cost,
                               .prefix_digits = PREFIX_DIGITS,
                               .ttl_s = terms->policy->ttl_s,
                               .data = data_of(terms->scope, p)};
    cp_altcha_payload_t decoded;
    int is_previous;
    apr_status_t rv = CP_EDENIED;

    if (rules.data == NULL ||
        cp_altcha_decode(&decoded, payload, p) != APR_SUCCESS) {
        return CP_EDENIED;
    }
    for (is_previous = 0; is_previous < 2 && rv == CP_EDENIED; is_previous++) {
        drawn_t drawn;

        rv = draw(&drawn, terms->keys, is_previous);
        if (rv == APR_SUCCESS) {
            rv = cp_altcha_judge(&decoded, &rules, &drawn.secrets, now, p);
        }
        OPENSSL_cleanse(&drawn, sizeof(drawn));
    }
    if (rv != APR_SUCCESS) {
        return APR_STATUS_IS_ENOENT(rv) ? CP_EDENIED : rv;
    }
    proof->nonce = cp_json_string(decoded.parameters, "nonce", "");
    proof->expires_at =
        apr_time_from_sec(cp_json_integer(decoded.parameters, "expiresAt", 0));
    return APR_SUCCESS;
}
