/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Password or second factor once more, in a session that is open. */
#include "clinic/session_impl.h"

#include "base/token.h"
#include "clinic/audit.h"

#include <apr_strings.h>

typedef struct confirm_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
    const char *factor;
    const char *token_hash;
} confirm_t;

static apr_status_t confirm_work(cp_db_t *db, void *baton)
{
    const confirm_t *c = baton;
    const cp_session_t *session = c->session;
    cp_audit_event_t event = {
        .clinic_id = session->clinic->clinic_id,
        .event = "reauthentication",
        .outcome = CP_AUDIT_SUCCESS,
        .account_id = session->account_id,
        .kind = cp_kind_word(session->kind),
        .username = session->username,
    };
    int count = 0;
    apr_status_t rv = cp_db_execute(
        db, "session_confirm",
        json_pack("{s:s, s:s, s:s, s:s, s:I}", "clinic_id", event.clinic_id,
                  "old_token_hash", session->token_hash, "token_hash",
                  c->token_hash, "factor", c->factor, "now",
                  (json_int_t)cp_now(c->cx->port)),
        &count);

    if (rv != APR_SUCCESS || count == 0) {
        return rv == APR_SUCCESS ? APR_ENOENT : rv;
    }
    return cp_audit_write(c->cx, &event);
}

apr_status_t cp_session_confirm(cp_ctx_t *cx, const cp_session_t *session,
                                const char *factor, const char **cookie)
{
    confirm_t c = {cx, session, factor == NULL ? session->factor : factor,
                   NULL};
    const char *token;
    apr_status_t rv = cp_token_make(&token, cx->port, cx->pool);

    if (rv == APR_SUCCESS) {
        c.token_hash = cp_token_digest(token, cx->pool);
        rv = cp_db_transaction(cx->db, confirm_work, &c);
    }
    if (rv == APR_SUCCESS) {
        *cookie =
            apr_pstrcat(cx->pool, session->clinic->clinic_id, ".", token, NULL);
    }
    return rv;
}
