/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What keeps a sign-in from being looked at: the box, the throttle, and parts
 * that are down. */
#include "clinic_signin.h"

#include "altcha_solve.h"
#include "clinic/captcha.h"
#include "clinic_throttle.h"

/* The right password is not even looked at. */
static void a_locked_name_hashes_decoys(void **state)
{
    clinic_test_t *test = *state;
    int i;

    for (i = 0; i < 5; i++) {
        (void)sign_in(test, "DoeJ", "wrong");
    }
    memset(&work, 0, sizeof(work));
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_WRONG);
    assert_int_equal(work.hashes, 2);
    assert_int_equal(work.decoys, 2);
    assert_member(last_audit(test), "reason", "locked");
    assert_member(last_audit(test), "username", "DoeJ");
    test->fake->now += apr_time_from_sec(30);
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_DONE);
}

static int failures_of(clinic_test_t *test, const char *key)
{
    int count = count_of(test, "riverside", "account", key);

    return count < 0 ? 0 : count;
}

static void the_right_password_clears_the_throttle(void **state)
{
    static const struct {
        cp_kind_t kind;
        const char *username;
        const char *password;
        const char *key;
        int left;
    } cases[] = {
        {CP_KIND_STAFF, "DoeJ", "doe-secret", "doej", 0},
        {CP_KIND_PATIENT, "DoeJ", "doe-secret", "doej", 0},
        {CP_KIND_STAFF, "BrownK", "brown-secret", "brownk", 0},
        {CP_KIND_STAFF, "GoneG", "gone-secret", "goneg", 2},
        {CP_KIND_STAFF, "nobody", "x", "nobody", 2},
    };
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        cp_signin_try_t attempt =
            try_of(test, cases[i].kind, cases[i].username, cases[i].password);
        cp_signin_result_t result;

        (void)sign_in(test, cases[i].username, "wrong");
        assert_int_equal(failures_of(test, cases[i].key), 1);
        cp_signin(&test->cx, &attempt, &result);
        assert_int_equal(failures_of(test, cases[i].key), cases[i].left);
    }
}

static void too_many_tries_cost_no_hash(void **state)
{
    clinic_test_t *test = *state;
    cp_signin_result_t result;

    test->options.limits.address.tries = 1;
    (void)sign_in(test, "nobody", "wrong");
    memset(&work, 0, sizeof(work));
    result = sign_in(test, "DoeJ", "doe-secret");
    assert_int_equal(result.outcome, CP_SIGNIN_TOO_MANY);
    assert_int_equal(result.retry_after_s, 15 * 60);
    assert_int_equal(work.hashes, 0);
    assert_member(last_audit(test), "reason", "too-many-address");
    assert_member(last_audit(test), "username", "");
    test->options.limits.address.tries = 100;
    test->options.limits.clinic.tries = 1;
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_TOO_MANY);
    assert_member(last_audit(test), "reason", "too-many-clinic");
}

/* Of a clinic under attack everybody who was refused is on record. */
static void whoever_the_clinics_limit_refuses_is_noted(void **state)
{
    clinic_test_t *test = *state;
    int before = count_rows(test, "audit");
    int i;

    test->options.limits.clinic.tries = 1;
    for (i = 0; i < 5; i++) {
        (void)sign_in(test, "nobody", "wrong");
    }
    assert_int_equal(count_rows(test, "audit"), before + 5);
}

static void the_box_comes_first_and_is_spent(void **state)
{
    static const cp_altcha_policy_t policy = {
        .cost = 1, .counter_min = 1, .counter_max = 20, .ttl_s = 300};
    clinic_test_t *test = *state;
    cp_signin_try_t attempt = try_of(test, CP_KIND_STAFF, "DoeJ", "wrong");
    cp_signin_result_t result;
    json_t *challenge;

    test->options.captcha.mode = CP_CAPTCHA_ALTCHA;
    test->options.captcha.altcha = policy;
    cp_signin(&test->cx, &attempt, &result);
    assert_int_equal(result.outcome, CP_SIGNIN_CAPTCHA);
    assert_member(last_audit(test), "reason", "captcha-missing");
    assert_int_equal(work.hashes, 0);
    assert_int_equal(failures_of(test, "doej"), 0);
    assert_int_equal(
        cp_captcha_challenge(&test->cx, &test->riverside, VISIT, &challenge),
        APR_SUCCESS);
    attempt.captcha = altcha_solve(challenge, test->cx.pool);
    cp_signin(&test->cx, &attempt, &result);
    assert_int_equal(result.outcome, CP_SIGNIN_WRONG);
    attempt.password = "doe-secret";
    test->fake->now++;
    cp_signin(&test->cx, &attempt, &result);
    assert_int_equal(result.outcome, CP_SIGNIN_CAPTCHA);
    assert_member(last_audit(test), "reason", "captcha-refused");
}

/* What costs nobody anything cannot fill the audit trail. */
static void too_many_refusals_are_noted_once(void **state)
{
    clinic_test_t *test = *state;
    int before = count_rows(test, "audit");
    int i;

    test->options.limits.address.tries = 3;
    for (i = 0; i < 20; i++) {
        (void)sign_in(test, "DoeJ", "wrong");
    }
    assert_int_equal(count_rows(test, "audit"), before + 4);
    assert_member(last_audit(test), "reason", "too-many-address");
    test->options.captcha.mode = CP_CAPTCHA_ALTCHA;
    before = count_rows(test, "audit");
    for (i = 0; i < 20; i++) {
        assert_int_equal(sign_in(test, "DoeJ", "wrong").outcome,
                         CP_SIGNIN_CAPTCHA);
    }
    assert_int_equal(count_rows(test, "audit"), before + 3);
    assert_member(last_audit(test), "reason", "captcha-missing");
    test->fake->now += 15 * MINUTE;
    (void)sign_in(test, "DoeJ", "wrong");
    assert_int_equal(count_rows(test, "audit"), before + 4);
}

/* A patient of the same name frees no guesses at a member of staff. */
static void a_shared_name_is_not_cleared(void **state)
{
    clinic_test_t *test = *state;
    cp_signin_try_t own =
        try_of(test, CP_KIND_PATIENT, "twin", "patient-secret");
    cp_signin_result_t result;
    int i;

    for (i = 0; i < 4; i++) {
        (void)sign_in(test, "Twin", "a guess");
    }
    cp_signin(&test->cx, &own, &result);
    assert_int_not_equal(result.outcome, CP_SIGNIN_WRONG);
    assert_int_equal(failures_of(test, "twin"), 4);
    (void)sign_in(test, "Twin", "a guess");
    test->fake->now++;
    cp_signin(&test->cx, &own, &result);
    assert_int_equal(result.outcome, CP_SIGNIN_WRONG);
    assert_member(last_audit(test), "reason", "locked");
}

/* Nor is the browser that its owner has signed in from a way to guess it. */
static void a_known_device_is_no_way_to_the_other(void **state)
{
    clinic_test_t *test = *state;
    cp_signin_try_t guess = try_of(test, CP_KIND_STAFF, "twin", "staff-secret");
    cp_signin_result_t result;

    cp_signin(&test->cx, &guess, &result);
    assert_int_equal(result.outcome, CP_SIGNIN_DONE);
    guess.device_cookie = result.cookies.device;
    guess.password = "patient-secret";
    test->fake->now++;
    cp_signin(&test->cx, &guess, &result);
    assert_int_equal(result.outcome, CP_SIGNIN_WRONG);
    assert_member(last_audit(test), "reason", "wrong-password");
    assert_int_equal(work.hashes, 1 + 2);
    guess.kind = CP_KIND_PATIENT; /* there the device is unknown */
    guess.password = "staff-secret";
    test->fake->now++;
    cp_signin(&test->cx, &guess, &result);
    assert_int_equal(result.outcome, CP_SIGNIN_OTHER_KIND);
}

/* Whose password was not looked at has not failed. */
static void a_full_house_locks_nobody(void **state)
{
    clinic_test_t *test = *state;
    int i;

    set_policy(test, "lock-permanently", "on");
    for (i = 0; i < 10; i++) {
        memset(&work, 0, sizeof(work));
        work.fails_at = 1;
        assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                         CP_SIGNIN_UNAVAILABLE);
    }
    assert_int_equal(failures_of(test, "doej"), 0);
    memset(&work, 0, sizeof(work));
    work.fails_at = 2; /* the own hash was looked at */
    (void)sign_in(test, "DoeJ", "wrong");
    assert_int_equal(failures_of(test, "doej"), 1);
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_DONE);
}

/* Nor is a lock undone by it. */
static void a_full_house_unlocks_nobody(void **state)
{
    clinic_test_t *test = *state;
    int i;

    for (i = 0; i < 5; i++) {
        (void)sign_in(test, "DoeJ", "wrong");
    }
    memset(&work, 0, sizeof(work));
    work.fails_at = 1;
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_UNAVAILABLE);
    assert_int_equal(failures_of(test, "doej"), 5);
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_WRONG);
    assert_member(last_audit(test), "reason", "locked");
}

static void without_a_slot_nobody_enters(void **state)
{
    clinic_test_t *test = *state;
    int i;

    for (i = 1; i <= 2; i++) {
        cp_signin_result_t result;

        memset(&work, 0, sizeof(work));
        work.fails_at = i;
        result = sign_in(test, "DoeJ", i == 1 ? "doe-secret" : "wrong");
        assert_int_equal(result.outcome, CP_SIGNIN_UNAVAILABLE);
        assert_int_equal(result.cause, CP_EUNAVAILABLE);
        assert_true(result.retry_after_s > 0);
        assert_null(result.cookies.session);
        assert_member(last_audit(test), "outcome", "8");
        assert_member(last_audit(test), "reason", "unavailable");
    }
    assert_int_equal(count_rows(test, "session"), 0);
}

static void without_a_database_nobody_enters(void **state)
{
    clinic_test_t *test = *state;
    cp_signin_result_t result;

    test->cx.db = dead_database(test);
    result = sign_in(test, "DoeJ", "doe-secret");
    assert_int_equal(result.outcome, CP_SIGNIN_UNAVAILABLE);
    assert_int_not_equal(result.cause, APR_SUCCESS);
    assert_true(result.retry_after_s > 0);
    assert_int_equal(work.hashes, 0);
}

static void without_random_bytes_nobody_enters(void **state)
{
    clinic_test_t *test = *state;

    test->fake->port.random = fake_random;
    test->fake->random_fails = 1;
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_UNAVAILABLE);
    assert_int_equal(sign_in(test, "DoeJ", "wrong").outcome,
                     CP_SIGNIN_UNAVAILABLE);
    assert_int_equal(count_rows(test, "session"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIGNIN_TEST(a_locked_name_hashes_decoys),
        SIGNIN_TEST(the_right_password_clears_the_throttle),
        SIGNIN_TEST(too_many_tries_cost_no_hash),
        SIGNIN_TEST(whoever_the_clinics_limit_refuses_is_noted),
        SIGNIN_TEST(the_box_comes_first_and_is_spent),
        SIGNIN_TEST(too_many_refusals_are_noted_once),
        SIGNIN_TEST(a_shared_name_is_not_cleared),
        SIGNIN_TEST(a_known_device_is_no_way_to_the_other),
        SIGNIN_TEST(a_full_house_locks_nobody),
        SIGNIN_TEST(a_full_house_unlocks_nobody),
        SIGNIN_TEST(without_a_slot_nobody_enters),
        SIGNIN_TEST(without_a_database_nobody_enters),
        SIGNIN_TEST(without_random_bytes_nobody_enters),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
