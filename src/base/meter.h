/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What an operator wants to see of the portal in numbers: counters that only
 * grow and histograms of how long things took, in memory that all of httpd's
 * processes share. Nothing in them is about a person or a clinic.
 *
 * Names and kinds follow the Prometheus documentation ("Metric and label
 * naming", "Histograms and summaries"). Every call may be made by any thread of
 * any process at once, costs one atomic addition or two, and does nothing where
 * the meter is NULL (command line, unit tests). */
#ifndef CP_METER_H
#define CP_METER_H

#include <apr_time.h>
#include <stdatomic.h>

/* Counters by a word. The words are each one's own: `label`. */
typedef enum cp_meter_family_id_t {
    CP_METER_SIGNINS,         /* cp_signin_outcome_word */
    CP_METER_SIGNIN_REFUSALS, /* why, as in the audit trail */
    CP_METER_FACTORS,         /* second factors given */
    CP_METER_CAPTCHAS,        /* answers judged */
    CP_METER_HASHES,          /* passwords hashed */
    CP_METER_GUARDED,         /* requests for guarded locations */
    CP_METER_DATABASE,        /* what went wrong there */
    CP_METER_MAILS,           /* tries to send one */
    CP_METER_FAMILIES
} cp_meter_family_id_t;

#define CP_METER_WORDS_MAX 16

typedef struct cp_meter_family_t {
    const char *name; /* "clinicportal_signins_total" */
    const char *help;
    const char *label;
    const char *words[CP_METER_WORDS_MAX]; /* ended by NULL */
} cp_meter_family_t;

extern const cp_meter_family_t cp_meter_families[CP_METER_FAMILIES];

/* Histograms of durations. */
typedef enum cp_meter_timer_id_t {
    CP_METER_REQUEST_TIME,
    CP_METER_CAPTCHA_TIME,
    CP_METER_HASH_WAIT,
    CP_METER_HASH_TIME,
    CP_METER_DATABASE_WAIT,
    CP_METER_TIMERS
} cp_meter_timer_id_t;

typedef struct cp_meter_timer_t {
    const char *name; /* "clinicportal_request_duration_seconds" */
    const char *help;
} cp_meter_timer_t;

extern const cp_meter_timer_t cp_meter_timers[CP_METER_TIMERS];

/* Upper bounds of the buckets; one more takes what is longer than all. */
#define CP_METER_BOUNDS 12
extern const apr_interval_time_t cp_meter_bounds[CP_METER_BOUNDS];

typedef struct cp_histogram_t {
    _Atomic apr_uint64_t buckets[CP_METER_BOUNDS + 1]; /* not cumulated */
    _Atomic apr_uint64_t sum;                          /* microseconds */
} cp_histogram_t;

#define CP_METER_ROUTES 128
#define CP_METER_CLASSES 5 /* 1xx to 5xx */

/* All zero to begin with; the last word of a family takes what is not among
 * its words. */
typedef struct cp_meter_t {
    _Atomic apr_uint64_t counts[CP_METER_FAMILIES][CP_METER_WORDS_MAX];
    _Atomic apr_uint64_t requests[CP_METER_ROUTES][CP_METER_CLASSES];
    cp_histogram_t times[CP_METER_TIMERS];
} cp_meter_t;

void cp_meter_count(cp_meter_t *meter, cp_meter_family_id_t family,
                    const char *word);

/* A time below zero (a clock that was set back) counts as none. */
void cp_meter_time(cp_meter_t *meter, cp_meter_timer_id_t timer,
                   apr_interval_time_t took);

/* One request for the route of that number, answered with `status`. */
void cp_meter_request(cp_meter_t *meter, int route, int status);

#endif
