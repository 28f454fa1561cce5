/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The words of the permission model. */
#include "clinic/access.h"

#include "unit.h"

static void has_finds_whole_words(void **state)
{
    static const struct {
        const char *words;
        const char *word;
        int expected;
        const char *why;
    } cases[] = {
        {"staff-portal", "staff-portal", 1, "the only one"},
        {"a staff-portal", "staff-portal", 1, "the last"},
        {"staff-portal b", "staff-portal", 1, "the first"},
        {"a staff-portal b", "staff-portal", 1, "in the middle"},
        {"", "staff-portal", 0, "an empty list"},
        {NULL, "staff-portal", 0, "no list"},
        {"staff-portal-x", "staff-portal", 0, "a longer word"},
        {"x-staff-portal", "staff-portal", 0, "a longer word in front"},
        {"staff", "staff-portal", 0, "a shorter word"},
        {"Staff-Portal", "staff-portal", 0, "case matters"},
        {"a b", "a b", 0, "two words are no word"},
        {"a", "", 0, "no word is in no list"},
        {"a  b", "", 0, "nor between two spaces"},
        {"a", NULL, 0, "a missing word is never there"},
        {NULL, NULL, 0, "missing is not equal to missing"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        if (cp_access_has(cases[i].words, cases[i].word) != cases[i].expected) {
            fail_msg("%s", cases[i].why);
        }
    }
}

static void only_the_five_are_permissions(void **state)
{
    static const struct {
        const char *word;
        int expected;
    } cases[] = {
        {"staff-portal", 1},
        {"patient-portal", 1},
        {"schedule-all", 1},
        {"documents-all", 1},
        {"clinic-admin", 1},
        {"clinic-admins", 0},
        {"Clinic-Admin", 0},
        {"root", 0},
        {"", 0},
        {NULL, 0},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        assert_int_equal(cp_access_is_permission(cases[i].word),
                         cases[i].expected);
    }
}

static void each_kind_has_its_portal_permission(void **state)
{
    assert_string_equal(cp_access_portal_permission(CP_KIND_STAFF),
                        "staff-portal");
    assert_string_equal(cp_access_portal_permission(CP_KIND_PATIENT),
                        "patient-portal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_finds_whole_words),
        cmocka_unit_test(only_the_five_are_permissions),
        cmocka_unit_test(each_kind_has_its_portal_permission),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
