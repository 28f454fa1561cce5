/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a clinic has decided about sign-in: rows of settings in the database,
 * each with a default, within the bounds that the directives set. The names
 * are those of the options of "clinicportalctl clinic set". */
#ifndef CP_POLICY_H
#define CP_POLICY_H

#include "clinic/context.h"

typedef enum cp_factor_mode_t {
    CP_FACTOR_OFF,
    CP_FACTOR_ALL,
    CP_FACTOR_PER_USER /* accounts for which it is switched on */
} cp_factor_mode_t;

typedef struct cp_policy_t {
    int lock_after;       /* failed tries; stored 0: ClinicPortalLoginLimit's,
                           * which is also the most */
    int lock_permanently; /* until an administrator unlocks; else for a while */
    int password_length;  /* characters, without a second factor */
    int password_length_with_factor;
    int password_letter_digit; /* 1: needs a letter and a digit */
    int password_upper_lower;
    int password_special;
    int password_no_name;     /* 1: may not hold the person's or user's name */
    int password_history;     /* how many former ones may not come back */
    int password_expiry_days; /* 0: never */
    int reset_by_mail;
    int second_factor;    /* cp_factor_mode_t */
    int remember_days;    /* how long a device may skip the second factor; 0: no
                           * device may */
    int session_idle_min; /* 0: the directive's */
    int session_max_h;
    apr_interval_time_t session_idle; /* what comes of the two and the */
    apr_interval_time_t session_max;  /* directives, which are the most */
} cp_policy_t;

/* The policy of a clinic. A stored value that is none of the allowed ones
 * counts as the default, with a warning in the log. CP_EDB. */
apr_status_t cp_policy_load(cp_ctx_t *cx, const char *clinic_id,
                            cp_policy_t *policy);

/* The names of the settings; NULL behind the last. */
const char *cp_policy_name(int index);

/* Why the setting cannot have this value; NULL: it can. "default" is a value
 * of each. */
const char *cp_policy_refuse(const char *name, const char *value,
                             apr_pool_t *p);

/* Set a value that cp_policy_refuse accepts, in a transaction of the caller,
 * with its audit row. *is_changed goes up to 1 if it was another before. */
apr_status_t cp_policy_set(cp_ctx_t *cx, const char *clinic_id,
                           const char *name, const char *value,
                           int *is_changed);

/* All settings, in the order of cp_policy_name: objects with name, value,
 * standard (the default), allowed. Values are as set, whatever the directives
 * make of them. */
apr_status_t cp_policy_list(cp_ctx_t *cx, const char *clinic_id,
                            json_t **settings);

#endif
