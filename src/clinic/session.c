/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Sessions: who is signed in. */
#include "clinic/session.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "base/token.h"
#include "clinic/access.h"
#include "clinic/audit.h"
#include "clinic/session_impl.h"

#include <apr_strings.h>
#include <string.h>

#define TOUCH_EVERY apr_time_from_sec(60)
#define CLOCKS_DIFFER_BY apr_time_from_sec(300) /* of nodes, at most */
#define TOUCH_IDLE_SHARE 10 /* a tenth of the idle limit, if that is less */

#define TOKEN_CHARACTERS                                                       \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

typedef struct end_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
} end_t;

apr_status_t cp_session_read_cookie(const char *cookie, cp_session_key_t *key,
                                    apr_pool_t *p)
{
    const char *dot = cookie == NULL ? NULL : strchr(cookie, '.');
    const char *clinic_id;

    memset(key, 0, sizeof(*key));
    if (dot == NULL || strlen(dot + 1) != CP_TOKEN_LENGTH ||
        strspn(dot + 1, TOKEN_CHARACTERS) != CP_TOKEN_LENGTH) {
        return CP_EDENIED;
    }
    clinic_id = apr_pstrmemdup(p, cookie, (apr_size_t)(dot - cookie));
    if (!cp_ident_is_clinic_code(clinic_id) ||
        strcmp(clinic_id, cp_ident_clinic_id(clinic_id, p)) != 0) {
        return CP_EDENIED;
    }
    key->clinic_id = clinic_id;
    key->token_hash = cp_token_digest(dot + 1, p);
    return APR_SUCCESS;
}

apr_status_t cp_session_remove(cp_db_t *db, const cp_session_key_t *key,
                               int *count)
{
    return cp_db_execute(db, "session_remove",
                         json_pack("{s:s, s:s}", "clinic_id", key->clinic_id,
                                   "token_hash", key->token_hash),
                         count);
}

static apr_status_t find_why(cp_ctx_t *cx, cp_kind_t kind,
                             const cp_session_key_t *key, cp_session_end_t *why)
{
    cp_row_t row;
    const char *word;
    apr_status_t rv = cp_db_row(cx->db, "session_why",
                                CP_ARGS(CP_TEXT("clinic_id", key->clinic_id),
                                        CP_TEXT("token_hash", key->token_hash),
                                        CP_TEXT("kind", cp_kind_word(kind)),
                                        CP_INT("now", cp_now(cx->port))),
                                &row, cx->pool);

    if (rv != APR_SUCCESS) {
        return rv == APR_ENOENT ? CP_EDENIED : rv;
    }
    word = cp_row_text(row, "why");
    if (strcmp(word, "idle") == 0) {
        *why = CP_SESSION_IDLE;
    }
    else if (strcmp(word, "expired") == 0) {
        *why = CP_SESSION_EXPIRED;
    }
    else {
        *why = CP_SESSION_DISABLED;
    }
    return CP_EDENIED;
}

static cp_session_t *session_from_row(cp_row_t row, cp_kind_t kind,
                                      apr_pool_t *p)
{
    cp_session_t *session = apr_pcalloc(p, sizeof(*session));

    session->clinic = cp_clinic_from_row(row, p);
    session->kind = kind;
    session->session_id = cp_row_text(row, "session_id");
    session->account_id = cp_row_text(row, "account_id");
    session->person_id = cp_row_text(row, "person_id");
    session->username = cp_row_text(row, "username");
    session->display_name = cp_row_text(row, "display_name");
    session->roles = cp_row_text(row, "roles");
    session->permissions = cp_row_text(row, "permissions");
    session->idle_ends_at =
        cp_row_integer(row, "last_seen_at") + cp_row_integer(row, "idle_us");
    session->expires_at = cp_row_integer(row, "expires_at");
    session->step = cp_step_parse(cp_row_text(row, "step"));
    session->factor = cp_row_text(row, "factor");
    session->authenticated_at = cp_row_integer(row, "authenticated_at");
    session->previous_login_at = cp_row_integer(row, "previous_login_at");
    return session;
}

/* Move last_seen_at, if it is old enough to be worth a write. When the write
 * fails the session is as good as before; the database layer has logged it. */
static void touch(cp_ctx_t *cx, cp_session_t *session, cp_row_t row,
                  apr_time_t now)
{
    apr_time_t last_seen_at = cp_row_integer(row, "last_seen_at");
    apr_interval_time_t idle_for = cp_row_integer(row, "idle_us");
    apr_interval_time_t every = idle_for / TOUCH_IDLE_SHARE;

    if (every > TOUCH_EVERY) {
        every = TOUCH_EVERY;
    }
    if (now - last_seen_at < every) {
        return;
    }
    if (cp_db_execute(cx->db, "session_touch",
                      json_pack("{s:s, s:s, s:I, s:I}", "clinic_id",
                                session->clinic->clinic_id, "token_hash",
                                session->token_hash, "last_seen_at",
                                (json_int_t)last_seen_at, "now",
                                (json_int_t)now),
                      NULL) == APR_SUCCESS) {
        session->idle_ends_at = now + idle_for;
    }
}

apr_status_t cp_session_find(cp_ctx_t *cx, cp_kind_t kind, const char *cookie,
                             const cp_session_t **session,
                             cp_session_end_t *why)
{
    apr_time_t now = cp_now(cx->port);
    cp_session_key_t key;
    cp_session_t *found;
    cp_row_t row;
    apr_status_t rv = cp_session_read_cookie(cookie, &key, cx->pool);

    *session = NULL;
    *why = CP_SESSION_UNKNOWN;
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cp_db_row(cx->db, "session_find",
                   CP_ARGS(CP_TEXT("clinic_id", key.clinic_id),
                           CP_TEXT("token_hash", key.token_hash),
                           CP_TEXT("kind", cp_kind_word(kind)),
                           CP_INT("now", now)),
                   &row, cx->pool);
    if (rv == APR_SUCCESS &&
        !cp_access_has(cp_row_text(row, "permissions"),
                       cp_access_portal_permission(kind))) {
        rv = APR_ENOENT;
    }
    if (rv != APR_SUCCESS) {
        return rv == APR_ENOENT ? find_why(cx, kind, &key, why) : rv;
    }
    /* Else one from when the clock was ahead would last until it is there. */
    if (cp_row_integer(row, "last_seen_at") - now > CLOCKS_DIFFER_BY) {
        *why = CP_SESSION_IDLE;
        return CP_EDENIED;
    }
    found = session_from_row(row, kind, cx->pool);
    found->token_hash = key.token_hash;
    if (!cx->is_background) {
        touch(cx, found, row, now);
    }
    *session = found;
    return APR_SUCCESS;
}

apr_status_t cp_session_find_ended(cp_ctx_t *cx, cp_kind_t kind,
                                   const char *cookie,
                                   const cp_session_t **session)
{
    cp_session_t *found = apr_pcalloc(cx->pool, sizeof(*found));
    cp_clinic_t *clinic = apr_pcalloc(cx->pool, sizeof(*clinic));
    cp_session_key_t key;
    cp_row_t row;
    apr_status_t rv = cp_session_read_cookie(cookie, &key, cx->pool);

    *session = NULL;
    if (rv != APR_SUCCESS) {
        return APR_ENOENT;
    }
    rv = cp_db_row(cx->db, "session_ended",
                   CP_ARGS(CP_TEXT("clinic_id", key.clinic_id),
                           CP_TEXT("token_hash", key.token_hash),
                           CP_TEXT("kind", cp_kind_word(kind)),
                           CP_INT("now", cp_now(cx->port))),
                   &row, cx->pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    clinic->clinic_id = key.clinic_id;
    found->clinic = clinic;
    found->kind = kind;
    found->account_id = cp_row_text(row, "account_id");
    found->token_hash = key.token_hash;
    *session = found;
    return APR_SUCCESS;
}

/* Two sign-outs at once: one row goes, one row is written. */
static apr_status_t end_work(cp_db_t *db, void *baton)
{
    const end_t *end = baton;
    const cp_session_t *session = end->session;
    cp_session_key_t key = {session->clinic->clinic_id, session->token_hash};
    cp_audit_event_t event = {
        .clinic_id = key.clinic_id,
        .event = "sign-out",
        .outcome = CP_AUDIT_SUCCESS,
        .account_id = session->account_id,
        .kind = cp_kind_word(session->kind),
        .username = session->username,
    };
    int count = 0;
    apr_status_t rv = cp_session_remove(db, &key, &count);

    if (rv != APR_SUCCESS || count == 0) {
        return rv;
    }
    return cp_audit_write(end->cx, &event);
}

apr_status_t cp_session_end(cp_ctx_t *cx, const cp_session_t *session)
{
    end_t end = {cx, session};

    return cp_db_transaction(cx->db, end_work, &end);
}

apr_status_t cp_session_list(cp_ctx_t *cx, const char *clinic_id,
                             const char *account_id, json_t **sessions)
{
    return cp_db_select(cx->db, "session_list",
                        json_pack("{s:s, s:s, s:I}", "clinic_id", clinic_id,
                                  "account_id", account_id, "now",
                                  (json_int_t)cp_now(cx->port)),
                        sessions, cx->pool);
}

apr_status_t cp_session_end_listed(cp_ctx_t *cx, const char *clinic_id,
                                   const char *account_id,
                                   const char *session_id, int *count)
{
    json_t *args =
        json_pack("{s:s, s:s, s:s?}", "clinic_id", clinic_id, "account_id",
                  account_id, "session_id", session_id);

    return cp_db_execute(cx->db,
                         session_id == NULL ? "session_remove_account"
                                            : "session_remove_listed",
                         args, count);
}

apr_status_t cp_session_end_others(cp_ctx_t *cx, const cp_session_t *session,
                                   int *count)
{
    return cp_db_execute(cx->db, "session_remove_others",
                         json_pack("{s:s, s:s, s:s}", "clinic_id",
                                   session->clinic->clinic_id, "account_id",
                                   session->account_id, "session_id",
                                   session->session_id),
                         count);
}
