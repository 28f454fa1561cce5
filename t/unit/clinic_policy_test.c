/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a clinic decides about sign-in, on a real database. */
#include "clinic.h"

#include "clinic/policy.h"

static void values_are_checked(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        int is_good;
    } rows[] = {
        {"lock-after", "1", 1},
        {"lock-after", "0", 1},
        {"lock-after", "101", 0},
        {"lock-after", "", 0},
        {"lock-after", "-1", 0},
        {"lock-after", " 5", 0},
        {"lock-after", "00005", 0},
        {"lock-after", "default", 1},
        {"password-length", "7", 0},
        {"password-length", "8", 1},
        {"password-length", "64", 1},
        {"password-length", "65", 0},
        {"password-history", "4", 1},
        {"password-history", "5", 0},
        {"password-special", "on", 1},
        {"password-special", "On", 0},
        {"password-special", "1", 0},
        {"second-factor", "per-user", 1},
        {"second-factor", "some", 0},
        {"second-factor", "", 0},
        {"remember-days", "91", 0},
        {"no-such-setting", "on", 0},
        {"no-such-setting", "default", 0},
    };
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        if ((cp_policy_refuse(rows[i].name, rows[i].value, test->cx.pool) ==
             NULL) != rows[i].is_good) {
            fail_msg("%s=%s", rows[i].name, rows[i].value);
        }
    }
}

static cp_policy_t load(clinic_test_t *test, const char *clinic_id)
{
    cp_policy_t policy;

    assert_int_equal(cp_policy_load(&test->cx, clinic_id, &policy),
                     APR_SUCCESS);
    return policy;
}

static int set(clinic_test_t *test, const char *name, const char *value)
{
    int is_changed = 0;

    assert_int_equal(
        cp_policy_set(&test->cx, "riverside", name, value, &is_changed),
        APR_SUCCESS);
    return is_changed;
}

static void a_clinic_without_settings_has_the_defaults(void **state)
{
    cp_policy_t policy = load(*state, "riverside");

    assert_int_equal(policy.lock_after, 5);
    assert_int_equal(policy.lock_permanently, 0);
    assert_int_equal(policy.password_length, 15);
    assert_int_equal(policy.password_length_with_factor, 8);
    assert_int_equal(policy.password_history, 0);
    assert_int_equal(policy.reset_by_mail, 1);
    assert_int_equal(policy.second_factor, CP_FACTOR_OFF);
    assert_int_equal(policy.remember_days, 30);
    assert_int_equal(policy.session_idle, 15 * MINUTE);
    assert_int_equal(policy.session_max, 12 * HOUR);
}

static void what_is_set_counts_at_that_clinic(void **state)
{
    clinic_test_t *test = *state;
    cp_policy_t policy;

    assert_true(set(test, "second-factor", "all"));
    assert_true(set(test, "password-history", "3"));
    assert_true(set(test, "password-history", "4"));
    assert_false(set(test, "password-history", "4"));
    policy = load(test, "riverside");
    assert_int_equal(policy.second_factor, CP_FACTOR_ALL);
    assert_int_equal(policy.password_history, 4);
    assert_int_equal(load(test, "lakeview").password_history, 0);
    assert_true(set(test, "password-history", "default"));
    assert_false(set(test, "password-history", "default"));
    assert_int_equal(load(test, "riverside").password_history, 0);
}

static void each_change_is_in_the_audit(void **state)
{
    clinic_test_t *test = *state;

    set(test, "password-special", "on");
    set(test, "password-special", "on");
    assert_int_equal(count_rows(test, "audit"), 1);
    assert_member(last_audit(test), "event", "policy-changed");
    assert_member(last_audit(test), "reason", "password-special=on");
}

static void the_stricter_of_setting_and_directive_counts(void **state)
{
    clinic_test_t *test = *state;
    cp_policy_t policy;

    set(test, "lock-after", "10");
    set(test, "session-idle-minutes", "20");
    set(test, "session-max-hours", "13");
    policy = load(test, "riverside");
    assert_int_equal(policy.lock_after, 5);
    assert_int_equal(policy.session_idle, 15 * MINUTE);
    assert_int_equal(policy.session_max, 12 * HOUR);
    set(test, "lock-after", "3");
    set(test, "session-idle-minutes", "10");
    set(test, "session-max-hours", "1");
    policy = load(test, "riverside");
    assert_int_equal(policy.lock_after, 3);
    assert_int_equal(policy.session_idle, 10 * MINUTE);
    assert_int_equal(policy.session_max, HOUR);
}

static void what_is_no_value_counts_as_the_default(void **state)
{
    clinic_test_t *test = *state;

    set(test, "password-length", "many");
    set(test, "from-the-future", "on");
    assert_int_equal(load(test, "riverside").password_length, 15);
    assert_int_equal(test->database->lines->nelts, 2);
}

static void all_settings_are_listed(void **state)
{
    clinic_test_t *test = *state;
    json_t *settings;
    size_t i;

    set(test, "second-factor", "all");
    assert_int_equal(cp_policy_list(&test->cx, "riverside", &settings),
                     APR_SUCCESS);
    for (i = 0; i < json_array_size(settings); i++) {
        json_t *setting = json_array_get(settings, i);
        const char *name = cp_policy_name((int)i);

        assert_member(setting, "name", name);
        assert_null(cp_policy_refuse(
            name, cp_json_string(setting, "standard", ""), test->cx.pool));
        if (strcmp(name, "second-factor") == 0) {
            assert_member(setting, "value", "all");
            assert_member(setting, "allowed", "off|all|per-user");
        }
    }
    assert_null(cp_policy_name((int)i));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CLINIC_TEST(values_are_checked),
        CLINIC_TEST(a_clinic_without_settings_has_the_defaults),
        CLINIC_TEST(what_is_set_counts_at_that_clinic),
        CLINIC_TEST(each_change_is_in_the_audit),
        CLINIC_TEST(the_stricter_of_setting_and_directive_counts),
        CLINIC_TEST(what_is_no_value_counts_as_the_default),
        CLINIC_TEST(all_settings_are_listed),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
