/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A new password by mail. */
#include "clinic/reset.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "base/token.h"
#include "clinic/accounts.h"
#include "clinic/audit.h"
#include "clinic/captcha.h"
#include "clinic/mail.h"
#include "clinic/network.h"
#include "clinic/password_change.h"
#include "clinic/throttle.h"

#include <string.h>

#define HOUR apr_time_from_sec(3600)

/* Mails that may be asked for within an hour. */
static const cp_limit_t account_limit = {5, HOUR};
static const cp_limit_t address_limit = {20, HOUR};
static const cp_limit_t clinic_limit = {600, HOUR};

/* New passwords that may be tried with one token: each is compared with the
 * former ones. */
static const cp_limit_t use_limit = {20, HOUR};

typedef struct asking_t {
    cp_ctx_t *cx;
    const cp_reset_ask_t *ask;
    const char *username_key;
    cp_captcha_pass_t pass;
    json_t *account; /* NULL: none of that name */
    cp_throttle_verdict_t verdict;
} asking_t;

typedef struct using_t {
    cp_ctx_t *cx;
    const cp_reset_t *reset;
    const cp_policy_t *policy;
    const char *hash;
} using_t;

static apr_status_t audit(const asking_t *a, const char *reason)
{
    cp_audit_event_t event = {
        .clinic_id = a->ask->clinic->clinic_id,
        .event = "password-reset-asked",
        .outcome = reason == NULL ? CP_AUDIT_SUCCESS : CP_AUDIT_REFUSED,
        .reason = reason,
        .account_id = cp_json_string(a->account, "account_id", NULL),
        .kind = cp_kind_word(a->ask->kind),
        .username = cp_json_string(a->account, "username", NULL),
    };

    return cp_audit_write(a->cx, &event);
}

/* Why nobody gets mail; NULL: somebody does. */
static const char *refusal(const asking_t *a, const cp_policy_t *policy,
                           int is_often)
{
    if (is_often) {
        return "too-many";
    }
    if (!policy->reset_by_mail) {
        return "reset-off";
    }
    if (a->account == NULL) {
        return "unknown-user";
    }
    if (strcmp(cp_json_string(a->account, "status", ""), "active") != 0) {
        return "disabled";
    }
    return cp_json_string(a->account, "email", "")[0] == '\0' ? "no-address"
                                                              : NULL;
}

/* Over its limit an address has one row until its window ends; what a clinic's
 * limit refuses comes from many. */
static apr_status_t note_crowd(const asking_t *a)
{
    return a->verdict.is_busy_still && !a->verdict.is_clinic_busy
               ? APR_SUCCESS
               : audit(a, "too-many");
}

static apr_status_t find_account(asking_t *a)
{
    cp_account_name_t name = {a->ask->clinic->clinic_id, a->ask->kind,
                              a->ask->username == NULL ? "" : a->ask->username};
    apr_status_t rv = cp_accounts_find(a->cx, &name, &a->account);

    if (rv == APR_ENOENT) {
        a->account = NULL;
        rv = APR_SUCCESS;
    }
    return rv;
}

static apr_status_t ask_work(cp_db_t *db, void *baton)
{
    asking_t *a = baton;
    const char *clinic_id = a->ask->clinic->clinic_id;
    cp_throttle_key_t address = {"*", "reset-address",
                                 cp_network_of(a->cx->address, a->cx->pool)};
    cp_throttle_key_t clinic = {clinic_id, "reset-clinic", ""};
    cp_throttle_key_t account = {clinic_id, "reset-account", a->username_key};
    const char *reason = NULL;
    cp_policy_t policy;
    cp_throttle_verdict_t often;
    apr_status_t rv = cp_captcha_spend(a->cx, &a->pass);

    if (rv == APR_SUCCESS) {
        rv = cp_throttle_count(a->cx, &address, &address_limit, &a->verdict);
    }
    if (rv == APR_SUCCESS && !a->verdict.is_busy) {
        rv = cp_throttle_count(a->cx, &clinic, &clinic_limit, &a->verdict);
        a->verdict.is_clinic_busy = a->verdict.is_busy;
    }
    if (rv != APR_SUCCESS || a->verdict.is_busy) {
        return rv == APR_SUCCESS ? note_crowd(a) : rv;
    }
    rv = cp_throttle_count(a->cx, &account, &account_limit, &often);
    if (rv == APR_SUCCESS) {
        rv = cp_policy_load(a->cx, clinic_id, &policy);
    }
    if (rv == APR_SUCCESS) {
        rv = find_account(a);
    }
    if (rv == APR_SUCCESS) {
        reason = refusal(a, &policy, often.is_busy);
        rv = cp_mail_add(a->cx, clinic_id,
                         reason == NULL
                             ? cp_json_string(a->account, "account_id", "")
                             : NULL,
                         CP_MAIL_RESET);
    }
    return rv == APR_SUCCESS ? audit(a, reason) : rv;
}

apr_status_t cp_reset_ask(cp_ctx_t *cx, const cp_reset_ask_t *ask)
{
    asking_t a = {.cx = cx, .ask = ask, .username_key = ""};
    apr_status_t rv =
        cp_captcha_judge(cx, ask->clinic, ask->visit, ask->captcha, &a.pass);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (ask->username != NULL) {
        const char *key = cp_ident_username_key(ask->username, cx->pool);

        a.username_key = key == NULL ? "" : key;
    }
    rv = cp_db_transaction(cx->db, ask_work, &a);
    return rv == APR_SUCCESS && a.verdict.is_busy ? CP_ETOOMANY : rv;
}

apr_status_t cp_reset_find(cp_ctx_t *cx, const cp_clinic_t *clinic,
                           const char *token, cp_reset_t *reset)
{
    cp_row_t row;
    apr_status_t rv;

    memset(reset, 0, sizeof(*reset));
    if (token == NULL || strlen(token) != CP_TOKEN_LENGTH) {
        return CP_EDENIED;
    }
    reset->clinic = clinic;
    reset->token_hash = cp_token_digest(token, cx->pool);
    rv = cp_db_row(cx->db, "mail_token_find",
                   CP_ARGS(CP_TEXT("clinic_id", clinic->clinic_id),
                           CP_TEXT("token_hash", reset->token_hash),
                           CP_INT("now", cp_now(cx->port))),
                   &row, cx->pool);
    if (rv != APR_SUCCESS) {
        return rv == APR_ENOENT ? CP_EDENIED : rv;
    }
    reset->purpose = cp_row_text(row, "purpose");
    reset->account_id = cp_row_text(row, "account_id");
    reset->username = cp_row_text(row, "username");
    reset->display_name = cp_row_text(row, "display_name");
    return cp_kind_parse(cp_row_text(row, "kind"), &reset->kind);
}

static cp_password_owner_t owner_of(const cp_reset_t *reset,
                                    const cp_policy_t *policy)
{
    cp_password_owner_t owner = {
        .policy = policy,
        .username = reset->username,
        .display_name = reset->display_name,
        .clinic_code = reset->clinic->code,
        .clinic_name = reset->clinic->name,
    };

    return owner;
}

apr_status_t cp_reset_rules(cp_ctx_t *cx, const cp_reset_t *reset,
                            json_t **rules)
{
    cp_policy_t policy;
    cp_password_owner_t owner;
    int broken;
    apr_status_t rv = cp_policy_load(cx, reset->clinic->clinic_id, &policy);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    owner = owner_of(reset, &policy);
    return cp_password_rules(cx, &owner, NULL, rules, &broken);
}

static cp_password_target_t target_of(const cp_reset_t *reset)
{
    cp_password_target_t target = {
        .clinic_id = reset->clinic->clinic_id,
        .account_id = reset->account_id,
        .kind = cp_kind_word(reset->kind),
        .username = reset->username,
        .event = "password-reset",
    };

    return target;
}

/* Not that of somebody else with the same name. */
static apr_status_t end_lock(const using_t *u)
{
    const char *clinic_id = u->reset->clinic->clinic_id;
    const char *key = cp_ident_username_key(u->reset->username, u->cx->pool);
    int is_shared = 1;
    int unused;
    apr_status_t rv = key == NULL ? APR_SUCCESS
                                  : cp_accounts_find_shared(u->cx, clinic_id,
                                                            key, &is_shared);

    return rv == APR_SUCCESS && !is_shared
               ? cp_throttle_unlock(u->cx, clinic_id, key, &unused)
               : rv;
}

/* Its row is locked until the transaction ends. */
static apr_status_t hold_account(const using_t *u)
{
    cp_row_t row;
    apr_status_t rv =
        cp_db_row(u->cx->db, "session_account",
                  CP_ARGS(CP_TEXT("clinic_id", u->reset->clinic->clinic_id),
                          CP_TEXT("account_id", u->reset->account_id)),
                  &row, u->cx->pool);

    return rv == APR_ENOENT ? CP_EDENIED : rv;
}

static apr_status_t use_work(cp_db_t *db, void *baton)
{
    using_t *u = baton;
    cp_password_target_t target = target_of(u->reset);
    int count = 0;
    apr_status_t rv = APR_SUCCESS;

    /* Who proves the address need not wait for a lock that strangers may have
     * caused; one for good stays. (Locks, account, its links: everybody takes
     * them in this order, so that no two transactions wait for each other.) */
    if (!u->policy->lock_permanently) {
        rv = end_lock(u);
    }
    if (rv == APR_SUCCESS) {
        rv = hold_account(u);
    }
    if (rv == APR_SUCCESS) {
        rv =
            cp_db_execute(db, "mail_token_spend",
                          json_pack("{s:s, s:s}", "clinic_id", target.clinic_id,
                                    "token_hash", u->reset->token_hash),
                          &count);
    }
    if (rv == APR_SUCCESS && count == 0) {
        rv = CP_EDENIED;
    }
    return rv == APR_SUCCESS ? cp_password_store(u->cx, &target, u->hash) : rv;
}

/* The first one too many has its audit row. */
static apr_status_t count_try(cp_ctx_t *cx, const cp_reset_t *reset)
{
    cp_throttle_key_t key = {reset->clinic->clinic_id, "reset-use",
                             reset->token_hash};
    cp_audit_event_t event = {
        .clinic_id = reset->clinic->clinic_id,
        .event = "password-reset",
        .outcome = CP_AUDIT_REFUSED,
        .reason = "too-many",
        .account_id = reset->account_id,
        .kind = cp_kind_word(reset->kind),
        .username = reset->username,
    };
    cp_throttle_verdict_t verdict;
    apr_status_t rv = cp_throttle_count(cx, &key, &use_limit, &verdict);

    if (rv == APR_SUCCESS && verdict.is_busy && !verdict.is_busy_still) {
        rv = cp_audit_write(cx, &event);
    }
    return rv == APR_SUCCESS && verdict.is_busy ? CP_ETOOMANY : rv;
}

apr_status_t cp_reset_use(cp_ctx_t *cx, const cp_reset_t *reset,
                          const char *password, json_t **rules)
{
    cp_password_target_t target = target_of(reset);
    cp_policy_t policy;
    cp_password_owner_t owner;
    using_t u = {cx, reset, &policy, NULL};
    const char *new_password = password == NULL ? "" : password;
    int broken = 0;
    apr_status_t rv = cp_policy_load(cx, reset->clinic->clinic_id, &policy);

    if (rv == APR_SUCCESS) {
        owner = owner_of(reset, &policy);
        target.history = policy.password_history;
        rv = cp_password_rules(cx, &owner, new_password, rules, &broken);
    }
    if (rv == APR_SUCCESS && broken == 0) {
        rv = count_try(cx, reset);
    }
    if (rv == APR_SUCCESS && broken == 0) {
        rv = cp_password_find(cx, target.clinic_id, target.account_id,
                              &target.old_hash);
    }
    if (rv == APR_SUCCESS && broken == 0) {
        rv = cp_password_check_former(cx, &target, new_password, *rules,
                                      &broken);
    }
    if (rv == APR_SUCCESS && broken > 0) {
        rv = CP_EINPUT;
    }
    if (rv == APR_SUCCESS) {
        rv = cp_password_hash(&u.hash, cx->options->gate, new_password,
                              cx->pool);
    }
    return rv == APR_SUCCESS ? cp_db_transaction(cx->db, use_work, &u) : rv;
}
