/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Days, weeks and times of day in the zones of clinics, where the clocks move
 * by an hour, by half an hour, and not at all. */
#include "base/calendar.h"

#include "unit.h"

#include "base/status.h"

#include <apr_strings.h>

#define NEW_YORK "America/New_York"
#define LOS_ANGELES "America/Los_Angeles"
#define BERLIN "Europe/Berlin"
#define KOLKATA "Asia/Kolkata"
#define LORD_HOWE "Australia/Lord_Howe"
#define NNBSP "\u202f"
#define EIGHT(of) of of of of of of of of

/* As long as a locale may be for ICU; another byte leaves none to end it. */
#define LONG_LOCALE "en-US-x-" EIGHT("aaaaaaaa-") EIGHT("aaaaaaaa-") "aaaa"

static cp_calendar_t *open_in(const char *zone, const char *locale,
                              apr_pool_t *p)
{
    cp_calendar_t *cal = NULL;

    assert_int_equal(cp_calendar_open(&cal, zone, locale, p), APR_SUCCESS);
    return cal;
}

static void only_known_zones_and_locales_open(void **state)
{
    static const struct {
        const char *zone, *locale;
        apr_status_t rv;
    } rows[] = {
        {NEW_YORK, "en-US", APR_SUCCESS},
        {"Etc/UTC", "de", APR_SUCCESS},
        {KOLKATA, "zh-Hant-TW", APR_SUCCESS},
        {"", "en-US", CP_EINPUT},
        {"Mars/Olympus", "en-US", CP_EINPUT},
        {"GMT+25", "en-US", CP_EINPUT},
        {"GMT+05:30", "en-US", CP_EINPUT},
        {"America/New_York ", "en-US", CP_EINPUT},
        {"America/New_Yorkk", "en-US", CP_EINPUT},
        {"Etc/Unknown", "en-US", CP_EINPUT},
        {"\xc3\x28", "en-US", CP_EINPUT},
        {NEW_YORK, "", CP_EINPUT},
        {NEW_YORK, "en-", CP_EINPUT},
        {NEW_YORK, "en US", CP_EINPUT},
        {NEW_YORK, "en-toolongsubtag", CP_EINPUT},
        {NEW_YORK, "../../etc", CP_EINPUT},
        {NEW_YORK, LONG_LOCALE, APR_SUCCESS},
        {NEW_YORK, LONG_LOCALE "a", CP_EINPUT},
    };
    char many[101] = "";
    cp_calendar_t *cal;
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        if (cp_calendar_open(&cal, rows[i].zone, rows[i].locale, *state) !=
            rows[i].rv) {
            fail_msg("\"%s\", \"%s\"", rows[i].zone, rows[i].locale);
        }
    }
    for (i = 0; i < sizeof(many) - 1; i++) {
        many[i] = 'A';
        assert_int_equal(cp_calendar_open(&cal, many, "en-US", *state),
                         CP_EINPUT);
    }
}

/* The moments are those of the zone database, by another implementation. */
static void days_have_their_length(void **state)
{
    static const struct {
        const char *zone, *date;
        apr_time_t start_s;
        int minutes;
    } rows[] = {
        {NEW_YORK, "2026-03-08", 1772946000, 23 * 60},
        {NEW_YORK, "2026-11-01", 1793505600, 25 * 60},
        {NEW_YORK, "2026-11-22", 1795323600, 24 * 60},
        {LOS_ANGELES, "2026-03-08", 1772956800, 23 * 60},
        {LOS_ANGELES, "2026-11-01", 1793516400, 25 * 60},
        {BERLIN, "2026-03-29", 1774738800, 23 * 60},
        {BERLIN, "2026-10-25", 1792879200, 25 * 60},
        {KOLKATA, "2026-03-29", 1774722600, 24 * 60},
        {LORD_HOWE, "2026-04-05", 1775307600, 24 * 60 + 30},
        {LORD_HOWE, "2026-10-04", 1791034200, 23 * 60 + 30},
        {"Pacific/Apia", "2011-12-30", 1325239200, 0},
        {"America/Sao_Paulo", "2018-11-04", 1541300400, 23 * 60},
        {"America/Sao_Paulo", "2018-02-17", 1518832800, 25 * 60},
        {"Etc/UTC", "1900-01-01", -2208988800, 24 * 60},
        {"Etc/UTC", "1960-02-29", -310521600, 24 * 60},
        {"Etc/UTC", "2199-12-31", 7258032000, 24 * 60},
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        cp_calendar_t *cal = open_in(rows[i].zone, "en-US", *state);
        apr_time_t start = 0;
        apr_time_t end = 0;

        assert_int_equal(cp_calendar_day(cal, rows[i].date, &start, &end),
                         APR_SUCCESS);
        if (start != apr_time_from_sec(rows[i].start_s) ||
            end - start != apr_time_from_sec(rows[i].minutes * 60)) {
            fail_msg("%s %s: %ld, %ld min", rows[i].zone, rows[i].date,
                     (long)apr_time_sec(start),
                     (long)apr_time_sec(end - start) / 60);
        }
    }
}

/* Where one day ends the next begins, all through a year. */
static void days_leave_no_gap(void **state)
{
    static const char *const zones[] = {NEW_YORK, BERLIN, LORD_HOWE, "Etc/UTC",
                                        "Africa/Cairo"};
    apr_size_t i;

    for (i = 0; i < ROWS(zones); i++) {
        cp_calendar_t *cal = open_in(zones[i], "en-US", *state);
        const char *date = "2026-01-01";
        apr_time_t before = 0;
        apr_time_t start;
        apr_time_t end;
        int day;

        for (day = 0; day < 366; day++) {
            assert_int_equal(cp_calendar_day(cal, date, &start, &end),
                             APR_SUCCESS);
            assert_true(before == 0 || before == start);
            assert_string_equal(cp_calendar_date(cal, start, *state), date);
            assert_string_equal(cp_calendar_date(cal, end - 1, *state), date);
            before = end;
            assert_int_equal(cp_calendar_add_days(cal, date, 1, &date, *state),
                             APR_SUCCESS);
        }
        assert_string_equal(date, "2027-01-02");
    }
}

static void what_is_no_date_is_refused(void **state)
{
    static const char *const rows[] = {
        "",           "2026",        "2026-11-2",   "2026-11-222",
        "2026-00-10", "2026-13-10",  "2026-11-00",  "2026-11-31",
        "2026-02-29", "2100-02-29",  "1899-12-31",  "2200-01-01",
        "0000-00-00", "9999-12-31",  "2026/11/22",  "2026-11-2a",
        "-026-11-22", "+026-11-22",  " 026-11-22",  "2026-11- 2",
        "26-11-2026", "2026-11-22 ", "2026-1122--", "\xd9\xa2\xd9\xa0-11-22",
    };
    cp_calendar_t *cal = open_in(NEW_YORK, "en-US", *state);
    const char *result;
    apr_time_t at;
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        if (cp_calendar_day(cal, rows[i], &at, &at) != CP_EINPUT ||
            cp_calendar_add_days(cal, rows[i], 0, &result, *state) !=
                CP_EINPUT ||
            cp_calendar_week_start(cal, rows[i], &result, *state) !=
                CP_EINPUT ||
            cp_calendar_parse(cal, rows[i], &at) != CP_EINPUT) {
            fail_msg("\"%s\"", rows[i]);
        }
    }
}

static void days_are_added(void **state)
{
    static const struct {
        const char *zone, *from;
        int days;
        const char *to; /* NULL: refused */
    } rows[] = {
        {NEW_YORK, "2026-11-01", 1, "2026-11-02"},
        {NEW_YORK, "2026-03-08", 1, "2026-03-09"},
        {NEW_YORK, "2026-03-09", -1, "2026-03-08"},
        {NEW_YORK, "2028-02-28", 1, "2028-02-29"},
        {NEW_YORK, "2100-02-28", 1, "2100-03-01"},
        {NEW_YORK, "2026-12-31", 1, "2027-01-01"},
        {NEW_YORK, "1970-01-01", -1, "1969-12-31"},
        {NEW_YORK, "1900-01-01", 109571, "2199-12-30"},
        {"Pacific/Apia", "2011-12-29", 2, "2011-12-31"},
        {NEW_YORK, "2199-12-31", 1, NULL},
        {NEW_YORK, "1900-01-01", -1, NULL},
        {NEW_YORK, "2026-01-01", INT32_MAX, NULL},
        {NEW_YORK, "2026-01-01", INT32_MIN, NULL},
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        cp_calendar_t *cal = open_in(rows[i].zone, "en-US", *state);
        const char *to = "unset";
        apr_status_t rv =
            cp_calendar_add_days(cal, rows[i].from, rows[i].days, &to, *state);

        if (rows[i].to == NULL
                ? rv != CP_EINPUT
                : rv != APR_SUCCESS || strcmp(to, rows[i].to) != 0) {
            fail_msg("%s %+d: %d \"%s\"", rows[i].from, rows[i].days, rv, to);
        }
    }
}

static void weeks_start_by_custom(void **state)
{
    static const struct {
        const char *locale, *date, *start;
    } rows[] = {
        {"en-US", "2026-11-22", "2026-11-22"}, /* a Sunday */
        {"en-US", "2026-11-21", "2026-11-15"},
        {"de-DE", "2026-11-22", "2026-11-16"},
        {"en-GB", "2027-01-01", "2026-12-28"},
        {"ar-EG", "2026-11-22", "2026-11-21"}, /* Saturday */
        {"en-US", "2026-03-14", "2026-03-08"}, /* over a move of the clocks */
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        cp_calendar_t *cal = open_in(NEW_YORK, rows[i].locale, *state);
        const char *start = NULL;

        assert_int_equal(
            cp_calendar_week_start(cal, rows[i].date, &start, *state),
            APR_SUCCESS);
        assert_string_equal(start, rows[i].start);
    }
}

static void times_are_read(void **state)
{
    static const struct {
        const char *zone, *text, *again;
        const char *why;
    } rows[] = {
        {NEW_YORK, "2026-11-22T09:30:00-05:00", "2026-11-22T09:30:00-05:00",
         "as written"},
        {NEW_YORK, "2026-11-22T14:30:00Z", "2026-11-22T09:30:00-05:00", "UTC"},
        {NEW_YORK, "2026-11-22t14:30:00z", "2026-11-22T09:30:00-05:00",
         "letters of either case"},
        {NEW_YORK, "2026-11-22 14:30:00.9Z", "2026-11-22T09:30:00-05:00",
         "space, fraction"},
        {NEW_YORK, "2026-11-22T20:00:00+05:30", "2026-11-22T09:30:00-05:00",
         "another zone's offset"},
        {NEW_YORK, "2026-11-22T09:30", "2026-11-22T09:30:00-05:00",
         "local, as browsers send it"},
        {NEW_YORK, "2026-07-01T09:30:15", "2026-07-01T09:30:15-04:00",
         "local, summer"},
        {NEW_YORK, "2026-03-08T02:30", "2026-03-08T03:30:00-04:00", "skipped"},
        {NEW_YORK, "2026-11-01T01:30", "2026-11-01T01:30:00-04:00",
         "twice: the first"},
        {NEW_YORK, "2026-11-01T06:30:00Z", "2026-11-01T01:30:00-05:00",
         "twice: the second, by UTC"},
        {BERLIN, "2026-03-29T02:00", "2026-03-29T03:00:00+02:00", "skipped"},
        {BERLIN, "2026-10-25T02:59:59", "2026-10-25T02:59:59+02:00", "twice"},
        {LORD_HOWE, "2026-10-04T02:15", "2026-10-04T02:45:00+11:00",
         "skipped by half an hour"},
        {LORD_HOWE, "2026-04-05T01:45", "2026-04-05T01:45:00+11:00",
         "half an hour twice"},
        {KOLKATA, "2026-04-05T01:45", "2026-04-05T01:45:00+05:30", "no rules"},
        {"Etc/UTC", "1950-06-01T00:00:00Z", "1950-06-01T00:00:00+00:00",
         "before 1970"},
        {"Etc/UTC", "1970-01-01T00:30:00+01:00", "1969-12-31T23:30:00+00:00",
         "across 1970"},
        {"America/St_Johns", "1969-12-31T23:59:59Z",
         "1969-12-31T20:29:59-03:30", "west, with minutes"},
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        cp_calendar_t *cal = open_in(rows[i].zone, "en-US", *state);
        const char *again = "";
        apr_time_t at = 0;

        if (cp_calendar_parse(cal, rows[i].text, &at) == APR_SUCCESS) {
            again = cp_calendar_rfc3339(cal, at, *state);
        }
        if (strcmp(again, rows[i].again) != 0) {
            fail_msg("%s %s (%s): %s", rows[i].zone, rows[i].text, rows[i].why,
                     again);
        }
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const rows[] = {
        "2026-11-22T",           "2026-11-22T09",
        "2026-11-22T9:30",       "2026-11-22T24:00",
        "2026-11-22T09:60",      "2026-11-22T09:30:60",
        "2026-11-22T09:30:",     "2026-11-22T09:30:0",
        "2026-11-22T09:30:00.",  "2026-11-22T09:30.5",
        "2026-11-22T09:30:00 ",  "2026-11-22T09:30:00+0500",
        "2026-11-22T09:30:00+5", "2026-11-22T09:30:00+24:00",
        "2026-11-22T09:30Zx",    "2026-11-22T09:30:00+05:60",
        "2026-11-22T09:30ZZ",    "2026-11-22T09:30:00+05:00Z",
        "2026-11-22X09:30",      "2026-02-30T09:30:00Z",
        "2026-11-22T-9:30",      "2026-11-22T09:30:00--5:00",
    };
    cp_calendar_t *cal = open_in(NEW_YORK, "en-US", *state);
    apr_time_t at;
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        if (cp_calendar_parse(cal, rows[i], &at) != CP_EINPUT) {
            fail_msg("\"%s\"", rows[i]);
        }
    }
}

/* Spaces are ICU's own: newer ones write a narrow no-break space before AM. */
static const char *plain(const char *text, apr_pool_t *p)
{
    char *copy = apr_pstrdup(p, text);
    char *at;

    while ((at = strstr(copy, NNBSP)) != NULL) {
        *at = ' ';
        memmove(at + 1, at + strlen(NNBSP), strlen(at + strlen(NNBSP)) + 1);
    }
    return copy;
}

static void words_are_those_of_the_locale(void **state)
{
    static const struct {
        const char *locale;
        cp_calendar_style_t style;
        const char *text;
    } rows[] = {
        {"en-US", CP_CALENDAR_TIME, "9:30 AM"},
        {"en-US", CP_CALENDAR_DAY, "Sunday, November 22, 2026"},
        {"en-US", CP_CALENDAR_DAY_SHORT, "Sun, Nov 22"},
        {"en-US", CP_CALENDAR_MOMENT, "Nov 22, 2026, 9:30 AM"},
        {"en-US", CP_CALENDAR_ZONE, "Eastern Standard Time"},
        {"de-DE", CP_CALENDAR_TIME, "09:30"},
        {"de-DE", CP_CALENDAR_DAY, "Sonntag, 22. November 2026"},
        {"de-DE", CP_CALENDAR_DAY_SHORT, "So., 22. Nov."},
    };
    apr_time_t at = apr_time_from_sec(1795357800);
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        cp_calendar_t *cal = open_in(NEW_YORK, rows[i].locale, *state);
        const char *text = cp_calendar_text(cal, at, rows[i].style, *state);

        assert_string_equal(plain(text, *state), rows[i].text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(only_known_zones_and_locales_open),
        POOL_TEST(days_have_their_length),
        POOL_TEST(days_leave_no_gap),
        POOL_TEST(what_is_no_date_is_refused),
        POOL_TEST(days_are_added),
        POOL_TEST(weeks_start_by_custom),
        POOL_TEST(times_are_read),
        POOL_TEST(what_is_no_time_is_refused),
        POOL_TEST(words_are_those_of_the_locale),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
