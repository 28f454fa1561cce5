/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Appointments: whose, on which day, in which words. */
#include "clinic/schedule.h"

#include "clinic_reads.h"

#define DAY "2026-11-23"
#define NOON "2026-11-23T12:00:00-05:00"

static void take_part(clinic_test_t *test, const char *clinic_id, int n,
                      const char *at, cp_kind_t kind, const char *person_id)
{
    change(test, "reads_add_participant",
           json_pack("{s:s, s:s, s:s, s:s, s:I}", "clinic_id", clinic_id, "id",
                     id_of(test, "app", n), "kind", cp_kind_word(kind),
                     "person_id", person_id, "at",
                     (json_int_t)moment(test, at)));
}

static void add(clinic_test_t *test, const char *clinic_id, int n,
                const char *at, const char *status)
{
    apr_time_t start = moment(test, at);

    change(test, "reads_add_appointment",
           json_pack("{s:s, s:s, s:s, s:I, s:I}", "clinic_id", clinic_id, "id",
                     id_of(test, "app", n), "status", status, "at",
                     (json_int_t)start, "end",
                     (json_int_t)(start + 50 * MINUTE)));
}

/* One of Doe's with Lopez. */
static void add_usual(clinic_test_t *test, int n, const char *at)
{
    add(test, "riverside", n, at, "booked");
    take_part(test, "riverside", n, at, CP_KIND_STAFF, "p-doe");
    take_part(test, "riverside", n, at, CP_KIND_PATIENT, "p-lopez");
}

/* At the same time, with others: one of the twin and, under the same id as
 * Doe's, one at the other clinic. */
static void add_others(clinic_test_t *test, int n, const char *at)
{
    add(test, "riverside", n + 900, at, "booked");
    take_part(test, "riverside", n + 900, at, CP_KIND_STAFF, "p-lopez");
    take_part(test, "riverside", n + 900, at, CP_KIND_PATIENT, "p-nguyen");
    add(test, "lakeview", n, at, "arrived");
    take_part(test, "lakeview", n, at, CP_KIND_STAFF, "p-boss");
    take_part(test, "lakeview", n, at, CP_KIND_PATIENT, "p-nguyen");
}

static apr_status_t days_of(clinic_test_t *test, reader_t who,
                            const char *first, int days, json_t **model)
{
    cp_schedule_span_t span = {NULL, first, days};

    return cp_schedule_days(&test->cx, reader(test, who), &span, model);
}

static const json_t *day_of(clinic_test_t *test, reader_t who, const char *date)
{
    json_t *days;

    assert_int_equal(days_of(test, who, date, 1, &days), APR_SUCCESS);
    assert_int_equal(json_array_size(days), 1);
    return json_array_get(days, 0);
}

static size_t count_of(clinic_test_t *test, reader_t who, const char *date)
{
    return length_of(day_of(test, who, date), "appointments");
}

static const json_t *appointment(clinic_test_t *test, reader_t who,
                                 const char *date, size_t i)
{
    return json_array_get(
        json_object_get(day_of(test, who, date), "appointments"), i);
}

static void everybody_sees_their_own_only(void **state)
{
    static const char *const with[READERS] = {
        [DOE] = "Maria Lopez",      [TWIN] = "Tam Nguyen",
        [LOPEZ] = "Jane Doe, LCSW", [NGUYEN] = "Twin Lopez, RN",
        [L_BOSS] = "Lake Nguyen",
    };
    clinic_test_t *test = *state;
    int who;

    add_usual(test, 1, NOON);
    add_others(test, 1, NOON);
    for (who = 0; who < READERS; who++) {
        if (count_of(test, who, DAY) != (with[who] != NULL)) {
            fail_msg("reader %d", who);
        }
        if (with[who] != NULL) {
            assert_member(appointment(test, who, DAY, 0), "with", with[who]);
        }
    }
    assert_member(appointment(test, DOE, DAY, 0), "status", "booked");
    assert_member(appointment(test, LOPEZ, DAY, 0), "status", "booked");
    assert_member(appointment(test, L_BOSS, DAY, 0), "status", "arrived");
    /* Noon in New York is nine in Los Angeles. */
    assert_member(appointment(test, L_BOSS, DAY, 0), "starts_at",
                  "2026-11-23T09:00:00-08:00");
}

static void an_appointment_is_on_the_day_it_starts(void **state)
{
    clinic_test_t *test = *state;

    add_usual(test, 1, "2026-11-23T23:30:00-05:00");
    add_usual(test, 2, "2026-11-24T00:00:00-05:00");
    assert_int_equal(count_of(test, DOE, "2026-11-22"), 0);
    assert_int_equal(count_of(test, DOE, "2026-11-23"), 1);
    assert_int_equal(count_of(test, DOE, "2026-11-24"), 1);
    assert_member(appointment(test, DOE, "2026-11-23", 0), "ends_at",
                  "2026-11-24T00:20:00-05:00");
}

static void days_are_as_long_as_the_clocks_say(void **state)
{
    static const struct {
        const char *at;
        const char *date;
        size_t place;
        const char *why;
    } cases[] = {
        {"2026-10-31T23:59:00-04:00", "2026-10-31", 0, "the day before"},
        {"2026-11-01T00:00:00-04:00", "2026-11-01", 0, "midnight"},
        {"2026-11-01T01:30:00-04:00", "2026-11-01", 1, "half past one"},
        {"2026-11-01T01:30:00-05:00", "2026-11-01", 2, "and once again"},
        {"2026-11-01T23:59:00-05:00", "2026-11-01", 3, "the 25th hour"},
        {"2026-11-02T00:00:00-05:00", "2026-11-02", 0, "the day after"},
        {"2026-03-08T00:30:00-05:00", "2026-03-08", 0, "a short day"},
        {"2026-03-08T23:30:00-04:00", "2026-03-08", 1, "its 23rd hour"},
        {"2026-03-09T00:00:00-04:00", "2026-03-09", 0, "and the next"},
    };
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        add_usual(test, (int)i, cases[i].at);
    }
    for (i = 0; i < ROWS(cases); i++) {
        const char *starts_at = cp_json_string(
            appointment(test, DOE, cases[i].date, cases[i].place), "starts_at",
            "nothing");

        if (strcmp(starts_at, cases[i].at) != 0) {
            fail_msg("%s: %s", cases[i].why, starts_at);
        }
    }
    assert_int_equal(count_of(test, DOE, "2026-11-01"), 4);
    assert_int_equal(count_of(test, DOE, "2026-03-08"), 2);
}

static void staff_see_the_patients_of_a_group(void **state)
{
    clinic_test_t *test = *state;
    const json_t *shown;

    add_usual(test, 1, NOON);
    add_others(test, 1, NOON);
    take_part(test, "riverside", 1, NOON, CP_KIND_PATIENT, "p-nguyen");
    take_part(test, "riverside", 1, NOON, CP_KIND_STAFF, "p-smith");
    assert_int_equal(count_of(test, DOE, DAY), 1);
    shown = appointment(test, DOE, DAY, 0);
    assert_member(shown, "with", "Maria Lopez, Tam Nguyen");
    assert_member(shown, "comment", "for staff only");
}

static void a_patient_sees_neither_comment_nor_the_others(void **state)
{
    clinic_test_t *test = *state;
    const char *text;

    add_usual(test, 1, NOON);
    add_others(test, 1, NOON);
    take_part(test, "riverside", 1, NOON, CP_KIND_PATIENT, "p-nguyen");
    take_part(test, "riverside", 1, NOON, CP_KIND_STAFF, "p-smith");
    assert_int_equal(count_of(test, LOPEZ, DAY), 1);
    assert_member(appointment(test, LOPEZ, DAY, 0), "with",
                  "Ana Smith, PsyD, Jane Doe, LCSW");
    assert_member(appointment(test, LOPEZ, DAY, 0), "patient_instruction",
                  "come early");
    text = cp_json_text(day_of(test, LOPEZ, DAY), test->cx.pool);
    assert_null(strstr(text, "Nguyen"));
    assert_null(strstr(text, "comment"));
    assert_null(strstr(text, "for staff only"));
}

static void nobody_on_the_other_side_is_no_name(void **state)
{
    clinic_test_t *test = *state;

    add(test, "riverside", 1, NOON, "booked");
    take_part(test, "riverside", 1, NOON, CP_KIND_STAFF, "p-doe");
    assert_member(appointment(test, DOE, DAY, 0), "with", "");
}

static void every_status_has_its_words(void **state)
{
    static const struct {
        const char *status;
        const char *text;
        int is_cancelled;
    } cases[] = {
        {"proposed", "Proposed", 0},
        {"pending", "Awaiting confirmation", 0},
        {"booked", "Booked", 0},
        {"arrived", "Arrived", 0},
        {"fulfilled", "Completed", 0},
        {"cancelled", "Cancelled", 1},
        {"noshow", "No-show", 0},
        {"checked-in", "Checked in", 0},
        {"waitlist", "On the waiting list", 0},
    };
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        add(test, "riverside", (int)i, NOON, cases[i].status);
        take_part(test, "riverside", (int)i, NOON, CP_KIND_STAFF, "p-doe");
    }
    add(test, "riverside", 99, NOON, "entered-in-error");
    take_part(test, "riverside", 99, NOON, CP_KIND_STAFF, "p-doe");
    take_part(test, "riverside", 99, NOON, CP_KIND_PATIENT, "p-lopez");
    assert_int_equal(count_of(test, LOPEZ, DAY), 0);
    assert_int_equal(count_of(test, DOE, DAY), ROWS(cases));
    for (i = 0; i < ROWS(cases); i++) {
        const json_t *shown = appointment(test, DOE, DAY, i);

        assert_member(shown, "status", cases[i].status);
        assert_member(shown, "status_text", cases[i].text);
        assert_int_equal(cp_json_is_true(shown, "is_cancelled"),
                         cases[i].is_cancelled);
    }
}

static void a_week_is_seven_days_even_when_empty(void **state)
{
    clinic_test_t *test = *state;
    json_t *days;
    size_t i;

    test->fake->now = moment(test, NOON);
    add_usual(test, 1, "2026-11-25T09:30:00-05:00");
    assert_int_equal(days_of(test, LOPEZ, "2026-11-22", 7, &days), APR_SUCCESS);
    assert_int_equal(json_array_size(days), 7);
    for (i = 0; i < 7; i++) {
        const json_t *day = json_array_get(days, i);

        assert_member(day, "date",
                      apr_psprintf(test->cx.pool, "2026-11-%d", 22 + (int)i));
        assert_int_equal(cp_json_is_true(day, "is_today"), i == 1);
        assert_int_equal(cp_json_is_true(day, "has_appointments"), i == 3);
        assert_int_equal(length_of(day, "appointments"), i == 3);
    }
    assert_member(json_array_get(days, 0), "day_text",
                  "Sunday, November 22, 2026");
}

static void a_day_shows_no_more_than_its_limit(void **state)
{
    clinic_test_t *test = *state;
    const json_t *day;
    int i;

    for (i = 0; i < 201; i++) {
        add_usual(test, 300 - i, NOON);
    }
    day = day_of(test, DOE, DAY);
    assert_int_equal(length_of(day, "appointments"), 200);
    assert_null(
        by_id(json_object_get(day, "appointments"), id_of(test, "app", 300)));
}

static void what_is_no_date_is_refused(void **state)
{
    static const char *const cases[] = {"",           "today",
                                        "2026-02-30", "2026-11-22x",
                                        "1776-07-04", "2026-11-22' OR '1'='1"};
    clinic_test_t *test = *state;
    json_t *days;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        if (days_of(test, DOE, cases[i], 1, &days) != CP_EINPUT) {
            fail_msg("%s", cases[i]);
        }
    }
}

static void without_a_database_nothing_is_shown(void **state)
{
    clinic_test_t *test = *state;
    json_t *days;

    test->cx.db = dead_database(test);
    assert_int_not_equal(days_of(test, DOE, DAY, 1, &days), APR_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        READS_TEST(everybody_sees_their_own_only),
        READS_TEST(an_appointment_is_on_the_day_it_starts),
        READS_TEST(days_are_as_long_as_the_clocks_say),
        READS_TEST(staff_see_the_patients_of_a_group),
        READS_TEST(a_patient_sees_neither_comment_nor_the_others),
        READS_TEST(nobody_on_the_other_side_is_no_name),
        READS_TEST(every_status_has_its_words),
        READS_TEST(a_week_is_seven_days_even_when_empty),
        READS_TEST(a_day_shows_no_more_than_its_limit),
        READS_TEST(what_is_no_date_is_refused),
        READS_TEST(without_a_database_nothing_is_shown),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
