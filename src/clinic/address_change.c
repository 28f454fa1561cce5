/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A person's own mail address. */
#include "clinic/address_change.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/accounts.h"
#include "clinic/mail.h"
#include "clinic/reauth.h"

typedef struct change_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
    const char *email;
} change_t;

static apr_status_t tell(const change_t *change, const char *recipient)
{
    return recipient[0] == '\0' || !change->cx->options->sends_mail
               ? APR_SUCCESS
               : cp_mail_add_to(change->cx, change->session->clinic->clinic_id,
                                change->session->account_id, recipient,
                                CP_MAIL_ADDRESS_CHANGED);
}

static apr_status_t change_work(cp_db_t *db, void *baton)
{
    const change_t *change = baton;
    const cp_session_t *session = change->session;
    cp_account_name_t name = {session->clinic->clinic_id, session->kind,
                              session->username};
    cp_account_fields_t fields = {.email = change->email};
    json_t *account;
    int is_changed = 0;
    apr_status_t rv = cp_accounts_find(change->cx, &name, &account);

    if (rv == APR_SUCCESS) {
        rv = cp_accounts_set(change->cx, account, &fields, &is_changed);
    }
    if (rv == APR_SUCCESS && is_changed) {
        rv = tell(change, cp_json_string(account, "email", ""));
        if (rv == APR_SUCCESS) {
            rv = tell(change, change->email);
        }
    }
    return rv;
}

apr_status_t cp_address_change(cp_ctx_t *cx, const cp_session_t *session,
                               const cp_policy_t *policy, const char *password,
                               const char *email)
{
    change_t change = {cx, session, email};
    const char *unused;
    apr_status_t rv;

    if (email == NULL || !cp_smtp_is_address(email)) {
        return CP_EINPUT;
    }
    rv = cp_reauth(cx, session, policy, password, &unused);
    return rv == APR_SUCCESS ? cp_db_transaction(cx->db, change_work, &change)
                             : rv;
}
