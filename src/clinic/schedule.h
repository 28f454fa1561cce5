/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Appointments of one person, as models for the pages (FHIR Appointment). */
#ifndef CP_SCHEDULE_H
#define CP_SCHEDULE_H

#include "clinic/access.h"

/* The days [first, first + days) of the session's own schedule, in the
 * clinic's zone:
 *   [{"date", "day_text", "is_today": bool, "has_appointments": bool,
 *     "appointments": [{"id", "status", "status_text", "is_cancelled": bool,
 *       "starts_at", "ends_at" (RFC 3339), "time_text", "end_text",
 *       "service_type", "description", "with", "location",
 *       "patient_instruction", "comment"}]}]
 * "with": the other side's names; "comment" only for staff. CP_EINPUT: not a
 * date. At most 200 appointments a day. */
apr_status_t cp_schedule_days(cp_ctx_t *cx, const cp_session_t *session,
                              const char *first, int days, json_t **model);

#endif
