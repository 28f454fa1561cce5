/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Moments in models: as the clinic's clocks and people say them. */
#ifndef CP_LOCAL_TIME_H
#define CP_LOCAL_TIME_H

#include "clinic/session.h"

/* The calendar of the session's clinic, opened once a request. CP_EINPUT: the
 * clinic has a zone that ICU does not know. */
apr_status_t cp_local_time_calendar(cp_ctx_t *cx, const cp_session_t *session,
                                    cp_calendar_t **calendar);

/* Members <name>_at (RFC 3339) and <name>_text (date and time in words). */
void cp_local_time_put(json_t *object, const char *name,
                       cp_calendar_t *calendar, apr_time_t at, apr_pool_t *p);

/* A model of one row, or NULL for want of memory; a new reference. */
typedef json_t *(*cp_local_time_make_t)(cp_calendar_t *calendar,
                                        const cp_session_t *session,
                                        cp_row_t row, apr_pool_t *p);

/* An array of models, one for each row; a new reference. */
apr_status_t cp_local_time_all(cp_ctx_t *cx, const cp_session_t *session,
                               const cp_rows_t *rows, cp_local_time_make_t make,
                               json_t **array);

#endif
