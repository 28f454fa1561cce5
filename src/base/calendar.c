/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Days and times in a clinic's zone and language, by ICU. */
#include "base/calendar.h"

#include "base/calendar_impl.h"
#include "base/status.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicode/ustring.h>

#define YEAR_LEAST 1900
#define YEAR_MOST 2199
#define DAY_S 86400

static apr_status_t close_calendar(void *data)
{
    cp_calendar_t *cal = data;

    cp_calendar_close_formats(cal);
    ucal_close(cal->calendar);
    return APR_SUCCESS;
}

/* ICU takes an unknown zone for GMT, so the name is looked up first. */
static int find_zone(UChar id[CP_CALENDAR_ZONE_UNITS], const char *zone)
{
    UChar canonical[CP_CALENDAR_ZONE_UNITS];
    UBool is_system = 0;
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = 0;

    u_strFromUTF8(id, CP_CALENDAR_ZONE_UNITS, &len, zone, -1, &status);
    if (len >= CP_CALENDAR_ZONE_UNITS) {
        return 0;
    }
    ucal_getCanonicalTimeZoneID(id, -1, canonical, CP_CALENDAR_ZONE_UNITS,
                                &is_system, &status);
    return U_SUCCESS(status) && is_system;
}

/* ICU takes it for a success that no byte is left to end the name. */
static int find_locale(char id[ULOC_FULLNAME_CAPACITY], const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t parsed = 0;
    int32_t len = uloc_forLanguageTag(locale, id, ULOC_FULLNAME_CAPACITY,
                                      &parsed, &status);

    return U_SUCCESS(status) && len < ULOC_FULLNAME_CAPACITY &&
           locale[0] != '\0' && parsed == (int32_t)strlen(locale);
}

/* A date is counted in days of UTC, which are all alike: only a time of day
 * needs the zone. */
static time_t to_utc(const struct tm *local)
{
    struct tm utc = *local;

    return timegm(&utc);
}

static int is_date(const struct tm *date)
{
    struct tm again;
    time_t at = to_utc(date);

    /* A day the month does not have is one of another month. */
    return gmtime_r(&at, &again) != NULL && again.tm_mon == date->tm_mon &&
           date->tm_year >= YEAR_LEAST - 1900 &&
           date->tm_year <= YEAR_MOST - 1900;
}

/* Digits where the pattern has 'd', the same character elsewhere. */
static int has_form(const char *text, const char *pattern)
{
    for (; *pattern != '\0'; text++, pattern++) {
        if (*pattern == 'd' ? !apr_isdigit(*text) : *text != *pattern) {
            return 0;
        }
    }
    return 1;
}

static int number(const char *digits, int count)
{
    int value = 0;

    for (; count > 0; count--, digits++) {
        value = 10 * value + (*digits - '0');
    }
    return value;
}

/* The ten characters of a date; midnight. */
static apr_status_t read_date(struct tm *local, const char *text)
{
    memset(local, 0, sizeof(*local));
    if (!has_form(text, "dddd-dd-dd")) {
        return CP_EINPUT;
    }
    local->tm_year = number(text, 4) - 1900;
    local->tm_mon = number(text + 5, 2) - 1;
    local->tm_mday = number(text + 8, 2);
    return is_date(local) ? APR_SUCCESS : CP_EINPUT;
}

static apr_status_t read_whole_date(struct tm *local, const char *date)
{
    return strlen(date) == CP_DATE_LENGTH ? read_date(local, date) : CP_EINPUT;
}

static apr_status_t moment_of(cp_calendar_t *cal, const struct tm *local,
                              apr_time_t *at)
{
    UErrorCode status = U_ZERO_ERROR;

    ucal_clear(cal->calendar);
    ucal_setDateTime(cal->calendar, local->tm_year + 1900, local->tm_mon,
                     local->tm_mday, local->tm_hour, local->tm_min,
                     local->tm_sec, &status);
    *at = (apr_time_t)ucal_getMillis(cal->calendar, &status) * 1000;
    return U_SUCCESS(status) ? APR_SUCCESS : CP_EINPUT;
}

static apr_status_t add_days(struct tm *date, int days)
{
    time_t at = to_utc(date) + (time_t)days * DAY_S;

    return gmtime_r(&at, date) == NULL || !is_date(date) ? CP_EINPUT
                                                         : APR_SUCCESS;
}

static const char *date_text(const struct tm *date, apr_pool_t *p)
{
    return apr_psprintf(p, "%04d-%02d-%02d", date->tm_year + 1900,
                        date->tm_mon + 1, date->tm_mday);
}

/* "Z", "+hh:mm" or "-hh:mm" to seconds east of UTC. */
static apr_status_t read_offset(const char *text, int *offset_s)
{
    int hours;
    int minutes;

    *offset_s = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0) {
        return APR_SUCCESS;
    }
    if ((text[0] != '+' && text[0] != '-') || !has_form(text + 1, "dd:dd") ||
        text[6] != '\0') {
        return CP_EINPUT;
    }
    hours = number(text + 1, 2);
    minutes = number(text + 4, 2);
    *offset_s = (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours > 23 || minutes > 59 ? CP_EINPUT : APR_SUCCESS;
}

/* Seconds may be missing, as browsers leave them out; a fraction is dropped. */
static apr_status_t read_local(struct tm *local, const char *text,
                               const char **rest)
{
    if (read_date(local, text) != APR_SUCCESS || text[10] == '\0' ||
        strchr("Tt ", text[10]) == NULL || !has_form(text + 11, "dd:dd")) {
        return CP_EINPUT;
    }
    local->tm_hour = number(text + 11, 2);
    local->tm_min = number(text + 14, 2);
    *rest = text + 16;
    if (has_form(*rest, ":dd")) {
        local->tm_sec = number(*rest + 1, 2);
        *rest += 3;
        if (has_form(*rest, ".d")) {
            *rest += 1 + strspn(*rest + 1, "0123456789");
        }
    }
    return local->tm_hour > 23 || local->tm_min > 59 || local->tm_sec > 59
               ? CP_EINPUT
               : APR_SUCCESS;
}

/* The pool may be one that is never cleared, and a clinic's zone unknown at
 * each of its pages: so nothing is taken from it before all is known to be
 * good. */
apr_status_t cp_calendar_open(cp_calendar_t **result, const char *zone,
                              const char *locale, apr_pool_t *p)
{
    UChar zone_id[CP_CALENDAR_ZONE_UNITS];
    char locale_id[ULOC_FULLNAME_CAPACITY];
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar;
    cp_calendar_t *cal;

    if (!find_zone(zone_id, zone) || !find_locale(locale_id, locale)) {
        return CP_EINPUT;
    }
    calendar = ucal_open(zone_id, -1, locale_id, UCAL_GREGORIAN, &status);
    if (U_FAILURE(status)) {
        return CP_EINPUT;
    }
    ucal_setAttribute(calendar, UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
    ucal_setAttribute(calendar, UCAL_SKIPPED_WALL_TIME, UCAL_WALLTIME_LAST);
    cal = apr_pcalloc(p, sizeof(*cal));
    cal->calendar = calendar;
    memcpy(cal->zone, zone_id, sizeof(zone_id));
    memcpy(cal->locale, locale_id, sizeof(locale_id));
    apr_pool_cleanup_register(p, cal, close_calendar, apr_pool_cleanup_null);
    *result = cal;
    return APR_SUCCESS;
}

apr_status_t cp_calendar_add_days(cp_calendar_t *cal, const char *date,
                                  int days, const char **result, apr_pool_t *p)
{
    struct tm local;
    apr_status_t rv = read_whole_date(&local, date);

    if (rv == APR_SUCCESS) {
        rv = add_days(&local, days);
    }
    if (rv == APR_SUCCESS) {
        *result = date_text(&local, p);
    }
    return rv;
}

/* Where a zone skips midnight the day begins at the first moment there is,
 * which is where a skipped time moves to. */
apr_status_t cp_calendar_day(cp_calendar_t *cal, const char *date,
                             apr_time_t *start, apr_time_t *end)
{
    struct tm local;
    apr_status_t rv = read_whole_date(&local, date);

    if (rv == APR_SUCCESS) {
        rv = moment_of(cal, &local, start);
    }
    if (rv == APR_SUCCESS) {
        local.tm_mday++; /* ICU carries the day over, also into 2200 */
        rv = moment_of(cal, &local, end);
    }
    return rv;
}

apr_status_t cp_calendar_week_start(cp_calendar_t *cal, const char *date,
                                    const char **result, apr_pool_t *p)
{
    int first = ucal_getAttribute(cal->calendar, UCAL_FIRST_DAY_OF_WEEK);
    struct tm local;
    apr_status_t rv = read_whole_date(&local, date);

    if (rv == APR_SUCCESS) {
        rv = add_days(&local, 0);
    }
    if (rv == APR_SUCCESS) {
        rv = add_days(&local,
                      -((local.tm_wday - (first - UCAL_SUNDAY) + 7) % 7));
    }
    if (rv == APR_SUCCESS) {
        *result = date_text(&local, p);
    }
    return rv;
}

apr_status_t cp_calendar_parse(cp_calendar_t *cal, const char *text,
                               apr_time_t *at)
{
    const char *rest;
    struct tm local;
    int offset_s;
    apr_status_t rv = read_local(&local, text, &rest);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (*rest == '\0') {
        return moment_of(cal, &local, at);
    }
    rv = read_offset(rest, &offset_s);
    if (rv == APR_SUCCESS) {
        *at = apr_time_from_sec((apr_time_t)to_utc(&local) - offset_s);
    }
    return rv;
}
