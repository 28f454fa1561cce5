/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* factor: the second factor of an account. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/factor.h"

typedef struct change_t {
    cp_ctl_t *ctl;
    const json_t *account;
    int count;
} change_t;

static const char *clinic_id_of(const change_t *change)
{
    return cp_json_string(change->account, "clinic_id", "");
}

static const char *account_id_of(const change_t *change)
{
    return cp_json_string(change->account, "account_id", "");
}

static apr_status_t require_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;
    cp_ctx_t *cx = &change->ctl->cx;
    int is_required = change->ctl->command->fixed[0] == '1';
    apr_status_t rv = cp_db_execute(
        db, "factor_set_required",
        json_pack("{s:s, s:s, s:i}", "clinic_id", clinic_id_of(change),
                  "account_id", account_id_of(change), "is_required",
                  is_required),
        &change->count);

    return rv == APR_SUCCESS && change->count > 0
               ? cp_accounts_audit(cx, change->account,
                                   is_required ? "second-factor-required"
                                               : "second-factor-waived")
               : rv;
}

static apr_status_t reset_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;
    cp_ctx_t *cx = &change->ctl->cx;
    apr_status_t rv = cp_session_end_listed(cx, clinic_id_of(change),
                                            account_id_of(change), NULL, NULL);

    change->count = 1;
    return rv == APR_SUCCESS ? cp_factor_remove(cx, clinic_id_of(change),
                                                account_id_of(change))
                             : rv;
}

static apr_status_t run(cp_ctl_t *ctl, cp_db_work_t work, const char *said)
{
    change_t change = {.ctl = ctl};
    json_t *account;
    apr_status_t rv = cp_ctl_account(ctl, &account);

    change.account = account;
    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(ctl->cx.db, work, &change);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl,
                   json_pack("{s:O, s:b}", "username",
                             json_object_get(account, "username"), "changed",
                             change.count > 0),
                   change.count > 0 ? "%s: %s" : "%s: it is so already",
                   cp_ctl_value(ctl, 2), said);
    }
    return rv;
}

static apr_status_t set_required(cp_ctl_t *ctl)
{
    return run(ctl, require_work,
               ctl->command->fixed[0] == '1'
                   ? "a second factor is asked for, if the clinic's "
                     "--second-factor is per-user"
                   : "no second factor is asked for, unless the clinic asks "
                     "everybody");
}

static apr_status_t reset(cp_ctl_t *ctl)
{
    return run(ctl, reset_work,
               "the second factor is gone; the sessions have "
               "ended");
}

const cp_ctl_command_t cp_ctl_factor[] = {
    {"factor require", "CLINIC staff|patient USER",
     "Ask this account for a second factor (clinic set --second-factor "
     "per-user).",
     CP_CTL_SCHEMA, set_required, "1"},
    {"factor waive", "CLINIC staff|patient USER", "Do not ask it any more.",
     CP_CTL_SCHEMA, set_required, "0"},
    {"factor reset", "CLINIC staff|patient USER",
     "For somebody who lost telephone and recovery codes: forget the second "
     "factor.\n    Ends the sessions. Make sure that it is really they.",
     CP_CTL_SCHEMA, reset},
    {NULL}};
