/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* audit: shows, checks and exports the audit trail. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/audit_chain.h"
#include "clinic/audit_export.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#define ROWS_MOST 100000
#define HASH_DIGITS 64

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

/* "SEQ:HASH", as verify printed it before. */
static apr_status_t read_anchor(cp_ctl_t *ctl, cp_audit_anchor_t *anchor)
{
    const char *text = cp_ctl_option(ctl, "expect");
    char *end = "";

    anchor->seq = 0;
    anchor->hash = "";
    if (text == NULL) {
        return APR_SUCCESS;
    }
    anchor->seq = apr_strtoi64(text, &end, 10);
    if (anchor->seq < 1 || *end != ':' || strlen(end + 1) != HASH_DIGITS ||
        strspn(end + 1, "0123456789abcdef") != HASH_DIGITS) {
        return cp_ctl_fail(ctl, CP_EINPUT,
                           "--expect is SEQ:HASH, as verify printed it");
    }
    anchor->hash = end + 1;
    return APR_SUCCESS;
}

static apr_status_t verify(cp_ctl_t *ctl)
{
    cp_audit_anchor_t anchor;
    cp_audit_finding_t found;
    json_t *clinic;
    apr_status_t rv = read_anchor(ctl, &anchor);

    if (rv == APR_SUCCESS) {
        rv = cp_ctl_find_clinic(ctl, cp_ctl_value(ctl, 0), &clinic);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_audit_verify(&ctl->cx, cp_json_string(clinic, "clinic_id", ""),
                             &anchor, &found);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (found.fault != NULL) {
        return cp_ctl_fail(ctl, CP_EDENIED, "%s", found.fault);
    }
    cp_ctl_say(ctl,
               json_pack("{s:I, s:I, s:s}", "rows", (json_int_t)found.rows,
                         "seq", (json_int_t)found.head_seq, "hash",
                         found.head_hash),
               "The audit trail of %s is whole: %" APR_INT64_T_FMT
               " rows. It ends at\n%" APR_INT64_T_FMT ":%s",
               cp_json_string(clinic, "code", ""), found.rows, found.head_seq,
               found.head_hash);
    return APR_SUCCESS;
}

static apr_status_t print_line(const char *line, void *baton)
{
    return puts(line) == EOF ? APR_EGENERAL : APR_SUCCESS;
}

static apr_status_t export_rows(cp_ctl_t *ctl)
{
    json_t *clinic;
    apr_status_t rv = cp_ctl_find_clinic(ctl, cp_ctl_value(ctl, 0), &clinic);

    if (rv == APR_SUCCESS) {
        rv = cp_audit_export(&ctl->cx, cp_json_string(clinic, "clinic_id", ""),
                             print_line, NULL);
    }
    return rv;
}

const cp_ctl_command_t cp_ctl_audit[] = {
    {"audit list", "CLINIC [--limit N]",
     "Show the newest rows of a clinic's audit trail, 50 unless --limit says "
     "otherwise.\n    Outcome: 0 success, 4 refused, 8 failed.",
     CP_CTL_SCHEMA, list},
    {"audit verify", "CLINIC [--expect SEQ:HASH]",
     "Check that no row of a clinic's audit trail was edited, taken away, "
     "moved or added\n    behind its back, and print where it ends. Note that "
     "elsewhere: given to --expect\n    later, it shows a trail that was "
     "rewritten as a whole.",
     CP_CTL_SCHEMA, verify},
    {"audit export", "CLINIC",
     "Print the whole audit trail, oldest first, as FHIR R4 AuditEvent "
     "resources, a line each.",
     CP_CTL_SCHEMA, export_rows},
    {NULL}};
