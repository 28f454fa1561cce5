/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* why-not: which gate keeps somebody out, and what would open it. */
#include "ctl/ctl.h"

#include "base/status.h"
#include "clinic/whynot.h"

#include <apr_strings.h>

static apr_status_t answer(cp_ctl_t *ctl, const cp_whynot_t *found)
{
    json_t *data = json_pack("{s:s?, s:s, s:s?}", "gate", found->gate, "why",
                             found->why, "remedy", found->remedy);

    cp_ctl_say(ctl, data, "%s%s%s", found->why,
               found->remedy == NULL ? "" : "\n  ",
               found->remedy == NULL ? "" : found->remedy);
    return APR_SUCCESS;
}

/* What kept the command from the database keeps everybody out. */
static apr_status_t answer_failure(cp_ctl_t *ctl, const char *gate)
{
    cp_whynot_t found = {gate, ctl->why, NULL};

    if (ctl->logged != NULL) {
        found.why = apr_pstrcat(ctl->pool, ctl->why, ": ", ctl->logged, NULL);
    }
    return answer(ctl, &found);
}

static apr_status_t why_not(cp_ctl_t *ctl)
{
    cp_whynot_t found;
    cp_kind_t kind;
    apr_status_t rv;

    if (cp_ctl_open_database(ctl) != APR_SUCCESS) {
        return answer_failure(ctl, "database");
    }
    if (cp_ctl_check_schema(ctl) != APR_SUCCESS) {
        return answer_failure(ctl, "schema");
    }
    rv = cp_kind_parse(cp_ctl_value(ctl, 1), &kind);
    if (rv == APR_SUCCESS) {
        rv = cp_whynot(&ctl->cx, cp_ctl_value(ctl, 0), kind,
                       cp_ctl_value(ctl, 2), &found);
    }
    return rv == APR_SUCCESS ? answer(ctl, &found) : rv;
}

const cp_ctl_command_t cp_ctl_whynot[] = {
    {"why-not", "CLINIC staff|patient USER",
     "Why can somebody not sign in? Tells the first of the gates that refuses, "
     "and the\n    command that would change it.",
     CP_CTL_NOTHING, why_not},
    {NULL}};
