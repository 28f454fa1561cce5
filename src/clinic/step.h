/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What stands between a right password and the portal: steps, one after the
 * other. A session that is at a step opens the page of that step and nothing
 * else. */
#ifndef CP_STEP_H
#define CP_STEP_H

#include "clinic/policy.h"

typedef enum cp_step_t {
    CP_STEP_NONE,    /* all is done */
    CP_STEP_FACTOR,  /* the second factor has to be given */
    CP_STEP_ENROL,   /* a second factor has to be chosen first */
    CP_STEP_PASSWORD /* the password has to be changed */
} cp_step_t;

/* "" for none, "factor", "enrol", "password": as stored and in addresses. */
const char *cp_step_word(cp_step_t step);

/* CP_STEP_NONE for "" alone: a word that is none of ours counts as some step.
 */
cp_step_t cp_step_parse(const char *word);

/* What is known of the account. */
typedef struct cp_step_facts_t {
    int password_must_change;
    apr_time_t password_changed_at; /* 0: not known */
    int factor_required;            /* counts where the mode is per-user */
    int has_factor;                 /* one is enrolled */
    int factor_given;               /* to this session, or a device that may
                                     * skip it */
} cp_step_facts_t;

cp_step_t cp_step_next(const cp_policy_t *policy, const cp_step_facts_t *facts,
                       apr_time_t now);

#endif
