/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The rows of the CAPTCHA providers, and what the judge makes of answers. */
#include "base/siteverify.h"

#include <apr_strings.h>

#include "unit.h"

#define NOW apr_time_from_sec(1800000000) /* 2027-01-15T08:00:00Z */
#define FRESH "\"challenge_ts\":\"2027-01-15T07:59:30Z\""
#define OURS "\"hostname\":\"portal.example\""
#define ACTION "\"action\":\"login\""
#define GOOD "{\"success\":true," FRESH "," OURS "," ACTION "}"

static const cp_siteverify_t *find(const char *name)
{
    const cp_siteverify_t *provider = cp_siteverify_find(name);

    assert_non_null(provider);
    return provider;
}

static cp_siteverify_expect_t expect_of(apr_pool_t *p)
{
    apr_array_header_t *hosts = apr_array_make(p, 2, sizeof(const char *));
    cp_siteverify_expect_t expect = {hosts, "login", NOW};

    APR_ARRAY_PUSH(hosts, const char *) = "localhost";
    APR_ARRAY_PUSH(hosts, const char *) = "portal.example";
    return expect;
}

static cp_siteverify_verdict_t judge(const char *provider, const char *json,
                                     const char **why, apr_pool_t *p)
{
    cp_siteverify_answer_t answer = {200, json, strlen(json)};
    cp_siteverify_expect_t expect = expect_of(p);

    return cp_siteverify_judge(find(provider), &answer, &expect, why, p);
}

static void providers_are_known(void **state)
{
    static const struct {
        const char *name;
        const char *field;
        const char *widget;
        int life_s;
        int sends_sitekey;
        int expects_action;
        int may_retry;
    } rows[] = {
        {"recaptcha", "g-recaptcha-response", "g-recaptcha", 120, 0, 0, 0},
        {"hcaptcha", "h-captcha-response", "h-captcha", 120, 1, 0, 0},
        {"turnstile", "cf-turnstile-response", "cf-turnstile", 300, 0, 1, 1},
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        const cp_siteverify_t *provider = find(rows[i].name);

        assert_string_equal(provider->form_field, rows[i].field);
        assert_string_equal(provider->widget_class, rows[i].widget);
        assert_int_equal(provider->token_life_s, rows[i].life_s);
        assert_int_equal(provider->sends_sitekey, rows[i].sends_sitekey);
        assert_int_equal(provider->expects_action, rows[i].expects_action);
        assert_int_equal(provider->may_retry, rows[i].may_retry);
        assert_in_range(provider->token_max_bytes, 2048, 8192);
        assert_memory_equal(provider->verify_url, "https://", 8);
        assert_memory_equal(provider->script_url, "https://", 8);
        assert_memory_equal(provider->csp.script, "https://", 8);
        assert_memory_equal(provider->csp.frame, "https://", 8);
        assert_non_null(provider->csp.style);
        assert_non_null(provider->csp.connect);
        assert_non_null(provider->csp.img);
    }
    assert_null(cp_siteverify_find("altcha"));
    assert_null(cp_siteverify_find("Recaptcha"));
    assert_null(cp_siteverify_find(""));
}

static void test_keys_are_known(void **state)
{
    static const struct {
        const char *provider;
        const char *key;
        int is_test_key;
    } rows[] = {
        {"recaptcha", "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI", 1},
        {"recaptcha", "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe", 1},
        {"recaptcha", "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWf", 0},
        {"recaptcha", "1x00000000000000000000AA", 0},
        {"hcaptcha", "10000000-ffff-ffff-ffff-000000000001", 1},
        {"hcaptcha", "0x0000000000000000000000000000000000000000", 1},
        {"hcaptcha", "0x000000000000000000000000000000000000000", 0},
        {"turnstile", "1x00000000000000000000AA", 1},
        {"turnstile", "3x00000000000000000000FF", 1},
        {"turnstile", "1x0000000000000000000000000000000AA", 1},
        {"turnstile", "3x0000000000000000000000000000000AA", 1},
        {"turnstile", "", 0},
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        assert_int_equal(
            cp_siteverify_is_test_key(find(rows[i].provider), rows[i].key),
            rows[i].is_test_key);
    }
}

typedef struct verdict_row_t {
    const char *json;
    cp_siteverify_verdict_t verdict;
    const char *why;
} verdict_row_t;

static void assert_verdicts(const char *provider, const verdict_row_t *row,
                            apr_size_t count, apr_pool_t *p)
{
    for (; count > 0; count--, row++) {
        const char *why = NULL;
        cp_siteverify_verdict_t verdict = judge(provider, row->json, &why, p);

        if (verdict != row->verdict || strcmp(why, row->why) != 0) {
            fail_msg("%s: verdict %d \"%s\", expected %d \"%s\"", row->json,
                     (int)verdict, why, (int)row->verdict, row->why);
        }
    }
}

#define TRUE_WITH(members) "{\"success\":true," members "}"

static void successes_are_examined(void **state)
{
    static const verdict_row_t rows[] = {
        {GOOD, CP_SITEVERIFY_PASS, ""},
        {TRUE_WITH(FRESH "," OURS "," ACTION ",\"error-codes\":[]"),
         CP_SITEVERIFY_PASS, ""},
        {TRUE_WITH(FRESH "," OURS "," ACTION ",\"error-codes\":null"),
         CP_SITEVERIFY_PASS, ""},
        {TRUE_WITH(FRESH "," ACTION ",\"hostname\":\"LOCALHOST\""),
         CP_SITEVERIFY_PASS, ""},
        {TRUE_WITH(FRESH "," ACTION ",\"hostname\":\"evil.example\""),
         CP_SITEVERIFY_REFUSED, "foreign-hostname:evil.example"},
        {TRUE_WITH(FRESH "," ACTION
                         ",\"hostname\":\"portal.example.evil.example\""),
         CP_SITEVERIFY_REFUSED, "foreign-hostname:portal.example.evil.example"},
        {TRUE_WITH(FRESH "," ACTION ",\"hostname\":\"\\n<b>\""),
         CP_SITEVERIFY_REFUSED, "foreign-hostname:??b?"},
        {TRUE_WITH(FRESH "," ACTION ",\"hostname\":\"\""),
         CP_SITEVERIFY_REFUSED, "foreign-hostname:?"},
        {TRUE_WITH(FRESH "," ACTION), CP_SITEVERIFY_UNAVAILABLE, "no-hostname"},
        {TRUE_WITH(FRESH "," ACTION ",\"hostname\":7"),
         CP_SITEVERIFY_UNAVAILABLE, "no-hostname"},
        {TRUE_WITH(FRESH "," OURS ",\"action\":\"reset\""),
         CP_SITEVERIFY_REFUSED, "foreign-action"},
        {TRUE_WITH(FRESH "," OURS ",\"action\":\"LOGIN\""),
         CP_SITEVERIFY_REFUSED, "foreign-action"},
        {TRUE_WITH(FRESH "," OURS), CP_SITEVERIFY_REFUSED, "foreign-action"},
        {TRUE_WITH(OURS "," ACTION), CP_SITEVERIFY_UNAVAILABLE,
         "no-challenge-time"},
        {TRUE_WITH(FRESH "," OURS "," ACTION
                         ",\"error-codes\":[\"timeout-or-duplicate\"]"),
         CP_SITEVERIFY_REFUSED, "timeout-or-duplicate"},
    };
    const char *why;

    assert_verdicts("turnstile", rows, ROWS(rows), *state);
    assert_int_equal(judge("hcaptcha", TRUE_WITH(FRESH "," OURS), &why, *state),
                     CP_SITEVERIFY_PASS);
}

/* Other shapes of "yes", and no answer at all. */
static void only_true_is_success(void **state)
{
    static const verdict_row_t rows[] = {
        {"{\"success\":\"true\"," FRESH "," OURS "," ACTION "}",
         CP_SITEVERIFY_UNAVAILABLE, "no-verdict"},
        {"{\"success\":1," FRESH "," OURS "," ACTION "}",
         CP_SITEVERIFY_UNAVAILABLE, "no-verdict"},
        {"{\"success\":[true]}", CP_SITEVERIFY_UNAVAILABLE, "no-verdict"},
        {"{\"Success\":true," FRESH "," OURS "," ACTION "}",
         CP_SITEVERIFY_UNAVAILABLE, "no-verdict"},
        {"{}", CP_SITEVERIFY_UNAVAILABLE, "no-verdict"},
        {"{\"success\":false}", CP_SITEVERIFY_REFUSED, "no-reason-given"},
        {"{\"success\":false,\"error-codes\":[]}", CP_SITEVERIFY_REFUSED,
         "no-reason-given"},
        {"{\"success\":false,\"success\":true," FRESH "," OURS "," ACTION "}",
         CP_SITEVERIFY_UNAVAILABLE, "not-json"},
        {GOOD "x", CP_SITEVERIFY_UNAVAILABLE, "not-json"},
        {"[" GOOD "]", CP_SITEVERIFY_UNAVAILABLE, "not-json"},
        {"{\"success\":true,", CP_SITEVERIFY_UNAVAILABLE, "not-json"},
        {"<html>", CP_SITEVERIFY_UNAVAILABLE, "not-json"},
        {"true", CP_SITEVERIFY_UNAVAILABLE, "not-json"},
        {"", CP_SITEVERIFY_UNAVAILABLE, "not-json"},
    };

    assert_verdicts("turnstile", rows, ROWS(rows), *state);
}

#define CODES(list) "{\"success\":false,\"error-codes\":[" list "]}"

static void codes_are_weighed(void **state)
{
    static const verdict_row_t rows[] = {
        {CODES("\"brand-new\""), CP_SITEVERIFY_REFUSED, "brand-new"},
        {CODES("\"a\\nb\\u2028\", 7, \"\""), CP_SITEVERIFY_REFUSED,
         "a?b???, ?, ?"},
        {CODES("\"0123456789012345678901234567890123456789abc\""),
         CP_SITEVERIFY_REFUSED, "0123456789012345678901234567890123456789"},
        {CODES("\"timeout-or-duplicate\",\"internal-error\""),
         CP_SITEVERIFY_UNAVAILABLE, "timeout-or-duplicate, internal-error"},
        {CODES("\"invalid-input-secret\",\"bad-request\",\"x\""),
         CP_SITEVERIFY_MISCONFIGURED, "invalid-input-secret, bad-request, x"},
        {CODES("1,2,3,4,5,6,7,8"), CP_SITEVERIFY_REFUSED,
         "?, ?, ?, ?, ?, ?, ?, ?"},
        {CODES("1,2,3,4,5,6,7,8,9"), CP_SITEVERIFY_UNAVAILABLE,
         "too-many-codes"},
        {"{\"success\":false,\"error-codes\":\"bad-request\"}",
         CP_SITEVERIFY_UNAVAILABLE, "codes-not-a-list"},
    };

    assert_verdicts("recaptcha", rows, ROWS(rows), *state);
}

static void codes_are_known(void **state)
{
    static const struct {
        const char *code;
        cp_siteverify_verdict_t verdict;
    } rows[] = {
        {"missing-input-response", CP_SITEVERIFY_REFUSED},
        {"invalid-input-response", CP_SITEVERIFY_REFUSED},
        {"timeout-or-duplicate", CP_SITEVERIFY_REFUSED},
        {"expired-input-response", CP_SITEVERIFY_REFUSED},
        {"already-seen-response", CP_SITEVERIFY_REFUSED},
        {"invalid-or-already-seen-response", CP_SITEVERIFY_REFUSED},
        {"bad-request", CP_SITEVERIFY_UNAVAILABLE},
        {"internal-error", CP_SITEVERIFY_UNAVAILABLE},
        {"missing-input-secret", CP_SITEVERIFY_MISCONFIGURED},
        {"invalid-input-secret", CP_SITEVERIFY_MISCONFIGURED},
        {"sitekey-secret-mismatch", CP_SITEVERIFY_MISCONFIGURED},
        {"not-using-dummy-passcode", CP_SITEVERIFY_MISCONFIGURED},
        {"missing-remoteip", CP_SITEVERIFY_MISCONFIGURED},
        {"invalid-remoteip", CP_SITEVERIFY_MISCONFIGURED},
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        const char *why;
        const char *json = apr_psprintf(*state, CODES("\"%s\""), rows[i].code);

        assert_int_equal(judge("hcaptcha", json, &why, *state),
                         rows[i].verdict);
        assert_string_equal(why, rows[i].code);
    }
}

static void challenge_time_is_bounded(void **state)
{
    static const struct {
        const char *at; /* now is 2027-01-15T08:00:00Z, a token lives 120 s */
        cp_siteverify_verdict_t verdict;
    } rows[] = {
        {"2027-01-15T08:00:00Z", CP_SITEVERIFY_PASS},
        {"2027-01-15T07:58:00Z", CP_SITEVERIFY_PASS},
        {"2027-01-15T07:57:59Z", CP_SITEVERIFY_REFUSED},
        {"2026-01-15T08:00:00Z", CP_SITEVERIFY_REFUSED},
        {"2027-01-15T08:01:00Z", CP_SITEVERIFY_PASS},
        {"2027-01-15T08:01:01Z", CP_SITEVERIFY_REFUSED},
        {"9999-12-31T23:59:59Z", CP_SITEVERIFY_REFUSED},
        {"2027-01-15T08:00:00.123456Z", CP_SITEVERIFY_PASS},
        {"2027-01-15T08:00:00+00:00", CP_SITEVERIFY_PASS},
        {"2027-01-15T09:30:00+01:30", CP_SITEVERIFY_PASS},
        {"2027-01-14T23:59:59-08:00", CP_SITEVERIFY_PASS},
        {"2027-01-15T08:00:00-08:00", CP_SITEVERIFY_REFUSED},
        {"2027-01-15T08:00:00", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-15T08:00:00.Z", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-15T08:00:00z", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-15T08:00:00Z ", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-15T08:00:00+00:00Z", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-15T08:00:00+24:00", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-15T08:00:00+00:60", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-15 08:00:00Z", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-13-15T08:00:00Z", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-00-15T08:00:00Z", CP_SITEVERIFY_UNAVAILABLE},
        {"2026-02-30T08:00:00Z", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-00T08:00:00Z", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-15T24:00:00Z", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-15T08:60:00Z", CP_SITEVERIFY_UNAVAILABLE},
        {"2027-01-15T08:00:60Z", CP_SITEVERIFY_UNAVAILABLE},
        {"+027-01-15T08:00:00Z", CP_SITEVERIFY_UNAVAILABLE},
        {"0000-01-01T00:00:00Z", CP_SITEVERIFY_UNAVAILABLE},
        {"", CP_SITEVERIFY_UNAVAILABLE},
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        const char *why;
        const char *json = apr_psprintf(
            *state, TRUE_WITH(OURS ",\"challenge_ts\":\"%s\""), rows[i].at);

        if (judge("recaptcha", json, &why, *state) != rows[i].verdict) {
            fail_msg("%s: %s", rows[i].at, why);
        }
    }
}

static void status_counts(void **state)
{
    static const struct {
        long status;
        const char *json;
        cp_siteverify_verdict_t verdict;
        const char *why;
    } rows[] = {
        {201, GOOD, CP_SITEVERIFY_UNAVAILABLE, "http-status:201"},
        {500, GOOD, CP_SITEVERIFY_UNAVAILABLE, "http-status:500"},
        {502, "<html>", CP_SITEVERIFY_UNAVAILABLE, "http-status:502, not-json"},
        {400, CODES("\"invalid-input-secret\""), CP_SITEVERIFY_MISCONFIGURED,
         "invalid-input-secret"},
        {400, CODES("\"timeout-or-duplicate\""), CP_SITEVERIFY_REFUSED,
         "timeout-or-duplicate"},
    };
    cp_siteverify_expect_t expect = expect_of(*state);
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        cp_siteverify_answer_t answer = {rows[i].status, rows[i].json,
                                         strlen(rows[i].json)};
        const char *why;

        assert_int_equal(cp_siteverify_judge(find("turnstile"), &answer,
                                             &expect, &why, *state),
                         rows[i].verdict);
        assert_string_equal(why, rows[i].why);
    }
}

static void expectations_are_required(void **state)
{
    cp_siteverify_answer_t answer = {200, GOOD, strlen(GOOD)};
    cp_siteverify_expect_t expect = expect_of(*state);
    const char *why;

    expect.action = NULL;
    assert_int_equal(
        cp_siteverify_judge(find("turnstile"), &answer, &expect, &why, *state),
        CP_SITEVERIFY_MISCONFIGURED);
    expect.action = "";
    assert_int_equal(
        cp_siteverify_judge(find("turnstile"), &answer, &expect, &why, *state),
        CP_SITEVERIFY_MISCONFIGURED);
    assert_string_equal(why, "no-action-configured");
    assert_int_equal(
        cp_siteverify_judge(find("recaptcha"), &answer, &expect, &why, *state),
        CP_SITEVERIFY_PASS);
    expect.hosts = apr_array_make(*state, 0, sizeof(const char *));
    assert_int_equal(
        cp_siteverify_judge(find("recaptcha"), &answer, &expect, &why, *state),
        CP_SITEVERIFY_MISCONFIGURED);
    expect.hosts = NULL;
    assert_int_equal(
        cp_siteverify_judge(find("recaptcha"), &answer, &expect, &why, *state),
        CP_SITEVERIFY_MISCONFIGURED);
    assert_string_equal(why, "no-hostname-configured");
}

static void size_is_bounded(void **state)
{
    cp_siteverify_expect_t expect = expect_of(*state);
    char *json = apr_palloc(*state, CP_SITEVERIFY_ANSWER_MAX + 1);
    cp_siteverify_answer_t answer = {200, json, CP_SITEVERIFY_ANSWER_MAX};
    const char *why;

    memset(json, ' ', CP_SITEVERIFY_ANSWER_MAX + 1);
    memcpy(json, GOOD, strlen(GOOD));
    assert_int_equal(
        cp_siteverify_judge(find("turnstile"), &answer, &expect, &why, *state),
        CP_SITEVERIFY_PASS);
    answer.len++;
    assert_int_equal(
        cp_siteverify_judge(find("turnstile"), &answer, &expect, &why, *state),
        CP_SITEVERIFY_UNAVAILABLE);
    assert_string_equal(why, "answer-too-large");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(providers_are_known),       POOL_TEST(test_keys_are_known),
        POOL_TEST(successes_are_examined),    POOL_TEST(only_true_is_success),
        POOL_TEST(codes_are_weighed),         POOL_TEST(codes_are_known),
        POOL_TEST(challenge_time_is_bounded), POOL_TEST(status_counts),
        POOL_TEST(expectations_are_required), POOL_TEST(size_is_bounded),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
