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

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(what_waits_is_the_sessions_own),
        CLINIC_TEST(a_rotation_in_between_strands_nobody),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
