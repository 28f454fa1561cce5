/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* audit: shows the audit trail. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"

#include <apr_strings.h>

#define ROWS_MOST 100000

static apr_status_t read_limit(cp_ctl_t *ctl, int *limit)
{
    const char *text = cp_ctl_option(ctl, "limit");
    char *end = "";
    apr_int64_t number = text == NULL ? 50 : apr_strtoi64(text, &end, 10);

    if (*end != '\0' || number < 1 || number > ROWS_MOST) {
        return cp_ctl_fail(ctl, CP_EINPUT,
                           "--limit is a number from 1 to 100000");
    }
    *limit = (int)number;
    return APR_SUCCESS;
}

static apr_status_t list(cp_ctl_t *ctl)
{
    static const cp_ctl_column_t columns[] = {{"TIME", "recorded_at"},
                                              {"EVENT", "event"},
                                              {"OUTCOME", "outcome"},
                                              {"REASON", "reason"},
                                              {"KIND", "kind"},
                                              {"USER", "username"},
                                              {"ADDRESS", "address"},
                                              {"REFERENCE", "reference"},
                                              {"OF", "entity_type"},
                                              {"ID", "entity_id"},
                                              {NULL}};
    json_t *clinic;
    json_t *rows;
    int limit = 0;
    apr_status_t rv = read_limit(ctl, &limit);

    if (rv == APR_SUCCESS) {
        rv = cp_ctl_find_clinic(ctl, cp_ctl_value(ctl, 0), &clinic);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_audit_list(&ctl->cx, cp_json_string(clinic, "clinic_id", ""),
                           limit, &rows);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_table(ctl, rows, columns);
    }
    return rv;
}

const cp_ctl_command_t cp_ctl_audit[] = {
    {"audit list", "CLINIC [--limit N]",
     "Show the newest rows of a clinic's audit trail, 50 unless --limit says "
     "otherwise.\n    Outcome: 0 success, 4 refused, 8 failed.",
     CP_CTL_SCHEMA, list},
    {NULL}};
