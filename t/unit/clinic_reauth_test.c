/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The password once more, in a clinic that locks for good. */
#include "clinic_session.h"
#include "clinic_signin.h"
#include "clinic_throttle.h"

#include "base/status.h"
#include "clinic/reauth.h"

static apr_status_t confirm(clinic_test_t *test, const cp_session_t *session,
                            const char *password)
{
    cp_policy_t policy;
    const char *hash;

    test->fake->now++; /* the audit is sorted by it */
    assert_int_equal(cp_policy_load(&test->cx, "riverside", &policy),
                     APR_SUCCESS);
    return cp_reauth(&test->cx, session, &policy, password, &hash);
}

static const cp_session_t *begin(clinic_test_t *test)
{
    set_policy(test, "lock-permanently", "on");
    return find(test, start(test, "a-doe", NULL));
}

/* Who is in stays able to confirm, whatever is tried at the account. */
static void strangers_lock_nobody_out(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t *session = begin(test);
    int i;

    for (i = 0; i < 10; i++) {
        (void)sign_in(test, "DoeJ", "a guess");
    }
    assert_member(last_audit(test), "reason", "locked");
    assert_int_equal(confirm(test, session, "doe-secret"), APR_SUCCESS);
}

static void guesses_are_counted_for_the_session(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t *session = begin(test);
    const cp_session_t *other = find(test, start(test, "a-doe", NULL));
    int i;

    for (i = 0; i < 5; i++) {
        assert_int_equal(confirm(test, session, "a guess"), CP_EDENIED);
        assert_member(last_audit(test), "reason", "wrong-password");
    }
    assert_int_equal(confirm(test, session, "doe-secret"), CP_ETOOMANY);
    assert_member(last_audit(test), "reason", "locked");
    assert_int_equal(confirm(test, other, "doe-secret"), APR_SUCCESS);
    assert_int_equal(confirm(test, session, "doe-secret"), CP_ETOOMANY);
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_DONE);
}

static void confirm_wrongly(clinic_test_t *test, const cp_session_t *session,
                            int times, apr_status_t expected)
{
    for (; times > 0; times--) {
        assert_int_equal(confirm(test, session, "a guess"), expected);
    }
}

static void each_lock_has_one_row(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t *session = find(test, start(test, "a-doe", NULL));

    confirm_wrongly(test, session, 5, CP_EDENIED);
    assert_int_equal(count_reason(test, "locked"), 0);
    confirm_wrongly(test, session, 4, CP_ETOOMANY);
    assert_int_equal(count_reason(test, "locked"), 1);
    test->fake->now += MINUTE;
    confirm_wrongly(test, session, 1, CP_EDENIED);
    confirm_wrongly(test, session, 3, CP_ETOOMANY);
    assert_int_equal(count_reason(test, "locked"), 2);
}

/* As at sign-in: one until the window of the address ends. */
static void a_busy_address_has_one_row(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t *session = find(test, start(test, "a-doe", NULL));

    test->options.limits.address.tries = 2;
    confirm_wrongly(test, session, 2, CP_EDENIED);
    confirm_wrongly(test, session, 4, CP_ETOOMANY);
    assert_int_equal(count_reason(test, "locked"), 1);
}

static void what_is_not_looked_at_is_no_guess(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t *session = begin(test);
    int i;

    for (i = 0; i < 10; i++) {
        memset(&work, 0, sizeof(work));
        work.fails_at = 1;
        assert_int_equal(confirm(test, session, "doe-secret"), CP_EUNAVAILABLE);
    }
    assert_int_equal(confirm(test, session, "doe-secret"), APR_SUCCESS);
}

/* Each is work for others to wait behind, and the one too many is none. */
static void an_account_is_asked_so_often(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t *session = begin(test);
    const cp_session_t *other = find(test, start(test, "a-doe", NULL));
    int i;

    for (i = 0; i < 30; i++) {
        assert_int_equal(confirm(test, session, "doe-secret"), APR_SUCCESS);
    }
    work.hashes = 0;
    for (i = 0; i < 10; i++) {
        assert_int_equal(confirm(test, other, "doe-secret"), CP_ETOOMANY);
    }
    assert_int_equal(work.hashes, 0);
    assert_int_equal(count_reason(test, "too-many"), 1);
    assert_int_equal(count_reason(test, "locked"), 0);
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_DONE);
    test->fake->now += 15 * MINUTE;
    assert_int_equal(confirm(test, session, "doe-secret"), APR_SUCCESS);
    assert_int_equal(confirm(test, other, "doe-secret"), APR_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIGNIN_TEST(strangers_lock_nobody_out),
        SIGNIN_TEST(guesses_are_counted_for_the_session),
        SIGNIN_TEST(each_lock_has_one_row),
        SIGNIN_TEST(a_busy_address_has_one_row),
        SIGNIN_TEST(what_is_not_looked_at_is_no_guess),
        SIGNIN_TEST(an_account_is_asked_so_often),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
