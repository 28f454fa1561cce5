/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Appointments of one person, as models for the pages (FHIR Appointment). */
#ifndef CP_SCHEDULE_H
#define CP_SCHEDULE_H

#include "clinic/access.h"

/* May this person see the schedules of others? */
int cp_schedule_may_see_all(const cp_session_t *session);

/* Whose schedules there are, by name: [{"id", "name"}], at most 500. */
apr_status_t cp_schedule_practitioners(cp_ctx_t *cx,
                                       const cp_session_t *session,
                                       json_t **practitioners);

/* The name of another practitioner whose schedule is going to be shown, with
 * the audit row. APR_ENOENT: there is none of that id, or this person may not
 * see it. */
apr_status_t cp_schedule_open(cp_ctx_t *cx, const cp_session_t *session,
                              const char *practitioner_id, const char **name);

/* Whose days, and which. */
typedef struct cp_schedule_span_t {
    const char *person_id; /* NULL: of the session's own; another only after
                            * cp_schedule_open */
    const char *first;     /* YYYY-MM-DD in the clinic's zone */
    int days;              /* from that one on */
} cp_schedule_span_t;

/* Those days in the clinic's zone:
 *   [{"date", "day_text", "is_today": bool, "has_appointments": bool,
 *     "appointments": [{"id", "status", "status_text", "is_cancelled": bool,
 *       "starts_at", "ends_at" (RFC 3339), "time_text", "end_text",
 *       "service_type", "description", "with", "location",
 *       "patient_instruction", "comment"}]}]
 * "with": the other side's names; "comment" only for staff. CP_EINPUT: not a
 * date. At most 200 appointments a day. */
apr_status_t cp_schedule_days(cp_ctx_t *cx, const cp_session_t *session,
                              const cp_schedule_span_t *span, json_t **model);

#endif
