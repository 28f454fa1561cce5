/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* ALTCHA's proof of work, free of this portal's policy: what is signed, how a
 * counter becomes a key, and how a solution is judged by given rules and
 * secrets. Shared by issuing, verifying and the published test vectors. */
#ifndef CP_ALTCHA_CORE_H
#define CP_ALTCHA_CORE_H

#include <apr_pools.h>
#include <apr_time.h>
#include <jansson.h>

#define CP_ALTCHA_KEY_BYTES 32

typedef struct cp_altcha_secret_t {
    const void *bytes;
    apr_size_t len;
} cp_altcha_secret_t;

/* Lower-case hex HMAC-SHA-256 over the canonical text of the parameters. */
apr_status_t cp_altcha_sign(const char **hex, const json_t *parameters,
                            const cp_altcha_secret_t *secret, apr_pool_t *p);

/* The same over a derived key, with a secret of its own: proof that a key is
 * the right one without deriving it again. */
const char *cp_altcha_sign_key(const unsigned char key[CP_ALTCHA_KEY_BYTES],
                               const cp_altcha_secret_t *secret,
                               apr_pool_t *p);

/* The key that `counter` gives: PBKDF2/SHA-256 or iterated SHA-256 over
 * nonce || counter (32 bits, big-endian). CP_EINPUT: parameters of a form or
 * an algorithm we do not know. */
apr_status_t cp_altcha_derive(unsigned char key[CP_ALTCHA_KEY_BYTES],
                              const json_t *parameters, unsigned counter);

/* A posted solution. All borrowed from a document that its pool owns. */
typedef struct cp_altcha_payload_t {
    const json_t *parameters;
    const char *signature;
    unsigned counter;
    const char *derived_key; /* 64 lower-case hex digits, */
    unsigned char key[CP_ALTCHA_KEY_BYTES]; /* and their bytes */
} cp_altcha_payload_t;

/* Decode the form field: standard base64 of JSON, strictly: {"challenge":
 * {"parameters", "signature"}, "solution": {"counter", "derivedKey", "time"}}
 * with members of the known names and types and nothing else. CP_EINPUT
 * otherwise, also for NULL and for more than CP_ALTCHA_PAYLOAD_MAX bytes. */
apr_status_t cp_altcha_decode(cp_altcha_payload_t *payload, const char *text,
                              apr_pool_t *p);

/* What a genuine challenge must say to be accepted. */
typedef struct cp_altcha_rules_t {
    const char *algorithm;
    int cost;
    int prefix_digits;
    int ttl_s;          /* expiresAt lies at most so far ahead */
    const json_t *data; /* exactly this; NULL: none */
    int is_rederived;   /* no keySignature: derive the key once more */
} cp_altcha_rules_t;

typedef struct cp_altcha_secrets_t {
    cp_altcha_secret_t challenge;
    cp_altcha_secret_t key; /* unused when rederived */
} cp_altcha_secrets_t;

/* APR_SUCCESS; CP_EDENIED; CP_EEXPIRED: genuine, but its time is over. Keeps
 * no state: the same payload is good again. */
apr_status_t cp_altcha_judge(const cp_altcha_payload_t *payload,
                             const cp_altcha_rules_t *rules,
                             const cp_altcha_secrets_t *secrets,
                             apr_time_t now, apr_pool_t *p);

#endif
