/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* mail: what is to be sent, what could not be, and invitations. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/mail.h"

#define LIST_LIMIT 50

typedef struct invitation_t {
    cp_ctl_t *ctl;
    const json_t *account;
} invitation_t;

typedef struct retry_t {
    cp_ctl_t *ctl;
    const char *clinic_id;
    const char *mail_id;
    int count;
} retry_t;

static apr_status_t list(cp_ctl_t *ctl)
{
    static const cp_ctl_column_t columns[] = {
        {"MAIL", "mail_id"},     {"WRITTEN", "created_at"},
        {"WHAT", "template"},    {"TO", "username"},
        {"STATUS", "status"},    {"TRIES", "attempts"},
        {"ERROR", "last_error"}, {NULL}};
    json_t *clinic;
    json_t *mails;
    apr_status_t rv = cp_ctl_find_clinic(ctl, cp_ctl_value(ctl, 0), &clinic);

    if (rv == APR_SUCCESS) {
        rv = cp_mail_list(&ctl->cx, cp_json_string(clinic, "clinic_id", ""),
                          LIST_LIMIT, &mails);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_table(ctl, mails, columns);
    }
    return rv;
}

static apr_status_t retry_work(cp_db_t *db, void *baton)
{
    retry_t *again = baton;
    cp_ctx_t *cx = &again->ctl->cx;
    cp_audit_event_t event = {
        .clinic_id = again->clinic_id,
        .event = "mail-retried",
        .outcome = CP_AUDIT_SUCCESS,
        .entity_type = "CommunicationRequest",
        .entity_id = again->mail_id,
    };
    apr_status_t rv =
        cp_mail_retry(cx, again->clinic_id, again->mail_id, &again->count);

    return rv == APR_SUCCESS && again->count > 0 ? cp_audit_write(cx, &event)
                                                 : rv;
}

static apr_status_t retry(cp_ctl_t *ctl)
{
    const char *mail_id = cp_ctl_value(ctl, 1);
    retry_t again = {ctl, "", mail_id, 0};
    json_t *clinic;
    apr_status_t rv = cp_ctl_find_clinic(ctl, cp_ctl_value(ctl, 0), &clinic);

    if (rv == APR_SUCCESS) {
        again.clinic_id = cp_json_string(clinic, "clinic_id", "");
        rv = cp_db_transaction(ctl->cx.db, retry_work, &again);
    }
    if (rv == APR_SUCCESS && again.count == 0) {
        return cp_ctl_fail(ctl, APR_ENOENT, "there is no dead mail %s",
                           mail_id);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl, json_pack("{s:s}", "mail", mail_id),
                   "the mail %s is tried again", mail_id);
    }
    return rv;
}

static apr_status_t invite_work(cp_db_t *db, void *baton)
{
    invitation_t *invitation = baton;
    cp_ctx_t *cx = &invitation->ctl->cx;
    const json_t *account = invitation->account;
    apr_status_t rv = cp_mail_add(cx, cp_json_string(account, "clinic_id", ""),
                                  cp_json_string(account, "account_id", ""),
                                  CP_MAIL_INVITATION);

    return rv == APR_SUCCESS ? cp_accounts_audit(cx, account, "account-invited")
                             : rv;
}

static apr_status_t invite(cp_ctl_t *ctl)
{
    invitation_t invitation = {ctl, NULL};
    json_t *account;
    apr_status_t rv = cp_ctl_account(ctl, &account);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (cp_json_string(account, "email", "")[0] == '\0') {
        return cp_ctl_fail(ctl, CP_EINPUT,
                           "%s has no mail address; set it with --email",
                           cp_ctl_value(ctl, 2));
    }
    invitation.account = account;
    rv = cp_db_transaction(ctl->cx.db, invite_work, &invitation);
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl,
                   json_pack("{s:O}", "username",
                             json_object_get(account, "username")),
                   "%s gets a mail as soon as httpd sends it",
                   cp_ctl_value(ctl, 2));
    }
    return rv;
}

const cp_ctl_command_t cp_ctl_mail[] = {
    {"invite", "CLINIC staff|patient USER",
     "Send the person a mail to choose a password with. httpd does, if "
     "ClinicPortalMail\n    is set.",
     CP_CTL_SCHEMA, invite},
    {"mail list", "CLINIC",
     "Mails given up (dead), then the newest: waiting or sent, with why.",
     CP_CTL_SCHEMA, list},
    {"mail retry", "CLINIC MAIL", "Try a dead mail again.", CP_CTL_SCHEMA,
     retry},
    {NULL}};
