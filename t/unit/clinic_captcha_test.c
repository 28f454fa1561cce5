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

static apr_status_t check(clinic_test_t *test, const char *text)
{
    return cp_captcha_check(&test->cx, &test->riverside, VISIT, text);
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

static void a_solution_is_bound_to_its_form(void **state)
{
    clinic_test_t *test = *state;
    const char *text = answer(test);
    cp_ctx_t *cx = &test->cx;

    assert_int_equal(cp_captcha_check(cx, &test->lakeview, VISIT, text),
                     CP_EDENIED);
    assert_int_equal(cp_captcha_check(cx, &test->riverside, "visit-two", text),
                     CP_EDENIED);
    assert_int_equal(cp_captcha_check(cx, &test->riverside, "", text),
                     CP_EDENIED);
    assert_int_equal(cp_captcha_check(cx, &test->riverside, NULL, text),
                     CP_EDENIED);
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
        CAPTCHA_TEST(a_solution_is_bound_to_its_form),
        CAPTCHA_TEST(what_is_no_solution_is_refused),
        CAPTCHA_TEST(a_solution_expires),
        CAPTCHA_TEST(a_solution_that_cannot_be_spent_is_no_pass),
        CAPTCHA_TEST(a_box_that_is_off_asks_nothing),
        CAPTCHA_TEST(a_challenge_needs_a_visit),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
