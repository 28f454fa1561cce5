/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Moments of an import: RFC 3339, local time, or relative to the day of the
 * import, which demonstrations want. */
#include "clinic/import_impl.h"

#include "base/status.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_DIGITS 4 /* of "+12 days" */

typedef struct unit_t {
    const char *word; /* also with an "s" */
    apr_interval_time_t length;
} unit_t;

/* Step over a word and the space behind it. */
static int skip_word(const char **text, const char *word)
{
    apr_size_t len = strlen(word);

    if (strncmp(*text, word, len) != 0 || (*text)[len] != ' ') {
        return 0;
    }
    *text += len + 1;
    return 1;
}

/* "+3 " or "-12 ". */
static int skip_number(const char **text, int *number)
{
    const char *digits;
    apr_size_t len;

    if (**text != '+' && **text != '-') {
        return 0;
    }
    digits = *text + 1;
    len = strspn(digits, "0123456789");
    if (len == 0 || len > NUMBER_DIGITS || digits[len] != ' ') {
        return 0;
    }
    *number = (int)strtol(*text, NULL, 10);
    *text = digits + len + 1;
    return 1;
}

/* How many days after `date` the weekday named comes next, 1 to 7. */
static int days_until(const char *date, const char **text, apr_pool_t *p)
{
    static const char *const names[] = {"monday",   "tuesday", "wednesday",
                                        "thursday", "friday",  "saturday",
                                        "sunday"};
    apr_time_exp_t day = {0};
    apr_time_t at = 0;
    int today;
    int i;

    day.tm_year = (int)strtol(date, NULL, 10) - 1900;
    day.tm_mon = (int)strtol(date + 5, NULL, 10) - 1;
    day.tm_mday = (int)strtol(date + 8, NULL, 10);
    if (apr_time_exp_get(&at, &day) != APR_SUCCESS) {
        return 0;
    }
    /* 1 January 1970 was a Thursday. */
    today = (int)((apr_time_sec(at) / 86400 + 3) % 7);
    for (i = 0; i < 7; i++) {
        if (skip_word(text, names[i])) {
            return (i - today + 6) % 7 + 1;
        }
    }
    return 0;
}

/* The days between today and the day that *text begins with, which is
 * stepped over. 0: it begins with none. */
static int skip_day(const char **text, const char *today, int *days,
                    apr_pool_t *p)
{
    *days = 0;
    if (skip_word(text, "today")) {
        return 1;
    }
    if (skip_word(text, "tomorrow")) {
        *days = 1;
        return 1;
    }
    if (skip_word(text, "yesterday")) {
        *days = -1;
        return 1;
    }
    if (skip_word(text, "next")) {
        *days = days_until(today, text, p);
        return *days > 0;
    }
    return skip_number(text, days) &&
           (skip_word(text, "days") || skip_word(text, "day"));
}

/* "-20 minutes", "+2 hours": from now. */
static int is_span(const char *text, apr_interval_time_t *span)
{
    static const unit_t units[] = {{"minute", apr_time_from_sec(60)},
                                   {"hour", apr_time_from_sec(3600)}};
    int number;
    apr_size_t i;

    if (!skip_number(&text, &number)) {
        return 0;
    }
    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        apr_size_t len = strlen(units[i].word);

        if (strncmp(text, units[i].word, len) == 0 &&
            strcmp(text + len + (text[len] == 's'), "") == 0) {
            *span = number * units[i].length;
            return 1;
        }
    }
    return 0;
}

apr_status_t cp_import_moment(cp_calendar_t *calendar, apr_time_t now,
                              const char *text, apr_time_t *at, apr_pool_t *p)
{
    const char *today = cp_calendar_date(calendar, now, p);
    const char *date = today;
    apr_interval_time_t span;
    int days;
    apr_status_t rv;

    if (apr_isdigit(text[0])) {
        return cp_calendar_parse(calendar, text, at);
    }
    if (is_span(text, &span)) {
        *at = now + span;
        return APR_SUCCESS;
    }
    if (!skip_day(&text, today, &days, p) || strlen(text) != 5) {
        return CP_EINPUT;
    }
    rv = cp_calendar_add_days(calendar, today, days, &date, p);
    return rv == APR_SUCCESS
               ? cp_calendar_parse(calendar,
                                   apr_pstrcat(p, date, "T", text, NULL), at)
               : rv;
}
