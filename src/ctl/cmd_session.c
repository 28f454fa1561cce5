/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* session: lists and ends the sessions of an account. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/status.h"

typedef struct change_t {
    cp_ctl_t *ctl;
    const json_t *account;
    int count;
} change_t;

static apr_status_t list(cp_ctl_t *ctl)
{
    static const cp_ctl_column_t columns[] = {
        {"SESSION", "session_id"},     {"BEGAN", "created_at"},
        {"LAST SEEN", "last_seen_at"}, {"ADDRESS", "address"},
        {"BROWSER", "user_agent"},     {NULL}};
    json_t *account;
    json_t *sessions;
    apr_status_t rv = cp_ctl_account(ctl, &account);

    if (rv == APR_SUCCESS) {
        rv = cp_session_list(&ctl->cx, cp_json_string(account, "clinic_id", ""),
                             cp_json_string(account, "account_id", ""),
                             &sessions);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_table(ctl, sessions, columns);
    }
    return rv;
}

static apr_status_t work(cp_db_t *db, void *baton)
{
    change_t *change = baton;
    cp_ctx_t *cx = &change->ctl->cx;
    apr_status_t rv = cp_session_end_listed(
        cx, cp_json_string(change->account, "clinic_id", ""),
        cp_json_string(change->account, "account_id", ""),
        cp_ctl_value(change->ctl, 3), &change->count);

    return rv == APR_SUCCESS && change->count > 0
               ? cp_accounts_audit(cx, change->account, "session-ended")
               : rv;
}

static apr_status_t end(cp_ctl_t *ctl)
{
    change_t change = {.ctl = ctl};
    json_t *account;
    apr_status_t rv = cp_ctl_account(ctl, &account);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    change.account = account;
    rv = cp_db_transaction(ctl->cx.db, work, &change);
    if (rv == APR_SUCCESS && change.count == 0 &&
        cp_ctl_value(ctl, 3) != NULL) {
        return cp_ctl_fail(ctl, APR_ENOENT, "%s has no such session",
                           cp_ctl_value(ctl, 2));
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl, json_pack("{s:i}", "ended", change.count), "%d ended",
                   change.count);
    }
    return rv;
}

const cp_ctl_command_t cp_ctl_session[] = {
    {"session list", "CLINIC staff|patient USER",
     "List the sessions of an account that are alive.", CP_CTL_SCHEMA, list},
    {"session end", "CLINIC staff|patient USER [SESSION]",
     "End one session of an account, or all.", CP_CTL_SCHEMA, end},
    {NULL}};
