/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Administering clinics on a real database. */
#include "clinic_session.h"

#include "clinic/clinics.h"

static void fields_are_checked(void **state)
{
    static const struct {
        cp_clinic_fields_t fields;
        int is_good;
    } rows[] = {
        {{NULL}, 1},
        {{.name = "North"}, 1},
        {{.name = ""}, 0},
        {{.name = "two\nlines"}, 0},
        {{.name = "bad \xff"}, 0},
        {{.time_zone = "Europe/Berlin"}, 1},
        {{.time_zone = "Europe/Atlantis"}, 0},
        {{.time_zone = ""}, 0},
        {{.locale = "de-DE"}, 1},
        {{.locale = "not a language"}, 0},
        {{.default_tab = "staff"}, 1},
        {{.default_tab = "nurse"}, 0},
        {{.support_contact = ""}, 1},
        {{.crisis_text = "a\tb"}, 0},
    };
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        if ((cp_clinics_refuse(&rows[i].fields, *state) == NULL) !=
            rows[i].is_good) {
            fail_msg("row %zu", i);
        }
    }
}

static json_t *get(clinic_test_t *test, const char *code)
{
    json_t *clinic = NULL;

    assert_int_equal(cp_clinics_find(&test->cx, code, &clinic), APR_SUCCESS);
    return clinic;
}

static void a_clinic_is_added_with_defaults(void **state)
{
    static const cp_clinic_fields_t fields = {.name = "North",
                                              .time_zone = "Europe/Berlin"};
    clinic_test_t *test = *state;

    assert_int_equal(cp_clinics_add(&test->cx, "North-1", &fields),
                     APR_SUCCESS);
    assert_member(get(test, "NORTH-1"), "code", "North-1");
    assert_member(get(test, "NORTH-1"), "locale", "en-US");
    assert_member(get(test, "NORTH-1"), "default_tab", "patient");
    assert_true(cp_json_is_true(get(test, "NORTH-1"), "active"));
    assert_int_equal(count_rows(test, "audit"), 1);
}

static void a_code_is_a_code_and_taken_once(void **state)
{
    static const cp_clinic_fields_t fields = {.name = "N", .time_zone = "UTC"};
    clinic_test_t *test = *state;
    json_t *clinic;

    assert_int_equal(cp_clinics_add(&test->cx, "RiverSide", &fields),
                     APR_EEXIST);
    assert_int_equal(cp_clinics_add(&test->cx, "closed", &fields), APR_EEXIST);
    assert_int_equal(cp_clinics_add(&test->cx, "a b", &fields), CP_EINPUT);
    assert_int_equal(cp_clinics_find(&test->cx, "a b", &clinic), APR_ENOENT);
    assert_int_equal(cp_clinics_find(&test->cx, "other", &clinic), APR_ENOENT);
    assert_int_equal(count_rows(test, "audit"), 0);
}

static void only_what_is_given_changes(void **state)
{
    static const cp_clinic_fields_t fields = {.crisis_text = "Call 988."};
    clinic_test_t *test = *state;
    int is_changed;

    assert_int_equal(
        cp_clinics_set(&test->cx, get(test, "riverside"), &fields, &is_changed),
        APR_SUCCESS);
    assert_true(is_changed);
    assert_member(get(test, "riverside"), "crisis_text", "Call 988.");
    assert_member(get(test, "riverside"), "support_contact", "front desk");
    assert_member(last_audit(test), "event", "clinic-changed");
    assert_int_equal(
        cp_clinics_set(&test->cx, get(test, "riverside"), &fields, &is_changed),
        APR_SUCCESS);
    assert_false(is_changed);
    assert_int_equal(count_rows(test, "audit"), 1);
}

/* It was switched off after somebody had looked at it. */
static void what_is_not_given_stays_as_it_is_by_then(void **state)
{
    static const cp_clinic_fields_t fields = {.crisis_text = "Call 988."};
    clinic_test_t *test = *state;
    json_t *before = get(test, "riverside");
    int is_changed;

    change(test, "test_set_active",
           json_pack("{s:s, s:i}", "clinic_id", "riverside", "active", 0));
    assert_int_equal(
        cp_clinics_set(&test->cx, before, &fields, &is_changed), APR_SUCCESS);
    assert_true(is_changed);
    assert_false(cp_json_is_true(get(test, "riverside"), "active"));
    assert_member(get(test, "riverside"), "crisis_text", "Call 988.");
}

static void a_clinic_switched_off_loses_its_sessions(void **state)
{
    static const cp_clinic_fields_t off = {.active = "off"};
    clinic_test_t *test = *state;
    const char *other = NULL;
    int is_changed;

    (void)start(test, "a-doe", NULL);
    assert_int_equal(start_at(test, &test->lakeview, "a-doe2", NULL, &other),
                     APR_SUCCESS);
    assert_int_equal(
        cp_clinics_set(&test->cx, get(test, "riverside"), &off, &is_changed),
        APR_SUCCESS);
    assert_false(cp_json_is_true(get(test, "riverside"), "active"));
    assert_int_equal(count_rows(test, "session"), 1);
    assert_non_null(find(test, other));
}

static void all_are_listed(void **state)
{
    clinic_test_t *test = *state;
    json_t *clinics;

    assert_int_equal(cp_clinics_list(&test->cx, &clinics), APR_SUCCESS);
    assert_int_equal(json_array_size(clinics), 3);
    assert_member(json_array_get(clinics, 0), "code", "CLOSED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(fields_are_checked),
        CLINIC_TEST(a_clinic_is_added_with_defaults),
        CLINIC_TEST(a_code_is_a_code_and_taken_once),
        CLINIC_TEST(only_what_is_given_changes),
        CLINIC_TEST(what_is_not_given_stays_as_it_is_by_then),
        CLINIC_TEST(a_clinic_switched_off_loses_its_sessions),
        CLINIC_TEST(all_are_listed),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
