/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The gates of why-not, one after the other. */
#include "clinic_throttle.h"

#include "clinic/whynot.h"

static cp_whynot_t ask(clinic_test_t *test, const char *code, cp_kind_t kind,
                       const char *username)
{
    cp_whynot_t answer;

    assert_int_equal(cp_whynot(&test->cx, code, kind, username, &answer),
                     APR_SUCCESS);
    return answer;
}

static void expect(const cp_whynot_t *answer, const char *gate,
                   const char *remedy)
{
    assert_non_null(answer->gate);
    assert_string_equal(answer->gate, gate);
    assert_non_null(answer->remedy);
    assert_string_equal(answer->remedy, remedy);
}

static void the_first_gate_that_refuses_is_told(void **state)
{
    static const struct {
        const char *code;
        cp_kind_t kind;
        const char *username;
        const char *gate;
        const char *remedy;
    } rows[] = {
        {"nowhere", CP_KIND_STAFF, "DoeJ", "clinic",
         "clinicportalctl clinic add nowhere --name NAME --time-zone ZONE"},
        {"not a code;", CP_KIND_STAFF, "DoeJ", "clinic",
         "clinicportalctl clinic add 'not a code;' --name NAME --time-zone "
         "ZONE"},
        {"closed", CP_KIND_STAFF, "DoeJ", "clinic-active",
         "clinicportalctl clinic set CLOSED --active on"},
        {"riverside", CP_KIND_STAFF, "mlopez", "kind",
         "clinicportalctl staff add RIVERSIDE mlopez"},
        {"riverside", CP_KIND_PATIENT, "doej", "kind",
         "clinicportalctl patient add RIVERSIDE doej"},
        {"riverside", CP_KIND_STAFF, "nobody", "account",
         "clinicportalctl staff add RIVERSIDE nobody"},
        {"riverside", CP_KIND_STAFF, "Pat O'Neil", "account",
         "clinicportalctl staff add RIVERSIDE 'Pat O'\\''Neil'"},
        {"riverside", CP_KIND_STAFF, "--help", "account",
         "clinicportalctl staff add RIVERSIDE '--help'"},
        {"riverside", CP_KIND_STAFF, "gonEg", "status",
         "clinicportalctl enable RIVERSIDE staff gonEg"},
        {"riverside", CP_KIND_STAFF, "BrownK", "permission",
         "clinicportalctl staff set RIVERSIDE BrownK --permissions "
         "\"staff-portal\""},
        {"riverside", CP_KIND_STAFF, "DoeJ", "password",
         "clinicportalctl passwd RIVERSIDE staff DoeJ"},
    };
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        cp_whynot_t answer =
            ask(test, rows[i].code, rows[i].kind, rows[i].username);

        expect(&answer, rows[i].gate, rows[i].remedy);
    }
}

static void permissions_one_has_are_kept_by_the_remedy(void **state)
{
    clinic_test_t *test = *state;
    cp_whynot_t answer;

    change(test, "test_revoke",
           json_pack("{s:s, s:s}", "account_id", "a-doe", "permission",
                     "staff-portal"));
    answer = ask(test, "RIVERSIDE", CP_KIND_STAFF, "DoeJ");
    expect(&answer, "permission",
           "clinicportalctl staff set RIVERSIDE DoeJ --permissions "
           "\"staff-portal schedule-all\"");
}

static void a_lock_is_told_with_its_end_on_the_clinics_clocks(void **state)
{
    clinic_test_t *test = *state;
    cp_throttle_verdict_t verdict;
    cp_whynot_t answer;
    int i;

    for (i = 0; i < 5; i++) {
        assert_int_equal(
            enter_at(&test->cx, &test->riverside, "doej", &verdict),
            APR_SUCCESS);
    }
    answer = ask(test, "RIVERSIDE", CP_KIND_STAFF, "DoeJ");
    expect(&answer, "lock", "clinicportalctl unlock RIVERSIDE DoeJ");
    assert_string_equal(answer.why,
                        "too many tries failed: locked for "
                        "192.0.2.7 until 2027-01-15T03:00:30-05:00");
    test->fake->now += MINUTE;
    answer = ask(test, "RIVERSIDE", CP_KIND_STAFF, "DoeJ");
    assert_string_equal(answer.gate, "password");
}

static void a_lock_for_good_has_no_end(void **state)
{
    clinic_test_t *test = *state;
    cp_throttle_verdict_t verdict;
    cp_whynot_t answer;
    int i;

    change(test, "test_set_password",
           json_pack("{s:s, s:s}", "account_id", "a-doe", "hash", "x"));
    for (i = 0; i < 100; i++) {
        assert_int_equal(
            cp_throttle_factor(&test->cx, "riverside", "a-doe", &verdict),
            APR_SUCCESS);
        test->fake->now += 2 * HOUR;
    }
    answer = ask(test, "RIVERSIDE", CP_KIND_STAFF, "DoeJ");
    expect(&answer, "factor-lock", "clinicportalctl unlock RIVERSIDE DoeJ");
    assert_string_equal(answer.why,
                        "too many wrong codes of the second factor: locked "
                        "until an administrator unlocks it");
}

static void nothing_refuses(void **state)
{
    clinic_test_t *test = *state;
    cp_whynot_t answer;

    change(test, "test_set_password",
           json_pack("{s:s, s:s}", "account_id", "a-doe", "hash", "x"));
    answer = ask(test, "riverside", CP_KIND_STAFF, "DoeJ");
    assert_null(answer.gate);
    assert_null(answer.remedy);
    assert_string_equal(answer.why, "nothing refuses: RIVERSIDE staff DoeJ can "
                                    "sign in if the password is right");
}

static void asking_counts_no_try(void **state)
{
    clinic_test_t *test = *state;

    (void)ask(test, "riverside", CP_KIND_STAFF, "DoeJ");
    assert_int_equal(count_rows(test, "throttle"), 0);
    assert_int_equal(count_rows(test, "audit"), 0);
}

static void a_dead_database_is_a_failure(void **state)
{
    clinic_test_t *test = *state;
    cp_whynot_t answer;

    test->cx.db = dead_database(test);
    assert_int_equal(
        cp_whynot(&test->cx, "riverside", CP_KIND_STAFF, "DoeJ", &answer),
        CP_EUNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(the_first_gate_that_refuses_is_told),
        CLINIC_TEST(permissions_one_has_are_kept_by_the_remedy),
        CLINIC_TEST(a_lock_is_told_with_its_end_on_the_clinics_clocks),
        CLINIC_TEST(a_lock_for_good_has_no_end),
        CLINIC_TEST(nothing_refuses),
        CLINIC_TEST(asking_counts_no_try),
        CLINIC_TEST(a_dead_database_is_a_failure),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
