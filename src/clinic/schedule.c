/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Appointments of one person. One that runs past midnight belongs to the day
 * it starts on. */
#include "clinic/schedule.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/local_time.h"
#include "clinic/words.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define DAY_LIMIT 200 /* appointments */

/* FHIR R4 AppointmentStatus; entered-in-error is never shown. */
static const cp_word_t statuses[] = {
    {"proposed", "Proposed"},
    {"pending", "Awaiting confirmation"},
    {"booked", "Booked"},
    {"arrived", "Arrived"},
    {"fulfilled", "Completed"},
    {"cancelled", "Cancelled"},
    {"noshow", "No-show"},
    {"checked-in", "Checked in"},
    {"waitlist", "On the waiting list"},
    {NULL, NULL},
};

static void put_times(json_t *appointment, cp_calendar_t *calendar,
                      cp_row_t row, apr_pool_t *p)
{
    apr_time_t starts_at = cp_row_integer(row, "starts_at");
    apr_time_t ends_at = cp_row_integer(row, "ends_at");

    cp_json_put_text(appointment, "starts_at",
                     cp_calendar_rfc3339(calendar, starts_at, p));
    cp_json_put_text(appointment, "ends_at",
                     cp_calendar_rfc3339(calendar, ends_at, p));
    cp_json_put_text(
        appointment, "time_text",
        cp_calendar_text(calendar, starts_at, CP_CALENDAR_TIME, p));
    cp_json_put_text(appointment, "end_text",
                     cp_calendar_text(calendar, ends_at, CP_CALENDAR_TIME, p));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Most have one name, and nothing to sort. */
static const char *names_text(cp_row_t row, apr_pool_t *p)
{
    const char *lines = cp_row_text(row, "names");
    apr_array_header_t *names;
    char *state;
    char *name;

    if (strchr(lines, '\n') == NULL) {
        return lines;
    }
    names = apr_array_make(p, 8, sizeof(char *));
    for (name = apr_strtok(apr_pstrdup(p, lines), "\n", &state); name != NULL;
         name = apr_strtok(NULL, "\n", &state)) {
        APR_ARRAY_PUSH(names, char *) = name;
    }
    qsort(names->elts, (size_t)names->nelts, sizeof(char *), compare_names);
    for (lines = ""; !apr_is_empty_array(names);) {
        lines = apr_pstrcat(p, *(char **)apr_array_pop(names),
                            lines[0] == '\0' ? "" : ", ", lines, NULL);
    }
    return lines;
}

/* The row has a comment only if it came from the statement for staff. */
static json_t *make_appointment(cp_calendar_t *calendar,
                                const cp_session_t *session, cp_row_t row,
                                apr_pool_t *p)
{
    static const char *const shown[] = {
        "id",          "status",   "service_type",
        "description", "location", "patient_instruction",
        "comment",     NULL,
    };
    const char *status = cp_row_text(row, "status");
    json_t *appointment = json_object();

    cp_row_show(appointment, row, shown);
    cp_json_put_text(appointment, "with", names_text(row, p));
    put_times(appointment, calendar, row, p);
    cp_json_put_text(appointment, "status_text",
                     cp_words_text(statuses, status, "Unknown"));
    cp_json_put(appointment, "is_cancelled",
                json_boolean(strcmp(status, "cancelled") == 0));
    return appointment;
}

/* Whose day, and when. */
typedef struct span_t {
    const char *person_id;
    apr_time_t start;
    apr_time_t end;
} span_t;

static apr_status_t load_day(cp_ctx_t *cx, const cp_session_t *session,
                             const span_t *span, cp_rows_t **rows)
{
    const char *statement =
        session->kind == CP_KIND_STAFF ? "schedule_staff" : "schedule_patient";

    return cp_db_rows(cx->db, statement,
                      CP_ARGS(CP_TEXT("clinic_id", session->clinic->clinic_id),
                              CP_TEXT("person_id", span->person_id),
                              CP_INT("start", span->start),
                              CP_INT("end", span->end),
                              CP_INT("limit", DAY_LIMIT)),
                      rows, cx->pool);
}

static apr_status_t make_day(cp_ctx_t *cx, const cp_session_t *session,
                             const char *person_id, const char *date,
                             json_t **day)
{
    span_t span = {person_id};
    cp_calendar_t *calendar;
    cp_rows_t *rows;
    json_t *appointments;
    apr_status_t rv = cp_local_time_calendar(cx, session, &calendar);

    if (rv == APR_SUCCESS) {
        rv = cp_calendar_day(calendar, date, &span.start, &span.end);
    }

    if (rv == APR_SUCCESS) {
        rv = load_day(cx, session, &span, &rows);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_local_time_all(cx, session, rows, make_appointment,
                               &appointments);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *day = json_pack(
        "{s:s, s:s, s:b, s:o}", "date", date, "day_text",
        cp_calendar_text(calendar, span.start, CP_CALENDAR_DAY, cx->pool),
        "has_appointments", json_array_size(appointments) > 0, "appointments",
        appointments);
    return *day == NULL ? APR_ENOMEM : APR_SUCCESS;
}

int cp_schedule_may_see_all(const cp_session_t *session)
{
    return session->kind == CP_KIND_STAFF &&
           cp_access_has(session->permissions, CP_PERMISSION_SCHEDULE_ALL);
}

apr_status_t cp_schedule_practitioners(cp_ctx_t *cx,
                                       const cp_session_t *session,
                                       json_t **practitioners)
{
    return cp_db_select(
        cx->db, "schedule_practitioners",
        json_pack("{s:s}", "clinic_id", session->clinic->clinic_id),
        practitioners, cx->pool);
}

apr_status_t cp_schedule_open(cp_ctx_t *cx, const cp_session_t *session,
                              const char *practitioner_id, const char **name)
{
    cp_row_t row;
    apr_status_t rv;

    if (!cp_schedule_may_see_all(session)) {
        return APR_ENOENT;
    }
    rv = cp_db_row(cx->db, "schedule_practitioner",
                   CP_ARGS(CP_TEXT("clinic_id", session->clinic->clinic_id),
                           CP_TEXT("practitioner_id", practitioner_id)),
                   &row, cx->pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *name = cp_row_text(row, "name");
    return cp_audit_read(cx, session, "Schedule", practitioner_id);
}

apr_status_t cp_schedule_days(cp_ctx_t *cx, const cp_session_t *session,
                              const cp_schedule_span_t *span, json_t **model)
{
    cp_calendar_t *calendar;
    const char *today = "";
    const char *person_id =
        span->person_id == NULL ? session->person_id : span->person_id;
    const char *date = span->first;
    apr_status_t rv = cp_local_time_calendar(cx, session, &calendar);
    int i;

    if (rv == APR_SUCCESS) {
        today = cp_calendar_date(calendar, cp_now(cx->port), cx->pool);
    }
    *model = cp_json_own(json_array(), cx->pool);
    for (i = 0; rv == APR_SUCCESS && i < span->days; i++) {
        json_t *day;

        if (i > 0) {
            rv =
                cp_calendar_add_days(calendar, span->first, i, &date, cx->pool);
        }
        if (rv == APR_SUCCESS) {
            rv = make_day(cx, session, person_id, date, &day);
        }
        if (rv == APR_SUCCESS) {
            cp_json_put(day, "is_today",
                        json_boolean(strcmp(date, today) == 0));
            rv = json_array_append_new(*model, day) == 0 ? APR_SUCCESS
                                                         : APR_ENOMEM;
        }
    }
    return rv;
}
