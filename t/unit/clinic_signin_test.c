/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Who signs in, with what outcome, work and audit row, on a real database. */
#include "clinic_signin.h"
#include "clinic_throttle.h"

#include "clinic/session.h"

/* Everybody's outcome, work and audit row. */
static const struct {
    cp_kind_t kind;
    const char *username;
    const char *password;
    cp_signin_outcome_t outcome;
    int hashes;
    const char *reason;
    const char *audited; /* user name in the audit */
} cases[] = {
    {CP_KIND_STAFF, "DoeJ", "doe-secret", CP_SIGNIN_DONE, 1, "", "DoeJ"},
    {CP_KIND_STAFF, "dOEj", "doe-secret", CP_SIGNIN_DONE, 1, "", "DoeJ"},
    {CP_KIND_PATIENT, "mlopez", "lopez-secret", CP_SIGNIN_DONE, 1, "",
     "mlopez"},
    {CP_KIND_STAFF, "DoeJ", "wrong", CP_SIGNIN_WRONG, 2, "wrong-password",
     "DoeJ"},
    {CP_KIND_STAFF, "DoeJ", "", CP_SIGNIN_WRONG, 2, "wrong-password", "DoeJ"},
    {CP_KIND_STAFF, "DoeJ", NULL, CP_SIGNIN_WRONG, 2, "wrong-password", "DoeJ"},
    {CP_KIND_STAFF, "nobody", "wrong", CP_SIGNIN_WRONG, 2, "unknown-user", ""},
    {CP_KIND_STAFF, " ", "wrong", CP_SIGNIN_WRONG, 2, "unknown-user", ""},
    {CP_KIND_STAFF, NULL, NULL, CP_SIGNIN_WRONG, 2, "unknown-user", ""},
    {CP_KIND_STAFF, "' OR 1=1 --", "' OR 1=1 --", CP_SIGNIN_WRONG, 2,
     "unknown-user", ""},
    {CP_KIND_STAFF, "GoneG", "gone-secret", CP_SIGNIN_WRONG, 2, "disabled",
     "GoneG"},
    {CP_KIND_STAFF, "GoneG", "wrong", CP_SIGNIN_WRONG, 2, "wrong-password",
     "GoneG"},
    {CP_KIND_PATIENT, "GoneG", "gone-secret", CP_SIGNIN_WRONG, 2, "disabled",
     "GoneG"},
    {CP_KIND_PATIENT, "DoeJ", "doe-secret", CP_SIGNIN_OTHER_KIND, 2,
     "other-kind", "DoeJ"},
    {CP_KIND_PATIENT, "DoeJ", "wrong", CP_SIGNIN_WRONG, 2, "wrong-password",
     "DoeJ"},
    {CP_KIND_STAFF, "mlopez", "lopez-secret", CP_SIGNIN_OTHER_KIND, 2,
     "other-kind", "mlopez"},
    {CP_KIND_STAFF, "twin", "staff-secret", CP_SIGNIN_DONE, 1, "", "Twin"},
    {CP_KIND_STAFF, "twin", "patient-secret", CP_SIGNIN_OTHER_KIND, 2,
     "other-kind", "twin"},
    {CP_KIND_PATIENT, "twin", "staff-secret", CP_SIGNIN_OTHER_KIND, 2,
     "other-kind", "Twin"},
    {CP_KIND_PATIENT, "twin", "patient-secret", CP_SIGNIN_NO_PORTAL, 1,
     "no-portal", "twin"},
    {CP_KIND_STAFF, "twin", "wrong", CP_SIGNIN_WRONG, 2, "wrong-password",
     "Twin"},
    {CP_KIND_STAFF, "BrownK", "brown-secret", CP_SIGNIN_NO_PORTAL, 1,
     "no-portal", "BrownK"},
    {CP_KIND_STAFF, "BrownK", "wrong", CP_SIGNIN_WRONG, 2, "wrong-password",
     "BrownK"},
};

static void each_try_gets_its_outcome(void **state)
{
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        cp_signin_try_t attempt =
            try_of(test, cases[i].kind, cases[i].username, cases[i].password);
        cp_signin_result_t result;
        const json_t *row;

        work.hashes = 0;
        test->fake->now += HOUR;
        cp_signin(&test->cx, &attempt, &result);
        if (result.outcome != cases[i].outcome ||
            work.hashes != cases[i].hashes) {
            fail_msg("row %d: outcome %d, hashes %d", (int)i,
                     (int)result.outcome, work.hashes);
        }
        assert_int_equal(result.cookies.session != NULL,
                         cases[i].outcome == CP_SIGNIN_DONE);
        assert_int_equal(count_rows(test, "audit"), (int)i + 1);
        row = last_audit(test);
        assert_member(row, "event", "sign-in");
        assert_member(row, "outcome",
                      cases[i].outcome == CP_SIGNIN_DONE ? "0" : "4");
        assert_member(row, "reason", cases[i].reason);
        assert_member(row, "username", cases[i].audited);
        assert_member(row, "kind", cp_kind_word(cases[i].kind));
    }
}

/* Nothing in the answer to a wrong try depends on why. */
static void all_wrong_tries_get_one_answer(void **state)
{
    static const cp_signin_result_t expected = {.outcome = CP_SIGNIN_WRONG};
    clinic_test_t *test = *state;
    cp_signin_result_t results[4];
    size_t i;

    results[0] = sign_in(test, "DoeJ", "wrong");
    results[1] = sign_in(test, "nobody", "wrong");
    results[2] = sign_in(test, "GoneG", "gone-secret");
    for (i = 0; i < 5; i++) {
        results[3] = sign_in(test, "DoeJ", "wrong");
    }
    assert_member(last_audit(test), "reason", "locked");
    for (i = 0; i < ROWS(results); i++) {
        assert_int_equal(results[i].outcome, expected.outcome);
        assert_null(results[i].cookies.session);
        assert_int_equal(results[i].retry_after_s, 0);
        assert_int_equal(results[i].cause, APR_SUCCESS);
    }
}

static void a_clinics_password_is_good_there_only(void **state)
{
    clinic_test_t *test = *state;
    cp_signin_try_t attempt = try_of(test, CP_KIND_STAFF, "DoeJ", "doe-secret");
    cp_signin_result_t result;

    attempt.clinic = &test->lakeview;
    cp_signin(&test->cx, &attempt, &result);
    assert_int_equal(result.outcome, CP_SIGNIN_WRONG);
    assert_int_equal(work.hashes, 2);
    assert_int_equal(work.decoys, 2);
}

static void a_session_opens_and_the_old_one_ends(void **state)
{
    clinic_test_t *test = *state;
    const char *first = sign_in(test, "DoeJ", "doe-secret").cookies.session;
    cp_signin_try_t attempt = try_of(test, CP_KIND_STAFF, "DoeJ", "doe-secret");
    cp_signin_result_t result;
    const cp_session_t *session;
    cp_session_end_t why;

    attempt.old_session_cookie = first;
    cp_signin(&test->cx, &attempt, &result);
    assert_int_equal(cp_session_find(&test->cx, CP_KIND_STAFF,
                                     result.cookies.session, &session, &why),
                     APR_SUCCESS);
    assert_string_equal(session->username, "DoeJ");
    assert_int_equal(
        cp_session_find(&test->cx, CP_KIND_STAFF, first, &session, &why),
        CP_EDENIED);
}

static const char *stored_password(clinic_test_t *test)
{
    return cp_json_string(look(test, "test_find_password",
                               json_pack("{s:s}", "account_id", "a-doe")),
                          "password_hash", "");
}

static void an_old_hash_is_renewed(void **state)
{
    clinic_test_t *test = *state;

    set_password(test, "a-doe", "old:doe-secret");
    work.rehash_fails = 1;
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_DONE);
    assert_string_equal(stored_password(test), "old:doe-secret");
    assert_int_equal(test->database->lines->nelts, 1);
    assert_non_null(strstr(
        APR_ARRAY_IDX(test->database->lines, 0, const char *), "CP0521: "));
    work.rehash_fails = 0;
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_DONE);
    assert_string_equal(stored_password(test), "new:doe-secret");
}

static void change_password(clinic_test_t *test)
{
    change(test, "test_change_password",
           json_pack("{s:s, s:I}", "account_id", "a-doe", "now",
                     (json_int_t)++test->fake->now));
}

/* It was right when it was read, and ends nobody's new password. */
static void a_password_that_is_changed_meanwhile_opens_nothing(void **state)
{
    clinic_test_t *test = *state;
    cp_signin_result_t result;

    work.meanwhile = change_password;
    result = sign_in(test, "DoeJ", "doe-secret");
    assert_int_equal(result.outcome, CP_SIGNIN_WRONG);
    assert_null(result.cookies.session);
    assert_int_equal(count_rows(test, "session"), 0);
    assert_member(last_audit(test), "reason", "wrong-password");
    work.meanwhile = NULL;
    assert_int_equal(sign_in(test, "DoeJ", "doe-secret").outcome,
                     CP_SIGNIN_DONE);
}

static void trust_until(clinic_test_t *test, apr_time_t until)
{
    change(test, "test_trust_devices",
           json_pack("{s:I}", "until", (json_int_t)until));
}

static void distrust(clinic_test_t *test)
{
    trust_until(test, 0);
}

static void a_device_that_is_distrusted_meanwhile_skips_nothing(void **state)
{
    clinic_test_t *test = *state;
    cp_signin_try_t attempt = try_of(test, CP_KIND_STAFF, "DoeJ", "doe-secret");
    cp_signin_result_t result = sign_in(test, "DoeJ", "doe-secret");
    int i;

    set_policy(test, "second-factor", "all");
    attempt.device_cookie = result.cookies.device;
    trust_until(test, test->fake->now + HOUR);
    for (i = 0; i < 3; i++) {
        work.meanwhile = i == 1 ? distrust : NULL;
        test->fake->now++;
        cp_signin(&test->cx, &attempt, &result);
        assert_int_equal(result.outcome, CP_SIGNIN_DONE);
        assert_int_equal(result.cookies.step == CP_STEP_NONE, i == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIGNIN_TEST(each_try_gets_its_outcome),
        SIGNIN_TEST(all_wrong_tries_get_one_answer),
        SIGNIN_TEST(a_clinics_password_is_good_there_only),
        SIGNIN_TEST(a_session_opens_and_the_old_one_ends),
        SIGNIN_TEST(a_password_that_is_changed_meanwhile_opens_nothing),
        SIGNIN_TEST(a_device_that_is_distrusted_meanwhile_skips_nothing),
        SIGNIN_TEST(an_old_hash_is_renewed),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
