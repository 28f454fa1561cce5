/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The arithmetic of ALTCHA's proof of work, free of policy: what is signed, how
 * a counter becomes a key, what a prefix is. Shared by issuing, verifying and
 * the test vectors. */
#ifndef CP_ALTCHA_CORE_H
#define CP_ALTCHA_CORE_H

#include <apr_pools.h>
#include <jansson.h>

#define CP_ALTCHA_KEY_BYTES 32

/* Lower-case hex HMAC-SHA-256 over the canonical text of the parameters. */
apr_status_t cp_altcha_sign(const char **hex, const json_t *parameters,
                            const void *secret, apr_size_t secret_len,
                            apr_pool_t *p);

/* The key that `counter` gives: PBKDF2/SHA-256 or iterated SHA-256 over
 * nonce || counter (32 bits, big-endian). CP_EINPUT: parameters of a form or
 * an algorithm we do not know. */
apr_status_t cp_altcha_derive(unsigned char key[CP_ALTCHA_KEY_BYTES],
                              const json_t *parameters, unsigned counter,
                              apr_pool_t *p);

/* Does hex begin with prefix (any length, odd ones too)? */
int cp_altcha_has_prefix(const char *hex, const char *prefix);

/* Decode the form field: standard base64 of JSON, strictly: {"challenge":
 * {"parameters", "signature"}, "solution": {"counter", "derivedKey", "time"}}
 * and nothing else. CP_EINPUT otherwise. All borrowed from *payload. */
typedef struct cp_altcha_payload_t {
    const json_t *parameters;
    const char *signature;
    unsigned counter;
    const char *derived_key; /* 64 lower-case hex digits */
} cp_altcha_payload_t;

apr_status_t cp_altcha_decode(cp_altcha_payload_t *payload, const char *text,
                              apr_pool_t *p);

#endif
