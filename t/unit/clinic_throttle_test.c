/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Failed tries counted on a real database, one after the other. */
#include "clinic_throttle.h"

static cp_throttle_verdict_t enter(clinic_test_t *test, const char *key)
{
    cp_throttle_verdict_t verdict;

    assert_int_equal(enter_at(&test->cx, &test->riverside, key, &verdict),
                     APR_SUCCESS);
    return verdict;
}

static int is_locked(clinic_test_t *test)
{
    return enter(test, "doej").is_account_locked;
}

static void clear(clinic_test_t *test, const char *key)
{
    cp_policy_t policy;
    cp_throttle_who_t who = {&test->riverside, &policy, key, NULL};

    assert_int_equal(cp_policy_load(&test->cx, "riverside", &policy),
                     APR_SUCCESS);
    assert_int_equal(cp_throttle_clear(&test->cx, &who), APR_SUCCESS);
}

static void spend_free_tries(clinic_test_t *test)
{
    int i;

    for (i = 0; i < test->options.limits.account.tries; i++) {
        assert_false(is_locked(test));
    }
}

static void an_account_locks_after_its_tries(void **state)
{
    clinic_test_t *test = *state;

    spend_free_tries(test);
    assert_true(is_locked(test));
    assert_false(enter(test, "smitha").is_account_locked);
    test->fake->now += apr_time_from_sec(30) - 1;
    assert_true(is_locked(test));
    test->fake->now += 1;
    assert_false(is_locked(test));
    assert_true(is_locked(test));
}

static void each_lock_is_twice_as_long_up_to_an_hour(void **state)
{
    static const int lock_s[] = {30,  60,   120,  240,  480,
                                 960, 1920, 3600, 3600, 3600};
    clinic_test_t *test = *state;
    size_t i;

    test->options.limits.address.tries = 1000;
    spend_free_tries(test);
    for (i = 0; i < ROWS(lock_s); i++) {
        test->fake->now += apr_time_from_sec(lock_s[i]) - 1;
        assert_true(is_locked(test));
        test->fake->now += 1;
        assert_false(is_locked(test));
    }
}

static void hammering_does_not_lock_longer(void **state)
{
    clinic_test_t *test = *state;
    int i;

    test->options.limits.address.tries = 1000;
    spend_free_tries(test);
    for (i = 0; i < 29; i++) {
        test->fake->now += apr_time_from_sec(1);
        assert_true(is_locked(test));
    }
    test->fake->now += apr_time_from_sec(1);
    assert_false(is_locked(test));
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 6);
}

static void a_quiet_window_forgets_the_failures(void **state)
{
    clinic_test_t *test = *state;

    assert_false(is_locked(test));
    test->fake->now += 15 * MINUTE - 1;
    assert_false(is_locked(test));
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 2);
    test->fake->now += 15 * MINUTE;
    assert_false(is_locked(test));
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 1);
}

/* What was counted while the clock was ahead is no lock once it is right. */
static void a_clock_that_was_ahead_locks_nothing(void **state)
{
    clinic_test_t *test = *state;
    int i;

    test->fake->now += 24 * HOUR;
    assert_false(is_locked(test));
    test->fake->now -= 24 * HOUR;
    spend_free_tries(test);
    assert_true(is_locked(test));
    for (i = 6; i < test->options.limits.address.tries; i++) {
        assert_false(enter(test, "smitha").is_busy);
    }
    assert_true(enter(test, "smitha").is_busy);
}

/* Counted from the end of the lock: else the next lock would be short again. */
static void a_lock_is_remembered_for_a_window(void **state)
{
    clinic_test_t *test = *state;

    spend_free_tries(test);
    test->fake->now += 15 * MINUTE + apr_time_from_sec(30) - 1;
    assert_false(is_locked(test));
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 6);
    test->fake->now += 15 * MINUTE + apr_time_from_sec(60);
    assert_false(is_locked(test));
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 1);
}

static void success_forgets_and_takes_its_try_back(void **state)
{
    clinic_test_t *test = *state;

    (void)enter(test, "smitha");
    spend_free_tries(test);
    clear(test, "doej");
    assert_int_equal(count_of(test, "riverside", "account", "doej"), -1);
    assert_int_equal(count_of(test, "*", "address", ADDRESS), 5);
    assert_int_equal(count_of(test, "riverside", "clinic", ""), 5);
    assert_int_equal(count_of(test, "riverside", "account", "smitha"), 1);
    assert_false(is_locked(test));
}

static void clearing_never_goes_below_zero(void **state)
{
    clinic_test_t *test = *state;

    (void)enter(test, "doej");
    clear(test, "doej");
    clear(test, "doej");
    assert_int_equal(count_of(test, "*", "address", ADDRESS), 0);
    assert_int_equal(count_of(test, "riverside", "clinic", ""), 0);
}

static void an_address_is_busy_over_its_limit(void **state)
{
    clinic_test_t *test = *state;
    cp_throttle_verdict_t verdict;

    test->options.limits.address.tries = 2;
    assert_false(enter(test, "one").is_busy);
    test->fake->now += MINUTE;
    assert_false(enter(test, "two").is_busy);
    verdict = enter(test, "three");
    assert_true(verdict.is_busy);
    assert_false(verdict.is_clinic_busy);
    assert_false(verdict.is_account_locked);
    assert_int_equal(verdict.retry_after_s, 14 * 60);
    assert_int_equal(count_of(test, "riverside", "account", "three"), -1);
    assert_int_equal(count_of(test, "riverside", "clinic", ""), 2);
    test->cx.address = "192.0.2.8";
    assert_false(enter(test, "four").is_busy);
    test->cx.address = ADDRESS;
    test->fake->now += 14 * MINUTE;
    assert_false(enter(test, "five").is_busy);
}

static void an_address_counts_over_all_clinics(void **state)
{
    clinic_test_t *test = *state;
    cp_throttle_verdict_t verdict;

    test->options.limits.address.tries = 1;
    (void)enter(test, "doej");
    assert_int_equal(enter_at(&test->cx, &test->lakeview, "doej", &verdict),
                     APR_SUCCESS);
    assert_true(verdict.is_busy);
}

static void a_clinic_is_busy_over_its_limit(void **state)
{
    clinic_test_t *test = *state;
    cp_throttle_verdict_t verdict;

    test->options.limits.clinic.tries = 1;
    (void)enter(test, "one");
    test->cx.address = "192.0.2.8";
    verdict = enter(test, "two");
    assert_true(verdict.is_busy);
    assert_true(verdict.is_clinic_busy);
    assert_int_equal(verdict.retry_after_s, 15 * 60);
    assert_int_equal(count_of(test, "riverside", "account", "two"), -1);
    assert_int_equal(enter_at(&test->cx, &test->lakeview, "two", &verdict),
                     APR_SUCCESS);
    assert_false(verdict.is_busy);
}

static void a_dead_database_lets_nobody_in(void **state)
{
    clinic_test_t *test = *state;
    cp_throttle_verdict_t verdict;

    test->cx.db = dead_database(test);
    assert_int_not_equal(
        enter_at(&test->cx, &test->riverside, "doej", &verdict), APR_SUCCESS);
}

/* ---- places ---- */

static void strangers_lock_out_nobody_elsewhere(void **state)
{
    clinic_test_t *test = *state;

    spend_free_tries(test);
    assert_true(is_locked(test));
    assert_false(is_locked_at(test, "198.51.100.1", NULL));
    assert_false(is_locked_at(test, ADDRESS, "device-1"));
    assert_false(is_locked_at(test, ADDRESS, "device-2"));
}

static void a_device_is_locked_by_its_own_tries(void **state)
{
    clinic_test_t *test = *state;
    int i;

    for (i = 0; i < 5; i++) {
        assert_false(is_locked_at(test, ADDRESS, "device-1"));
    }
    assert_true(is_locked_at(test, ADDRESS, "device-1"));
    assert_false(is_locked_at(test, ADDRESS, "device-2"));
    assert_false(is_locked(test));
}

static const char *network(clinic_test_t *test, int number)
{
    return apr_psprintf(test->cx.pool, "203.0.%d.%d", number / 256,
                        number % 256);
}

static void from_many_networks_a_hundred_are_looked_at(void **state)
{
    clinic_test_t *test = *state;
    int looked_at = 0;
    int i;

    for (i = 0; i < 150; i++) {
        looked_at += !is_locked_at(test, network(test, i), NULL);
    }
    assert_int_equal(looked_at, 100);
    assert_false(is_locked_at(test, ADDRESS, "device-1"));
}

static void the_clinic_says_after_how_many(void **state)
{
    clinic_test_t *test = *state;

    set_policy(test, "lock-after", "2");
    assert_false(is_locked(test));
    assert_false(is_locked(test));
    assert_true(is_locked(test));
}

static void a_lock_for_good_is_ended_by_hand(void **state)
{
    clinic_test_t *test = *state;
    int count;

    set_policy(test, "lock-permanently", "on");
    spend_free_tries(test);
    test->fake->now += 10000 * HOUR;
    assert_true(is_locked(test));
    assert_true(is_locked_at(test, "198.51.100.1", NULL));
    assert_false(is_locked_at(test, ADDRESS, "device-1"));
    assert_int_equal(cp_throttle_unlock(&test->cx, "riverside", "doej", &count),
                     APR_SUCCESS);
    assert_true(count > 0);
    assert_false(is_locked(test));
    assert_false(is_locked_at(test, "198.51.100.1", NULL));
}

static void a_device_does_not_clear_what_strangers_did(void **state)
{
    clinic_test_t *test = *state;
    cp_policy_t policy;
    cp_throttle_who_t who = {&test->riverside, &policy, "doej", "device-1"};

    assert_int_equal(cp_policy_load(&test->cx, "riverside", &policy),
                     APR_SUCCESS);
    spend_free_tries(test);
    assert_int_equal(cp_throttle_clear(&test->cx, &who), APR_SUCCESS);
    assert_true(is_locked(test));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(an_account_locks_after_its_tries),
        CLINIC_TEST(each_lock_is_twice_as_long_up_to_an_hour),
        CLINIC_TEST(hammering_does_not_lock_longer),
        CLINIC_TEST(a_quiet_window_forgets_the_failures),
        CLINIC_TEST(a_clock_that_was_ahead_locks_nothing),
        CLINIC_TEST(a_lock_is_remembered_for_a_window),
        CLINIC_TEST(success_forgets_and_takes_its_try_back),
        CLINIC_TEST(clearing_never_goes_below_zero),
        CLINIC_TEST(an_address_is_busy_over_its_limit),
        CLINIC_TEST(an_address_counts_over_all_clinics),
        CLINIC_TEST(a_clinic_is_busy_over_its_limit),
        CLINIC_TEST(strangers_lock_out_nobody_elsewhere),
        CLINIC_TEST(a_device_is_locked_by_its_own_tries),
        CLINIC_TEST(from_many_networks_a_hundred_are_looked_at),
        CLINIC_TEST(the_clinic_says_after_how_many),
        CLINIC_TEST(a_lock_for_good_is_ended_by_hand),
        CLINIC_TEST(a_device_does_not_clear_what_strangers_did),
        CLINIC_TEST(a_dead_database_lets_nobody_in),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
