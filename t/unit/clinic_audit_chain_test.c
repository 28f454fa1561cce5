/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The chain of the audit trail, and every way to tamper with it. */
#include "clinic/audit_chain.h"

#include "clinic/audit.h"

#include "clinic.h"

#define ROWS_WRITTEN 5

static void write_rows(clinic_test_t *test, const char *clinic_id, int count)
{
    cp_audit_event_t event = {
        .clinic_id = clinic_id,
        .event = "sign-in",
        .outcome = CP_AUDIT_REFUSED,
        .reason = "wrong-password",
    };
    int i;

    for (i = 0; i < count; i++) {
        test->fake->now += MINUTE;
        assert_int_equal(cp_audit_write(&test->cx, &event), APR_SUCCESS);
    }
}

static void run_sql(clinic_test_t *test, const char *sql)
{
    const char *error = "";

    if (cp_db_run(test->cx.db, sql, &error, test->cx.pool) != APR_SUCCESS) {
        fail_msg("%s: %s", sql, error);
    }
}

static cp_audit_finding_t verify(clinic_test_t *test,
                                 const cp_audit_anchor_t *anchor)
{
    static const cp_audit_anchor_t none = {0, ""};
    cp_audit_finding_t found;

    assert_int_equal(cp_audit_verify(&test->cx, "riverside",
                                     anchor == NULL ? &none : anchor, &found),
                     APR_SUCCESS);
    return found;
}

static void a_clinic_without_rows_is_whole(void **state)
{
    cp_audit_finding_t found = verify(*state, NULL);

    assert_null(found.fault);
    assert_int_equal(found.rows, 0);
    assert_int_equal(found.head_seq, 0);
}

static void what_was_written_is_whole(void **state)
{
    clinic_test_t *test = *state;
    cp_audit_finding_t found;

    write_rows(test, "riverside", ROWS_WRITTEN);
    write_rows(test, "lakeview", 2);
    found = verify(test, NULL);
    assert_null(found.fault);
    assert_int_equal(found.rows, ROWS_WRITTEN);
    assert_int_equal(found.head_seq, ROWS_WRITTEN);
    assert_int_equal(strlen(found.head_hash), 64);
}

/* More rows than one page of the walk. */
static void a_long_chain_is_walked_whole(void **state)
{
    clinic_test_t *test = *state;

    write_rows(test, "riverside", 1001);
    assert_int_equal(verify(test, NULL).rows, 1001);
    run_sql(test, "DELETE FROM audit_event WHERE seq = 1000");
    assert_string_equal(verify(test, NULL).fault, "row 1000 is missing");
}

/* Each column is covered. */
static void an_edited_column_shows(void **state)
{
    static const char *const edits[] = {
        "recorded_at = recorded_at + 1",
        "event = 'sign-out'",
        "outcome = '0'",
        "reason = ''",
        "reference = 'AAAA-AAAA'",
        "account_id = 'a-doe'",
        "kind = 'staff'",
        "username = 'DoeJ'",
        "address = '192.0.2.8'",
        "entity_type = 'Patient'",
        "entity_id = 'x'",
        "audit_id = 'x'",
        "hash = 'x'",
    };
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(edits); i++) {
        const char *fault;

        run_sql(test, "DELETE FROM audit_event");
        run_sql(test, "DELETE FROM audit_head");
        write_rows(test, "riverside", ROWS_WRITTEN);
        run_sql(test, apr_pstrcat(test->cx.pool, "UPDATE audit_event SET ",
                                  edits[i], " WHERE seq = 3", NULL));
        fault = verify(test, NULL).fault;
        if (fault == NULL || strncmp(fault, "row 3 (", 7) != 0) {
            fail_msg("%s: %s", edits[i], fault == NULL ? "unseen" : fault);
        }
    }
}

/* Whoever edits the last row can make its hash anew, and nothing follows it. */
static void a_last_row_with_another_hash_shows(void **state)
{
    clinic_test_t *test = *state;
    const char *fault;

    write_rows(test, "riverside", ROWS_WRITTEN);
    run_sql(test, "UPDATE audit_head SET hash = 'x'");
    fault = verify(test, NULL).fault;
    assert_non_null(fault);
    assert_non_null(strstr(fault, "row 5 ("));
    assert_non_null(strstr(fault, "written last"));
}

static void tampering_is_named(void **state)
{
    static const struct {
        const char *sql;
        const char *fault;
        const char *why;
    } cases[] = {
        {"DELETE FROM audit_event WHERE seq = 3", "row 3 is missing",
         "one in the middle"},
        {"DELETE FROM audit_event WHERE seq = 1", "row 1 is missing",
         "the first"},
        {"DELETE FROM audit_event WHERE seq IN (2, 3)",
         "rows 2 to 3 are missing", "two of them"},
        {"DELETE FROM audit_event WHERE seq >= 4",
         "the chain is cut: rows 4 to 5 at its end are missing", "the end"},
        {"DELETE FROM audit_event",
         "the chain is cut: rows 1 to 5 at its end are missing", "all"},
    };
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *fault;

        run_sql(test, "DELETE FROM audit_event");
        run_sql(test, "DELETE FROM audit_head");
        write_rows(test, "riverside", ROWS_WRITTEN);
        run_sql(test, cases[i].sql);
        fault = verify(test, NULL).fault;
        if (fault == NULL || strcmp(fault, cases[i].fault) != 0) {
            fail_msg("%s: %s", cases[i].why, fault == NULL ? "unseen" : fault);
        }
    }
}

static void rows_that_changed_places_show(void **state)
{
    clinic_test_t *test = *state;
    const char *fault;

    write_rows(test, "riverside", ROWS_WRITTEN);
    run_sql(test, "UPDATE audit_event SET seq = -1 WHERE seq = 2");
    run_sql(test, "UPDATE audit_event SET seq = 2 WHERE seq = 3");
    run_sql(test, "UPDATE audit_event SET seq = 3 WHERE seq = -1");
    fault = verify(test, NULL).fault;
    assert_non_null(fault);
    assert_int_equal(strncmp(fault, "row 2 (", 7), 0);
}

static void a_row_beside_the_chain_shows(void **state)
{
    clinic_test_t *test = *state;

    write_rows(test, "riverside", 2);
    run_sql(test,
            "INSERT INTO audit_event (clinic_id, audit_id, recorded_at, event,"
            " outcome) VALUES ('riverside', 'old', 1, 'sign-in', '0')");
    assert_null(verify(test, NULL).fault); /* from before the chain */
    run_sql(test,
            "INSERT INTO audit_event (clinic_id, audit_id, recorded_at, event,"
            " outcome) VALUES ('riverside', 'x', 9000000000000000, 'sign-in',"
            " '0')");
    assert_string_equal(verify(test, NULL).fault,
                        "row x was added outside the chain");
}

/* Who can rewrite everything, head included, is found out by a head that was
 * noted elsewhere. */
static void a_noted_head_shows_what_was_rewritten(void **state)
{
    clinic_test_t *test = *state;
    cp_audit_finding_t found;
    cp_audit_anchor_t anchor;

    write_rows(test, "riverside", ROWS_WRITTEN);
    found = verify(test, NULL);
    anchor.seq = found.head_seq;
    anchor.hash = found.head_hash;
    write_rows(test, "riverside", 1);
    assert_null(verify(test, &anchor).fault);
    run_sql(test, "DELETE FROM audit_event");
    run_sql(test, "DELETE FROM audit_head");
    write_rows(test, "riverside", 2);
    assert_string_equal(verify(test, &anchor).fault,
                        "the chain ends before row 5, which was noted: it was "
                        "cut");
    write_rows(test, "riverside", ROWS_WRITTEN);
    assert_string_equal(verify(test, &anchor).fault,
                        "row 5 is not the one that was noted: the chain was "
                        "rewritten from there or before");
}

static apr_status_t write_then_fail(cp_db_t *db, void *baton)
{
    write_rows(baton, "riverside", 1);
    return CP_EDENIED;
}

/* What was undone has no row, and leaves no gap. */
static void a_row_goes_with_its_transaction(void **state)
{
    clinic_test_t *test = *state;

    write_rows(test, "riverside", 1);
    assert_int_equal(cp_db_transaction(test->cx.db, write_then_fail, test),
                     CP_EDENIED);
    write_rows(test, "riverside", 1);
    assert_null(verify(test, NULL).fault);
    assert_int_equal(verify(test, NULL).rows, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(a_clinic_without_rows_is_whole),
        CLINIC_TEST(what_was_written_is_whole),
        CLINIC_TEST(a_long_chain_is_walked_whole),
        CLINIC_TEST(an_edited_column_shows),
        CLINIC_TEST(a_last_row_with_another_hash_shows),
        CLINIC_TEST(tampering_is_named),
        CLINIC_TEST(rows_that_changed_places_show),
        CLINIC_TEST(a_row_beside_the_chain_shows),
        CLINIC_TEST(a_noted_head_shows_what_was_rewritten),
        CLINIC_TEST(a_row_goes_with_its_transaction),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
