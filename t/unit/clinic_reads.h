/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Readers for the tests of schedule, documents and messages, on top of the
 * town of clinic.h. The two clinics have people of the same ids, and in
 * Riverside a practitioner has the id of a patient, so that a statement that
 * forgets the clinic or the kind shows. */
#ifndef CP_T_CLINIC_READS_H
#define CP_T_CLINIC_READS_H

#include "clinic.h"

#include "clinic/access.h"
#include "clinic/changes.h"

typedef enum reader_t {
    DOE,    /* staff */
    SMITH,  /* staff */
    BOSS,   /* staff, may see all documents */
    TWIN,   /* staff with the id of the patient Lopez */
    LOPEZ,  /* patient, in Doe's care team */
    NGUYEN, /* patient */
    L_DOE,  /* the same ids at the other clinic */
    L_BOSS,
    L_LOPEZ,
    READERS
} reader_t;

static const struct {
    int is_lakeview;
    cp_kind_t kind;
    const char *person_id;
    const char *account_id;
    const char *permissions;
} reads_people[READERS] = {
    [DOE] = {0, CP_KIND_STAFF, "p-doe", "a-doe", "staff-portal"},
    [SMITH] = {0, CP_KIND_STAFF, "p-smith", "a-smith", "staff-portal"},
    [BOSS] = {0, CP_KIND_STAFF, "p-boss", "a-boss",
              "staff-portal documents-all"},
    [TWIN] = {0, CP_KIND_STAFF, "p-lopez", "a-twin", "staff-portal"},
    [LOPEZ] = {0, CP_KIND_PATIENT, "p-lopez", "a-lopez", "patient-portal"},
    [NGUYEN] = {0, CP_KIND_PATIENT, "p-nguyen", "a-nguyen",
                "patient-portal documents-all"},
    [L_DOE] = {1, CP_KIND_STAFF, "p-doe", "a-doe", "staff-portal"},
    [L_BOSS] = {1, CP_KIND_STAFF, "p-boss", "a-boss",
                "staff-portal documents-all"},
    [L_LOPEZ] = {1, CP_KIND_PATIENT, "p-lopez", "a-lopez", "patient-portal"},
};

static const char *const reads_seed[] = {
    "INSERT INTO practitioner (clinic_id, practitioner_id, display_name)"
    " VALUES ('riverside', 'p-smith', 'Ana Smith, PsyD'),"
    " ('riverside', 'p-boss', 'Bo Boss, MD'),"
    " ('riverside', 'p-lopez', 'Twin Lopez, RN'),"
    " ('lakeview', 'p-smith', 'Lake Smith'),"
    " ('lakeview', 'p-boss', 'Lake Boss')",
    "INSERT INTO patient (clinic_id, patient_id, display_name)"
    " VALUES ('riverside', 'p-nguyen', 'Tam Nguyen'),"
    " ('lakeview', 'p-lopez', 'Lake Lopez'),"
    " ('lakeview', 'p-nguyen', 'Lake Nguyen')",
    "INSERT INTO account (clinic_id, account_id, kind, username,"
    " username_key, person_id, status, created_at) VALUES"
    " ('riverside', 'a-smith', 'staff', 's', 's', 'p-smith', 'active', 1),"
    " ('riverside', 'a-boss', 'staff', 'b', 'b', 'p-boss', 'active', 1),"
    " ('riverside', 'a-twin', 'staff', 't', 't', 'p-lopez', 'active', 1),"
    " ('riverside', 'a-nguyen', 'patient', 'n', 'n', 'p-nguyen', 'active', 1),"
    " ('lakeview', 'a-doe', 'staff', 'd', 'd', 'p-doe', 'active', 1),"
    " ('lakeview', 'a-boss', 'staff', 'b', 'b', 'p-boss', 'active', 1),"
    " ('lakeview', 'a-lopez', 'patient', 'l', 'l', 'p-lopez', 'active', 1)",
    "INSERT INTO care_team (clinic_id, practitioner_id, patient_id)"
    " VALUES ('riverside', 'p-doe', 'p-lopez'),"
    " ('lakeview', 'p-smith', 'p-lopez')",
};

static inline const cp_session_t *reader(clinic_test_t *test, reader_t who)
{
    cp_session_t *session = apr_pcalloc(test->cx.pool, sizeof(*session));

    session->clinic =
        reads_people[who].is_lakeview ? &test->lakeview : &test->riverside;
    session->kind = reads_people[who].kind;
    session->person_id = reads_people[who].person_id;
    session->account_id = reads_people[who].account_id;
    session->permissions = reads_people[who].permissions;
    session->username = "someone";
    session->display_name = "Someone";
    session->roles = "";
    return session;
}

static inline int reads_setup(void **state)
{
    const char *error = "";
    clinic_test_t *test;
    size_t i;

    if (clinic_setup(state) != 0) {
        return 1;
    }
    test = *state;
    test->riverside.time_zone = "America/New_York";
    test->lakeview.time_zone = "America/Los_Angeles";
    test->riverside.locale = test->lakeview.locale = "en-US";
    database_read(test->database, "t/unit/fixtures/reads");
    for (i = 0; i < ROWS(reads_seed); i++) {
        if (cp_db_run(test->cx.db, reads_seed[i], &error, test->cx.pool) !=
            APR_SUCCESS) {
            fail_msg("%s", error);
        }
    }
    return 0;
}

#define READS_TEST(function)                                                   \
    cmocka_unit_test_setup_teardown(function, reads_setup, clinic_teardown)

/* A public id: 22 characters, "doc0000000000000000007". */
static inline const char *id_of(clinic_test_t *test, const char *prefix, int n)
{
    return apr_psprintf(test->cx.pool, "%s%0*d", prefix,
                        22 - (int)strlen(prefix), n);
}

static inline apr_time_t moment(clinic_test_t *test, const char *text)
{
    cp_calendar_t *calendar;
    apr_time_t at = 0;

    assert_int_equal(cp_clinic_calendar(&test->cx, &test->riverside, &calendar),
                     APR_SUCCESS);
    assert_int_equal(cp_calendar_parse(calendar, text, &at), APR_SUCCESS);
    return at;
}

static inline json_int_t version_of(clinic_test_t *test, reader_t who)
{
    json_int_t version = -1;

    assert_int_equal(cp_changes_version(&test->cx, reader(test, who), &version),
                     APR_SUCCESS);
    return version;
}

static inline int reads_count(clinic_test_t *test, const char *what)
{
    return (int)cp_json_integer(look(test, "reads_counts", json_object()), what,
                                -1);
}

static inline size_t length_of(const json_t *model, const char *name)
{
    assert_true(json_is_array(json_object_get(model, name)));
    return json_array_size(json_object_get(model, name));
}

/* Is there an object with that id in the array? */
static inline const json_t *by_id(const json_t *array, const char *id)
{
    const json_t *item;
    size_t i;

    json_array_foreach(array, i, item)
    {
        if (strcmp(cp_json_string(item, "id", ""), id) == 0) {
            return item;
        }
    }
    return NULL;
}

/* Walk a whole list by its cursors: pages of 25, newest first, nothing twice.
 * Returns how many there were. */
typedef apr_status_t (*reads_list_t)(cp_ctx_t *cx, const cp_session_t *session,
                                     const char *cursor, json_t **model);

static inline int walk(clinic_test_t *test, reader_t who, reads_list_t list,
                       const char *name, const char *at)
{
    json_t *seen = cp_json_own(json_object(), test->cx.pool);
    const char *cursor = NULL;
    const char *before = "9";
    const json_t *item;
    json_t *page;
    size_t i;

    do {
        assert_int_equal(list(&test->cx, reader(test, who), cursor, &page),
                         APR_SUCCESS);
        cursor = cp_json_string(page, "older", NULL);
        assert_true(length_of(page, name) <= 25);
        assert_true(cursor == NULL || length_of(page, name) == 25);
        json_array_foreach(json_object_get(page, name), i, item)
        {
            const char *id = cp_json_string(item, "id", "");

            assert_true(strcmp(cp_json_string(item, at, ""), before) <= 0);
            assert_null(json_object_get(seen, id));
            assert_int_equal(json_object_set_new(seen, id, json_true()), 0);
            before = cp_json_string(item, at, "");
        }
    } while (cursor != NULL);
    return (int)json_object_size(seen);
}

#endif
