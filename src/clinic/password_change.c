/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A new password. */
#include "clinic/password_change.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/device.h"
#include "clinic/mail.h"
#include "clinic/reauth.h"

typedef struct storing_t {
    cp_ctx_t *cx;
    const cp_password_target_t *target;
    const char *hash;
} storing_t;

static json_t *target_args(const cp_password_target_t *target, apr_time_t now)
{
    return json_pack("{s:s, s:s, s:I}", "clinic_id", target->clinic_id,
                     "account_id", target->account_id, "now", (json_int_t)now);
}

static apr_status_t replace(cp_ctx_t *cx, const cp_password_target_t *target,
                            const char *hash)
{
    json_t *args = target_args(target, cp_now(cx->port));
    int count = 0;
    apr_status_t rv;

    cp_json_put_text(args, "password_hash", hash);
    cp_json_put_text(args, "old_hash",
                     target->old_hash == NULL ? "" : target->old_hash);
    cp_json_put(args, "must_change", json_integer(target->must_change));
    rv = cp_db_execute(cx->db, "password_set", args, &count);
    return rv == APR_SUCCESS && count == 0 ? APR_ENOENT : rv;
}

static apr_status_t end_sessions(cp_ctx_t *cx,
                                 const cp_password_target_t *target)
{
    json_t *args = target_args(target, 0);

    if (target->keep_session == NULL) {
        return cp_db_execute(cx->db, "session_remove_account", args, NULL);
    }
    cp_json_put_text(args, "session_id", target->keep_session);
    return cp_db_execute(cx->db, "session_remove_others", args, NULL);
}

static apr_status_t audit(cp_ctx_t *cx, const cp_password_target_t *target)
{
    cp_audit_event_t event = {
        .clinic_id = target->clinic_id,
        .event = target->event,
        .outcome = CP_AUDIT_SUCCESS,
        .account_id = target->account_id,
        .kind = target->kind,
        .username = target->username,
    };

    return cp_audit_write(cx, &event);
}

apr_status_t cp_password_find(cp_ctx_t *cx, const char *clinic_id,
                              const char *account_id, const char **hash)
{
    cp_row_t row;
    apr_status_t rv = cp_db_row(cx->db, "password_find",
                                CP_ARGS(CP_TEXT("clinic_id", clinic_id),
                                        CP_TEXT("account_id", account_id)),
                                &row, cx->pool);

    *hash = rv == APR_SUCCESS ? cp_row_text(row, "password_hash") : "";
    return rv == APR_ENOENT ? CP_EDENIED : rv;
}

apr_status_t cp_password_store(cp_ctx_t *cx, const cp_password_target_t *target,
                               const char *hash)
{
    apr_time_t now = cp_now(cx->port);
    apr_status_t rv =
        cp_db_execute(cx->db, "password_keep", target_args(target, now), NULL);

    if (rv == APR_SUCCESS) {
        rv = replace(cx, target, hash);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_db_execute(cx->db, "password_forget", target_args(target, now),
                           NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = end_sessions(cx, target);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_device_distrust(cx, target->clinic_id, target->account_id);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_mail_forget_tokens(cx, target->clinic_id, target->account_id);
    }
    if (rv == APR_SUCCESS && cx->options->sends_mail) {
        rv = cp_mail_add(cx, target->clinic_id, target->account_id,
                         CP_MAIL_PASSWORD_CHANGED);
    }
    return rv == APR_SUCCESS ? audit(cx, target) : rv;
}

apr_status_t cp_password_rehash(cp_ctx_t *cx, const char *clinic_id,
                                const json_t *account, const char *password)
{
    const char *new_hash;
    apr_status_t rv =
        cp_password_hash(&new_hash, cx->options->gate, password, cx->pool);

    return rv == APR_SUCCESS
               ? cp_db_execute(
                     cx->db, "signin_rehash",
                     json_pack("{s:s, s:s, s:s, s:s}", "clinic_id", clinic_id,
                               "account_id",
                               cp_json_string(account, "account_id", ""),
                               "new_hash", new_hash, "old_hash",
                               cp_json_string(account, "password_hash", "")),
                     NULL)
               : rv;
}

apr_status_t cp_password_check_former(cp_ctx_t *cx,
                                      const cp_password_target_t *target,
                                      const char *password, json_t *rules,
                                      int *broken)
{
    cp_rows_t *rows;
    cp_row_t row;
    apr_status_t rv = CP_EDENIED;
    apr_status_t found =
        cp_db_rows(cx->db, "password_former",
                   CP_ARGS(CP_TEXT("clinic_id", target->clinic_id),
                           CP_TEXT("account_id", target->account_id),
                           CP_INT("limit", target->history)),
                   &rows, cx->pool);

    if (found != APR_SUCCESS) {
        return found;
    }
    if (target->old_hash != NULL && target->old_hash[0] != '\0') {
        rv = cp_password_fits(cx->options->gate, password, target->old_hash);
    }
    for (row = cp_rows_first(rows); rv == CP_EDENIED && row.index < rows->count;
         row.index++) {
        rv = cp_password_fits(cx->options->gate, password,
                              cp_row_text(row, "password_hash"));
    }
    if (rv == APR_SUCCESS) {
        cp_password_rules_break(rules, "history");
        ++*broken;
    }
    return rv == CP_EDENIED ? APR_SUCCESS : rv;
}

static cp_password_owner_t owner_of(const cp_session_t *session,
                                    const cp_policy_t *policy)
{
    cp_password_owner_t owner = {
        .policy = policy,
        .username = session->username,
        .display_name = session->display_name,
        .clinic_code = session->clinic->code,
        .clinic_name = session->clinic->name,
        .has_factor = session->factor[0] != '\0',
    };

    return owner;
}

apr_status_t cp_password_rules_of(cp_ctx_t *cx, const cp_session_t *session,
                                  const cp_policy_t *policy, json_t **rules)
{
    cp_password_owner_t owner = owner_of(session, policy);
    int broken;

    return cp_password_rules(cx, &owner, NULL, rules, &broken);
}

static apr_status_t store_work(cp_db_t *db, void *baton)
{
    storing_t *storing = baton;

    return cp_password_store(storing->cx, storing->target, storing->hash);
}

apr_status_t cp_password_change(cp_ctx_t *cx, const cp_session_t *session,
                                const cp_policy_t *policy,
                                const cp_password_typed_t *typed,
                                json_t **rules)
{
    const char *wanted = typed->wanted == NULL ? "" : typed->wanted;
    cp_password_owner_t owner = owner_of(session, policy);
    cp_password_target_t target = {
        .clinic_id = session->clinic->clinic_id,
        .account_id = session->account_id,
        .kind = cp_kind_word(session->kind),
        .username = session->username,
        .keep_session = session->session_id,
        .history = policy->password_history,
        .event = "password-changed",
    };
    storing_t storing = {cx, &target, NULL};
    int broken = 0;
    apr_status_t rv = cp_password_rules(cx, &owner, wanted, rules, &broken);

    if (rv == APR_SUCCESS) {
        rv = cp_reauth(cx, session, policy, typed->present, &target.old_hash);
    }
    if (rv == APR_SUCCESS && broken == 0) {
        rv = cp_password_check_former(cx, &target, wanted, *rules, &broken);
    }
    if (rv == APR_SUCCESS && broken > 0) {
        rv = CP_EINPUT;
    }
    if (rv == APR_SUCCESS) {
        rv = cp_password_hash(&storing.hash, cx->options->gate, wanted,
                              cx->pool);
    }
    return rv == APR_SUCCESS ? cp_db_transaction(cx->db, store_work, &storing)
                             : rv;
}
