/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What an import may say: every rule of the format, and where an error is said
 * to be. Needs no database. */
#include "unit.h"

#include "base/status.h"
#include "clinic/import.h"
#include "clinic/import_impl.h"

#include <apr_strings.h>

/* A document around the members of one clinic. */
#define CLINIC(members)                                                        \
    "{\"clinics\": [{\"code\": \"C\", \"name\": \"N\", \"time_zone\": "        \
    "\"America/New_York\", " members "}]}"
#define PEOPLE                                                                 \
    "\"practitioners\": [{\"id\": \"d\", \"name\": \"D\"}, {\"id\": \"e\", "   \
    "\"name\": \"E\"}], \"patients\": [{\"id\": \"x\", \"name\": \"X\"}]"
#define WITH_PEOPLE(members) CLINIC(PEOPLE ", " members)

#define APPOINTMENT(members)                                                   \
    WITH_PEOPLE("\"appointments\": [{\"id\": \"a\", \"status\": \"booked\", "  \
                "\"start\": \"2026-11-22T09:00\", " members "}]")
#define DOCUMENT(members)                                                      \
    WITH_PEOPLE("\"documents\": [{\"id\": \"f\", \"title\": \"T\", "           \
                "\"patient\": \"x\", \"author\": \"d\", \"date\": \"today "    \
                "09:00\", \"file\": \"f.pdf\", " members "}]")
#define THREAD(members)                                                        \
    WITH_PEOPLE(                                                               \
        "\"threads\": [{\"id\": \"t\", \"topic\": \"T\", "                     \
        "\"participant\": [{\"practitioner\": \"d\"}, {\"patient\": "          \
        "\"x\"}], \"messages\": [{\"id\": \"m\", \"payload\": \"P\", " members \
        "}]}]")
#define STAFF(members)                                                         \
    WITH_PEOPLE("\"staff\": [{\"practitioner\": \"d\", " members "}]")
#define PATIENT_ACCOUNT(members)                                               \
    WITH_PEOPLE("\"patient_accounts\": [{\"patient\": \"x\", " members "}]")

/* 2027-01-15 03:00 in New York, a Friday. */
#define NOW apr_time_from_sec(1800000000)

typedef struct row_t {
    const char *text;
    const char *error; /* the first; NULL: good */
} row_t;

static void expect(const row_t *rows, size_t count, apr_pool_t *p)
{
    size_t i;

    for (i = 0; i < count; i++) {
        cp_import_report_t report;
        json_t *document;
        cp_import_input_t input = {rows[i].text, strlen(rows[i].text), NULL,
                                   NULL};
        apr_status_t rv = cp_import_check(&document, &input, NOW, &report, p);
        const char *said = report.errors->nelts == 0
                               ? "nothing"
                               : APR_ARRAY_IDX(report.errors, 0, const char *);

        if (rows[i].error == NULL) {
            if (rv != APR_SUCCESS) {
                fail_msg("%s: %s", rows[i].text, said);
            }
            continue;
        }
        assert_int_equal(rv, CP_EINPUT);
        if (strcmp(said, rows[i].error) != 0) {
            fail_msg("%s: %s, and not %s", rows[i].text, said, rows[i].error);
        }
    }
}

static void the_shape_is_checked(void **state)
{
    static const row_t rows[] = {
        {CLINIC(PEOPLE), NULL},
        {"", "line 1, column 0: '[' or '{' expected near end of file"},
        {"{\"clinics\": [\n{\"code\": }", "line 2, column 10: unexpected "
                                          "token near '}'"},
        {"{\"clinics\": [], \"clinics\": []}",
         "line 1, column 25: duplicate object key near '\"clinics\"'"},
        {"[]", "the document: must be an object"},
        {"{}", "clinics: is missing"},
        {"{\"clinics\": {}}",
         "clinics: must be an array of at most 10000 elements"},
        {"{\"clinics\": []}", "clinics: must not be empty"},
        {"{\"clinics\": [7]}", "clinics[0]: must be an object"},
        {CLINIC("\"nmae\": 1"), "clinics[0]: has no member \"nmae\""},
        {CLINIC("\"n\\u001b\": 1"), "clinics[0]: has no member \"n\\u001B\""},
        {CLINIC("\"crisis_text\": 1"), "clinics[0].crisis_text: must be text"},
        {CLINIC("\"crisis_text\": \"a\\tb\""),
         "clinics[0].crisis_text: has a control character"},
        {CLINIC("\"default_tab\": \"nurse\""),
         "clinics[0].default_tab: must be one of: staff, patient"},
        {CLINIC("\"locale\": \"no such\""),
         "clinics[0].locale: must be a language such as en-US"},
        {CLINIC("\"patients\": [{\"id\": \"\", \"name\": \"X\"}]"),
         "clinics[0].patients[0].id: must not be empty"},
        {CLINIC("\"patients\": [{\"id\": \"x\", \"name\": \"X\", "
                "\"birthDate\": \"2026-02-30\"}]"),
         "clinics[0].patients[0].birthDate: must be a date as YYYY-MM-DD"},
        {CLINIC("\"patients\": [{\"id\": \"x\", \"name\": \"X\", \"active\": "
                "1}]"),
         "clinics[0].patients[0].active: must be true or false"},
        {CLINIC("\"patients\": [{\"id\": \"x\", \"name\": \"X\"}, {\"id\": "
                "\"x\", \"name\": \"Y\"}]"),
         "clinics[0].patients[1].id: \"x\" is there already"},
        {"{\"clinics\": [{\"code\": \"-\", \"name\": \"N\", \"time_zone\": "
         "\"UTC\"}]}",
         "clinics[0].code: must be 1 to 32 letters, digits, _ and -, with a "
         "letter or digit first"},
        {"{\"clinics\": [{\"code\": \"C\", \"name\": \"N\", \"time_zone\": "
         "\"Mars/Base\"}]}",
         "clinics[0].time_zone: must be a zone such as America/New_York"},
        {"{\"clinics\": [{\"code\": \"C\", \"name\": \"N\", \"time_zone\": "
         "\"UTC\"}, {\"code\": \"c\", \"name\": \"N\", \"time_zone\": "
         "\"UTC\"}]}",
         "clinics[1].code: is there already"},
    };

    expect(rows, ROWS(rows), *state);
}

static void relations_are_checked(void **state)
{
    static const row_t rows[] = {
        {APPOINTMENT("\"end\": \"2026-11-22T09:50\", \"participant\": "
                     "[{\"patient\": \"x\"}]"),
         NULL},
        {APPOINTMENT("\"end\": \"2026-11-22T09:00\", \"participant\": "
                     "[{\"patient\": \"x\"}]"),
         "clinics[0].appointments[0].end: must be after start"},
        {APPOINTMENT("\"end\": \"9:50\", \"participant\": [{\"patient\": "
                     "\"x\"}]"),
         "clinics[0].appointments[0].end: must be a moment such as "
         "2026-11-22T09:30:00-05:00, 2026-11-22T09:30 or today 09:30"},
        {APPOINTMENT("\"end\": \"2026-11-22T09:50\", \"participant\": []"),
         "clinics[0].appointments[0].participant: must not be empty"},
        {APPOINTMENT("\"end\": \"2026-11-22T09:50\", \"participant\": [{}]"),
         "clinics[0].appointments[0].participant[0]: must have either "
         "practitioner or patient"},
        {APPOINTMENT("\"end\": \"2026-11-22T09:50\", \"participant\": "
                     "[{\"patient\": null}]"),
         "clinics[0].appointments[0].participant[0]: must have either "
         "practitioner or patient"},
        {APPOINTMENT("\"end\": \"2026-11-22T09:50\", \"participant\": "
                     "[{\"practitioner\": null, \"patient\": \"x\"}]"),
         NULL},
        {APPOINTMENT("\"end\": \"2026-11-22T09:50\", \"participant\": "
                     "[{\"patient\": \"d\"}]"),
         "clinics[0].appointments[0].participant[0].patient: this clinic has "
         "no patient \"d\""},
        {APPOINTMENT("\"end\": \"2026-11-22T09:50\", \"participant\": "
                     "[{\"patient\": \"x\"}, {\"patient\": \"x\"}]"),
         "clinics[0].appointments[0].participant[1]: is there already"},
        {DOCUMENT("\"docStatus\": \"final\""), NULL},
        {DOCUMENT("\"docStatus\": \"final\", \"waiting\": true"),
         "clinics[0].documents[0].waiting: needs a reviewer"},
        {DOCUMENT("\"docStatus\": \"final\", \"waiting\": true, "
                  "\"reviewer\": null"),
         "clinics[0].documents[0].waiting: needs a reviewer"},
        {THREAD("\"sent\": \"today 09:00\", \"sender\": {\"patient\": "
                "\"x\"}"),
         NULL},
        {THREAD("\"sent\": \"today 09:00\", \"sender\": {\"practitioner\": "
                "\"e\"}"),
         "clinics[0].threads[0].messages[0].sender: is not a participant of "
         "the thread"},
        {THREAD("\"sent\": \"today 09:00\", \"priority\": \"high\", "
                "\"sender\": {\"patient\": \"x\"}"),
         "clinics[0].threads[0].messages[0].priority: must be one of: "
         "routine, urgent, asap, stat"},
    };

    expect(rows, ROWS(rows), *state);
}

#define CHARACTERS_22 "abcdefghijklmnopqrstu."
#define CHARACTERS_43 CHARACTERS_22 "abcdefghijklmnopqrstu"
#define NOT_A_HASH                                                             \
    "clinics[0].staff[0].password_hash: must be a whole hash of argon2id (at " \
    "most 1 GiB and 1000 passes), bcrypt, SHA-crypt, yescrypt or apr1"

/* What sign-in would always refuse must not look like a password. */
static void a_hash_is_one_that_sign_in_takes(void **state)
{
    static const row_t rows[] = {
        {STAFF("\"username\": \"D\", \"password_hash\": \"$2b$05$" CHARACTERS_43
               "abcdefghij\""),
         NULL},
        {STAFF(
             "\"username\": \"D\", \"password_hash\": \"$6$salt$" CHARACTERS_43
                 CHARACTERS_43 "\""),
         NULL},
        {STAFF("\"username\": \"D\", \"password_hash\": "
               "\"$y$j9T$abc$" CHARACTERS_43 "\""),
         NULL},
        {STAFF("\"username\": \"D\", \"password_hash\": "
               "\"$apr1$salt$" CHARACTERS_22 "\""),
         NULL},
        {STAFF("\"username\": \"D\", \"password_hash\": "
               "\"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$"
               "aGFzaGhhc2hoYXNoaGFzaA\""),
         NULL},
        {STAFF("\"username\": \"D\", \"password_hash\": "
               "\"$argon2id$v=19$m=19456,t=2,p=1$abc$def\""),
         NOT_A_HASH},
        {STAFF("\"username\": \"D\", \"password_hash\": \"$1$salt$abc\""),
         NOT_A_HASH},
        {STAFF("\"username\": \"D\", \"password_hash\": \"{SHA}abc=\""),
         NOT_A_HASH},
        {STAFF("\"username\": \"D\", \"password_hash\": \"$argon2i$v=19$abc\""),
         NOT_A_HASH},
    };

    expect(rows, ROWS(rows), *state);
}

static void accounts_are_checked(void **state)
{
    static const row_t rows[] = {
        {STAFF("\"username\": \"D\", \"password\": \"long enough to be one\""),
         NULL},
        {STAFF("\"username\": \"D\", \"password_hash\": \"$2y$05$" CHARACTERS_43
               "abcdefghij\""),
         NULL},
        {STAFF("\"username\": \"D\", \"password_hash\": \"$2y$05$abc\""),
         NOT_A_HASH},
        {STAFF("\"username\": \"D\", \"password\": \"short\""),
         "clinics[0].staff[0].password: the password is shorter than 15 "
         "characters"},
        {STAFF("\"username\": \"D\", \"password_hash\": \"plain\""),
         NOT_A_HASH},
        {STAFF("\"username\": \"D\", \"password\": \"long enough to be one\", "
               "\"password_hash\": \"$2y$05$" CHARACTERS_43 "abcdefghij\""),
         "clinics[0].staff[0]: has both a password and a password_hash"},
        {STAFF("\"username\": \" D\""),
         "clinics[0].staff[0].username: must be 1 to 128 bytes, without a "
         "space at either end"},
        {STAFF("\"username\": \"D\", \"roles\": [\"clinical lead\"]"),
         "clinics[0].staff[0].roles[0]: must be one word"},
        {STAFF("\"username\": \"D\", \"permissions\": [\"patient-portal\"]"),
         "clinics[0].staff[0]: the permissions of staff are staff-portal, "
         "schedule-all, documents-all, clinic-admin"},
        {PATIENT_ACCOUNT("\"username\": \"D\", \"permissions\": "
                         "[\"staff-portal\"]"),
         "clinics[0].patient_accounts[0]: the only permission of patients is "
         "patient-portal"},
        {WITH_PEOPLE("\"staff\": [{\"practitioner\": \"d\", \"username\": "
                     "\"Jane\"}, {\"practitioner\": \"e\", \"username\": "
                     "\"JANE\"}]"),
         "clinics[0].staff[1].username: is there already"},
        {WITH_PEOPLE("\"staff\": [{\"practitioner\": \"d\", \"username\": "
                     "\"jane\"}], \"patient_accounts\": [{\"patient\": "
                     "\"x\", \"username\": \"jane\"}]"),
         NULL},
    };

    expect(rows, ROWS(rows), *state);
}

static void twenty_errors_are_listed_and_all_counted(void **state)
{
    apr_pool_t *p = *state;
    const char *text = "{\"clinics\": [";
    cp_import_input_t input = {NULL};
    cp_import_report_t report;
    json_t *document;
    int i;

    for (i = 0; i < 25; i++) {
        text = apr_pstrcat(p, text, i == 0 ? "" : ", ", "1", NULL);
    }
    input.text = apr_pstrcat(p, text, "]}", NULL);
    input.len = strlen(input.text);
    assert_int_equal(cp_import_check(&document, &input, NOW, &report, p),
                     CP_EINPUT);
    assert_int_equal(report.error_count, 25);
    assert_int_equal(report.errors->nelts, CP_IMPORT_ERRORS_MAX);
}

static void moments_are_read(void **state)
{
    static const struct {
        const char *text;
        const char *expected; /* NULL: none */
    } rows[] = {
        {"2026-11-22T09:30:00-05:00", "2026-11-22T09:30:00-05:00"},
        {"2026-11-22T14:30:00Z", "2026-11-22T09:30:00-05:00"},
        {"2026-07-01T09:30", "2026-07-01T09:30:00-04:00"},
        {"today 09:30", "2027-01-15T09:30:00-05:00"},
        {"tomorrow 14:00", "2027-01-16T14:00:00-05:00"},
        {"yesterday 00:00", "2027-01-14T00:00:00-05:00"},
        {"-3 days 10:15", "2027-01-12T10:15:00-05:00"},
        {"+1 day 10:15", "2027-01-16T10:15:00-05:00"},
        {"+180 days 10:15", "2027-07-14T10:15:00-04:00"},
        {"next saturday 09:00", "2027-01-16T09:00:00-05:00"},
        {"next friday 09:00", "2027-01-22T09:00:00-05:00"},
        {"next thursday 09:00", "2027-01-21T09:00:00-05:00"},
        {"-20 minutes", "2027-01-15T02:40:00-05:00"},
        {"+2 hours", "2027-01-15T05:00:00-05:00"},
        {"+1 hour", "2027-01-15T04:00:00-05:00"},
        {"", NULL},
        {"today", NULL},
        {"today 9:30", NULL},
        {"today 09:30 ", NULL},
        {"today 24:00", NULL},
        {"Today 09:30", NULL},
        {"next day 09:00", NULL},
        {"next friday", NULL},
        {"3 days 10:15", NULL},
        {"+ 3 days 10:15", NULL},
        {"+99999 days 10:15", NULL},
        {"+9999 days", NULL},
        {"+2 hourss", NULL},
        {"+2 hours 10:00", NULL},
        {"22.11.2026 09:30", NULL},
    };
    apr_pool_t *p = *state;
    cp_calendar_t *calendar;
    size_t i;

    assert_int_equal(
        cp_calendar_open(&calendar, "America/New_York", "en-US", p),
        APR_SUCCESS);
    for (i = 0; i < ROWS(rows); i++) {
        apr_time_t at = 0;
        apr_status_t rv = cp_import_moment(calendar, NOW, rows[i].text, &at, p);

        if (rows[i].expected == NULL) {
            if (rv != CP_EINPUT) {
                fail_msg("\"%s\" was taken", rows[i].text);
            }
            continue;
        }
        assert_int_equal(rv, APR_SUCCESS);
        assert_string_equal(cp_calendar_rfc3339(calendar, at, p),
                            rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(the_shape_is_checked),
        POOL_TEST(relations_are_checked),
        POOL_TEST(a_hash_is_one_that_sign_in_takes),
        POOL_TEST(accounts_are_checked),
        POOL_TEST(twenty_errors_are_listed_and_all_counted),
        POOL_TEST(moments_are_read),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
