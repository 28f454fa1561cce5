/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any bytes as a solution, and as the JSON inside of one: no crash, and nothing
 * passes but what a secret of ours has signed for this form. */
#include "base/altcha.h"

#include "fuzz.h"

#include "base/altcha_core.h"
#include "base/status.h"

#include <apr_encode.h>
#include <apr_strings.h>

#define SECRET "a secret of at least thirty-two bytes"
#define NOW apr_time_from_sec(1800000000)
#define TTL_S 300

static apr_status_t verify(cp_altcha_proof_t *proof, const char *text,
                           const char *clinic, apr_pool_t *p)
{
    static const cp_altcha_policy_t policy = {
        .cost = 2, .counter_min = 5, .counter_max = 15, .ttl_s = TTL_S};
    static const cp_keys_t keys = {(const unsigned char *)SECRET,
                                   sizeof(SECRET) - 1, NULL, 0};
    cp_altcha_scope_t scope = {clinic, "login", "visit-1"};
    cp_altcha_terms_t terms = {&policy, &scope, &keys};

    return cp_altcha_verify(proof, text, &terms, NOW, p);
}

static void try_text(const char *text, apr_pool_t *p)
{
    cp_altcha_proof_t proof = {NULL, 0};
    cp_altcha_payload_t payload;
    apr_status_t rv = verify(&proof, text, "riverside", p);

    demand(rv == APR_SUCCESS || rv == CP_EDENIED || rv == CP_EEXPIRED);
    if (rv != APR_SUCCESS) {
        demand(proof.nonce == NULL);
        return;
    }
    demand(strlen(proof.nonce) == 32);
    demand(proof.expires_at > NOW &&
           proof.expires_at <= NOW + apr_time_from_sec(TTL_S));
    demand(strlen(text) <= CP_ALTCHA_PAYLOAD_MAX);
    demand(cp_altcha_decode(&payload, text, p) == APR_SUCCESS);
    demand(strspn(payload.derived_key, "0123456789abcdef") == 64);
    demand(verify(&proof, text, "lakeview", p) == CP_EDENIED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();

    try_text(apr_pstrmemdup(p, (const char *)data, size), p);
    try_text(apr_pencode_base64(p, (const char *)data, (apr_ssize_t)size,
                                APR_ENCODE_NONE, NULL),
             p);
    apr_pool_destroy(p);
    return 0;
}
