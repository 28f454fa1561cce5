/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What still stands between a right password and the portal. */
#include "clinic/step.h"

#include "unit.h"

#define DAY apr_time_from_sec(86400)

static void words_are_read_back(void **state)
{
    assert_int_equal(cp_step_parse(""), CP_STEP_NONE);
    assert_int_equal(cp_step_parse(cp_step_word(CP_STEP_FACTOR)),
                     CP_STEP_FACTOR);
    assert_int_equal(cp_step_parse(cp_step_word(CP_STEP_ENROL)), CP_STEP_ENROL);
    assert_int_equal(cp_step_parse(cp_step_word(CP_STEP_PASSWORD)),
                     CP_STEP_PASSWORD);
    assert_int_not_equal(cp_step_parse("of the future"), CP_STEP_NONE);
}

static void steps_come_in_order(void **state)
{
    static const struct {
        int expiry_days;
        cp_step_facts_t facts;
        apr_time_t now;
        cp_step_t expected;
    } rows[] = {
        {0, {0, 0}, 1000 * DAY, CP_STEP_NONE},
        {0, {1, 0}, 0, CP_STEP_PASSWORD},
        {90, {0, 10 * DAY}, 100 * DAY - 1, CP_STEP_NONE},
        {90, {0, 10 * DAY}, 100 * DAY, CP_STEP_PASSWORD},
        {90, {0, 0}, 1000 * DAY, CP_STEP_PASSWORD},
    };
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        cp_policy_t policy = {.password_expiry_days = rows[i].expiry_days};

        if (cp_step_next(&policy, &rows[i].facts, rows[i].now) !=
            rows[i].expected) {
            fail_msg("row %zu", i);
        }
    }
}

static void the_second_factor_comes_before_the_password(void **state)
{
    static const struct {
        cp_factor_mode_t mode;
        int is_required;
        int has_factor;
        int is_given;
        cp_step_t expected;
    } rows[] = {
        {CP_FACTOR_OFF, 1, 1, 0, CP_STEP_PASSWORD},
        {CP_FACTOR_ALL, 0, 1, 0, CP_STEP_FACTOR},
        {CP_FACTOR_ALL, 0, 0, 0, CP_STEP_ENROL},
        {CP_FACTOR_ALL, 0, 1, 1, CP_STEP_PASSWORD},
        {CP_FACTOR_PER_USER, 0, 0, 0, CP_STEP_PASSWORD},
        {CP_FACTOR_PER_USER, 1, 0, 0, CP_STEP_ENROL},
        {CP_FACTOR_PER_USER, 0, 1, 0, CP_STEP_FACTOR},
        {CP_FACTOR_PER_USER, 1, 1, 1, CP_STEP_PASSWORD},
    };
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        cp_policy_t policy = {.second_factor = rows[i].mode};
        cp_step_facts_t facts = {.password_must_change = 1,
                                 .factor_required = rows[i].is_required,
                                 .has_factor = rows[i].has_factor,
                                 .factor_given = rows[i].is_given};

        if (cp_step_next(&policy, &facts, 0) != rows[i].expected) {
            fail_msg("row %zu", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(words_are_read_back),
        POOL_TEST(steps_come_in_order),
        POOL_TEST(the_second_factor_comes_before_the_password),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
