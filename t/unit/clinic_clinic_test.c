/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Finding the clinic of a code, on a real database. */
#include "clinic/clinic.h"

#include "clinic.h"

static void a_code_finds_its_active_clinic(void **state)
{
    static const struct {
        const char *code;
        apr_status_t expected;
        const char *found; /* its code as shown */
    } cases[] = {
        {"RIVERSIDE", APR_SUCCESS, "RIVERSIDE"},
        {"riverSide", APR_SUCCESS, "RIVERSIDE"},
        {"lakeview", APR_SUCCESS, "LakeView"},
        {"nowhere", APR_ENOENT, NULL},
        {"closed", APR_ENOENT, NULL},
        {"riverside%", CP_EINPUT, NULL},
        {"river side", CP_EINPUT, NULL},
        {"-riverside", CP_EINPUT, NULL},
        {"", CP_EINPUT, NULL},
        {NULL, CP_EINPUT, NULL},
    };
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const cp_clinic_t *clinic = &test->riverside;

        assert_int_equal(cp_clinic_find(&test->cx, cases[i].code, &clinic),
                         cases[i].expected);
        assert_int_equal(clinic != NULL, cases[i].found != NULL);
        if (clinic != NULL) {
            assert_string_equal(clinic->code, cases[i].found);
        }
    }
}

static void a_clinic_has_its_settings(void **state)
{
    clinic_test_t *test = *state;
    const cp_clinic_t *clinic;

    assert_int_equal(cp_clinic_find(&test->cx, "RIVERSIDE", &clinic),
                     APR_SUCCESS);
    assert_string_equal(clinic->clinic_id, "riverside");
    assert_string_equal(clinic->name, "Riverside Behavioral Health");
    assert_string_equal(clinic->time_zone, "America/New_York");
    assert_string_equal(clinic->locale, "en-US");
    assert_int_equal(clinic->default_tab, CP_KIND_PATIENT);
    assert_string_equal(clinic->support_contact, "front desk");
    assert_string_equal(clinic->crisis_text, "");
}

static void its_calendar_is_in_its_zone(void **state)
{
    clinic_test_t *test = *state;
    const cp_clinic_t *clinic;
    cp_clinic_t lost;
    cp_calendar_t *calendar;

    assert_int_equal(cp_clinic_find(&test->cx, "RIVERSIDE", &clinic),
                     APR_SUCCESS);
    assert_int_equal(cp_clinic_calendar(&test->cx, clinic, &calendar),
                     APR_SUCCESS);
    assert_string_equal(cp_calendar_rfc3339(calendar, 0, test->cx.pool),
                        "1969-12-31T19:00:00-05:00");
    lost = *clinic;
    lost.time_zone = "Mars/Olympus";
    assert_int_equal(cp_clinic_calendar(&test->cx, &lost, &calendar),
                     CP_EINPUT);
}

static void a_dead_database_is_not_a_missing_clinic(void **state)
{
    clinic_test_t *test = *state;
    const cp_clinic_t *clinic;
    apr_status_t rv;

    test->cx.db = dead_database(test);
    rv = cp_clinic_find(&test->cx, "RIVERSIDE", &clinic);
    assert_true(rv != APR_SUCCESS && rv != APR_ENOENT);
    assert_null(clinic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(a_code_finds_its_active_clinic),
        CLINIC_TEST(a_clinic_has_its_settings),
        CLINIC_TEST(its_calendar_is_in_its_zone),
        CLINIC_TEST(a_dead_database_is_not_a_missing_clinic),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
