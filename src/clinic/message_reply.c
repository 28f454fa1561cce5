/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* An answer in a conversation. */
#include "clinic/message_reply.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/draft.h"

#include <apr_strings.h>
#include <string.h>

#define ID_LENGTH 22

typedef struct reply_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
    const char *thread_id;
    const char *message_id;
    const char *text;
} reply_t;

static json_t *args_of(const reply_t *reply)
{
    const cp_session_t *session = reply->session;

    return json_pack("{s:s, s:s, s:s, s:s, s:I}", "clinic_id",
                     session->clinic->clinic_id, "kind",
                     cp_kind_word(session->kind), "person_id",
                     session->person_id, "thread_id", reply->thread_id, "now",
                     (json_int_t)cp_now(reply->cx->port));
}

static apr_status_t audit(const reply_t *reply)
{
    cp_audit_event_t event = {
        .clinic_id = reply->session->clinic->clinic_id,
        .event = "message-sent",
        .outcome = CP_AUDIT_SUCCESS,
        .account_id = reply->session->account_id,
        .kind = cp_kind_word(reply->session->kind),
        .username = reply->session->username,
        .entity_type = "Communication",
        .entity_id = reply->message_id,
    };

    return cp_audit_write(reply->cx, &event);
}

static apr_status_t send_work(cp_db_t *db, void *baton)
{
    const reply_t *reply = baton;
    json_t *thread;
    json_t *args;
    int count = 0;
    apr_status_t rv = cp_db_find(db, "message_find_thread", args_of(reply),
                                 &thread, reply->cx->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    args = args_of(reply);
    cp_json_put_text(args, "message_id", reply->message_id);
    cp_json_put_text(args, "payload", reply->text);
    rv = cp_db_execute(db, "message_add_reply", args, &count);
    if (rv != APR_SUCCESS || count == 0) {
        return rv; /* it was sent already */
    }
    rv = cp_db_execute(db, "message_note_reply", args_of(reply), NULL);
    if (rv == APR_SUCCESS) {
        rv = cp_db_execute(db, "message_change_reply", args_of(reply), NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_draft_remove(
            reply->cx, reply->session,
            apr_pstrcat(reply->cx->pool, "messages/", reply->thread_id, NULL));
    }
    return rv == APR_SUCCESS ? audit(reply) : rv;
}

/* Without white space at either end, which nobody sees. */
static const char *trim(const char *text, apr_pool_t *p)
{
    apr_size_t len;

    text += strspn(text, " \t\r\n");
    len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL) {
        len--;
    }
    return apr_pstrmemdup(p, text, len);
}

static int is_public_id(const char *id)
{
    return id != NULL && strlen(id) == ID_LENGTH &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                      "0123456789-_") == ID_LENGTH;
}

apr_status_t cp_message_reply(cp_ctx_t *cx, const cp_session_t *session,
                              const char *thread_id, const char *message_id,
                              const char *text)
{
    reply_t reply = {cx, session, thread_id, message_id,
                     trim(text == NULL ? "" : text, cx->pool)};

    if (!is_public_id(message_id) || reply.text[0] == '\0' ||
        !cp_utf8_is_plain(reply.text, "\t\r\n") ||
        cp_utf8_count(reply.text) > CP_MESSAGE_MAX) {
        return CP_EINPUT;
    }
    return cp_db_transaction(cx->db, send_work, &reply);
}
