/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Moments in words and in the digits of RFC 3339, by ICU. */
#include "base/calendar_impl.h"

#include <apr_strings.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ustring.h>

#define TEXT_UNITS 128
#define TEXT_BYTES (TEXT_UNITS * 3 + 1)
#define STYLE_RFC3339 CP_CALENDAR_STYLES

void cp_calendar_close_formats(cp_calendar_t *cal)
{
    int i;

    for (i = 0; i < CP_CALENDAR_STYLES; i++) {
        if (cal->formats[i] != NULL) {
            udat_close(cal->formats[i]);
        }
    }
    if (cal->patterns != NULL) {
        udatpg_close(cal->patterns);
    }
}

/* Milliseconds, rounded down before 1970 as well. */
static double to_icu(apr_time_t at)
{
    apr_time_t milliseconds = at / 1000 - (at % 1000 < 0);

    return (double)milliseconds;
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

/* Skeletons of CLDR: the locale's own order and punctuation. */
static UDateFormat *open_format(cp_calendar_t *cal, cp_calendar_style_t style,
                                UErrorCode *status)
{
    static const char *const skeletons[] = {"jm", "EEEEyMMMMd", "EEEMMMd",
                                            "yMMMdjm", "zzzz"};
    UChar skeleton[16];
    UChar pattern[TEXT_UNITS];
    int32_t len;

    if (cal->patterns == NULL) {
        cal->patterns = udatpg_open(cal->locale, status);
    }
    u_uastrcpy(skeleton, skeletons[style]);
    len = udatpg_getBestPattern(cal->patterns, skeleton, -1, pattern,
                                TEXT_UNITS, status);
    return udat_open(UDAT_PATTERN, UDAT_PATTERN, cal->locale, cal->zone, -1,
                     pattern, len, status);
}

static const char *make_text(cp_calendar_t *cal, apr_time_t at,
                             cp_calendar_style_t style, apr_pool_t *p)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar units[TEXT_UNITS];
    char *text = apr_pcalloc(p, TEXT_BYTES);
    int32_t len;

    if (cal->formats[style] == NULL) {
        cal->formats[style] = open_format(cal, style, &status);
    }
    len = udat_format(cal->formats[style], to_icu(at), units, TEXT_UNITS, NULL,
                      &status);
    u_strToUTF8(text, TEXT_BYTES, NULL, units, len, &status);
    return text;
}

static const char *make_rfc3339(cp_calendar_t *cal, apr_time_t at,
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

/* Fibonacci hashing (Knuth, TAOCP 3, 6.4). */
static cp_calendar_said_t *set_of(cp_calendar_t *cal, apr_time_t at, int style)
{
    uint64_t hash = ((uint64_t)at + (uint64_t)style) * 0x9E3779B97F4A7C15U;

    return cal->said[hash >> (64 - CP_CALENDAR_SAID_BITS)];
}

static void remember(cp_calendar_t *cal, cp_calendar_said_t *set, apr_time_t at,
                     int style, const char *text)
{
    cp_calendar_said_t *said = &set[cal->next_way++ % CP_CALENDAR_SAID_WAYS];

    if (strlen(text) < sizeof(said->text)) {
        said->at = at;
        said->style = style;
        apr_cpystrn(said->text, text, sizeof(said->text));
    }
}

static const char *say(cp_calendar_t *cal, apr_time_t at, int style,
                       apr_pool_t *p)
{
    cp_calendar_said_t *set = set_of(cal, at, style);
    const char *text;
    int i;

    for (i = 0; i < CP_CALENDAR_SAID_WAYS; i++) {
        if (set[i].at == at && set[i].style == style &&
            set[i].text[0] != '\0') {
            return apr_pstrdup(p, set[i].text);
        }
    }
    text = style == STYLE_RFC3339
               ? make_rfc3339(cal, at, p)
               : make_text(cal, at, (cp_calendar_style_t)style, p);
    remember(cal, set, at, style, text);
    return text;
}

const char *cp_calendar_text(cp_calendar_t *cal, apr_time_t at,
                             cp_calendar_style_t style, apr_pool_t *p)
{
    return say(cal, at, style, p);
}

const char *cp_calendar_rfc3339(cp_calendar_t *cal, apr_time_t at,
                                apr_pool_t *p)
{
    return say(cal, at, STYLE_RFC3339, p);
}

const char *cp_calendar_date(cp_calendar_t *cal, apr_time_t at, apr_pool_t *p)
{
    go_to(cal, at);
    return date_here(cal, p);
}
