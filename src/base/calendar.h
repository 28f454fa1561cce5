/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Days and times in a clinic's own zone and language (ICU). The server's zone
 * is never used. Moments are apr_time_t, microseconds UTC. */
#ifndef CP_CALENDAR_H
#define CP_CALENDAR_H

#include <apr_pools.h>
#include <apr_time.h>

#define CP_DATE_LENGTH 10 /* "2026-11-22" */

/* An opened zone and locale; one thread at a time. Closed with p. */
typedef struct cp_calendar_t cp_calendar_t;

/* zone: IANA name ("America/New_York"); locale: BCP 47 ("en-US").
 * CP_EINPUT when ICU does not know the zone or the locale is malformed; then
 * nothing of p is used. */
apr_status_t cp_calendar_open(cp_calendar_t **cal, const char *zone,
                              const char *locale, apr_pool_t *p);

/* "2026-11-22" of a moment, in the zone. */
const char *cp_calendar_date(cp_calendar_t *cal, apr_time_t at, apr_pool_t *p);

/* The moments at which `date` begins and the next day begins: 23 to 25 hours
 * apart. CP_EINPUT: not a real date in YYYY-MM-DD, or not within 1900..2199.
 * A day that the zone left out altogether (Pacific/Apia, 2011-12-30) is empty:
 * it ends where it begins. */
apr_status_t cp_calendar_day(cp_calendar_t *cal, const char *date,
                             apr_time_t *start, apr_time_t *end);

/* `date` moved by `days` days (negative: back). CP_EINPUT as above. */
apr_status_t cp_calendar_add_days(cp_calendar_t *cal, const char *date,
                                  int days, const char **result, apr_pool_t *p);

/* The first day of the week `date` lies in, by the locale's custom. */
apr_status_t cp_calendar_week_start(cp_calendar_t *cal, const char *date,
                                    const char **result, apr_pool_t *p);

typedef enum cp_calendar_style_t {
    CP_CALENDAR_TIME,      /* 9:30 AM */
    CP_CALENDAR_DAY,       /* Sunday, November 22, 2026 */
    CP_CALENDAR_DAY_SHORT, /* Sun, Nov 22 */
    CP_CALENDAR_MOMENT,    /* Nov 22, 2026, 9:30 AM */
    CP_CALENDAR_ZONE       /* Eastern Standard Time */
} cp_calendar_style_t;

/* Words of the locale for a moment. UTF-8. ICU's narrow no-break spaces are
 * kept. */
const char *cp_calendar_text(cp_calendar_t *cal, apr_time_t at,
                             cp_calendar_style_t style, apr_pool_t *p);

/* RFC 3339 with the zone's offset at that moment and no fraction:
 * "2026-11-22T09:30:00-05:00". */
const char *cp_calendar_rfc3339(cp_calendar_t *cal, apr_time_t at,
                                apr_pool_t *p);

/* A moment from RFC 3339 with offset or "Z", or without one: then local time
 * in the zone (a time that the clocks skip moves forward; of one that comes
 * twice the first is meant). CP_EINPUT otherwise. */
apr_status_t cp_calendar_parse(cp_calendar_t *cal, const char *text,
                               apr_time_t *at);

#endif
