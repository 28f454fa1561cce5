/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The clinic and the account that a command is about. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/clinics.h"

apr_status_t cp_ctl_find_clinic(cp_ctl_t *ctl, const char *code,
                                json_t **clinic)
{
    apr_status_t rv = cp_clinics_find(&ctl->cx, code, clinic);

    return rv == APR_ENOENT
               ? cp_ctl_fail(ctl, rv, "there is no clinic %s", code)
               : rv;
}

apr_status_t cp_ctl_name(cp_ctl_t *ctl, cp_kind_t kind, int user,
                         cp_account_name_t *name)
{
    json_t *clinic;
    apr_status_t rv = cp_ctl_find_clinic(ctl, cp_ctl_value(ctl, 0), &clinic);

    if (rv == APR_SUCCESS) {
        name->clinic_id = cp_json_string(clinic, "clinic_id", "");
        name->kind = kind;
        name->username = cp_ctl_value(ctl, user);
    }
    return rv;
}

apr_status_t cp_ctl_find_account(cp_ctl_t *ctl, const cp_account_name_t *name,
                                 json_t **account)
{
    apr_status_t rv = cp_accounts_find(&ctl->cx, name, account);

    return rv == APR_ENOENT
               ? cp_ctl_fail(ctl, rv, "%s has no %s account %s",
                             cp_ctl_value(ctl, 0), cp_kind_word(name->kind),
                             name->username)
               : rv;
}

apr_status_t cp_ctl_account(cp_ctl_t *ctl, json_t **account)
{
    cp_account_name_t name;
    cp_kind_t kind;
    apr_status_t rv = cp_kind_parse(cp_ctl_value(ctl, 1), &kind);

    if (rv == APR_SUCCESS) {
        rv = cp_ctl_name(ctl, kind, 2, &name);
    }
    return rv == APR_SUCCESS ? cp_ctl_find_account(ctl, &name, account) : rv;
}
