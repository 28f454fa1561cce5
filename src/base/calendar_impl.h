/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* An opened calendar, for calendar.c (days and moments) and calendar_text.c
 * (their words) alone. */
#ifndef CP_CALENDAR_IMPL_H
#define CP_CALENDAR_IMPL_H

#include "base/calendar.h"

#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>

#define CP_CALENDAR_ZONE_UNITS 64
#define CP_CALENDAR_STYLES (CP_CALENDAR_ZONE + 1)

/* What was said of a moment before: to find the words takes ICU's whole
 * machinery, and a calendar that is kept says those of today's appointments
 * for every page. A set-associative cache; longer texts are not kept. */
typedef struct cp_calendar_said_t {
    apr_time_t at;
    int style;
    char text[64]; /* "": nothing yet */
} cp_calendar_said_t;

#define CP_CALENDAR_SAID_BITS 6 /* of the number of sets */
#define CP_CALENDAR_SAID_WAYS 4

struct cp_calendar_t {
    UCalendar *calendar;
    UChar zone[CP_CALENDAR_ZONE_UNITS];
    char locale[ULOC_FULLNAME_CAPACITY];
    /* Opened on first use: they are dear, the generator most of all. */
    UDateTimePatternGenerator *patterns;
    UDateFormat *formats[CP_CALENDAR_STYLES];
    cp_calendar_said_t said[1 << CP_CALENDAR_SAID_BITS][CP_CALENDAR_SAID_WAYS];
    unsigned next_way; /* the one to be overwritten, whatever the set */
};

void cp_calendar_close_formats(cp_calendar_t *cal);

#endif
