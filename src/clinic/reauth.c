/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The password once more. */
#include "clinic/reauth.h"

#include "base/ident.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/password_change.h"
#include "clinic/throttle.h"

#include <apr_strings.h>

#define SESSION_PLACE "session " /* as in conf/sql/whynot.sql */

/* Of an account: each is a hash, and a password that is changed with it
 * several, which others wait behind. */
static const cp_limit_t account_limit = {30, apr_time_from_sec(900)};

static apr_status_t refuse(cp_ctx_t *cx, const cp_session_t *session,
                           apr_status_t verdict, const char *reason)
{
    cp_audit_event_t event = {
        .clinic_id = session->clinic->clinic_id,
        .event = "reauthentication",
        .outcome = CP_AUDIT_REFUSED,
        .reason = reason,
        .account_id = session->account_id,
        .kind = cp_kind_word(session->kind),
        .username = session->username,
    };
    apr_status_t rv = cp_audit_write(cx, &event);

    return rv == APR_SUCCESS ? verdict : rv;
}

/* One row for each lock, and for each window of an address over its limit; what
 * a clinic's limit refuses comes from many. */
static int is_noted(const cp_throttle_verdict_t *verdict)
{
    return verdict->is_locked_still ||
           (verdict->is_busy_still && !verdict->is_clinic_busy);
}

static apr_status_t compare(cp_ctx_t *cx, const cp_session_t *session,
                            const char *password, const char **hash)
{
    apr_status_t rv = cp_password_find(cx, session->clinic->clinic_id,
                                       session->account_id, hash);

    return rv == APR_SUCCESS
               ? cp_password_fits(cx->options->gate, password, *hash)
               : rv;
}

static cp_throttle_key_t key_of(const char *clinic_id, const char *account_id)
{
    cp_throttle_key_t key = {clinic_id, "reauth", account_id};

    return key;
}

/* Right or wrong. */
static apr_status_t count_try(cp_ctx_t *cx, const cp_session_t *session)
{
    cp_throttle_key_t key =
        key_of(session->clinic->clinic_id, session->account_id);
    cp_throttle_verdict_t verdict;
    apr_status_t rv = cp_throttle_count(cx, &key, &account_limit, &verdict);

    if (rv != APR_SUCCESS || !verdict.is_busy) {
        return rv;
    }
    return is_noted(&verdict) ? CP_ETOOMANY
                              : refuse(cx, session, CP_ETOOMANY, "too-many");
}

/* The session is a place of its own: what strangers try at the account keeps
 * nobody who is in from confirming. */
apr_status_t cp_reauth(cp_ctx_t *cx, const cp_session_t *session,
                       const cp_policy_t *policy, const char *password,
                       const char **hash)
{
    cp_throttle_who_t who = {
        session->clinic, policy,
        cp_ident_username_key(session->username, cx->pool),
        apr_pstrcat(cx->pool, SESSION_PLACE, session->session_id, NULL), 0};
    cp_throttle_verdict_t verdict;
    apr_status_t rv;

    *hash = "";
    if (who.username_key == NULL) {
        return CP_EDENIED;
    }
    rv = cp_throttle_enter(cx, &who, &verdict);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (is_noted(&verdict)) {
        return CP_ETOOMANY;
    }
    if (verdict.is_account_locked || verdict.is_busy) {
        return refuse(cx, session, CP_ETOOMANY, "locked");
    }
    rv = count_try(cx, session);
    if (rv == APR_SUCCESS) {
        rv = compare(cx, session, password, hash);
    }
    if (rv == APR_SUCCESS) {
        return cp_throttle_clear(cx, &who);
    }
    if (rv == CP_EDENIED) {
        return refuse(cx, session, rv, "wrong-password");
    }
    (void)cp_throttle_take_back(cx, &who); /* else it stays counted */
    return rv;
}

apr_status_t cp_reauth_forgive(cp_ctx_t *cx, const char *clinic_id,
                               const char *account_id)
{
    cp_throttle_key_t key = key_of(clinic_id, account_id);
    int unused;

    return cp_throttle_forget(cx, &key, &unused);
}
