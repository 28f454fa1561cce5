/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The box, with ALTCHA solved for real and spent in a real database. The
 * remote providers are in clinic_captcha_remote_test. */
#include "clinic/captcha.h"

#include "altcha_solve.h"
#include "clinic.h"

#define VISIT "visit-one"

static int captcha_setup(void **state)
{
    static const cp_altcha_policy_t policy = {
        .cost = 1, .counter_min = 1, .counter_max = 20, .ttl_s = 300};
    int failed = clinic_setup(state);

    if (!failed) {
        clinic_test_t *test = *state;

        test->options.captcha.mode = CP_CAPTCHA_ALTCHA;
        test->options.captcha.altcha = policy;
    }
    return failed;
}

static const char *answer(clinic_test_t *test)
{
    json_t *challenge = NULL;

    assert_int_equal(
        cp_captcha_challenge(&test->cx, &test->riverside, VISIT, &challenge),
        APR_SUCCESS);
    return altcha_solve(challenge, test->cx.pool);
}

static apr_status_t check_at(clinic_test_t *test, const cp_clinic_t *clinic,
                             const char *visit, const char *text)
{
    cp_captcha_pass_t pass;
    apr_status_t rv = cp_captcha_judge(&test->cx, clinic, visit, text, &pass);

    return rv == APR_SUCCESS ? cp_captcha_spend(&test->cx, &pass) : rv;
}

static apr_status_t check(clinic_test_t *test, const char *text)
{
    return check_at(test, &test->riverside, VISIT, text);
}

static void a_solution_is_good_once(void **state)
{
    clinic_test_t *test = *state;
    const char *text = answer(test);

    assert_int_equal(check(test, text), APR_SUCCESS);
    assert_int_equal(check(test, text), CP_EDENIED);
    assert_int_equal(check(test, answer(test)), APR_SUCCESS);
    assert_int_equal(count_rows(test, "captcha"), 2);
}

typedef struct spending_t {
    clinic_test_t *test;
    const char *text;
} spending_t;

static apr_status_t spend_and_fail(cp_db_t *db, void *baton)
{
    const spending_t *spending = baton;

    (void)db;
    assert_int_equal(check(spending->test, spending->text), APR_SUCCESS);
    return CP_EUNAVAILABLE;
}

/* What the caller does with it failed: the form may be sent again. */
static void what_is_rolled_back_is_not_spent(void **state)
{
    clinic_test_t *test = *state;
    spending_t spending = {test, answer(test)};

    assert_int_equal(cp_db_transaction(test->cx.db, spend_and_fail, &spending),
                     CP_EUNAVAILABLE);
    assert_int_equal(check(test, spending.text), APR_SUCCESS);
}

static void a_solution_is_bound_to_its_form(void **state)
{
    clinic_test_t *test = *state;
    const char *text = answer(test);
    const cp_clinic_t *own = &test->riverside;

    assert_int_equal(check_at(test, &test->lakeview, VISIT, text), CP_EDENIED);
    assert_int_equal(check_at(test, own, "visit-two", text), CP_EDENIED);
    assert_int_equal(check_at(test, own, "", text), CP_EDENIED);
    assert_int_equal(check_at(test, own, NULL, text), CP_EDENIED);
    assert_int_equal(count_rows(test, "captcha"), 0);
    assert_int_equal(check(test, text), APR_SUCCESS);
}

static void what_is_no_solution_is_refused(void **state)
{
    clinic_test_t *test = *state;

    assert_int_equal(check(test, NULL), CP_EDENIED);
    assert_int_equal(check(test, ""), CP_EDENIED);
    assert_int_equal(check(test, "e30="), CP_EDENIED);
    assert_int_equal(check(test, "<script>"), CP_EDENIED);
    assert_int_equal(count_rows(test, "captcha"), 0);
}

static void a_solution_expires(void **state)
{
    clinic_test_t *test = *state;
    const char *text = answer(test);

    test->fake->now += apr_time_from_sec(301);
    assert_int_equal(check(test, text), CP_EDENIED);
}

static void a_solution_that_cannot_be_spent_is_no_pass(void **state)
{
    clinic_test_t *test = *state;
    const char *text = answer(test);

    test->cx.db = dead_database(test);
    assert_int_equal(check(test, text), CP_EUNAVAILABLE);
}

static void a_box_that_is_off_asks_nothing(void **state)
{
    clinic_test_t *test = *state;
    json_t *challenge;

    assert_string_equal(cp_captcha_field(&test->options.captcha), "altcha");
    test->options.captcha.mode = CP_CAPTCHA_OFF;
    assert_null(cp_captcha_field(&test->options.captcha));
    assert_int_equal(check(test, NULL), APR_SUCCESS);
    assert_int_equal(
        cp_captcha_challenge(&test->cx, &test->riverside, VISIT, &challenge),
        APR_ENOENT);
}

static void a_challenge_needs_a_visit(void **state)
{
    clinic_test_t *test = *state;
    json_t *challenge;

    assert_int_equal(
        cp_captcha_challenge(&test->cx, &test->riverside, NULL, &challenge),
        CP_EINPUT);
    assert_int_equal(
        cp_captcha_challenge(&test->cx, &test->riverside, "", &challenge),
        CP_EINPUT);
    assert_null(challenge);
}

#define CAPTCHA_TEST(function)                                                 \
    cmocka_unit_test_setup_teardown(function, captcha_setup, clinic_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CAPTCHA_TEST(a_solution_is_good_once),
        CAPTCHA_TEST(what_is_rolled_back_is_not_spent),
        CAPTCHA_TEST(a_solution_is_bound_to_its_form),
        CAPTCHA_TEST(what_is_no_solution_is_refused),
        CAPTCHA_TEST(a_solution_expires),
        CAPTCHA_TEST(a_solution_that_cannot_be_spent_is_no_pass),
        CAPTCHA_TEST(a_box_that_is_off_asks_nothing),
        CAPTCHA_TEST(a_challenge_needs_a_visit),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
