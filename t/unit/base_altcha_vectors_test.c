/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* ALTCHA's arithmetic against challenges and solutions that altcha-lib 2.8.0
 * made with known secrets: three good ones, and those that must not pass. */
#include "base/altcha_core.h"

#include "altcha_vectors.h"
#include "unit.h"

#include "base/encode.h"
#include "base/json.h"
#include "base/status.h"

#include <apr_encode.h>
#include <apr_strings.h>

#define TTL_S 300
#define IN_TIME apr_time_from_sec(VECTOR_EXPIRES_AT - 100)

static const cp_altcha_secrets_t secrets = {
    {VECTOR_SECRET, sizeof(VECTOR_SECRET) - 1},
    {VECTOR_KEY_SECRET, sizeof(VECTOR_KEY_SECRET) - 1}};

static json_t *read_json(const char *text, apr_pool_t *p)
{
    return text == NULL ? NULL : cp_json_own(json_loads(text, 0, NULL), p);
}

/* The form field, spelt as the widget spells it. */
static const char *payload_of(const vector_t *vector, apr_pool_t *p)
{
    return apr_pencode_base64(
        p,
        apr_psprintf(p,
                     "{\"challenge\":{\"parameters\":%s,\"signature\":\"%s\"},"
                     "\"solution\":{\"counter\":%d,\"derivedKey\":\"%s\","
                     "\"time\":12.3}}",
                     vector->parameters, vector->signature, vector->counter,
                     vector->key),
        APR_ENCODE_STRING, APR_ENCODE_NONE, NULL);
}

static cp_altcha_rules_t rules_of(const vector_t *vector, apr_pool_t *p)
{
    cp_altcha_rules_t rules = {.algorithm = vector->algorithm,
                               .cost = vector->cost,
                               .prefix_digits = vector->prefix_digits,
                               .ttl_s = TTL_S,
                               .data = read_json(vector->data, p),
                               .is_rederived = vector->is_rederived};

    return rules;
}

static apr_status_t judge(const vector_t *vector,
                          const cp_altcha_rules_t *rules, apr_time_t now,
                          apr_pool_t *p)
{
    cp_altcha_payload_t payload;

    assert_int_equal(cp_altcha_decode(&payload, payload_of(vector, p), p),
                     APR_SUCCESS);
    return cp_altcha_judge(&payload, rules, &secrets, now, p);
}

static void texts_are_canonical_and_signed(void **state)
{
    apr_size_t i;

    for (i = 0; i < ROWS(vectors); i++) {
        json_t *json = read_json(vectors[i].parameters, *state);
        const char *hex = NULL;

        assert_string_equal(cp_json_text(json, *state), vectors[i].parameters);
        assert_int_equal(cp_altcha_sign(&hex, json, &secrets.challenge, *state),
                         APR_SUCCESS);
        assert_string_equal(hex, vectors[i].signature);
    }
}

static void counters_give_keys(void **state)
{
    unsigned char key[CP_ALTCHA_KEY_BYTES];
    apr_size_t i;

    for (i = 0; i < ROWS(vectors); i++) {
        json_t *json = read_json(vectors[i].parameters, *state);

        assert_int_equal(
            cp_altcha_derive(key, json, (unsigned)vectors[i].counter),
            APR_SUCCESS);
        assert_string_equal(cp_encode_hex(key, sizeof(key), *state),
                            vectors[i].key);
    }
}

static void odd_parameters_give_no_key(void **state)
{
    static const char *const rows[] = {
        "{\"algorithm\":\"SHA-512\"}",
        "{\"algorithm\":\"pbkdf2/sha-256\"}",
        "{\"algorithm\":7}",
        "{\"cost\":0}",
        "{\"cost\":-1}",
        "{\"cost\":2147483648}",
        "{\"cost\":\"100\"}",
        "{\"nonce\":\"5ae4c432cad4356729bcfdae6a7831\"}",
        "{\"nonce\":\"5AE4C432CAD4356729BCFDAE6A78310C\"}",
        "{\"salt\":\"5ae4c432cad4356729bcfdae6a78310cff\"}",
        "{\"salt\":\"5ae4c432cad4356729bcfdae6a78310g\"}",
    };
    unsigned char key[CP_ALTCHA_KEY_BYTES];
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        json_t *json = read_json(V1->parameters, *state);

        assert_int_equal(json_object_update(json, read_json(rows[i], *state)),
                         0);
        if (cp_altcha_derive(key, json, 37) != CP_EINPUT) {
            fail_msg("%s", rows[i]);
        }
    }
}

/* Twice each: judging keeps no state, so once is for the caller to see to. */
static void published_solutions_pass(void **state)
{
    apr_size_t i;
    int twice;

    for (i = 0; i < ROWS(vectors); i++) {
        cp_altcha_rules_t rules = rules_of(&vectors[i], *state);

        assert_string_equal(payload_of(&vectors[i], *state),
                            vectors[i].payload);
        for (twice = 0; twice < 2; twice++) {
            assert_int_equal(judge(&vectors[i], &rules, IN_TIME, *state),
                             APR_SUCCESS);
        }
    }
}

static void time_is_bounded_on_both_sides(void **state)
{
    static const struct {
        apr_int64_t now_s;
        apr_status_t rv;
    } rows[] = {
        {VECTOR_EXPIRES_AT - TTL_S - 1, CP_EDENIED}, /* never made by us */
        {VECTOR_EXPIRES_AT - TTL_S, APR_SUCCESS},
        {VECTOR_EXPIRES_AT - 1, APR_SUCCESS},
        {VECTOR_EXPIRES_AT, CP_EEXPIRED},
        {VECTOR_EXPIRES_AT + 1, CP_EEXPIRED},
    };
    cp_altcha_rules_t rules = rules_of(V1, *state);
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        assert_int_equal(
            judge(V1, &rules, apr_time_from_sec(rows[i].now_s), *state),
            rows[i].rv);
    }
}

/* N1: a counter whose key lacks the prefix, with that true key. */
static void a_key_needs_the_prefix(void **state)
{
    cp_altcha_rules_t rules = rules_of(V2, *state);
    unsigned char key[CP_ALTCHA_KEY_BYTES];
    vector_t n1 = *V2;

    n1.counter = 0;
    n1.key = "1d2c7e1881c5408de009e8946e621dc2"
             "45a57f613f2f755d9858a58306f65eb7";
    assert_int_equal(cp_altcha_derive(key, read_json(n1.parameters, *state), 0),
                     APR_SUCCESS);
    assert_string_equal(cp_encode_hex(key, sizeof(key), *state), n1.key);
    assert_int_equal(judge(&n1, &rules, IN_TIME, *state), CP_EDENIED);
}

/* N2 and N3: long expired, and never to expire; and a shorter key. All are
 * signed by the secret. */
static void genuine_is_not_enough(void **state)
{
    static const struct {
        const char *name;
        int value; /* 0: not there */
        apr_status_t rv;
        const char *signature; /* where published */
    } rows[] = {
        {"expiresAt", 1000000000, CP_EEXPIRED,
         "04c6dad69351a060f6b9f385f5de8a978cd87759865d111b4d20a4362ea7bc5a"},
        {"expiresAt", 0, CP_EDENIED,
         "92ea17e9bad3038654a8aceba76ff8b545f4912bc5db24c10d6b80933d34ff6e"},
        {"expiresAt", -1, CP_EDENIED, NULL},
        {"keyLength", 31, CP_EDENIED, NULL},
    };
    cp_altcha_rules_t rules = rules_of(V2, *state);
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        json_t *json = read_json(V2->parameters, *state);
        vector_t vector = *V2;

        assert_int_equal(json_object_del(json, rows[i].name), 0);
        if (rows[i].value != 0) {
            json_object_set_new(json, rows[i].name,
                                json_integer(rows[i].value));
        }
        assert_int_equal(
            cp_altcha_sign(&vector.signature, json, &secrets.challenge, *state),
            APR_SUCCESS);
        if (rows[i].signature != NULL) {
            assert_string_equal(vector.signature, rows[i].signature);
        }
        vector.parameters = cp_json_text(json, *state);
        assert_int_equal(judge(&vector, &rules, IN_TIME, *state), rows[i].rv);
    }
}

/* Refused by their form, before anything is signed. */
static void odd_forms_are_not_decoded(void **state)
{
    static const struct {
        const char *parameters, *key;
    } rows[] = {
        {"{\"memoryCost\":1}", NULL},
        {"{\"algorithm\":1}", NULL},
        {"{\"cost\":1.0}", NULL},
        {"{\"expiresAt\":\"4102444800\"}", NULL},
        {"{\"data\":[]}", NULL},
        {"{\"data\":{\"clinic\":{}}}", NULL},
        {"{\"data\":{\"clinic\":null}}", NULL},
        {"{}", "9BC897F55A4596E6BA36E0AEE05B338D"
               "911AF58EF25DA138B482E28F8E1D7AAD"},
        {"{}", "9bc897f55a4596e6ba36e0aee05b338d911a"},
        {"{}", "9bc897f55a4596e6ba36e0aee05b338d"
               "911af58ef25da138b482e28f8e1d7aad00"},
        {"{}", "9bc897f55a4596e6ba36e0aee05b338d"
               "911af58ef25da138b482e28f8e1d7aag"},
        {"{}", ""},
    };
    cp_altcha_payload_t payload;
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        json_t *json = read_json(V1->parameters, *state);
        vector_t vector = *V1;

        assert_int_equal(
            json_object_update(json, read_json(rows[i].parameters, *state)), 0);
        vector.parameters = cp_json_text(json, *state);
        vector.key = rows[i].key == NULL ? vector.key : rows[i].key;
        if (cp_altcha_decode(&payload, payload_of(&vector, *state), *state) !=
            CP_EINPUT) {
            fail_msg("%s, %s", rows[i].parameters, rows[i].key);
        }
    }
}

/* N4: what the widget sends in its test mode. */
static void test_mode_is_no_solution(void **state)
{
    cp_altcha_payload_t payload;

    assert_int_equal(
        cp_altcha_decode(&payload,
                         "eyJjaGFsbGVuZ2UiOm51bGwsInNvbHV0aW9uIjpudWxsLCJ0ZXN0"
                         "Ijp0cnVlfQ==",
                         *state),
        CP_EINPUT);
}

/* N6 and its kind: genuine, but not what was asked for. */
static void rules_are_kept(void **state)
{
    cp_altcha_rules_t rows[10];
    vector_t wrong_counter = *V1;
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        rows[i] = rules_of(V1, *state);
    }
    rows[0].data =
        read_json("{\"clinic\":\"other\",\"form\":\"login\"}", *state);
    rows[1].data =
        read_json("{\"clinic\":\"demo\",\"form\":\"reset\"}", *state);
    rows[2].data = read_json("{\"clinic\":\"demo\"}", *state);
    rows[3].data = read_json("{\"clinic\":\"demo\",\"form\":\"login\","
                             "\"visit\":\"x\"}",
                             *state);
    rows[4].data = NULL;
    rows[5].algorithm = "SHA-256";
    rows[6].cost = 101;
    rows[7].cost = 99;
    rows[8].prefix_digits = 31;
    rows[9].prefix_digits = 33;
    for (i = 0; i < ROWS(rows); i++) {
        if (judge(V1, &rows[i], IN_TIME, *state) != CP_EDENIED) {
            fail_msg("row %d", (int)i);
        }
    }
    rows[0] = rules_of(V1, *state);
    rows[0].is_rederived = 1;
    assert_int_equal(judge(V1, &rows[0], IN_TIME, *state), APR_SUCCESS);
    wrong_counter.counter = 38;
    assert_int_equal(judge(&wrong_counter, &rows[0], IN_TIME, *state),
                     CP_EDENIED);
    /* No keySignature does not equal a missing one. */
    rows[1] = rules_of(V2, *state);
    rows[1].is_rederived = 0;
    assert_int_equal(judge(V2, &rows[1], IN_TIME, *state), CP_EDENIED);
}

static void what_is_signed_cannot_be_changed(void **state)
{
    static const char *const rows[] = {
        "{\"cost\":1}",
        "{\"expiresAt\":4102444801}",
        "{\"keyPrefix\":\"9\"}",
        "{\"keySignature\":\"89\"}",
        "{\"salt\":\"00\"}",
        "{\"data\":{\"clinic\":\"other\",\"form\":\"login\"}}",
    };
    cp_altcha_rules_t rules = rules_of(V1, *state);
    vector_t vector;
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        json_t *json = read_json(V1->parameters, *state);

        assert_int_equal(json_object_update(json, read_json(rows[i], *state)),
                         0);
        vector = *V1;
        vector.parameters = cp_json_text(json, *state);
        assert_int_equal(judge(&vector, &rules, IN_TIME, *state), CP_EDENIED);
    }
    vector = *V1;
    vector.signature = V2->signature;
    assert_int_equal(judge(&vector, &rules, IN_TIME, *state), CP_EDENIED);
    vector.signature = "";
    assert_int_equal(judge(&vector, &rules, IN_TIME, *state), CP_EDENIED);
}

/* A key with the prefix, but not the one; and secrets of someone else. */
static void the_key_must_be_the_one(void **state)
{
    static const cp_altcha_secrets_t others[] = {
        {{VECTOR_KEY_SECRET, 32}, {VECTOR_KEY_SECRET, 32}},
        {{VECTOR_SECRET, 38}, {VECTOR_SECRET, 38}}};
    cp_altcha_rules_t rules = rules_of(V1, *state);
    cp_altcha_payload_t payload;
    apr_size_t i;

    for (i = 0; i < ROWS(vectors); i++) {
        vector_t vector = vectors[i];
        char *key = apr_pstrdup(*state, vector.key);
        cp_altcha_rules_t of_it = rules_of(&vector, *state);

        key[63] = key[63] == '0' ? '1' : '0';
        vector.key = key;
        assert_int_equal(judge(&vector, &of_it, IN_TIME, *state), CP_EDENIED);
    }
    assert_int_equal(cp_altcha_decode(&payload, V1->payload, *state),
                     APR_SUCCESS);
    for (i = 0; i < ROWS(others); i++) {
        assert_int_equal(
            cp_altcha_judge(&payload, &rules, &others[i], IN_TIME, *state),
            CP_EDENIED);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(texts_are_canonical_and_signed),
        POOL_TEST(counters_give_keys),
        POOL_TEST(odd_parameters_give_no_key),
        POOL_TEST(published_solutions_pass),
        POOL_TEST(time_is_bounded_on_both_sides),
        POOL_TEST(a_key_needs_the_prefix),
        POOL_TEST(genuine_is_not_enough),
        POOL_TEST(odd_forms_are_not_decoded),
        POOL_TEST(test_mode_is_no_solution),
        POOL_TEST(rules_are_kept),
        POOL_TEST(what_is_signed_cannot_be_changed),
        POOL_TEST(the_key_must_be_the_one),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
