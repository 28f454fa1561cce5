/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Opened calendars kept for the next request: opening ICU's formats costs more
 * than everything else a page does. One pool for each process; a calendar is
 * lent to one request at a time. */
#ifndef CP_CALENDAR_POOL_H
#define CP_CALENDAR_POOL_H

#include "base/calendar.h"

typedef struct cp_calendar_pool_t cp_calendar_pool_t;

/* An empty pool; it and its calendars end with p. Thread-safe. */
apr_status_t cp_calendar_pool_make(cp_calendar_pool_t **pool, apr_pool_t *p);

/* Borrow a calendar of that zone and locale until p is cleared. pool NULL, or
 * with its bounds reached: one of its own for p. Errors as of
 * cp_calendar_open. */
apr_status_t cp_calendar_borrow(cp_calendar_t **cal, cp_calendar_pool_t *pool,
                                const char *zone, const char *locale,
                                apr_pool_t *p);

#endif
