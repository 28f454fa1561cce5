/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Setting up an authenticator while others are at it, and while the portal's
 * secret changes. */
#include "clinic_session.h"

#include "clinic/factor.h"

#include <liboath/oath.h>

static const unsigned char old_secret[] =
    "the first secret of this portal, 32+";
static const unsigned char new_secret[] =
    "the second secret of this portal, 32";

static void use_secret(clinic_test_t *test, const unsigned char *current,
                       const unsigned char *previous)
{
    cp_keys_t keys = {current, sizeof(old_secret) - 1, previous,
                      previous == NULL ? 0 : sizeof(old_secret) - 1, NULL};

    test->options.keys = keys;
}

static const char *code_of(clinic_test_t *test,
                           const unsigned char secret[CP_OTP_SECRET_BYTES])
{
    char *code = apr_pcalloc(test->cx.pool, CP_OTP_DIGITS + 1);

    assert_int_equal(oath_totp_generate((const char *)secret,
                                        CP_OTP_SECRET_BYTES,
                                        apr_time_sec(test->fake->now), 30, 0,
                                        CP_OTP_DIGITS, code),
                     OATH_OK);
    return code;
}

static void set_up(clinic_test_t *test, const cp_session_t *session,
                   unsigned char secret[CP_OTP_SECRET_BYTES])
{
    assert_int_equal(cp_factor_begin_otp(&test->cx, session), APR_SUCCESS);
    assert_int_equal(cp_factor_pending(&test->cx, session, secret),
                     APR_SUCCESS);
}

/* Set up an authenticator under the old secret, up to its next code. */
static void enrol(clinic_test_t *test, const cp_session_t *session,
                  unsigned char secret[CP_OTP_SECRET_BYTES])
{
    json_t *codes;

    use_secret(test, old_secret, NULL);
    set_up(test, session, secret);
    assert_int_equal(cp_factor_confirm_otp(&test->cx, session,
                                           code_of(test, secret), &codes),
                     APR_SUCCESS);
    test->fake->now += MINUTE; /* a code works once */
}

static apr_status_t give_code(clinic_test_t *test, const cp_session_t *session,
                              const unsigned char secret[CP_OTP_SECRET_BYTES])
{
    const char *word;

    return cp_factor_check(&test->cx, session, code_of(test, secret), &word);
}

static void what_waits_is_the_sessions_own(void **state)
{
    clinic_test_t *test = *state;
    unsigned char secret[CP_OTP_SECRET_BYTES];
    unsigned char seen[CP_OTP_SECRET_BYTES];
    const char *intruders = start(test, "a-doe", NULL);
    const cp_session_t *intruder = find(test, intruders);
    const cp_session_t *owner = find(test, start(test, "a-doe", NULL));
    json_t *codes;

    set_up(test, owner, secret);
    assert_int_equal(cp_factor_pending(&test->cx, intruder, seen), APR_ENOENT);
    assert_int_equal(cp_factor_confirm_otp(&test->cx, intruder,
                                           code_of(test, secret), &codes),
                     APR_ENOENT);
    assert_int_equal(
        cp_factor_confirm_otp(&test->cx, owner, code_of(test, secret), &codes),
        APR_SUCCESS);
    assert_int_equal(json_array_size(codes), CP_RECOVERY_CODES);
    assert_ended(test, intruders, CP_SESSION_UNKNOWN);
}

/* Begun under the old secret, confirmed during the rotation, used after it. */
static void a_rotation_in_between_strands_nobody(void **state)
{
    clinic_test_t *test = *state;
    unsigned char secret[CP_OTP_SECRET_BYTES];
    const cp_session_t *session = find(test, start(test, "a-doe", NULL));
    const char *word;
    json_t *codes;

    use_secret(test, old_secret, NULL);
    set_up(test, session, secret);
    use_secret(test, new_secret, old_secret);
    assert_int_equal(cp_factor_confirm_otp(&test->cx, session,
                                           code_of(test, secret), &codes),
                     APR_SUCCESS);
    use_secret(test, new_secret, NULL);
    test->fake->now += MINUTE;
    assert_int_equal(
        cp_factor_check(&test->cx, session, code_of(test, secret), &word),
        APR_SUCCESS);
    assert_string_equal(word, CP_FACTOR_OTP);
}

/* A code that cannot be looked at is no wrong one. */
static void a_lost_secret_locks_nobody(void **state)
{
    clinic_test_t *test = *state;
    unsigned char secret[CP_OTP_SECRET_BYTES];
    const cp_session_t *session = find(test, start(test, "a-doe", NULL));
    int i;

    enrol(test, session, secret);
    use_secret(test, new_secret, NULL);
    for (i = 0; i < 6; i++) {
        assert_int_equal(give_code(test, session, secret), CP_EUNAVAILABLE);
    }
    use_secret(test, old_secret, NULL);
    assert_int_equal(give_code(test, session, secret), APR_SUCCESS);
}

static apr_status_t remove_work(cp_db_t *db, void *baton)
{
    clinic_test_t *test = baton;

    (void)db;
    return cp_factor_remove(&test->cx, "riverside", "a-doe");
}

/* Who lost the telephone and tried many codes begins anew. */
static void a_removed_factor_leaves_no_lock(void **state)
{
    clinic_test_t *test = *state;
    unsigned char secret[CP_OTP_SECRET_BYTES];
    const cp_session_t *session = find(test, start(test, "a-doe", NULL));
    const char *word;
    int i;

    for (i = 0; i < 101; i++) {
        assert_int_equal(cp_factor_check(&test->cx, session, "000000", &word),
                         i < 100 ? CP_EDENIED : CP_ETOOMANY);
        test->fake->now += HOUR;
    }
    assert_int_equal(cp_db_transaction(test->cx.db, remove_work, test),
                     APR_SUCCESS);
    enrol(test, session, secret);
    assert_int_equal(give_code(test, session, secret), APR_SUCCESS);
}

static void try_wrong(clinic_test_t *test, const cp_session_t *session,
                      int times, apr_status_t expected)
{
    const char *word;

    for (; times > 0; times--) {
        assert_int_equal(cp_factor_check(&test->cx, session, "000000", &word),
                         expected);
    }
}

/* However often somebody comes meanwhile. */
static void each_lock_has_one_row(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t *session = find(test, start(test, "a-doe", NULL));

    try_wrong(test, session, 5, CP_EDENIED);
    assert_int_equal(count_reason(test, "locked"), 0);
    try_wrong(test, session, 4, CP_ETOOMANY);
    assert_int_equal(count_reason(test, "locked"), 1);
    test->fake->now += MINUTE;
    try_wrong(test, session, 1, CP_EDENIED);
    assert_int_equal(count_reason(test, "locked"), 1);
    try_wrong(test, session, 3, CP_ETOOMANY);
    assert_int_equal(count_reason(test, "locked"), 2);
    assert_int_equal(count_reason(test, "wrong-code"), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(what_waits_is_the_sessions_own),
        CLINIC_TEST(a_rotation_in_between_strands_nobody),
        CLINIC_TEST(a_lost_secret_locks_nobody),
        CLINIC_TEST(a_removed_factor_leaves_no_lock),
        CLINIC_TEST(each_lock_has_one_row),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
