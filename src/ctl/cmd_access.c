/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* enable, disable, unlock: who may come in. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/status.h"

typedef struct change_t {
    cp_ctl_t *ctl;
    cp_account_fields_t fields;
    json_t *account;
    cp_account_name_t name; /* to unlock */
    int result;             /* of the work: is_changed, or a count */
} change_t;

static apr_status_t status_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;

    return cp_accounts_set(&change->ctl->cx, change->account, &change->fields,
                           &change->result);
}

static apr_status_t set_status(cp_ctl_t *ctl, const char *status)
{
    change_t change = {.ctl = ctl, .fields = {.status = status}};
    apr_status_t rv = cp_ctl_account(ctl, &change.account);

    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(ctl->cx.db, status_work, &change);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl,
                   json_pack("{s:O, s:s, s:b}", "username",
                             json_object_get(change.account, "username"),
                             "status", status, "changed", change.result),
                   change.result ? "%s is %s" : "%s is %s already",
                   cp_ctl_value(ctl, 2), status);
    }
    return rv;
}

static apr_status_t enable(cp_ctl_t *ctl)
{
    return set_status(ctl, "active");
}

static apr_status_t disable(cp_ctl_t *ctl)
{
    return set_status(ctl, "disabled");
}

static apr_status_t unlock_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;

    return cp_accounts_unlock(&change->ctl->cx, &change->name, &change->result);
}

static apr_status_t unlock(cp_ctl_t *ctl)
{
    change_t change = {.ctl = ctl};
    apr_status_t rv = cp_ctl_name(ctl, CP_KIND_STAFF, 1, &change.name);

    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(ctl->cx.db, unlock_work, &change);
    }
    if (rv == CP_EINPUT) {
        return cp_ctl_fail(ctl, rv, "that is no user name");
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl,
                   json_pack("{s:s, s:b}", "username", change.name.username,
                             "changed", change.result),
                   change.result > 0 ? "the failed tries at %s are forgotten"
                                     : "there were no failed tries at %s",
                   change.name.username);
    }
    return rv;
}

const cp_ctl_command_t cp_ctl_access[] = {
    {"disable", "CLINIC staff|patient USER",
     "Close an account, and end its sessions at once.", CP_CTL_SCHEMA, disable},
    {"enable", "CLINIC staff|patient USER", "Open a disabled account again.",
     CP_CTL_SCHEMA, enable},
    {"unlock", "CLINIC USER",
     "Forget the failed tries at a user name and at its second factors, the "
     "locks\n    that came of them, and how many codes were mailed.",
     CP_CTL_SCHEMA, unlock},
    {NULL}};
