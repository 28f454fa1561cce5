/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any text as a date and as a moment: what is accepted is real, lies within the
 * bounds, and is the same when written and read again. */
#include "base/calendar.h"

#include "fuzz.h"

#include "base/status.h"

#include <apr_strings.h>

#define HOUR apr_time_from_sec(3600)

/* Zones with half hours, with a day left out, and with clocks that skip
 * midnight. Opened once: that takes longer than all the rest. */
static const char *const zones[] = {"Australia/Lord_Howe", "Pacific/Apia",
                                    "America/Sao_Paulo"};
static cp_calendar_t *calendars[3];
static apr_pool_t *calendars_pool;

static void close_calendars(void)
{
    apr_pool_destroy(calendars_pool);
}

static void open_calendars(void)
{
    int i;

    calendars_pool = fuzz_pool();
    demand(atexit(close_calendars) == 0);
    for (i = 0; i < 3; i++) {
        demand(cp_calendar_open(&calendars[i], zones[i], "en-US",
                                calendars_pool) == APR_SUCCESS);
    }
}

static void check_date(cp_calendar_t *calendar, const char *text, apr_pool_t *p)
{
    const char *other;
    apr_time_t start;
    apr_time_t end;
    apr_status_t rv = cp_calendar_day(calendar, text, &start, &end);

    demand(rv == APR_SUCCESS || rv == CP_EINPUT);
    demand(cp_calendar_add_days(calendar, text, 0, &other, p) == rv);
    if (rv != APR_SUCCESS) {
        return;
    }
    demand(strcmp(other, text) == 0 && strlen(text) == CP_DATE_LENGTH);
    demand(start <= end && end - start <= 25 * HOUR);
    demand(start == end || end - start >= 23 * HOUR);
    demand(start == end ||
           strcmp(cp_calendar_date(calendar, start, p), text) == 0);
    if (cp_calendar_week_start(calendar, text, &other, p) == APR_SUCCESS) {
        demand(strcmp(other, text) <= 0);
    }
    if (cp_calendar_add_days(calendar, text, 100, &other, p) == APR_SUCCESS) {
        demand(strcmp(other, text) > 0);
        demand(cp_calendar_add_days(calendar, other, -100, &other, p) ==
               APR_SUCCESS);
        demand(strcmp(other, text) == 0);
    }
}

/* Offsets were not whole minutes before there were zones. */
static void check_moment(cp_calendar_t *calendar, const char *text,
                         apr_pool_t *p)
{
    apr_time_t at = 0;
    apr_time_t again;
    const char *written;
    apr_status_t rv = cp_calendar_parse(calendar, text, &at);

    demand(rv == APR_SUCCESS || rv == CP_EINPUT);
    if (rv == APR_SUCCESS) {
        written = cp_calendar_rfc3339(calendar, at, p);
        demand(strlen(written) >= 20);
        if (strcmp(written, "1920") > 0 && strcmp(written, "2199-12-31") < 0) {
            demand(cp_calendar_parse(calendar, written, &again) == APR_SUCCESS);
            demand(again == at);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    const char *text = apr_pstrmemdup(p, (const char *)data, size);
    int i;

    if (calendars[0] == NULL) {
        open_calendars();
    }
    for (i = 0; i < 3; i++) {
        check_date(calendars[i], text, p);
        check_moment(calendars[i], text, p);
    }
    apr_pool_destroy(p);
    return 0;
}
