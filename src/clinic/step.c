/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Steps of a sign-in. */
#include "clinic/step.h"

#include <string.h>

static const char *const words[] = {[CP_STEP_NONE] = "",
                                    [CP_STEP_FACTOR] = "factor",
                                    [CP_STEP_ENROL] = "enrol",
                                    [CP_STEP_PASSWORD] = "password"};

#define STEPS ((int)(sizeof(words) / sizeof(words[0])))

const char *cp_step_word(cp_step_t step)
{
    return words[step];
}

cp_step_t cp_step_parse(const char *word)
{
    int step = 0;

    while (step < STEPS - 1 && strcmp(words[step], word) != 0) {
        step++;
    }
    return (cp_step_t)step;
}

static int is_expired(const cp_policy_t *policy, const cp_step_facts_t *facts,
                      apr_time_t now)
{
    apr_interval_time_t good_for =
        apr_time_from_sec(86400LL * policy->password_expiry_days);

    return policy->password_expiry_days > 0 &&
           now - facts->password_changed_at >= good_for;
}

static int needs_factor(const cp_policy_t *policy, const cp_step_facts_t *facts)
{
    switch (policy->second_factor) {
    case CP_FACTOR_ALL:
        return 1;
    case CP_FACTOR_PER_USER:
        return facts->factor_required || facts->has_factor;
    default:
        return 0;
    }
}

cp_step_t cp_step_next(const cp_policy_t *policy, const cp_step_facts_t *facts,
                       apr_time_t now)
{
    if (needs_factor(policy, facts) && !facts->factor_given) {
        return facts->has_factor ? CP_STEP_FACTOR : CP_STEP_ENROL;
    }
    return facts->password_must_change || is_expired(policy, facts, now)
               ? CP_STEP_PASSWORD
               : CP_STEP_NONE;
}
