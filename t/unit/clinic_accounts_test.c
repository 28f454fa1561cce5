/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Administering accounts on a real database. */
#include "clinic_session.h"
#include "clinic_throttle.h"

#include "clinic/account_rules.h"
#include "clinic/factor.h"

#define THIRTY "123456789012345678901234567890"

static const char *repeat(const char *text, int times, apr_pool_t *p)
{
    const char *all = "";

    while (times-- > 0) {
        all = apr_pstrcat(p, all, text, NULL);
    }
    return all;
}

static void passwords_are_long_enough_and_not_too_long(void **state)
{
    apr_pool_t *p = *state;
    const struct {
        const char *password;
        const char *why; /* NULL: good */
    } rows[] = {
        {"demo-portal-passphrase", NULL},
        {"123456789012345", NULL},
        {"12345678901234", "shorter than 15"},
        {"", "shorter than 15"},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
         "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
         NULL},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
         "shorter than 15"}, /* 16 bytes, 8 characters */
        {"1234567890123456\xff", "not valid UTF-8"},
        {repeat("x", 256, p), NULL},
        {repeat("x", 257, p), "longer than 256"},
    };
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        const char *why = cp_account_refuse_password(rows[i].password);

        if (rows[i].why == NULL) {
            assert_null(why);
        }
        else {
            assert_non_null(why);
            assert_non_null(strstr(why, rows[i].why));
        }
    }
}

static void fields_are_checked(void **state)
{
    static const struct {
        cp_account_fields_t fields;
        cp_kind_t kind;
        int is_good;
    } rows[] = {
        {{NULL}, CP_KIND_STAFF, 1},
        {{.display_name = "Jane Doe, LCSW"}, CP_KIND_STAFF, 1},
        {{.display_name = ""}, CP_KIND_STAFF, 0},
        {{.display_name = "two\nlines"}, CP_KIND_STAFF, 0},
        {{.display_name = "bad \xff"}, CP_KIND_STAFF, 0},
        {{.email = ""}, CP_KIND_STAFF, 1},
        {{.email = "jane@riverside.example"}, CP_KIND_STAFF, 1},
        {{.email = "jane"}, CP_KIND_STAFF, 0},
        {{.status = "disabled"}, CP_KIND_STAFF, 1},
        {{.status = "asleep"}, CP_KIND_STAFF, 0},
        {{.roles = ""}, CP_KIND_STAFF, 1},
        {{.roles = "clinical  front-desk2"}, CP_KIND_STAFF, 1},
        {{.roles = "Clinical"}, CP_KIND_STAFF, 0},
        {{.roles = "-x"}, CP_KIND_STAFF, 0},
        {{.roles = "a" THIRTY "12"}, CP_KIND_STAFF, 0},
        {{.permissions = "staff-portal clinic-admin"}, CP_KIND_STAFF, 1},
        {{.permissions = "staff-portal root"}, CP_KIND_STAFF, 0},
        {{.permissions = "patient-portal"}, CP_KIND_STAFF, 0},
        {{.permissions = "patient-portal"}, CP_KIND_PATIENT, 1},
        {{.permissions = "documents-all"}, CP_KIND_PATIENT, 0},
    };
    apr_pool_t *p = *state;
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        if ((cp_account_refuse_fields(&rows[i].fields, rows[i].kind, p) ==
             NULL) != rows[i].is_good) {
            fail_msg("row %zu", i);
        }
    }
}

static const cp_account_name_t doe = {"riverside", CP_KIND_STAFF, "DoeJ"};

/* The account of that name, which is there. */
static json_t *get(clinic_test_t *test, const cp_account_name_t *name)
{
    json_t *account = NULL;

    assert_int_equal(cp_accounts_find(&test->cx, name, &account), APR_SUCCESS);
    return account;
}

static void an_account_is_added_with_a_person(void **state)
{
    static const cp_account_name_t name = {"riverside", CP_KIND_PATIENT,
                                           "TNguyen"};
    static const cp_account_name_t other_case = {"riverside", CP_KIND_PATIENT,
                                                 "tnguyen"};
    static const cp_account_fields_t fields = {.display_name = "Thomas Nguyen"};
    clinic_test_t *test = *state;
    json_t *account = NULL;

    assert_int_equal(cp_accounts_add(&test->cx, &name, &fields, &account),
                     APR_SUCCESS);
    account = get(test, &other_case);
    assert_member(account, "username", "TNguyen");
    assert_member(account, "display_name", "Thomas Nguyen");
    assert_member(account, "status", "active");
    assert_member(account, "roles", "");
    assert_member(account, "permissions", "patient-portal");
    assert_false(cp_json_is_true(account, "has_password"));
    assert_member(last_audit(test), "event", "account-added");
    assert_member(last_audit(test), "kind", "patient");
    assert_member(last_audit(test), "username", "TNguyen");
}

static void a_name_is_taken_only_once_per_clinic_and_kind(void **state)
{
    static const struct {
        cp_account_name_t name;
        apr_status_t expected;
    } rows[] = {
        {{"riverside", CP_KIND_STAFF, "DOEJ"}, APR_EEXIST},
        {{"riverside", CP_KIND_STAFF, "GoneG"}, APR_EEXIST}, /* disabled */
        {{"riverside", CP_KIND_PATIENT, "DoeJ"}, APR_SUCCESS},
        {{"lakeview", CP_KIND_STAFF, "BrownK"}, APR_SUCCESS},
        {{"riverside", CP_KIND_STAFF, " x"}, CP_EINPUT},
        {{"riverside", CP_KIND_STAFF, ""}, CP_EINPUT},
    };
    static const cp_account_fields_t fields = {NULL};
    clinic_test_t *test = *state;
    json_t *account;
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        assert_int_equal(
            cp_accounts_add(&test->cx, &rows[i].name, &fields, &account),
            rows[i].expected);
    }
}

static void only_what_is_given_changes(void **state)
{
    static const cp_account_fields_t email = {.email = "j@riverside.example"};
    static const cp_account_fields_t words = {.display_name = "Jane Roe, LCSW",
                                              .roles = "clinical lead",
                                              .permissions =
                                                  "staff-portal documents-all"};
    clinic_test_t *test = *state;
    int is_changed;

    assert_int_equal(
        cp_accounts_set(&test->cx, get(test, &doe), &email, &is_changed),
        APR_SUCCESS);
    assert_true(is_changed);
    assert_member(get(test, &doe), "display_name", "Jane Doe, LCSW");
    assert_member(get(test, &doe), "roles", "clinical supervisor");
    assert_member(get(test, &doe), "permissions", "schedule-all staff-portal");
    assert_int_equal(
        cp_accounts_set(&test->cx, get(test, &doe), &words, &is_changed),
        APR_SUCCESS);
    assert_true(is_changed);
    assert_member(get(test, &doe), "email", "j@riverside.example");
    assert_member(get(test, &doe), "display_name", "Jane Roe, LCSW");
    assert_member(get(test, &doe), "roles", "clinical lead");
    assert_member(get(test, &doe), "permissions", "documents-all staff-portal");
}

/* It was disabled after somebody had looked at it. */
static void what_is_not_given_stays_as_it_is_by_then(void **state)
{
    static const cp_account_fields_t email = {.email = "j@riverside.example"};
    clinic_test_t *test = *state;
    json_t *before = get(test, &doe);
    int is_changed;

    change(test, "test_set_status",
           json_pack("{s:s, s:s}", "account_id", "a-doe", "status",
                     "disabled"));
    assert_int_equal(cp_accounts_set(&test->cx, before, &email, &is_changed),
                     APR_SUCCESS);
    assert_true(is_changed);
    assert_member(get(test, &doe), "email", "j@riverside.example");
    assert_member(get(test, &doe), "status", "disabled");
}

static void the_same_again_is_no_change(void **state)
{
    static const cp_account_fields_t same = {.display_name = "Jane Doe, LCSW",
                                             .status = "active",
                                             .roles = "supervisor clinical",
                                             .permissions =
                                                 "staff-portal schedule-all"};
    clinic_test_t *test = *state;
    int is_changed = 1;

    assert_int_equal(
        cp_accounts_set(&test->cx, get(test, &doe), &same, &is_changed),
        APR_SUCCESS);
    assert_false(is_changed);
    assert_int_equal(count_rows(test, "audit"), 0);
}

static void all_words_can_be_taken_away(void **state)
{
    static const cp_account_fields_t none = {.roles = "", .permissions = ""};
    clinic_test_t *test = *state;
    int is_changed;

    assert_int_equal(
        cp_accounts_set(&test->cx, get(test, &doe), &none, &is_changed),
        APR_SUCCESS);
    assert_member(get(test, &doe), "roles", "");
    assert_member(get(test, &doe), "permissions", "");
}

static void disabling_ends_the_sessions_of_that_account(void **state)
{
    static const cp_account_fields_t off = {.status = "disabled"};
    static const cp_account_fields_t on = {.status = "active"};
    clinic_test_t *test = *state;
    int is_changed;

    (void)start(test, "a-doe", NULL);
    (void)start(test, "a-doe", NULL);
    (void)start(test, "a-lopez", NULL);
    test->fake->now += MINUTE;
    assert_int_equal(
        cp_accounts_set(&test->cx, get(test, &doe), &off, &is_changed),
        APR_SUCCESS);
    assert_int_equal(count_rows(test, "session"), 1);
    assert_member(last_audit(test), "event", "account-disabled");
    assert_member(get(test, &doe), "status", "disabled");
    test->fake->now += MINUTE;
    assert_int_equal(
        cp_accounts_set(&test->cx, get(test, &doe), &on, &is_changed),
        APR_SUCCESS);
    assert_member(last_audit(test), "event", "account-enabled");
}

static void a_new_password_ends_the_sessions(void **state)
{
    clinic_test_t *test = *state;

    (void)start(test, "a-doe", NULL);
    test->fake->now += MINUTE;
    assert_int_equal(
        cp_accounts_set_password(&test->cx, get(test, &doe), "$argon2id$x", 0),
        APR_SUCCESS);
    assert_int_equal(count_rows(test, "session"), 0);
    assert_true(cp_json_is_true(get(test, &doe), "has_password"));
    assert_member(last_audit(test), "event", "password-changed");
}

static apr_status_t mail_codes(cp_db_t *db, void *baton)
{
    clinic_test_t *test = baton;
    apr_status_t rv = APR_SUCCESS;
    int is_over = 0;
    int i;

    (void)db;
    for (i = 0; i < 6 && rv == APR_SUCCESS; i++) {
        assert_false(is_over);
        rv = cp_factor_mail_code(&test->cx, "riverside", "a-doe", &is_over);
    }
    assert_true(is_over);
    return rv;
}

static void unlocking_lets_codes_be_mailed(void **state)
{
    clinic_test_t *test = *state;
    int i;

    for (i = 0; i < 2; i++) {
        int count;

        assert_int_equal(cp_db_transaction(test->cx.db, mail_codes, test),
                         APR_SUCCESS);
        assert_int_equal(cp_accounts_unlock(&test->cx, &doe, &count),
                         APR_SUCCESS);
        assert_int_equal(count, 1);
    }
}

static void unlocking_forgets_the_tries(void **state)
{
    clinic_test_t *test = *state;
    cp_throttle_verdict_t verdict;
    int count;
    int i;

    for (i = 0; i < 6; i++) {
        assert_int_equal(
            enter_at(&test->cx, &test->riverside, "doej", &verdict),
            APR_SUCCESS);
    }
    assert_true(verdict.is_account_locked);
    assert_int_equal(cp_accounts_unlock(&test->cx, &doe, &count), APR_SUCCESS);
    assert_int_equal(count, 2); /* this place, and all together */
    assert_member(last_audit(test), "event", "account-unlocked");
    assert_int_equal(enter_at(&test->cx, &test->riverside, "doej", &verdict),
                     APR_SUCCESS);
    assert_false(verdict.is_account_locked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(passwords_are_long_enough_and_not_too_long),
        POOL_TEST(fields_are_checked),
        CLINIC_TEST(an_account_is_added_with_a_person),
        CLINIC_TEST(a_name_is_taken_only_once_per_clinic_and_kind),
        CLINIC_TEST(only_what_is_given_changes),
        CLINIC_TEST(what_is_not_given_stays_as_it_is_by_then),
        CLINIC_TEST(the_same_again_is_no_change),
        CLINIC_TEST(all_words_can_be_taken_away),
        CLINIC_TEST(disabling_ends_the_sessions_of_that_account),
        CLINIC_TEST(a_new_password_ends_the_sessions),
        CLINIC_TEST(unlocking_forgets_the_tries),
        CLINIC_TEST(unlocking_lets_codes_be_mailed),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
