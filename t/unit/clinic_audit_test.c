/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The audit trail on a real database. */
#include "clinic/audit.h"

#include "clinic.h"

static const json_t *list(clinic_test_t *test, const char *clinic_id, int limit)
{
    json_t *rows = NULL;

    assert_int_equal(cp_audit_list(&test->cx, clinic_id, limit, &rows),
                     APR_SUCCESS);
    return rows;
}

static void every_field_is_kept(void **state)
{
    static const cp_audit_event_t event = {
        .clinic_id = "riverside",
        .event = "sign-in",
        .outcome = CP_AUDIT_REFUSED,
        .reason = "wrong-password",
        .account_id = "a-doe",
        .kind = "staff",
        .username = "DoeJ",
        .entity_type = "DocumentReference",
        .entity_id = "d-1",
    };
    clinic_test_t *test = *state;
    const json_t *row;

    assert_int_equal(cp_audit_write(&test->cx, &event), APR_SUCCESS);
    row = json_array_get(list(test, "riverside", 10), 0);
    assert_int_equal(strlen(cp_json_string(row, "audit_id", "")), 22);
    assert_int_equal(cp_json_integer(row, "recorded_at", 0), test->fake->now);
    assert_member(row, "event", "sign-in");
    assert_member(row, "outcome", "4");
    assert_member(row, "reason", "wrong-password");
    assert_member(row, "reference", "7KQ4-M2XD");
    assert_member(row, "account_id", "a-doe");
    assert_member(row, "kind", "staff");
    assert_member(row, "username", "DoeJ");
    assert_member(row, "address", ADDRESS);
    assert_member(row, "entity_type", "DocumentReference");
    assert_member(row, "entity_id", "d-1");
}

static void what_is_unknown_is_empty(void **state)
{
    static const cp_audit_event_t event = {
        .clinic_id = "riverside",
        .event = "sign-in",
        .outcome = CP_AUDIT_FAILED,
    };
    clinic_test_t *test = *state;
    const json_t *row;

    test->cx.reference = "";
    assert_int_equal(cp_audit_write(&test->cx, &event), APR_SUCCESS);
    row = last_audit(test);
    assert_member(row, "outcome", "8");
    assert_true(json_is_null(json_object_get(row, "account_id")));
    assert_member(row, "reason", "");
    assert_member(row, "reference", "");
    assert_member(row, "kind", "");
    assert_member(row, "username", "");
    assert_member(row, "entity_type", "");
    assert_member(row, "entity_id", "");
}

static void a_read_names_reader_and_object(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t session = {
        .clinic = &test->riverside,
        .kind = CP_KIND_PATIENT,
        .account_id = "a-lopez",
        .username = "mlopez",
    };
    const json_t *row;

    assert_int_equal(cp_audit_read(&test->cx, &session, "Communication", "m-1"),
                     APR_SUCCESS);
    row = last_audit(test);
    assert_member(row, "event", "read");
    assert_member(row, "outcome", "0");
    assert_member(row, "account_id", "a-lopez");
    assert_member(row, "kind", "patient");
    assert_member(row, "username", "mlopez");
    assert_member(row, "entity_type", "Communication");
    assert_member(row, "entity_id", "m-1");
}

static void the_list_is_one_clinics_newest_first(void **state)
{
    clinic_test_t *test = *state;
    cp_audit_event_t event = {.clinic_id = "riverside", .event = "one"};
    const json_t *rows;

    assert_int_equal(cp_audit_write(&test->cx, &event), APR_SUCCESS);
    test->fake->now++;
    event.event = "two";
    assert_int_equal(cp_audit_write(&test->cx, &event), APR_SUCCESS);
    test->fake->now++;
    event.event = "three";
    assert_int_equal(cp_audit_write(&test->cx, &event), APR_SUCCESS);
    event.clinic_id = "lakeview";
    event.event = "elsewhere";
    assert_int_equal(cp_audit_write(&test->cx, &event), APR_SUCCESS);
    rows = list(test, "riverside", 2);
    assert_int_equal(json_array_size(rows), 2);
    assert_member(json_array_get(rows, 0), "event", "three");
    assert_member(json_array_get(rows, 1), "event", "two");
    assert_int_equal(json_array_size(list(test, "lakeview", 10)), 1);
    assert_int_equal(json_array_size(list(test, "closed", 10)), 0);
}

static void no_row_without_random_bytes(void **state)
{
    static const cp_audit_event_t event = {.clinic_id = "riverside",
                                           .event = "sign-in"};
    clinic_test_t *test = *state;

    test->fake->port.random = fake_random;
    test->fake->random_fails = 1;
    assert_int_not_equal(cp_audit_write(&test->cx, &event), APR_SUCCESS);
    assert_int_equal(count_rows(test, "audit"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(every_field_is_kept),
        CLINIC_TEST(what_is_unknown_is_empty),
        CLINIC_TEST(a_read_names_reader_and_object),
        CLINIC_TEST(the_list_is_one_clinics_newest_first),
        CLINIC_TEST(no_row_without_random_bytes),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
