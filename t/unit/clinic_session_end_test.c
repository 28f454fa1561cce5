/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* How sessions begin and end on a real database, and what is kept of it. */
#include "clinic_session.h"
#include "clinic_throttle.h"

#include "clinic/housekeeping.h"

static void a_new_sign_in_ends_the_old_session(void **state)
{
    clinic_test_t *test = *state;
    const char *first = start(test, "a-doe", NULL);
    const char *second = start(test, "a-doe", first);
    const char *at_lakeview = NULL;

    assert_string_not_equal(first, second);
    assert_ended(test, first, CP_SESSION_UNKNOWN);
    assert_int_equal(
        start_at(test, &test->lakeview, "a-doe2", second, &at_lakeview),
        APR_SUCCESS);
    assert_ended(test, second, CP_SESSION_UNKNOWN);
    assert_string_equal(find(test, at_lakeview)->display_name, "Jim Doe, MD");
    assert_non_null(find(test, start(test, "a-doe", "garbage")));
    assert_int_equal(count_rows(test, "session"), 2);
}

static void starting_is_audited_and_noted(void **state)
{
    clinic_test_t *test = *state;
    const json_t *row;

    (void)start(test, "a-doe", NULL);
    row = last_audit(test);
    assert_int_equal(count_rows(test, "audit"), 1);
    assert_member(row, "event", "sign-in");
    assert_member(row, "outcome", "0");
    assert_member(row, "account_id", "a-doe");
    assert_member(row, "kind", "staff");
    assert_member(row, "username", "DoeJ");
    row = look(test, "test_last_login",
               json_pack("{s:s}", "account_id", "a-doe"));
    assert_int_equal(cp_json_integer(row, "last_login_at", 0), test->fake->now);
}

static void nothing_starts_for_a_disabled_account(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = "unset";

    assert_int_equal(start_at(test, &test->riverside, "a-gone", NULL, &cookie),
                     APR_ENOENT);
    assert_null(cookie);
    assert_int_equal(count_rows(test, "session"), 0);
    assert_int_equal(count_rows(test, "audit"), 0);
}

static void nothing_starts_without_random_bytes(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = "unset";

    test->fake->port.random = fake_random;
    test->fake->random_fails = 1;
    assert_int_not_equal(
        start_at(test, &test->riverside, "a-doe", NULL, &cookie), APR_SUCCESS);
    assert_null(cookie);
    assert_int_equal(count_rows(test, "session"), 0);
}

static void signing_out_is_audited_once(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = start(test, "a-doe", NULL);
    const cp_session_t *session = find(test, cookie);

    test->fake->now++;
    assert_int_equal(cp_session_end(&test->cx, session), APR_SUCCESS);
    assert_int_equal(cp_session_end(&test->cx, session), APR_SUCCESS);
    assert_ended(test, cookie, CP_SESSION_UNKNOWN);
    assert_int_equal(count_rows(test, "audit"), 2);
    assert_member(last_audit(test), "event", "sign-out");
    assert_member(last_audit(test), "username", "DoeJ");
}

static size_t count_listed(clinic_test_t *test, json_t **list)
{
    assert_int_equal(cp_session_list(&test->cx, "riverside", "a-doe", list),
                     APR_SUCCESS);
    return json_array_size(*list);
}

static void listed_sessions_can_be_ended(void **state)
{
    clinic_test_t *test = *state;
    const char *newest = NULL;
    json_t *list;
    int count = -1;

    (void)start(test, "a-doe", NULL);
    test->fake->now += 16 * MINUTE;
    (void)start(test, "a-doe", NULL);
    test->fake->now += MINUTE;
    newest = start(test, "a-doe", NULL);
    (void)start(test, "a-brown", NULL);
    assert_int_equal(count_listed(test, &list), 2);
    assert_member(json_array_get(list, 0), "session_id",
                  find(test, newest)->session_id);
    assert_int_equal(cp_session_end_listed(&test->cx, "lakeview", "a-doe",
                                           find(test, newest)->session_id,
                                           &count),
                     APR_SUCCESS);
    assert_int_equal(count, 0);
    assert_int_equal(cp_session_end_listed(&test->cx, "riverside", "a-doe",
                                           find(test, newest)->session_id,
                                           &count),
                     APR_SUCCESS);
    assert_int_equal(count, 1);
    assert_ended(test, newest, CP_SESSION_UNKNOWN);
    assert_int_equal(
        cp_session_end_listed(&test->cx, "riverside", "a-doe", NULL, &count),
        APR_SUCCESS);
    assert_int_equal(count, 2);
    assert_int_equal(count_rows(test, "session"), 1);
}

static void keep_house(clinic_test_t *test)
{
    assert_int_equal(cp_housekeeping(&test->cx), APR_SUCCESS);
}

/* A day after a session, an hour after a solution, after a try a window or, of
 * an account's unknown places together, a month. */
static void what_ran_out_is_pruned(void **state)
{
    clinic_test_t *test = *state;
    cp_throttle_verdict_t verdict;
    apr_time_t began = test->fake->now;

    (void)start(test, "a-doe", NULL);
    change(test, "captcha_spend",
           json_pack("{s:s, s:s, s:I}", "clinic_id", "riverside", "nonce", "n",
                     "expires_at", (json_int_t)began));
    assert_int_equal(enter_at(&test->cx, &test->riverside, "doej", &verdict),
                     APR_SUCCESS);
    test->fake->now = began + 15 * MINUTE;
    (void)start(test, "a-doe", NULL);
    keep_house(test);
    assert_int_equal(count_rows(test, "throttle"), 4);
    test->fake->now = began + HOUR;
    (void)start(test, "a-doe", NULL);
    keep_house(test);
    assert_int_equal(count_rows(test, "throttle"), 1);
    assert_int_equal(count_rows(test, "captcha"), 1);
    test->fake->now = began + 36 * HOUR;
    (void)start(test, "a-doe", NULL);
    keep_house(test);
    assert_int_equal(count_rows(test, "captcha"), 0);
    assert_int_equal(count_rows(test, "session"), 4);
    test->fake->now++;
    (void)start(test, "a-doe", NULL);
    keep_house(test);
    assert_int_equal(count_rows(test, "session"), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(a_new_sign_in_ends_the_old_session),
        CLINIC_TEST(starting_is_audited_and_noted),
        CLINIC_TEST(nothing_starts_for_a_disabled_account),
        CLINIC_TEST(nothing_starts_without_random_bytes),
        CLINIC_TEST(signing_out_is_audited_once),
        CLINIC_TEST(listed_sessions_can_be_ended),
        CLINIC_TEST(what_ran_out_is_pruned),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
