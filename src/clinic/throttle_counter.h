/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The counters of the throttle: rows of the table, and the limits they are held
 * to. What the limits mean is in throttle.c.
 *
 * Everybody counts in the same order, address and clinic before accounts, so
 * that no two transactions wait for each other. All functions take part in the
 * transaction of the caller, if there is one. */
#ifndef CP_THROTTLE_COUNTER_H
#define CP_THROTTLE_COUNTER_H

#include "clinic/context.h"

typedef struct cp_counter_t {
    const char *clinic_id; /* "*": of no clinic */
    const char *kind;
    const char *key;
    const char *place;          /* "" unless the kind has places */
    int tries;                  /* failures allowed within the window */
    apr_interval_time_t window; /* after the first failure; of an account and
                                 * its second factor, after the last one */
    int for_good_after; /* failures, after which only an administrator ends the
                         * lock; 0: never */
} cp_counter_t;

/* In place of a second counter. */
#define CP_NO_COUNTER                                                          \
    {                                                                          \
        "", "", "", "", 0, 0, 0                                                \
    }

typedef struct cp_count_t {
    apr_int64_t tries;    /* with the one that was counted; beyond `failures`:
                           * those the last lock refused */
    apr_int64_t failures; /* likewise, but none that a lock refused */
    apr_time_t locked_until;
    apr_time_t ends_at; /* the count starts anew then */
} cp_count_t;

/* Count one try at both, first the first; the second may be CP_NO_COUNTER. */
apr_status_t cp_counter_add(cp_ctx_t *cx, const cp_counter_t counter[2],
                            apr_time_t now, cp_count_t count[2]);

/* What was just counted was no try here: the other counter refuses it. */
apr_status_t cp_counter_undo(cp_ctx_t *cx, const cp_counter_t *counter,
                             apr_time_t now);

apr_status_t cp_counter_lock(cp_ctx_t *cx, const cp_counter_t *counter,
                             apr_time_t until);

/* A good try is no failure of its network ("*", "address") and its clinic. */
apr_status_t cp_counter_forgive(cp_ctx_t *cx, const char *network,
                                const char *clinic_id);

/* Take a try back at its place and at another, which may be the same, with the
 * lock that it set: what is left ends a window from now at the latest. */
apr_status_t cp_counter_take_back(cp_ctx_t *cx, const cp_counter_t *counter,
                                  const char *other_place, apr_time_t now);

/* Forget what was counted at its place and at another, which may be the same.
 * *count: of the rows forgotten; may be NULL. */
apr_status_t cp_counter_forget(cp_ctx_t *cx, const cp_counter_t *counter,
                               const char *other_place, int *count);

#endif
