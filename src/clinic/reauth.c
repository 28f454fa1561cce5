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

/* Right ones of an account: each is a hash, and a password that is changed with
 * it several, which others wait behind. */
static const cp_limit_t right_limit = {20, apr_time_from_sec(900)};

typedef struct right_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
    const cp_throttle_who_t *who;
    cp_throttle_verdict_t often;
} right_t;

static apr_status_t refuse(cp_ctx_t *cx, const cp_session_t *session,
                           apr_status_t verdict)
{
    cp_audit_event_t event = {
        .clinic_id = session->clinic->clinic_id,
        .event = "reauthentication",
        .outcome = CP_AUDIT_REFUSED,
        .reason = verdict == CP_ETOOMANY ? "locked" : "wrong-password",
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

/* Over the limit it stays counted as if it had been wrong. */
static apr_status_t accept_work(cp_db_t *db, void *baton)
{
    right_t *right = baton;
    cp_throttle_key_t key = {right->session->clinic->clinic_id, "reauth",
                             right->session->account_id};
    apr_status_t rv =
        cp_throttle_count(right->cx, &key, &right_limit, &right->often);

    return rv == APR_SUCCESS && !right->often.is_busy
               ? cp_throttle_clear(right->cx, right->who)
               : rv;
}

static apr_status_t accept_right(cp_ctx_t *cx, const cp_session_t *session,
                                 const cp_throttle_who_t *who)
{
    right_t right = {.cx = cx, .session = session, .who = who};
    apr_status_t rv = cp_db_atomically(cx->db, accept_work, &right);

    if (rv != APR_SUCCESS || !right.often.is_busy) {
        return rv;
    }
    return is_noted(&right.often) ? CP_ETOOMANY
                                  : refuse(cx, session, CP_ETOOMANY);
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
        return refuse(cx, session, CP_ETOOMANY);
    }
    rv = compare(cx, session, password, hash);
    if (rv == APR_SUCCESS) {
        return accept_right(cx, session, &who);
    }
    if (rv == CP_EDENIED) {
        return refuse(cx, session, rv);
    }
    (void)cp_throttle_take_back(cx, &who); /* else it stays counted */
    return rv;
}
