/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Days and times in a clinic's zone and language, by ICU. */
#include "base/calendar.h"

#include "base/status.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#define YEAR_LEAST 1900
#define YEAR_MOST 2199
#define ZONE_UNITS 64
#define TEXT_UNITS 128
#define STYLES (CP_CALENDAR_ZONE + 1)

struct cp_calendar_t {
    UCalendar *calendar;
    UChar zone[ZONE_UNITS];
    char locale[ULOC_FULLNAME_CAPACITY];
    UDateFormat *formats[STYLES]; /* opened on first use: they are dear */
};

static apr_status_t close_calendar(void *data)
{
    cp_calendar_t *cal = data;
    int i;

    for (i = 0; i < STYLES; i++) {
        if (cal->formats[i] != NULL) {
            udat_close(cal->formats[i]);
        }
    }
    ucal_close(cal->calendar);
    return APR_SUCCESS;
}

/* ICU takes an unknown zone for GMT, so the name is looked up first. */
static int is_zone(const UChar *zone)
{
    UChar canonical[ZONE_UNITS];
    UBool is_system = 0;
    UErrorCode status = U_ZERO_ERROR;

    ucal_getCanonicalTimeZoneID(zone, -1, canonical, ZONE_UNITS, &is_system,
                                &status);
    return U_SUCCESS(status) && is_system;
}

static int set_locale(cp_calendar_t *cal, const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t parsed = 0;

    uloc_forLanguageTag(locale, cal->locale, sizeof(cal->locale), &parsed,
                        &status);
    return U_SUCCESS(status) && locale[0] != '\0' &&
           parsed == (int32_t)strlen(locale);
}

apr_status_t cp_calendar_open(cp_calendar_t **result, const char *zone,
                              const char *locale, apr_pool_t *p)
{
    cp_calendar_t *cal = apr_pcalloc(p, sizeof(*cal));
    UErrorCode status = U_ZERO_ERROR;

    if (strlen(zone) >= ZONE_UNITS || !set_locale(cal, locale)) {
        return CP_EINPUT;
    }
    u_uastrcpy(cal->zone, zone);
    if (!is_zone(cal->zone)) {
        return CP_EINPUT;
    }
    cal->calendar =
        ucal_open(cal->zone, -1, cal->locale, UCAL_GREGORIAN, &status);
    if (U_FAILURE(status)) {
        return CP_EINPUT;
    }
    apr_pool_cleanup_register(p, cal, close_calendar, apr_pool_cleanup_null);
    *result = cal;
    return APR_SUCCESS;
}

static double to_icu(apr_time_t at)
{
    return (double)(at / 1000);
}

static int field(const cp_calendar_t *cal, UCalendarDateFields which)
{
    UErrorCode status = U_ZERO_ERROR;

    return ucal_get(cal->calendar, which, &status);
}

static void go_to(cp_calendar_t *cal, apr_time_t at)
{
    UErrorCode status = U_ZERO_ERROR;

    ucal_setMillis(cal->calendar, to_icu(at), &status);
}

static const char *date_here(const cp_calendar_t *cal, apr_pool_t *p)
{
    return apr_psprintf(p, "%04d-%02d-%02d", field(cal, UCAL_YEAR),
                        field(cal, UCAL_MONTH) + 1, field(cal, UCAL_DATE));
}

const char *cp_calendar_date(cp_calendar_t *cal, apr_time_t at, apr_pool_t *p)
{
    go_to(cal, at);
    return date_here(cal, p);
}

typedef struct local_t {
    int year, month, day, hour, minute, second;
} local_t;

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && is_leap ? 29 : days[month - 1];
}

static int is_date(const local_t *local)
{
    return local->year >= YEAR_LEAST && local->year <= YEAR_MOST &&
           local->month >= 1 && local->month <= 12 && local->day >= 1 &&
           local->day <= days_in_month(local->year, local->month);
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

static apr_status_t read_date(local_t *local, const char *date)
{
    memset(local, 0, sizeof(*local));
    if (strlen(date) != CP_DATE_LENGTH || !has_form(date, "dddd-dd-dd") ||
        sscanf(date, "%4d-%2d-%2d", &local->year, &local->month, &local->day) !=
            3) {
        return CP_EINPUT;
    }
    return is_date(local) ? APR_SUCCESS : CP_EINPUT;
}

/* Local time to a moment. A time the clocks skip moves forward; of one that
 * comes twice the first is meant. */
static apr_status_t moment_of(cp_calendar_t *cal, const local_t *local,
                              apr_time_t *at)
{
    UErrorCode status = U_ZERO_ERROR;
    double millis;

    ucal_clear(cal->calendar);
    ucal_setAttribute(cal->calendar, UCAL_REPEATED_WALL_TIME,
                      UCAL_WALLTIME_FIRST);
    ucal_setAttribute(cal->calendar, UCAL_SKIPPED_WALL_TIME,
                      UCAL_WALLTIME_LAST);
    ucal_setDateTime(cal->calendar, local->year, local->month - 1, local->day,
                     local->hour, local->minute, local->second, &status);
    millis = ucal_getMillis(cal->calendar, &status);
    *at = (apr_time_t)millis * 1000;
    return U_SUCCESS(status) ? APR_SUCCESS : CP_EINPUT;
}

apr_status_t cp_calendar_add_days(cp_calendar_t *cal, const char *date,
                                  int days, const char **result, apr_pool_t *p)
{
    UErrorCode status = U_ZERO_ERROR;
    local_t local;
    apr_time_t at;
    apr_status_t rv = read_date(&local, date);

    local.hour = 12; /* noon exists on every day */
    if (rv == APR_SUCCESS) {
        rv = moment_of(cal, &local, &at);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    ucal_add(cal->calendar, UCAL_DATE, days, &status);
    *result = date_here(cal, p);
    return U_SUCCESS(status) && read_date(&local, *result) == APR_SUCCESS
               ? APR_SUCCESS
               : CP_EINPUT;
}

/* Where a zone skips midnight the day begins at the first moment there is,
 * which is where a skipped time moves to. */
apr_status_t cp_calendar_day(cp_calendar_t *cal, const char *date,
                             apr_time_t *start, apr_time_t *end)
{
    UErrorCode status = U_ZERO_ERROR;
    local_t local;
    local_t next;
    apr_status_t rv = read_date(&local, date);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    next = local;
    next.hour = 12;
    rv = moment_of(cal, &next, end);
    ucal_add(cal->calendar, UCAL_DATE, 1, &status);
    next.year = field(cal, UCAL_YEAR);
    next.month = field(cal, UCAL_MONTH) + 1;
    next.day = field(cal, UCAL_DATE);
    next.hour = 0;
    if (rv == APR_SUCCESS) {
        rv = moment_of(cal, &local, start);
    }
    return rv == APR_SUCCESS ? moment_of(cal, &next, end) : rv;
}

apr_status_t cp_calendar_week_start(cp_calendar_t *cal, const char *date,
                                    const char **result, apr_pool_t *p)
{
    local_t local;
    apr_time_t at;
    int first;
    int back;
    apr_status_t rv = read_date(&local, date);

    local.hour = 12;
    if (rv == APR_SUCCESS) {
        rv = moment_of(cal, &local, &at);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    first = ucal_getAttribute(cal->calendar, UCAL_FIRST_DAY_OF_WEEK);
    back = (field(cal, UCAL_DAY_OF_WEEK) - first + 7) % 7;
    return cp_calendar_add_days(cal, date, -back, result, p);
}

/* Skeletons of CLDR: the locale's own order and punctuation. */
static UDateFormat *open_format(const cp_calendar_t *cal,
                                cp_calendar_style_t style, UErrorCode *status)
{
    static const char *const skeletons[] = {"jm", "EEEEyMMMMd", "EEEMMMd",
                                            "yMMMdjm", "zzzz"};
    UChar skeleton[16];
    UChar pattern[TEXT_UNITS];
    UDateTimePatternGenerator *generator = udatpg_open(cal->locale, status);
    int32_t len;

    u_uastrcpy(skeleton, skeletons[style]);
    len = udatpg_getBestPattern(generator, skeleton, -1, pattern, TEXT_UNITS,
                                status);
    udatpg_close(generator);
    return udat_open(UDAT_PATTERN, UDAT_PATTERN, cal->locale, cal->zone, -1,
                     pattern, len, status);
}

const char *cp_calendar_text(cp_calendar_t *cal, apr_time_t at,
                             cp_calendar_style_t style, apr_pool_t *p)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar units[TEXT_UNITS];
    char *text = apr_pcalloc(p, TEXT_UNITS * 3 + 1);
    int32_t len;

    if (cal->formats[style] == NULL) {
        cal->formats[style] = open_format(cal, style, &status);
    }
    len = udat_format(cal->formats[style], to_icu(at), units, TEXT_UNITS, NULL,
                      &status);
    u_strToUTF8(text, TEXT_UNITS * 3 + 1, NULL, units, len, &status);
    return text;
}

const char *cp_calendar_rfc3339(cp_calendar_t *cal, apr_time_t at,
                                apr_pool_t *p)
{
    int offset;

    go_to(cal, at);
    offset =
        (field(cal, UCAL_ZONE_OFFSET) + field(cal, UCAL_DST_OFFSET)) / 60000;
    return apr_psprintf(p, "%sT%02d:%02d:%02d%c%02d:%02d", date_here(cal, p),
                        field(cal, UCAL_HOUR_OF_DAY), field(cal, UCAL_MINUTE),
                        field(cal, UCAL_SECOND), offset < 0 ? '-' : '+',
                        abs(offset) / 60, abs(offset) % 60);
}

/* "Z", "+hh:mm" or "-hh:mm" to microseconds east of UTC. */
static apr_status_t read_offset(const char *text, apr_interval_time_t *offset)
{
    int hours;
    int minutes;

    *offset = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0) {
        return APR_SUCCESS;
    }
    if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 ||
        !has_form(text + 1, "dd:dd") ||
        sscanf(text + 1, "%2d:%2d", &hours, &minutes) != 2 || hours > 23 ||
        minutes > 59) {
        return CP_EINPUT;
    }
    *offset = apr_time_from_sec(hours * 3600 + minutes * 60);
    *offset = text[0] == '-' ? -*offset : *offset;
    return APR_SUCCESS;
}

static apr_status_t read_local(local_t *local, const char *text,
                               const char **rest)
{
    char date[CP_DATE_LENGTH + 1];

    apr_cpystrn(date, text, sizeof(date));
    if (read_date(local, date) != APR_SUCCESS ||
        (text[10] != 'T' && text[10] != 't' && text[10] != ' ') ||
        !has_form(text + 11, "dd:dd") ||
        sscanf(text + 11, "%2d:%2d", &local->hour, &local->minute) != 2) {
        return CP_EINPUT;
    }
    *rest = text + 16;
    if (has_form(*rest, ":dd")) {
        if (sscanf(*rest, ":%2d", &local->second) != 1) {
            return CP_EINPUT;
        }
        *rest += 3;
    }
    if (**rest == '.') {
        *rest += 1 + strspn(*rest + 1, "0123456789");
    }
    return local->hour > 23 || local->minute > 59 || local->second > 59
               ? CP_EINPUT
               : APR_SUCCESS;
}

apr_status_t cp_calendar_parse(cp_calendar_t *cal, const char *text,
                               apr_time_t *at)
{
    apr_interval_time_t offset;
    apr_time_exp_t utc = {0};
    const char *rest;
    local_t local;
    apr_status_t rv =
        strlen(text) < 16 ? CP_EINPUT : read_local(&local, text, &rest);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (*rest == '\0') {
        return moment_of(cal, &local, at);
    }
    utc.tm_year = local.year - 1900;
    utc.tm_mon = local.month - 1;
    utc.tm_mday = local.day;
    utc.tm_hour = local.hour;
    utc.tm_min = local.minute;
    utc.tm_sec = local.second;
    rv = read_offset(rest, &offset);
    if (rv == APR_SUCCESS) {
        rv = apr_time_exp_get(at, &utc);
        *at -= offset;
    }
    return rv;
}
