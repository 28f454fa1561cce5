/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Challenges of our own: what they say, whose and when a solution is good, and
 * which spellings of one are read at all. */
#include "base/altcha.h"

#include "altcha_solve.h"

#include "base/altcha_core.h"
#include "base/json.h"
#include "base/status.h"

#include <apr_encode.h>
#include <apr_strings.h>

#define OLD_SECRET "the old secret of at least 32 bytes"
#define NEW_SECRET "the new secret of at least 32 bytes"
#define FULL_BYTES (CP_ALTCHA_PAYLOAD_MAX / 4 * 3)

static const cp_altcha_policy_t policy = {
    .cost = 2, .counter_min = 5, .counter_max = 15, .ttl_s = 300};
static const cp_altcha_scope_t scope = {"riverside", "login", "visit-1"};
static const cp_keys_t old_keys = {(const unsigned char *)OLD_SECRET,
                                   sizeof(OLD_SECRET) - 1, NULL, 0};
static const cp_altcha_terms_t usual = {&policy, &scope, &old_keys};

static json_t *issue(const fake_port_t *fake, apr_pool_t *p)
{
    json_t *challenge = NULL;

    assert_int_equal(cp_altcha_issue(&challenge, &usual, &fake->port, p),
                     APR_SUCCESS);
    return challenge;
}

static apr_status_t verify(const char *payload, const fake_port_t *fake,
                           apr_pool_t *p)
{
    cp_altcha_proof_t proof;

    return cp_altcha_verify(&proof, payload, &usual, fake->now, p);
}

static void a_challenge_says_what_the_widget_needs(void **state)
{
    fake_port_t fake;
    json_t *challenge;
    const json_t *parameters;

    fake_port_init(&fake);
    challenge = issue(&fake, *state);
    parameters = json_object_get(challenge, "parameters");
    assert_int_equal(json_object_size(challenge), 2);
    assert_int_equal(json_object_size(parameters), 9);
    assert_string_equal(cp_json_string(parameters, "algorithm", ""),
                        "PBKDF2/SHA-256");
    assert_int_equal(cp_json_integer(parameters, "cost", 0), 2);
    assert_int_equal(cp_json_integer(parameters, "keyLength", 0), 32);
    assert_int_equal(cp_json_integer(parameters, "expiresAt", 0), 1800000300);
    assert_string_equal(
        cp_json_text(json_object_get(parameters, "data"), *state),
        "{\"clinic\":\"riverside\",\"form\":\"login\",\"visit\":\"visit-1\"}");
    /* Random bytes count up from 1: four for the counter, then these. */
    assert_string_equal(cp_json_string(parameters, "nonce", ""),
                        "05060708090a0b0c0d0e0f1011121314");
    assert_string_equal(cp_json_string(parameters, "salt", ""),
                        "15161718191a1b1c1d1e1f2021222324");
    /* Half of the key, so that the other half is the answer. */
    assert_int_equal(strlen(cp_json_string(parameters, "keyPrefix", "")), 32);
    assert_int_equal(strlen(cp_json_string(parameters, "keySignature", "")),
                     64);
    assert_null(strstr(cp_json_text(challenge, *state), "counter"));
}

/* The first counter that fits is the one that was picked. */
static void counters_lie_in_the_bounds(void **state)
{
    fake_port_t fake;
    int seen[16] = {0};
    int i;

    fake_port_init(&fake);
    for (i = 0; i < 256; i++) {
        json_t *challenge;
        char key[2 * ALTCHA_KEY_BYTES + 1];
        const json_t *parameters;
        const char *prefix;
        unsigned counter = 0;

        fake.next = (unsigned char)i;
        challenge = issue(&fake, *state);
        parameters = json_object_get(challenge, "parameters");
        prefix = cp_json_string(parameters, "keyPrefix", "");
        do {
            altcha_derive(key, parameters, counter);
        } while (strncmp(key, prefix, 32) != 0 && ++counter < 16);
        assert_in_range(counter, 5, 15);
        seen[counter] = 1;
    }
    for (i = 5; i <= 15; i++) {
        assert_true(seen[i]);
    }
}

static void policies_and_scopes_must_make_sense(void **state)
{
    static const cp_altcha_policy_t policies[] = {
        {0, 5, 15, 300}, {-1, 5, 15, 300}, {2, -1, 15, 300}, {2, 15, 14, 300}};
    static const cp_altcha_scope_t scopes[] = {
        {NULL, "login", "v"},  {"c", NULL, "v"},     {"c", "login", NULL},
        {"", "login", "v"},    {"c", "", "v"},       {"c", "login", ""},
        {"c/1", "login", "v"}, {"c", "a b", "v"},    {"c", "login", "\xc3\xa9"},
        {"c", "login", "v\n"}, {"c\"", "login", "v"}};
    json_t *untouched = json_true();
    json_t *challenge = untouched;
    fake_port_t fake;
    apr_size_t i;

    fake_port_init(&fake);
    for (i = 0; i < ROWS(policies) + ROWS(scopes); i++) {
        int is_policy = i < ROWS(policies);
        cp_altcha_terms_t terms = {
            is_policy ? &policies[i] : &policy,
            is_policy ? &scope : &scopes[i - ROWS(policies)], &old_keys};

        assert_int_equal(
            cp_altcha_issue(&challenge, &terms, &fake.port, *state), CP_EINPUT);
    }
    fake.random_fails = 1;
    assert_int_equal(cp_altcha_issue(&challenge, &usual, &fake.port, *state),
                     APR_EGENERAL);
    assert_ptr_equal(challenge, untouched);
}

/* Spending it once is the caller's business, by the nonce. */
static void a_solution_is_proof_of_its_nonce(void **state)
{
    fake_port_t fake;
    json_t *challenge;
    const char *payload;
    int twice;

    fake_port_init(&fake);
    challenge = issue(&fake, *state);
    payload = altcha_solve(challenge, *state);
    for (twice = 0; twice < 2; twice++) {
        cp_altcha_proof_t proof = {NULL, 0};

        assert_int_equal(
            cp_altcha_verify(&proof, payload, &usual, fake.now, *state),
            APR_SUCCESS);
        assert_string_equal(proof.nonce, "05060708090a0b0c0d0e0f1011121314");
        assert_true(proof.expires_at == apr_time_from_sec(1800000300));
    }
}

static void a_solution_is_bound_to_scope_and_policy(void **state)
{
    static const struct {
        cp_altcha_scope_t scope;
        cp_altcha_policy_t policy;
    } rows[] = {
        {{"lakeview", "login", "visit-1"}, {2, 5, 15, 300}},
        {{"riverside", "reset", "visit-1"}, {2, 5, 15, 300}},
        {{"riverside", "login", "visit-2"}, {2, 5, 15, 300}},
        {{"riverside", "login", ""}, {2, 5, 15, 300}},
        {{"riverside", "login", NULL}, {2, 5, 15, 300}},
        {{"riverside", NULL, "visit-1"}, {2, 5, 15, 300}},
        {{NULL, "login", "visit-1"}, {2, 5, 15, 300}},
        {{"riverside", "login", "visit-1"}, {3, 5, 15, 300}},
        {{"riverside", "login", "visit-1"}, {1, 5, 15, 300}},
        {{"riverside", "login", "visit-1"}, {2, 5, 15, 299}},
    };
    cp_altcha_proof_t proof = {"untouched", 0};
    fake_port_t fake;
    const char *payload;
    apr_size_t i;

    fake_port_init(&fake);
    payload = altcha_solve(issue(&fake, *state), *state);
    for (i = 0; i < ROWS(rows); i++) {
        cp_altcha_terms_t terms = {&rows[i].policy, &rows[i].scope, &old_keys};

        if (cp_altcha_verify(&proof, payload, &terms, fake.now, *state) !=
            CP_EDENIED) {
            fail_msg("row %d", (int)i);
        }
    }
    assert_string_equal(proof.nonce, "untouched");
    fake.now += apr_time_from_sec(299);
    assert_int_equal(verify(payload, &fake, *state), APR_SUCCESS);
    fake.now += apr_time_from_sec(1);
    assert_int_equal(verify(payload, &fake, *state), CP_EEXPIRED);
    fake.now -= apr_time_from_sec(301);
    assert_int_equal(verify(payload, &fake, *state), CP_EDENIED);
}

static void secrets_rotate(void **state)
{
    static const cp_keys_t rotating = {
        (const unsigned char *)NEW_SECRET, sizeof(NEW_SECRET) - 1,
        (const unsigned char *)OLD_SECRET, sizeof(OLD_SECRET) - 1};
    static const cp_keys_t rotated = {(const unsigned char *)NEW_SECRET,
                                      sizeof(NEW_SECRET) - 1, NULL, 0};
    static const struct {
        const cp_keys_t *keys;
        int later_s;
        apr_status_t rv;
    } rows[] = {
        {&old_keys, 0, APR_SUCCESS}, {&rotating, 0, APR_SUCCESS},
        {&rotated, 0, CP_EDENIED},   {&rotating, 300, CP_EEXPIRED},
        {&rotated, 300, CP_EDENIED},
    };
    cp_altcha_proof_t proof;
    fake_port_t fake;
    const char *payload;
    apr_size_t i;

    fake_port_init(&fake);
    payload = altcha_solve(issue(&fake, *state), *state);
    for (i = 0; i < ROWS(rows); i++) {
        cp_altcha_terms_t terms = {&policy, &scope, rows[i].keys};

        assert_int_equal(
            cp_altcha_verify(&proof, payload, &terms,
                             fake.now + apr_time_from_sec(rows[i].later_s),
                             *state),
            rows[i].rv);
    }
}

/* The JSON of a good solution. */
static char *solved(fake_port_t *fake, apr_pool_t *p)
{
    fake_port_init(fake);
    return (char *)apr_pdecode_base64(p, altcha_solve(issue(fake, p), p),
                                      APR_ENCODE_STRING, APR_ENCODE_NONE, NULL);
}

static const char *encode(const char *text, apr_size_t len, apr_pool_t *p)
{
    return apr_pencode_base64(p, text, (apr_ssize_t)len, APR_ENCODE_NONE, NULL);
}

/* The solution's JSON with its first `from` replaced by `to`. */
static const char *with(const char *json, const char *from, const char *to,
                        apr_pool_t *p)
{
    const char *at = strstr(json, from);

    assert_non_null(at);
    return apr_pstrcat(p, apr_pstrmemdup(p, json, (apr_size_t)(at - json)), to,
                       at + strlen(from), NULL);
}

static void only_the_exact_form_is_read(void **state)
{
    static const struct {
        const char *from, *to;
        apr_status_t rv;
    } rows[] = {
        {"\"time\":1.5", "\"time\":2", APR_SUCCESS},
        {"\"time\":1.5", "\"time\":\"1.5\"", CP_EDENIED},
        {"\"time\":1.5", "\"time\":null", CP_EDENIED},
        {",\"time\":1.5", "", CP_EDENIED},
        {"\"time\":1.5", "\"time\":1.5,\"test\":true", CP_EDENIED},
        {"\"time\":1.5", "\"time\":1.5,\"time\":1.5", CP_EDENIED},
        {"{\"challenge\"", " {\"challenge\"", APR_SUCCESS},
        {"{\"challenge\"", "[{\"challenge\"", CP_EDENIED},
        {"{\"challenge\"", "{\"x\":1,\"challenge\"", CP_EDENIED},
        {"\"challenge\"", "\"Challenge\"", CP_EDENIED},
        {"{\"parameters\"", "{\"x\":1,\"parameters\"", CP_EDENIED},
        {"\"counter\":", "\"counter\":0.", CP_EDENIED},
        {"\"counter\":", "\"counter\":-", CP_EDENIED},
        {"\"counter\":", "\"counter\":42949672960", CP_EDENIED},
        {"\"counter\":", "\"counter\":null,\"c\":", CP_EDENIED},
        {"\"derivedKey\":\"", "\"derivedKey\":\"\",\"k\":\"", CP_EDENIED},
        {"\"derivedKey\"", "\"derivedKey\":[1],\"k\"", CP_EDENIED},
        {"\"signature\":\"", "\"signature\":\"0", CP_EDENIED},
        {"\"signature\":", "\"signature\":null,\"s\":", CP_EDENIED},
        {",\"keyLength\":32", "", CP_EDENIED},
    };
    fake_port_t fake;
    const char *json = solved(&fake, *state);
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        const char *text = with(json, rows[i].from, rows[i].to, *state);

        if (verify(encode(text, strlen(text), *state), &fake, *state) !=
            rows[i].rv) {
            fail_msg("%s -> %s", rows[i].from, rows[i].to);
        }
    }
}

/* Signed by us, bound to nothing: a scope that is not there must not fit it. */
static void missing_does_not_equal_missing(void **state)
{
    static const cp_altcha_scope_t nothing = {NULL, NULL, NULL};
    static const cp_altcha_terms_t terms = {&policy, &nothing, &old_keys};
    unsigned char key[CP_KEY_BYTES];
    cp_altcha_secret_t secret = {key, sizeof(key)};
    cp_altcha_proof_t proof;
    fake_port_t fake;
    json_t *challenge;
    json_t *parameters;
    const char *hex;

    fake_port_init(&fake);
    challenge = issue(&fake, *state);
    parameters = json_object_get(challenge, "parameters");
    assert_int_equal(json_object_del(parameters, "data"), 0);
    assert_int_equal(cp_keys_derive(&old_keys, 0, "altcha challenge", key),
                     APR_SUCCESS);
    assert_int_equal(cp_altcha_sign(&hex, parameters, &secret, *state),
                     APR_SUCCESS);
    json_object_set_new(challenge, "signature", json_string(hex));
    assert_int_equal(cp_altcha_verify(&proof, altcha_solve(challenge, *state),
                                      &terms, fake.now, *state),
                     CP_EDENIED);
}

static void only_strict_base64_is_read(void **state)
{
    fake_port_t fake;
    const char *json = solved(&fake, *state);
    const char *good;
    apr_size_t i;

    /* Space at the end of JSON is fine; as much as makes the text end in ==. */
    do {
        json = apr_pstrcat(*state, json, " ", NULL);
    } while (strlen(json) % 3 != 1);
    good = encode(json, strlen(json), *state);
    assert_string_equal(good + strlen(good) - 4, "IA==");
    assert_int_equal(verify(good, &fake, *state), APR_SUCCESS);
    good = apr_pstrmemdup(*state, good, strlen(good) - 4);
    {
        const char *rows[] = {
            NULL,
            "",
            "=",
            "====",
            "bnVsbA==",
            "not base64",
            apr_pstrcat(*state, good, "IA", NULL),
            apr_pstrcat(*state, good, "IA=", NULL),
            apr_pstrcat(*state, good, "IA===", NULL),
            apr_pstrcat(*state, good, "IB==", NULL), /* loose bits */
            apr_pstrcat(*state, good, "IA==\n", NULL),
            apr_pstrcat(*state, " ", good, "IA==", NULL),
            apr_pstrcat(*state, good, "\nIA==", NULL),
            apr_pstrcat(*state, good, "AAAA", NULL), /* NULs at the end */
            apr_pstrcat(*state, good, "e30=", NULL), /* another document */
        };

        for (i = 0; i < ROWS(rows); i++) {
            if (verify(rows[i], &fake, *state) != CP_EDENIED) {
                fail_msg("row %d", (int)i);
            }
        }
    }
}

static void length_is_bounded(void **state)
{
    fake_port_t fake;
    const char *json = solved(&fake, *state);
    char *full = apr_palloc(*state, FULL_BYTES + 3);

    memset(full, ' ', FULL_BYTES + 3);
    memcpy(full, json, strlen(json));
    assert_int_equal(verify(encode(full, FULL_BYTES, *state), &fake, *state),
                     APR_SUCCESS);
    assert_int_equal(
        verify(encode(full, FULL_BYTES + 3, *state), &fake, *state),
        CP_EDENIED);
    memset(full, '[', FULL_BYTES);
    assert_int_equal(verify(encode(full, FULL_BYTES, *state), &fake, *state),
                     CP_EDENIED);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(a_challenge_says_what_the_widget_needs),
        POOL_TEST(counters_lie_in_the_bounds),
        POOL_TEST(policies_and_scopes_must_make_sense),
        POOL_TEST(a_solution_is_proof_of_its_nonce),
        POOL_TEST(a_solution_is_bound_to_scope_and_policy),
        POOL_TEST(secrets_rotate),
        POOL_TEST(only_the_exact_form_is_read),
        POOL_TEST(missing_does_not_equal_missing),
        POOL_TEST(only_strict_base64_is_read),
        POOL_TEST(length_is_bounded),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
