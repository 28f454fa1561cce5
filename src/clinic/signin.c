/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Signing in.
 *
 * A try runs through the steps in cp_signin; each either lets it go on or
 * settles it. Equal work for all who do not have the password: the one query
 * brings the accounts of both kinds or none, and two hashes are compared,
 * that of the chosen kind and that of the other. Where there is no account,
 * or the name is locked, a decoy is hashed instead: a locked account's own
 * hash is never touched, so a right guess learns nothing either. Decoys for
 * locked names are hashed only as far as the limits of address and clinic
 * let tries through, which bounds what they cost. (Accounts imported with a
 * crypt hash take that format's time until their first sign-in.) */
#include "clinic/signin.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "clinic/access.h"
#include "clinic/audit.h"
#include "clinic/captcha.h"
#include "clinic/password_change.h"
#include "clinic/session.h"
#include "clinic/throttle.h"

#include <string.h>

#define RETRY_AFTER_S 10 /* when a part of ours is down or full */

typedef struct try_t {
    cp_ctx_t *cx;
    const cp_signin_try_t *attempt;
    cp_signin_result_t *result;
    const char *username_key; /* "" for what is no user name */
    cp_policy_t policy;
    cp_device_t device;
    const char *reason; /* for the audit */
    cp_captcha_pass_t pass;
    cp_throttle_verdict_t verdict;
    const json_t *accounts[2]; /* by kind; NULL: none of that name */
    const json_t *account;     /* whom the try was about; NULL: unknown */
    int needs_rehash;
} try_t;

/* The two ways a step ends a try. Both return 0: do not go on. */

static int refuse(try_t *t, cp_signin_outcome_t outcome, const char *reason)
{
    t->result->outcome = outcome;
    t->reason = reason;
    return 0;
}

static int give_up(try_t *t, apr_status_t cause)
{
    t->result->cause = cause;
    t->result->retry_after_s = RETRY_AFTER_S;
    return refuse(t, CP_SIGNIN_UNAVAILABLE, "unavailable");
}

static int pass_captcha(try_t *t)
{
    const cp_signin_try_t *attempt = t->attempt;
    int has_answer = attempt->captcha != NULL && attempt->captcha[0] != '\0';
    apr_status_t rv = cp_captcha_judge(t->cx, attempt->clinic, attempt->visit,
                                       attempt->captcha, &t->pass);

    if (rv == CP_EDENIED) {
        return refuse(t, CP_SIGNIN_CAPTCHA,
                      has_answer ? "captcha-refused" : "captcha-missing");
    }
    return rv == APR_SUCCESS ? 1 : give_up(t, rv);
}

/* What the clinic asks, and whether the browser is known. */
static apr_status_t prepare(try_t *t)
{
    cp_device_owner_t owner = {t->attempt->clinic->clinic_id, t->attempt->kind,
                               t->username_key};
    apr_status_t rv = cp_policy_load(t->cx, owner.clinic_id, &t->policy);

    return rv == APR_SUCCESS
               ? cp_device_find(t->cx, &owner, t->attempt->device_cookie,
                                &t->device)
               : rv;
}

static cp_throttle_who_t who_of(const try_t *t)
{
    cp_throttle_who_t who = {t->attempt->clinic, &t->policy, t->username_key,
                             t->device.device_id,
                             t->accounts[CP_KIND_STAFF] != NULL &&
                                 t->accounts[CP_KIND_PATIENT] != NULL};

    return who;
}

static apr_status_t enter(cp_db_t *db, void *baton)
{
    try_t *t = baton;
    cp_throttle_who_t who;
    apr_status_t rv = cp_captcha_spend(t->cx, &t->pass);

    if (rv == APR_SUCCESS) {
        rv = prepare(t);
    }
    who = who_of(t);
    return rv == APR_SUCCESS ? cp_throttle_enter(t->cx, &who, &t->verdict) : rv;
}

/* The CAPTCHA's answer is spent and the try counted, both or neither. */
static int pass_throttle(try_t *t)
{
    apr_status_t rv = cp_db_transaction(t->cx->db, enter, t);

    if (rv == CP_EDENIED) {
        return refuse(t, CP_SIGNIN_CAPTCHA, "captcha-refused");
    }
    if (rv != APR_SUCCESS) {
        return give_up(t, rv);
    }
    if (t->verdict.is_busy) {
        t->result->retry_after_s = t->verdict.retry_after_s;
        return refuse(t, CP_SIGNIN_TOO_MANY,
                      t->verdict.is_clinic_busy ? "too-many-clinic"
                                                : "too-many-address");
    }
    return 1;
}

/* No password was looked at: it was no failure of the person. */
static int give_back(try_t *t, apr_status_t cause)
{
    cp_throttle_who_t who = who_of(t);

    if (!t->verdict.is_account_locked) {
        (void)cp_throttle_take_back(t->cx, &who); /* else it stays counted */
    }
    return give_up(t, cause);
}

static int load_accounts(try_t *t)
{
    json_t *rows;
    json_t *row;
    size_t i;
    apr_status_t rv =
        cp_db_select(t->cx->db, "signin_accounts",
                     json_pack("{s:s, s:s, s:s, s:s}", "clinic_id",
                               t->attempt->clinic->clinic_id, "username_key",
                               t->username_key, "staff_permission",
                               cp_access_portal_permission(CP_KIND_STAFF),
                               "patient_permission",
                               cp_access_portal_permission(CP_KIND_PATIENT)),
                     &rows, t->cx->pool);

    if (rv != APR_SUCCESS) {
        return give_back(t, rv);
    }
    json_array_foreach(rows, i, row)
    {
        cp_kind_t kind;

        if (cp_kind_parse(cp_json_string(row, "kind", ""), &kind) ==
            APR_SUCCESS) {
            t->accounts[kind] = row;
        }
    }
    t->account = t->accounts[t->attempt->kind];
    if (t->account == NULL) {
        t->account = t->accounts[cp_kind_other(t->attempt->kind)];
    }
    return 1;
}

/* Hash once. *fits: it is the account's password. */
static apr_status_t compare(const try_t *t, const json_t *account, int *fits,
                            int *needs_rehash)
{
    const char *hash = NULL;
    const char *password = t->attempt->password;
    apr_status_t rv;

    if (account != NULL && !t->verdict.is_account_locked) {
        hash = cp_json_string(account, "password_hash", NULL);
    }
    *needs_rehash = 0;
    rv = cp_password_verify(t->cx->options->gate,
                            password == NULL ? "" : password, hash,
                            needs_rehash, t->cx->pool);
    *fits = rv == APR_SUCCESS;
    return rv == CP_EDENIED ? APR_SUCCESS : rv;
}

/* The password was right: what was counted was no guess. */
static int forgive(try_t *t)
{
    cp_throttle_who_t who = who_of(t);
    apr_status_t rv = cp_throttle_clear(t->cx, &who);

    return rv == APR_SUCCESS ? 1 : give_up(t, rv);
}

static int refuse_wrong(try_t *t, int fits_disabled)
{
    const char *reason = "unknown-user";

    if (t->verdict.is_account_locked) {
        reason = "locked";
    }
    else if (fits_disabled) {
        reason = "disabled";
    }
    else if (t->account != NULL) {
        reason = "wrong-password";
    }
    return refuse(t, CP_SIGNIN_WRONG, reason);
}

/* The account of the other kind that a try is a guess at, too. Tries of a known
 * device are counted for its owner alone, who could free guesses at the other
 * by signing in. */
static const json_t *other_of(const try_t *t)
{
    return t->device.device_id != NULL
               ? NULL
               : t->accounts[cp_kind_other(t->attempt->kind)];
}

static int pass_password(try_t *t)
{
    const json_t *own = t->accounts[t->attempt->kind];
    const json_t *other = other_of(t);
    int fits_own;
    int fits_other;
    int unused;
    apr_status_t rv = compare(t, own, &fits_own, &t->needs_rehash);

    if (rv != APR_SUCCESS) {
        return give_back(t, rv);
    }
    if (fits_own && cp_json_is_true(own, "is_active")) {
        return 1;
    }
    rv = compare(t, other, &fits_other, &unused);
    if (rv != APR_SUCCESS) {
        return give_up(t, rv);
    }
    if (fits_other && cp_json_is_true(other, "is_active")) {
        t->account = other;
        return forgive(t) && refuse(t, CP_SIGNIN_OTHER_KIND, "other-kind");
    }
    return refuse_wrong(t, fits_own || fits_other);
}

static int pass_portal(try_t *t)
{
    if (cp_json_is_true(t->account, "has_portal")) {
        return 1;
    }
    return forgive(t) && refuse(t, CP_SIGNIN_NO_PORTAL, "no-portal");
}

static apr_status_t start_session(cp_db_t *db, void *baton)
{
    try_t *t = baton;
    cp_throttle_who_t who = who_of(t);
    cp_session_new_t start = {
        .clinic = t->attempt->clinic,
        .policy = &t->policy,
        .account_id = cp_json_string(t->account, "account_id", ""),
        .password_changed_at =
            cp_json_integer(t->account, "password_changed_at", 0),
        .device = &t->device,
        .device_cookie = t->attempt->device_cookie,
        .old_session_cookie = t->attempt->old_session_cookie,
    };
    apr_status_t rv = cp_throttle_clear(t->cx, &who);

    return rv == APR_SUCCESS
               ? cp_session_start(t->cx, &start, &t->result->cookies)
               : rv;
}

/* What was counted is forgiven with it: one transaction less to wait for. */
static int open_session(try_t *t)
{
    apr_status_t rv = cp_db_transaction(t->cx->db, start_session, t);

    if (rv == APR_ENOENT) {
        return refuse(t, CP_SIGNIN_WRONG, "disabled");
    }
    if (rv == CP_EDENIED) {
        return refuse(t, CP_SIGNIN_WRONG, "wrong-password");
    }
    if (rv != APR_SUCCESS) {
        return give_up(t, rv);
    }
    t->result->outcome = CP_SIGNIN_DONE;
    return 1;
}

static void rehash(const try_t *t)
{
    apr_status_t rv = cp_password_rehash(t->cx, t->attempt->clinic->clinic_id,
                                         t->account, t->attempt->password);

    if (rv != APR_SUCCESS) {
        cp_log(t->cx->port, CP_LOG_WARNING, rv,
               CP_TAG(0521) "an old password hash could not be renewed; the"
                            " next sign-in tries again");
    }
}

static void count(const try_t *t)
{
    cp_meter_t *meter = t->cx->port->meter;

    cp_meter_count(meter, CP_METER_SIGNINS,
                   cp_signin_outcome_word(t->result->outcome));
    if (t->result->outcome != CP_SIGNIN_DONE) {
        cp_meter_count(meter, CP_METER_SIGNIN_REFUSALS, t->reason);
    }
}

/* Nobody is told anything that the audit trail does not hold. */
static apr_status_t audit_refusal(const try_t *t)
{
    cp_audit_event_t event = {
        .clinic_id = t->attempt->clinic->clinic_id,
        .event = "sign-in",
        .outcome = t->result->outcome == CP_SIGNIN_UNAVAILABLE
                       ? CP_AUDIT_FAILED
                       : CP_AUDIT_REFUSED,
        .reason = t->reason,
        .account_id = cp_json_string(t->account, "account_id", NULL),
        .kind = cp_kind_word(t->attempt->kind),
        .username = cp_json_string(t->account, "username", NULL),
    };

    return cp_audit_write(t->cx, &event);
}

/* A missing or wrong answer to the CAPTCHA has been counted nowhere yet. */
static apr_status_t note_work(cp_db_t *db, void *baton)
{
    const try_t *t = baton;
    int is_over = 0;
    apr_status_t rv = t->result->outcome == CP_SIGNIN_CAPTCHA
                          ? cp_throttle_captcha(t->cx, &is_over)
                          : APR_SUCCESS;

    return rv == APR_SUCCESS && !is_over ? audit_refusal(t) : rv;
}

/* One address fills no audit trail: over its limit there is one row until its
 * window ends. What a clinic's limit refuses comes from many. */
static apr_status_t note_refusal(try_t *t)
{
    return t->verdict.is_busy_still && !t->verdict.is_clinic_busy
               ? APR_SUCCESS
               : cp_db_transaction(t->cx->db, note_work, t);
}

void cp_signin(cp_ctx_t *cx, const cp_signin_try_t *attempt,
               cp_signin_result_t *result)
{
    const char *name = attempt->username == NULL ? "" : attempt->username;
    const char *key = cp_ident_username_key(name, cx->pool);
    try_t t = {.cx = cx,
               .attempt = attempt,
               .result = result,
               .username_key = key == NULL ? "" : key};

    memset(result, 0, sizeof(*result));
    if (pass_captcha(&t) && pass_throttle(&t) && load_accounts(&t) &&
        pass_password(&t) && pass_portal(&t) && open_session(&t)) {
        if (t.needs_rehash) {
            rehash(&t);
        }
    }
    else {
        apr_status_t rv = note_refusal(&t);

        if (rv != APR_SUCCESS && result->outcome != CP_SIGNIN_UNAVAILABLE) {
            (void)give_up(&t, rv);
        }
    }
    count(&t);
}

const char *cp_signin_outcome_word(cp_signin_outcome_t outcome)
{
    static const char *const words[] = {
        [CP_SIGNIN_DONE] = "done",
        [CP_SIGNIN_CAPTCHA] = "captcha",
        [CP_SIGNIN_WRONG] = "wrong",
        [CP_SIGNIN_OTHER_KIND] = "other-kind",
        [CP_SIGNIN_NO_PORTAL] = "no-portal",
        [CP_SIGNIN_TOO_MANY] = "too-many",
        [CP_SIGNIN_UNAVAILABLE] = "unavailable",
    };

    return words[outcome];
}
