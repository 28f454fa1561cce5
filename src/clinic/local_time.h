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

#endif
