/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Imports into a database of clinics, with a directory for documents. */
#ifndef CP_T_CLINIC_IMPORT_H
#define CP_T_CLINIC_IMPORT_H

#include "clinic.h"
#include "files.h"

#include "clinic/import.h"

/* A document around the members of one clinic; its people are always there. */
#define ACME(members)                                                          \
    "{\"clinics\": [{\"code\": \"ACME\", \"name\": \"Acme\", \"time_zone\": "  \
    "\"UTC\", \"practitioners\": [{\"id\": \"1\", \"name\": \"Ann One\"}, "    \
    "{\"id\": \"2\", \"name\": \"Bob Two\"}], \"patients\": [{\"id\": \"1\", " \
    "\"name\": \"Cyd Three\"}]" members "}]}"

#define ACCOUNTS                                                               \
    ", \"staff\": [{\"username\": \"ann\", \"practitioner\": \"1\"}, "         \
    "{\"username\": \"bob\", \"practitioner\": \"2\"}], "                      \
    "\"patient_accounts\": [{\"username\": \"cyd\", \"patient\": \"1\"}]"

/* A clinic with one document. */
#define PDF "%PDF-1.4\nA plan\n"
#define PLAN_AND(file, members)                                                \
    ACME(", \"documents\": [{\"id\": \"1\", \"docStatus\": \"final\", "        \
         "\"title\": \"Plan\", \"patient\": \"1\", \"author\": \"1\", "        \
         "\"date\": \"today 08:00\", \"file\": \"" file "\"}]" members)
#define PLAN(file) PLAN_AND(file, "")

typedef struct import_test_t {
    clinic_test_t *clinic;
    const char *source;           /* the directory of the JSON */
    const char *documents;        /* where files go */
    apr_interval_time_t wait_for; /* another import; 0: it is refused */
    cp_import_report_t report;
} import_test_t;

static inline int import_setup(void **state)
{
    cp_password_limits_t limits = {.passes = CP_PASSWORD_PASSES_MIN,
                                   .slots = 1};
    import_test_t *test;
    apr_pool_t *p;

    if (clinic_setup(state) != 0) {
        return 1;
    }
    p = ((clinic_test_t *)*state)->cx.pool;
    test = apr_pcalloc(p, sizeof(*test));
    test->clinic = *state;
    test->source = files_make(p);
    test->documents = files_make(p);
    if (cp_password_init() != APR_SUCCESS ||
        cp_password_gate_make(&test->clinic->options.gate, &limits, p) !=
            APR_SUCCESS) {
        fail_msg("no slots for hashing");
    }
    database_read(test->clinic->database, "t/unit/fixtures/import");
    *state = test;
    return 0;
}

static inline int import_teardown(void **state)
{
    apr_pool_destroy(((import_test_t *)*state)->clinic->cx.pool);
    return 0;
}

#define IMPORT_TEST(function)                                                  \
    cmocka_unit_test_setup_teardown(function, import_setup, import_teardown)

static inline apr_status_t import_text(import_test_t *test, const char *text)
{
    cp_import_input_t input = {text, strlen(text), test->source,
                               test->documents, test->wait_for};

    return cp_import_run(&test->clinic->cx, &input, &test->report);
}

static inline void import_good(import_test_t *test, const char *text)
{
    apr_status_t rv = import_text(test, text);

    if (rv != APR_SUCCESS) {
        fail_msg("%s",
                 test->report.errors->nelts == 0
                     ? cp_status_text(rv)
                     : APR_ARRAY_IDX(test->report.errors, 0, const char *));
    }
}

static inline void import_bad(import_test_t *test, const char *text,
                              const char *error)
{
    assert_int_equal(import_text(test, text), CP_EINPUT);
    assert_true(test->report.errors->nelts > 0);
    assert_string_equal(APR_ARRAY_IDX(test->report.errors, 0, const char *),
                        error);
}

static inline int import_changed(const import_test_t *test, const char *section)
{
    return (int)cp_json_integer(json_object_get(test->report.counts, section),
                                "changed", -1);
}

/* One row of fixtures/import about the clinic ACME; NULL. */
static inline const json_t *acme(import_test_t *test, const char *statement,
                                 const char *name, const char *value)
{
    return look(test->clinic, statement,
                json_pack("{s:s, s:s, s:s}", "clinic_id", "acme", name, value,
                          "username_key", value));
}

static inline const json_t *plan(import_test_t *test)
{
    return acme(test, "test_import_document", "title", "Plan");
}

static inline const char *in_directory(const char *directory, const char *name,
                                       apr_pool_t *p)
{
    return apr_pstrcat(p, directory, "/", name, NULL);
}

/* Where its file is. */
static inline const char *stored_path(import_test_t *test)
{
    return in_directory(test->documents,
                        cp_json_string(plan(test), "storage_key", ""),
                        test->clinic->cx.pool);
}

static inline int version_of(import_test_t *test, const char *username)
{
    return (int)cp_json_integer(
        acme(test, "test_import_version", "username_key", username), "version",
        -1);
}

static inline int has_logged(const import_test_t *test, const char *start)
{
    const apr_array_header_t *lines = test->clinic->database->lines;
    int i;

    for (i = 0; i < lines->nelts; i++) {
        if (strncmp(APR_ARRAY_IDX(lines, i, const char *), start,
                    strlen(start)) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Without those whose names begin with a dot: they hold no document. */
static inline int count_files(const char *directory, apr_pool_t *p)
{
    apr_dir_t *dir;
    apr_finfo_t info;
    int count = 0;

    assert_int_equal(apr_dir_open(&dir, directory, p), APR_SUCCESS);
    while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        count += info.name[0] != '.';
    }
    assert_int_equal(apr_dir_close(dir), APR_SUCCESS);
    return count;
}

#endif
