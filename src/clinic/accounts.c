/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Administering accounts. */
#include "clinic/accounts.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "base/token.h"
#include "clinic/account_rules.h"
#include "clinic/audit.h"
#include "clinic/factor.h"
#include "clinic/mail.h"
#include "clinic/password_change.h"
#include "clinic/reauth.h"
#include "clinic/throttle.h"

#include <apr_strings.h>
#include <string.h>

/* The statements of a set of words. */
typedef struct word_set_t {
    const char *add;
    const char *drop;
} word_set_t;

static const word_set_t role_set = {"account_add_role", "account_drop_roles"};
static const word_set_t permission_set = {"account_add_permission",
                                          "account_drop_permissions"};

apr_status_t cp_accounts_find(cp_ctx_t *cx, const cp_account_name_t *name,
                              json_t **account)
{
    const char *key = cp_ident_username_key(name->username, cx->pool);

    if (key == NULL) {
        return APR_ENOENT;
    }
    return cp_db_find(cx->db, "account_find",
                      json_pack("{s:s, s:s, s:s}", "clinic_id", name->clinic_id,
                                "kind", cp_kind_word(name->kind),
                                "username_key", key),
                      account, cx->pool);
}

apr_status_t cp_accounts_find_shared(cp_ctx_t *cx, const char *clinic_id,
                                     const char *username_key, int *is_shared)
{
    cp_row_t row;
    apr_status_t rv = cp_db_row(cx->db, "account_count_of_name",
                                CP_ARGS(CP_TEXT("clinic_id", clinic_id),
                                        CP_TEXT("username_key", username_key)),
                                &row, cx->pool);

    *is_shared = rv == APR_SUCCESS && cp_row_integer(row, "count") > 1;
    return rv;
}

apr_status_t cp_accounts_list(cp_ctx_t *cx, const char *clinic_id,
                              cp_kind_t kind, json_t **accounts)
{
    return cp_db_select(cx->db, "account_list",
                        json_pack("{s:s, s:s}", "clinic_id", clinic_id, "kind",
                                  cp_kind_word(kind)),
                        accounts, cx->pool);
}

apr_status_t cp_accounts_audit(cp_ctx_t *cx, const json_t *account,
                               const char *event)
{
    cp_audit_event_t row = {
        .clinic_id = cp_json_string(account, "clinic_id", ""),
        .event = event,
        .outcome = CP_AUDIT_SUCCESS,
        .account_id = cp_json_string(account, "account_id", NULL),
        .kind = cp_json_string(account, "kind", NULL),
        .username = cp_json_string(account, "username", NULL),
    };

    return cp_audit_write(cx, &row);
}

/* clinic_id and account_id, and what `more` adds; takes over its reference. */
static json_t *account_args(const json_t *account, json_t *more)
{
    json_t *args = json_pack(
        "{s:O?, s:O?}", "clinic_id", json_object_get(account, "clinic_id"),
        "account_id", json_object_get(account, "account_id"));

    if (json_object_update(args, more) != 0) {
        json_decref(args);
        args = NULL;
    }
    json_decref(more);
    return args;
}

static apr_status_t add_word(cp_ctx_t *cx, const json_t *account,
                             const char *statement, const char *word,
                             int *is_changed)
{
    int count = 0;
    apr_status_t rv = cp_db_execute(
        cx->db, statement,
        account_args(account, json_pack("{s:s}", "word", word)), &count);

    *is_changed |= count > 0;
    return rv;
}

/* Make the account's words exactly these. NULL leaves them. */
static apr_status_t set_words(cp_ctx_t *cx, const json_t *account,
                              const word_set_t *set, const char *words,
                              int *is_changed)
{
    apr_array_header_t *list = cp_account_words(words, cx->pool);
    const char *around = " ";
    apr_status_t rv = APR_SUCCESS;
    int count = 0;
    int i;

    for (i = 0; i < list->nelts && rv == APR_SUCCESS; i++) {
        const char *word = APR_ARRAY_IDX(list, i, const char *);

        rv = add_word(cx, account, set->add, word, is_changed);
        around = apr_pstrcat(cx->pool, around, word, " ", NULL);
    }
    if (rv == APR_SUCCESS && words != NULL) {
        rv = cp_db_execute(
            cx->db, set->drop,
            account_args(account, json_pack("{s:s}", "words", around)), &count);
        *is_changed |= count > 0;
    }
    return rv;
}

static apr_status_t set_all_words(cp_ctx_t *cx, const json_t *account,
                                  const cp_account_fields_t *fields,
                                  int *is_changed)
{
    apr_status_t rv =
        set_words(cx, account, &role_set, fields->roles, is_changed);

    return rv == APR_SUCCESS ? set_words(cx, account, &permission_set,
                                         fields->permissions, is_changed)
                             : rv;
}

/* The practitioner or patient of a new account. */
static apr_status_t add_person(cp_ctx_t *cx, const cp_account_name_t *name,
                               const char *display_name, const char **person_id)
{
    apr_status_t rv = cp_token_public_id(person_id, cx->port, cx->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    return cp_db_execute(
        cx->db,
        name->kind == CP_KIND_STAFF ? "account_add_practitioner"
                                    : "account_add_patient",
        json_pack("{s:s, s:s, s:s}", "clinic_id", name->clinic_id, "person_id",
                  *person_id, "display_name",
                  display_name == NULL ? name->username : display_name),
        NULL);
}

static const char *or_else(const char *text, const char *otherwise)
{
    return text == NULL ? otherwise : text;
}

/* APR_EEXIST: the name is taken. */
static apr_status_t add_row(cp_ctx_t *cx, const cp_account_name_t *name,
                            const cp_account_fields_t *fields)
{
    const char *key = cp_ident_username_key(name->username, cx->pool);
    const char *account_id;
    int count = 0;
    apr_status_t rv = cp_token_public_id(&account_id, cx->port, cx->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cp_db_execute(
        cx->db, "account_add",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "clinic_id",
                  name->clinic_id, "account_id", account_id, "kind",
                  cp_kind_word(name->kind), "username", name->username,
                  "username_key", key, "person_id", fields->person_id, "email",
                  or_else(fields->email, ""), "status",
                  or_else(fields->status, "active"), "now",
                  (json_int_t)cp_now(cx->port)),
        &count);
    return rv == APR_SUCCESS && count == 0 ? APR_EEXIST : rv;
}

apr_status_t cp_accounts_add(cp_ctx_t *cx, const cp_account_name_t *name,
                             const cp_account_fields_t *fields,
                             json_t **account)
{
    cp_account_fields_t all = *fields;
    int is_changed = 0;
    apr_status_t rv = APR_SUCCESS;

    if (!cp_ident_is_username(name->username) ||
        cp_ident_username_key(name->username, cx->pool) == NULL) {
        return CP_EINPUT;
    }
    all.permissions =
        or_else(all.permissions, cp_access_portal_permission(name->kind));
    if (all.person_id == NULL) {
        rv = add_person(cx, name, all.display_name, &all.person_id);
    }
    if (rv == APR_SUCCESS) {
        rv = add_row(cx, name, &all);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_accounts_find(cx, name, account);
    }
    if (rv == APR_SUCCESS) {
        rv = set_all_words(cx, *account, &all, &is_changed);
    }
    return rv == APR_SUCCESS ? cp_accounts_audit(cx, *account, "account-added")
                             : rv;
}

static apr_status_t rename_person(cp_ctx_t *cx, const json_t *account,
                                  const char *display_name, int *is_changed)
{
    int is_staff = strcmp(cp_json_string(account, "kind", ""), "staff") == 0;
    const char *clinic_id = cp_json_string(account, "clinic_id", "");
    int count = 0;
    apr_status_t rv = cp_db_execute(
        cx->db, is_staff ? "account_name_practitioner" : "account_name_patient",
        json_pack("{s:s, s:s, s:s}", "clinic_id", clinic_id, "person_id",
                  cp_json_string(account, "person_id", ""), "display_name",
                  display_name),
        &count);

    if (rv != APR_SUCCESS || count == 0) {
        return rv;
    }
    *is_changed = 1;
    return cp_db_execute(cx->db, "account_note_clinic",
                         json_pack("{s:s}", "clinic_id", clinic_id), NULL);
}

static apr_status_t set_row(cp_ctx_t *cx, const json_t *account,
                            const cp_account_fields_t *fields, int *is_changed)
{
    const char *email = cp_json_string(account, "email", "");
    int count = 0;
    apr_status_t rv = cp_db_execute(
        cx->db, "account_set",
        account_args(account, json_pack("{s:s?, s:s?, s:s?}", "email",
                                        fields->email, "status", fields->status,
                                        "person_id", fields->person_id)),
        &count);

    *is_changed |= count > 0;
    return rv == APR_SUCCESS &&
                   strcmp(or_else(fields->email, email), email) != 0
               ? cp_mail_forget_tokens(
                     cx, cp_json_string(account, "clinic_id", ""),
                     cp_json_string(account, "account_id", ""))
               : rv;
}

static apr_status_t end_sessions(cp_ctx_t *cx, const json_t *account)
{
    return cp_session_end_listed(cx, cp_json_string(account, "clinic_id", ""),
                                 cp_json_string(account, "account_id", ""),
                                 NULL, NULL);
}

/* What the audit calls a change: one of status alone has its own word. */
static const char *event_of(const json_t *account,
                            const cp_account_fields_t *fields)
{
    const char *status = cp_json_string(account, "status", "");

    if (fields->status == NULL || strcmp(fields->status, status) == 0) {
        return "account-changed";
    }
    return strcmp(fields->status, "active") == 0 ? "account-enabled"
                                                 : "account-disabled";
}

apr_status_t cp_accounts_set(cp_ctx_t *cx, const json_t *account,
                             const cp_account_fields_t *fields, int *is_changed)
{
    apr_status_t rv;

    *is_changed = 0;
    rv = set_row(cx, account, fields, is_changed);
    if (rv == APR_SUCCESS) {
        rv = set_all_words(cx, account, fields, is_changed);
    }
    if (rv == APR_SUCCESS && fields->display_name != NULL) {
        rv = rename_person(cx, account, fields->display_name, is_changed);
    }
    if (rv == APR_SUCCESS && fields->status != NULL &&
        strcmp(fields->status, "disabled") == 0) {
        rv = end_sessions(cx, account);
    }
    if (rv == APR_SUCCESS && *is_changed && cx->kept_audits == NULL) {
        rv = cp_db_execute(cx->db, "change_note",
                           account_args(account, json_object()), NULL);
    }
    return rv == APR_SUCCESS && *is_changed
               ? cp_accounts_audit(cx, account, event_of(account, fields))
               : rv;
}

apr_status_t cp_accounts_set_password(cp_ctx_t *cx, const json_t *account,
                                      const char *hash, int must_change)
{
    cp_password_target_t target = {
        .clinic_id = cp_json_string(account, "clinic_id", ""),
        .account_id = cp_json_string(account, "account_id", ""),
        .kind = cp_json_string(account, "kind", ""),
        .username = cp_json_string(account, "username", ""),
        .must_change = must_change,
        .event = "password-changed",
    };

    return cp_password_store(cx, &target, hash);
}

/* What is counted by account. */
static apr_status_t unlock_account(cp_ctx_t *cx, const cp_account_name_t *name,
                                   cp_kind_t kind, int *count)
{
    cp_account_name_t of_kind = {name->clinic_id, kind, name->username};
    const char *account_id = "";
    json_t *account;
    int cleared = 0;
    apr_status_t rv = cp_accounts_find(cx, &of_kind, &account);

    if (rv == APR_SUCCESS) {
        account_id = cp_json_string(account, "account_id", "");
        rv = cp_factor_forgive(cx, name->clinic_id, account_id, &cleared);
        *count += cleared;
    }
    if (rv == APR_SUCCESS) {
        rv = cp_reauth_forgive(cx, name->clinic_id, account_id);
    }
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

apr_status_t cp_accounts_unlock(cp_ctx_t *cx, const cp_account_name_t *name,
                                int *count)
{
    const char *key = cp_ident_username_key(name->username, cx->pool);
    cp_audit_event_t event = {
        .clinic_id = name->clinic_id,
        .event = "account-unlocked",
        .outcome = CP_AUDIT_SUCCESS,
    };
    apr_status_t rv;

    *count = 0;
    if (key == NULL) {
        return CP_EINPUT;
    }
    rv = cp_throttle_unlock(cx, name->clinic_id, key, count);
    if (rv == APR_SUCCESS) {
        rv = unlock_account(cx, name, CP_KIND_STAFF, count);
    }
    if (rv == APR_SUCCESS) {
        rv = unlock_account(cx, name, CP_KIND_PATIENT, count);
    }
    return rv == APR_SUCCESS && *count > 0 ? cp_audit_write(cx, &event) : rv;
}
