/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A small town for the tests of src/clinic: two clinics with people and
 * accounts in an empty database, and a context to call the rules with. */
#ifndef CP_T_CLINIC_H
#define CP_T_CLINIC_H

#include "database.h"

#include "base/json.h"
#include "base/secret.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/clinic.h"

#define MINUTE apr_time_from_sec(60)
#define HOUR apr_time_from_sec(3600)

#define ADDRESS "192.0.2.7"

typedef struct clinic_test_t {
    cp_ctx_t cx;
    cp_options_t options;
    database_t *database;
    fake_port_t *fake; /* the database's: one clock for all */
    cp_clinic_t riverside;
    cp_clinic_t lakeview;
} clinic_test_t;

static const char *const clinic_seed[] = {
    "INSERT INTO clinic (clinic_id, code, name, active, time_zone,"
    " support_contact) VALUES"
    " ('riverside', 'RIVERSIDE', 'Riverside Behavioral Health', 1,"
    "  'America/New_York', 'front desk'),"
    " ('lakeview', 'LakeView', 'Lakeview Counseling', 1,"
    "  'America/Los_Angeles', ''),"
    " ('closed', 'CLOSED', 'Closed Clinic', 0, 'UTC', '')",
    "INSERT INTO practitioner (clinic_id, practitioner_id, display_name)"
    " VALUES ('riverside', 'p-doe', 'Jane Doe, LCSW'),"
    " ('riverside', 'p-brown', 'Kim Brown, PhD'),"
    " ('lakeview', 'p-doe', 'Jim Doe, MD')",
    "INSERT INTO patient (clinic_id, patient_id, display_name)"
    " VALUES ('riverside', 'p-lopez', 'Maria Lopez')",
    "INSERT INTO account (clinic_id, account_id, kind, username,"
    " username_key, person_id, status, created_at) VALUES"
    " ('riverside', 'a-doe', 'staff', 'DoeJ', 'doej', 'p-doe', 'active', 1),"
    " ('riverside', 'a-brown', 'staff', 'BrownK', 'brownk', 'p-brown',"
    "  'active', 1),"
    " ('riverside', 'a-gone', 'staff', 'GoneG', 'goneg', 'p-brown',"
    "  'disabled', 1),"
    " ('riverside', 'a-lopez', 'patient', 'mlopez', 'mlopez', 'p-lopez',"
    "  'active', 1),"
    " ('riverside', 'a-twin-s', 'staff', 'Twin', 'twin', 'p-brown',"
    "  'active', 1),"
    " ('riverside', 'a-twin-p', 'patient', 'twin', 'twin', 'p-lopez',"
    "  'active', 1),"
    " ('lakeview', 'a-doe2', 'staff', 'DoeJ', 'doej', 'p-doe', 'active', 1)",
    "INSERT INTO account_permission (clinic_id, account_id, permission)"
    " VALUES ('riverside', 'a-doe', 'staff-portal'),"
    " ('riverside', 'a-doe', 'schedule-all'),"
    " ('riverside', 'a-gone', 'staff-portal'),"
    " ('riverside', 'a-lopez', 'patient-portal'),"
    " ('riverside', 'a-twin-s', 'staff-portal'),"
    " ('lakeview', 'a-doe2', 'staff-portal')",
    "INSERT INTO account_role (clinic_id, account_id, role)"
    " VALUES ('riverside', 'a-doe', 'clinical'),"
    " ('riverside', 'a-doe', 'supervisor')",
};

/* Run a statement of fixtures/clinic. */
static inline void change(clinic_test_t *test, const char *statement,
                          json_t *args)
{
    assert_int_equal(cp_db_execute(test->cx.db, statement, args, NULL),
                     APR_SUCCESS);
}

/* Its first row; NULL when there is none. */
static inline const json_t *look(clinic_test_t *test, const char *statement,
                                 json_t *args)
{
    json_t *row = NULL;
    apr_status_t rv =
        cp_db_find(test->cx.db, statement, args, &row, test->cx.pool);

    assert_true(rv == APR_SUCCESS || rv == APR_ENOENT);
    return rv == APR_SUCCESS ? row : NULL;
}

/* How many rows "session", "audit", "captcha" or "throttle" has. */
static inline int count_rows(clinic_test_t *test, const char *table)
{
    const json_t *row = look(test, "test_counts", json_object());

    return (int)cp_json_integer(row, table, -1);
}

/* The newest audit row of Riverside. */
static inline const json_t *last_audit(clinic_test_t *test)
{
    return look(test, "audit_list",
                json_pack("{s:s, s:i}", "clinic_id", "riverside", "limit", 1));
}

/* How many of Riverside's audit rows have that reason. */
static inline int count_reason(clinic_test_t *test, const char *reason)
{
    json_t *rows;
    json_t *row;
    size_t i;
    int count = 0;

    assert_int_equal(cp_audit_list(&test->cx, "riverside", 1000, &rows),
                     APR_SUCCESS);
    json_array_foreach(rows, i, row)
    {
        count += strcmp(cp_json_string(row, "reason", ""), reason) == 0;
    }
    return count;
}

static inline void assert_member(const json_t *row, const char *name,
                                 const char *expected)
{
    const char *value = cp_json_string(row, name, NULL);

    if (value == NULL) {
        fail_msg("%s is missing, expected %s", name, expected);
    }
    assert_string_equal(value, expected);
}

/* A source whose database is down. */
static inline apr_status_t
open_nothing(void *ctx, cp_db_connection_t **connection, apr_pool_t *p)
{
    return CP_EUNAVAILABLE;
}

static inline void close_nothing(void *ctx, cp_db_connection_t *connection)
{
}

static inline cp_db_t *dead_database(clinic_test_t *test)
{
    static const cp_db_source_t source = {open_nothing, close_nothing, NULL};

    return cp_db_make(&source, test->database->catalog, test->cx.port,
                      test->cx.pool);
}

static inline void clinic_options_init(cp_options_t *options)
{
    static const unsigned char secret[CP_SECRET_BYTES_MIN] = "a secret";
    static const cp_login_limits_t limits = {
        {5, 15 * MINUTE}, {50, 15 * MINUTE}, {500, 15 * MINUTE}};

    options->keys.current = secret;
    options->keys.current_len = sizeof(secret);
    options->limits = limits;
    options->session_idle = 15 * MINUTE;
    options->session_max = 12 * HOUR;
}

static inline void clinic_seed_all(clinic_test_t *test)
{
    const char *error = "";
    size_t i;

    database_read(test->database, "t/unit/fixtures/clinic");
    for (i = 0; i < ROWS(clinic_seed); i++) {
        if (cp_db_run(test->cx.db, clinic_seed[i], &error, test->cx.pool) !=
            APR_SUCCESS) {
            fail_msg("%s", error);
        }
    }
}

/* Setup and teardown of one test: *state is a clinic_test_t. Random bytes are
 * real: ids must differ. */
static inline int clinic_setup(void **state)
{
    apr_pool_t *p;
    clinic_test_t *test;

    if (apr_pool_create(&p, NULL) != APR_SUCCESS) {
        return 1;
    }
    test = apr_pcalloc(p, sizeof(*test));
    *state = test;
    test->database = database_make(p);
    test->fake = &test->database->port;
    test->fake->port.random = cp_port_system.random;
    clinic_options_init(&test->options);
    test->riverside.clinic_id = "riverside";
    test->lakeview.clinic_id = "lakeview";
    test->cx.pool = p;
    test->cx.port = &test->fake->port;
    test->cx.db = test->database->db;
    test->cx.options = &test->options;
    test->cx.address = ADDRESS;
    test->cx.user_agent = "Browser/1.0";
    test->cx.reference = "7KQ4-M2XD";
    clinic_seed_all(test);
    return 0;
}

static inline int clinic_teardown(void **state)
{
    clinic_test_t *test = *state;

    apr_pool_destroy(test->cx.pool);
    return 0;
}

#define CLINIC_TEST(function)                                                  \
    cmocka_unit_test_setup_teardown(function, clinic_setup, clinic_teardown)

#endif
