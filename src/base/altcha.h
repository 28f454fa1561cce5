/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* ALTCHA proof of work, protocol of widget version 3 ("PoW v2"): issue a
 * challenge, verify a solution. Pure: spending a solved challenge once is the
 * caller's business (src/clinic/captcha). Deterministic mode: the server
 * picks the counter, so verifying costs two HMACs and no key derivation. */
#ifndef CP_ALTCHA_H
#define CP_ALTCHA_H

#include "base/keys.h"

#include <jansson.h>

#define CP_ALTCHA_PAYLOAD_MAX 4096

typedef struct cp_altcha_policy_t {
    int cost;        /* PBKDF2 iterations a try costs the browser */
    int counter_min; /* the answer lies between these */
    int counter_max;
    int ttl_s; /* seconds a challenge is good for */
} cp_altcha_policy_t;

/* What a challenge is bound to; each [A-Za-z0-9._-]+. */
typedef struct cp_altcha_scope_t {
    const char *clinic; /* clinic id */
    const char *form;   /* "login" */
    const char *visit;  /* digest of the visitor's random cookie */
} cp_altcha_scope_t;

/* What a challenge and its solution are held to. */
typedef struct cp_altcha_terms_t {
    const cp_altcha_policy_t *policy;
    const cp_altcha_scope_t *scope;
    const cp_keys_t *keys;
} cp_altcha_terms_t;

/* A challenge document for the widget; *challenge is owned by p. */
apr_status_t cp_altcha_issue(json_t **challenge, const cp_altcha_terms_t *terms,
                             const cp_port_t *port, apr_pool_t *p);

typedef struct cp_altcha_proof_t {
    const char *nonce;     /* spend this, once */
    apr_time_t expires_at; /* and remember it until then */
} cp_altcha_proof_t;

/* Is `payload` (the form field) a genuine solution of one of our challenges,
 * on these terms? CP_EDENIED: no; CP_EEXPIRED: it was. */
apr_status_t cp_altcha_verify(cp_altcha_proof_t *proof, const char *payload,
                              const cp_altcha_terms_t *terms, apr_time_t now,
                              apr_pool_t *p);

#endif
