/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Sessions start after the password, and go on from step to step. */
#include "clinic/session_impl.h"

#include "base/json.h"
#include "base/status.h"
#include "base/token.h"
#include "clinic/audit.h"
#include "clinic/factor.h"

#include <apr_strings.h>
#include <string.h>

/* A step is done soon or not at all. */
#define STEP_IDLE apr_time_from_sec(600)

/* A session that is being written: new, or at its next step. */
typedef struct writing_t {
    cp_ctx_t *cx;
    const cp_session_new_t *new;
    const cp_session_t *session; /* NULL: a new one */
    cp_session_key_t key;        /* from now on */
    cp_session_key_t old;        /* new: of this browser, or token_hash NULL */
    const char *session_id;
    const char *factor;
    apr_time_t now;
    cp_step_t step;
    cp_row_t account;
    cp_session_cookies_t *cookies;
} writing_t;

/* A device that this account's person trusts stands for the second factor. */
static apr_status_t trust_device(writing_t *w)
{
    cp_device_t device = *w->new->device;
    int skips = 0;
    apr_status_t rv = APR_SUCCESS;

    if (w->factor[0] == '\0' && device.device_id != NULL &&
        w->new->policy->remember_days > 0) {
        device.account_id = w->new->account_id;
        rv = cp_device_skips_factor(w->cx, w->key.clinic_id, &device, &skips);
    }
    if (skips) {
        w->factor = "device";
    }
    return rv;
}

static apr_status_t find_account(cp_ctx_t *cx, const char *clinic_id,
                                 const char *account_id, cp_row_t *row,
                                 cp_step_facts_t *facts)
{
    apr_status_t rv = cp_db_row(cx->db, "session_account",
                                CP_ARGS(CP_TEXT("clinic_id", clinic_id),
                                        CP_TEXT("account_id", account_id)),
                                row, cx->pool);

    memset(facts, 0, sizeof(*facts));
    if (rv == APR_SUCCESS) {
        facts->password_must_change =
            cp_row_is_true(*row, "password_must_change");
        facts->password_changed_at =
            cp_row_integer(*row, "password_changed_at");
        facts->factor_required = cp_row_is_true(*row, "factor_required");
        facts->has_factor = cp_row_text(*row, "factor_method")[0] != '\0';
    }
    return rv;
}

apr_status_t cp_session_facts(cp_ctx_t *cx, const char *clinic_id,
                              const char *account_id, cp_step_facts_t *facts)
{
    cp_row_t unused;

    return find_account(cx, clinic_id, account_id, &unused, facts);
}

/* The account, if it is active and the password that was given still is its
 * own, and with that what is still to be done. */
static apr_status_t find_step(writing_t *w)
{
    cp_step_facts_t facts;
    apr_status_t rv = find_account(w->cx, w->key.clinic_id, w->new->account_id,
                                   &w->account, &facts);

    if (rv == APR_SUCCESS && w->session == NULL &&
        facts.password_changed_at != w->new->password_changed_at) {
        return CP_EDENIED;
    }
    if (rv == APR_SUCCESS) {
        rv = trust_device(w);
    }
    if (rv == APR_SUCCESS) {
        facts.factor_given = w->factor[0] != '\0';
        w->step = cp_step_next(w->new->policy, &facts, w->now);
    }
    return rv;
}

static json_t *row_args(const writing_t *w)
{
    const cp_policy_t *policy = w->new->policy;
    int is_done = w->step == CP_STEP_NONE;
    apr_interval_time_t idle_for = is_done || policy->session_idle < STEP_IDLE
                                       ? policy->session_idle
                                       : STEP_IDLE;

    return json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:I}", "clinic_id",
        w->key.clinic_id, "token_hash", w->key.token_hash, "step",
        cp_step_word(w->step), "factor", w->factor, "now", (json_int_t)w->now,
        "idle_us", (json_int_t)idle_for, "expires_at",
        (json_int_t)(w->now + policy->session_max), "address", w->cx->address,
        "user_agent", w->cx->user_agent, "previous_login_at",
        (json_int_t)cp_row_integer(w->account, "last_login_at"));
}

static apr_status_t add_row(const writing_t *w)
{
    json_t *args = row_args(w);

    cp_json_put_text(args, "session_id", w->session_id);
    cp_json_put_text(args, "account_id", w->new->account_id);
    return cp_db_execute(w->cx->db, "session_add", args, NULL);
}

/* APR_ENOENT: it has ended, or has gone on in a parallel request. */
static apr_status_t move_row(const writing_t *w)
{
    json_t *args = row_args(w);
    int count = 0;
    apr_status_t rv;

    cp_json_put_text(args, "old_token_hash", w->session->token_hash);
    rv = cp_db_execute(w->cx->db, "session_move", args, &count);
    return rv == APR_SUCCESS && count == 0 ? APR_ENOENT : rv;
}

static apr_status_t audit(const writing_t *w)
{
    cp_audit_event_t event = {
        .clinic_id = w->key.clinic_id,
        .event = w->step == CP_STEP_NONE ? "sign-in" : "sign-in-step",
        .outcome = CP_AUDIT_SUCCESS,
        .reason = w->step == CP_STEP_NONE ? NULL : cp_step_word(w->step),
        .account_id = w->new->account_id,
        .kind = cp_row_text(w->account, "kind"),
        .username = cp_row_text(w->account, "username"),
    };

    return cp_audit_write(w->cx, &event);
}

static apr_status_t note_device(const writing_t *w)
{
    cp_device_t device = *w->new->device;

    device.account_id = w->new->account_id;
    return cp_device_note(w->cx, w->key.clinic_id, &device,
                          w->new->device_cookie, &w->cookies->device);
}

/* All steps are done: the person is in. */
static apr_status_t let_in(const writing_t *w)
{
    apr_status_t rv = cp_db_execute(
        w->cx->db, "signin_note_login",
        json_pack("{s:s, s:s, s:I}", "clinic_id", w->key.clinic_id,
                  "account_id", w->new->account_id, "now", (json_int_t)w->now),
        NULL);

    return rv == APR_SUCCESS ? note_device(w) : rv;
}

static apr_status_t write_work(cp_db_t *db, void *baton)
{
    writing_t *w = baton;
    apr_status_t rv = find_step(w);

    if (rv == APR_SUCCESS) {
        rv = w->session == NULL ? add_row(w) : move_row(w);
    }
    if (rv == APR_SUCCESS && w->old.token_hash != NULL) {
        rv = cp_session_remove(db, &w->old, NULL);
    }
    if (rv == APR_SUCCESS && w->step == CP_STEP_NONE) {
        rv = let_in(w);
    }
    if (rv == APR_SUCCESS && w->step == CP_STEP_FACTOR &&
        strcmp(cp_row_text(w->account, "factor_method"), "mail") == 0) {
        int is_over; /* then the page says so to whoever asks for another */

        rv = cp_factor_mail_code(w->cx, w->key.clinic_id, w->new->account_id,
                                 &is_over);
    }
    return rv == APR_SUCCESS ? audit(w) : rv;
}

static apr_status_t run(writing_t *w)
{
    cp_ctx_t *cx = w->cx;
    const char *token;
    apr_status_t rv = cp_token_make(&token, cx->port, cx->pool);

    memset(w->cookies, 0, sizeof(*w->cookies));
    if (rv != APR_SUCCESS) {
        return rv;
    }
    w->key.clinic_id = w->new->clinic->clinic_id;
    w->key.token_hash = cp_token_digest(token, cx->pool);
    w->now = cp_now(cx->port);
    rv = cp_db_atomically(cx->db, write_work, w);
    if (rv == APR_SUCCESS) {
        w->cookies->session =
            apr_pstrcat(cx->pool, w->key.clinic_id, ".", token, NULL);
        w->cookies->step = w->step;
    }
    return rv;
}

apr_status_t cp_session_start(cp_ctx_t *cx, const cp_session_new_t *new,
                              cp_session_cookies_t *cookies)
{
    writing_t w = {.cx = cx, .new = new, .factor = "", .cookies = cookies};
    apr_status_t rv = cp_token_public_id(&w.session_id, cx->port, cx->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (cp_session_read_cookie(new->old_session_cookie, &w.old, cx->pool) !=
        APR_SUCCESS) {
        w.old.token_hash = NULL;
    }
    return run(&w);
}

apr_status_t cp_session_advance(cp_ctx_t *cx, const cp_session_t *session,
                                const cp_session_new_t *new,
                                cp_session_cookies_t *cookies)
{
    writing_t w = {.cx = cx,
                   .new = new,
                   .session = session,
                   .factor =
                       new->factor != NULL ? new->factor : session->factor,
                   .cookies = cookies};

    return run(&w);
}
