/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Failures in a row count however slowly they come, and a good sign-in ends
 * only its own. */
#include "clinic_throttle.h"

#include "clinic/housekeeping.h"

static int is_locked(clinic_test_t *test)
{
    return is_locked_at(test, ADDRESS, NULL);
}

static void keep_house(clinic_test_t *test)
{
    assert_int_equal(cp_housekeeping(&test->cx), APR_SUCCESS);
}

/* As many tries as each network has free, one window after the other. */
static int tries_of_a_day(clinic_test_t *test, int networks)
{
    int looked_at = 0;
    int window;
    int i;

    for (window = 0; window < 24 * 4; window++) {
        for (i = 0; i < networks * 4; i++) {
            looked_at += !is_locked_at(
                test, apr_psprintf(test->cx.pool, "203.0.113.%d", i / 4), NULL);
        }
        test->fake->now += 15 * MINUTE;
        keep_house(test);
    }
    return looked_at;
}

static void slow_tries_are_in_a_row_too(void **state)
{
    clinic_test_t *test = *state;
    int looked_at = tries_of_a_day(test, 2);

    assert_in_range(looked_at, 100, 100 + 24 + 7);
    test->fake->now += 24 * HOUR;
    looked_at = tries_of_a_day(test, 2);
    assert_in_range(looked_at, 1, 25);
}

static void one_network_is_no_exception(void **state)
{
    clinic_test_t *test = *state;

    assert_in_range(tries_of_a_day(test, 1), 100, 100 + 24 + 7);
}

static void a_month_without_a_failure_ends_the_row(void **state)
{
    clinic_test_t *test = *state;

    (void)tries_of_a_day(test, 1);
    assert_true(is_locked(test));
    test->fake->now += 30 * 24 * HOUR + HOUR;
    assert_false(is_locked(test));
    assert_false(is_locked(test));
}

static void a_known_device_has_a_row_of_its_own(void **state)
{
    clinic_test_t *test = *state;
    int i;

    for (i = 0; i < 5; i++) {
        assert_false(is_locked_at(test, ADDRESS, "device-1"));
        test->fake->now += i < 4 ? HOUR : 0;
    }
    assert_true(is_locked_at(test, ADDRESS, "device-1"));
    assert_false(is_locked(test));
}

static void slow_tries_lock_for_good_too(void **state)
{
    clinic_test_t *test = *state;
    int i;

    set_policy(test, "lock-permanently", "on");
    for (i = 0; i < 5; i++) {
        assert_false(is_locked(test));
        test->fake->now += HOUR;
        keep_house(test);
    }
    test->fake->now += 10000 * HOUR;
    keep_house(test);
    assert_true(is_locked(test));
}

/* ---- names that a member of staff and a patient share ---- */

static void clear(clinic_test_t *test, int is_shared)
{
    cp_policy_t policy;
    cp_throttle_who_t who = {&test->riverside, &policy, "doej", NULL,
                             is_shared};

    assert_int_equal(cp_policy_load(&test->cx, "riverside", &policy),
                     APR_SUCCESS);
    assert_int_equal(cp_throttle_clear(&test->cx, &who), APR_SUCCESS);
}

static void one_frees_no_guesses_at_the_other(void **state)
{
    clinic_test_t *test = *state;
    int i;

    for (i = 0; i < 4; i++) {
        assert_false(is_locked(test));
    }
    assert_false(is_locked(test));
    clear(test, 1);
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 4);
    assert_false(is_locked(test));
    assert_true(is_locked(test));
    test->fake->now += apr_time_from_sec(30);
    assert_false(is_locked(test));
    clear(test, 1);
    assert_false(is_locked(test));
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 6);
    assert_true(is_locked(test));
}

/* The good try itself sets a lock, which goes with it. */
static void a_good_try_is_no_lock_for_good(void **state)
{
    clinic_test_t *test = *state;
    int i;

    set_policy(test, "lock-permanently", "on");
    for (i = 0; i < 4; i++) {
        assert_false(is_locked(test));
    }
    for (i = 0; i < 10; i++) {
        assert_false(is_locked(test));
        clear(test, 1);
    }
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 4);
    test->fake->now += 24 * HOUR;
    keep_house(test);
    assert_false(is_locked(test));
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 1);
}

/* While nodes are upgraded one after the other, an older one counts without an
 * end, and locks without moving it. */
static void what_an_older_node_counts_is_kept_for_a_day(void **state)
{
    clinic_test_t *test = *state;

    change(test, "test_older_count",
           json_pack("{s:s, s:I, s:I}", "key", "mlopez", "window_at",
                     (json_int_t)test->fake->now, "locked_until",
                     (json_int_t)(test->fake->now + 48 * HOUR)));
    change(test, "test_older_count",
           json_pack("{s:s, s:I, s:I}", "key", "doej", "window_at",
                     (json_int_t)test->fake->now, "locked_until",
                     (json_int_t)0));
    test->fake->now += 23 * HOUR;
    keep_house(test);
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 4);
    test->fake->now += 2 * HOUR;
    keep_house(test);
    assert_int_equal(count_of(test, "riverside", "account", "doej"), -1);
    assert_int_equal(count_of(test, "riverside", "account", "mlopez"), 4);
    test->fake->now += 24 * HOUR;
    keep_house(test);
    assert_int_equal(count_of(test, "riverside", "account", "mlopez"), -1);
}

/* ---- second factors and other limits ---- */

static int is_factor_locked(clinic_test_t *test, int *is_last)
{
    cp_throttle_verdict_t verdict;

    assert_int_equal(
        cp_throttle_factor(&test->cx, "riverside", "a-doe", &verdict),
        APR_SUCCESS);
    *is_last = verdict.is_last;
    return verdict.is_account_locked;
}

static void a_hundred_codes_lock_for_good(void **state)
{
    clinic_test_t *test = *state;
    int looked_at = 0;
    int lasts = 0;
    int is_last;
    int count;
    int i;

    for (i = 0; i < 300; i++) {
        looked_at += !is_factor_locked(test, &is_last);
        lasts += is_last;
        test->fake->now += i < 5 ? 16 * MINUTE : 2 * HOUR;
        keep_house(test);
    }
    assert_int_equal(looked_at, 100);
    assert_int_equal(lasts, 1);
    test->fake->now += 10000 * HOUR;
    keep_house(test);
    assert_true(is_factor_locked(test, &is_last));
    assert_int_equal(
        cp_throttle_factor_clear(&test->cx, "riverside", "a-doe", &count),
        APR_SUCCESS);
    assert_int_equal(count, 1);
    assert_false(is_factor_locked(test, &is_last));
}

static int is_over(clinic_test_t *test)
{
    static const cp_limit_t limit = {2, HOUR};
    static const cp_throttle_key_t key = {"riverside", "reset-account", "doej"};
    cp_throttle_verdict_t verdict;

    assert_int_equal(cp_throttle_count(&test->cx, &key, &limit, &verdict),
                     APR_SUCCESS);
    return verdict.is_busy;
}

static void a_limit_holds_for_its_window(void **state)
{
    clinic_test_t *test = *state;

    assert_false(is_over(test));
    test->fake->now += 30 * MINUTE;
    keep_house(test);
    assert_false(is_over(test));
    test->fake->now += 30 * MINUTE - 1;
    keep_house(test);
    assert_true(is_over(test));
    test->fake->now += 1;
    assert_false(is_over(test));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(slow_tries_are_in_a_row_too),
        CLINIC_TEST(one_network_is_no_exception),
        CLINIC_TEST(a_month_without_a_failure_ends_the_row),
        CLINIC_TEST(a_known_device_has_a_row_of_its_own),
        CLINIC_TEST(slow_tries_lock_for_good_too),
        CLINIC_TEST(one_frees_no_guesses_at_the_other),
        CLINIC_TEST(a_good_try_is_no_lock_for_good),
        CLINIC_TEST(what_an_older_node_counts_is_kept_for_a_day),
        CLINIC_TEST(a_hundred_codes_lock_for_good),
        CLINIC_TEST(a_limit_holds_for_its_window),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
