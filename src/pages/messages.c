/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Messages: the list of conversations, and one of them. */
#include "pages/messages.h"

#include "base/form.h"
#include "base/json.h"
#include "base/status.h"
#include "base/token.h"
#include "clinic/draft.h"
#include "clinic/message_reply.h"
#include "clinic/messages.h"
#include "pages/list.h"

#include <apr_strings.h>
#include <httpd.h>

#define SECTION "messages"

_Static_assert(CP_FORM_VALUE_MAX >= CP_MESSAGE_BYTES_MAX,
               "a form holds the longest message");

apr_status_t cp_page_messages_list(cp_request_t *req, cp_reply_t *reply)
{
    const char *folder = cp_request_query(req, "folder");
    json_t *page;
    apr_status_t rv = cp_messages_list(&req->cx, req->session,
                                       folder == NULL ? "inbox" : folder,
                                       cp_request_query(req, "after"), &page);

    if (rv == APR_SUCCESS) {
        cp_reply_view(req, reply, "messages",
                      cp_page_list_model(req, page, "threads", SECTION));
    }
    return rv;
}

/* text: what stands in the form; NULL: what was kept when a session ended. */
static apr_status_t show(cp_request_t *req, cp_reply_t *reply, const char *text)
{
    const char *draft = NULL;
    const char *message_id;
    json_t *thread;
    apr_status_t rv =
        cp_messages_open(&req->cx, req->session, req->id, &thread);

    if (rv == APR_SUCCESS) {
        rv = cp_token_public_id(&message_id, req->cx.port, req->cx.pool);
    }
    if (rv == APR_SUCCESS && text == NULL) {
        rv = cp_draft_find(
            &req->cx, req->session,
            apr_pstrcat(req->cx.pool, SECTION "/", req->id, NULL), &draft);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    cp_json_put_text(thread, "list_url", cp_page_list_url(req, SECTION));
    cp_json_put_text(thread, "reply_url",
                     cp_request_url(req, "/%s/" SECTION "/%s/reply",
                                    cp_kind_word(req->session->kind), req->id));
    cp_json_put_text(thread, "message_id", message_id);
    cp_json_put_text(thread, "text", text != NULL ? text : draft);
    cp_json_put(thread, "has_draft", json_boolean(draft != NULL));
    cp_json_put_text(thread, "alert", reply->message);
    cp_reply_view(req, reply, "conversation", json_incref(thread));
    return APR_SUCCESS;
}

apr_status_t cp_page_messages_show(cp_request_t *req, cp_reply_t *reply)
{
    return show(req, reply, NULL);
}

static apr_status_t show_again(cp_request_t *req, cp_reply_t *reply)
{
    const char *text = cp_request_body(req, "text");

    return show(req, reply, text == NULL ? "" : text);
}

apr_status_t cp_page_messages_stale(cp_request_t *req, cp_reply_t *reply)
{
    reply->status = HTTP_FORBIDDEN;
    reply->error = "stale";
    reply->message = "This page was open too long, so nothing was sent. What "
                     "you wrote is still here: send it again.";
    return show_again(req, reply);
}

apr_status_t cp_page_messages_reply(cp_request_t *req, cp_reply_t *reply)
{
    apr_status_t rv = cp_message_reply(&req->cx, req->session, req->id,
                                       cp_request_body(req, "message_id"),
                                       cp_request_body(req, "text"));

    if (rv == CP_EINPUT) {
        reply->status = HTTP_BAD_REQUEST;
        reply->error = "text";
        reply->message = "A message has 1 to 8000 characters. Nothing was "
                         "sent.";
        return show_again(req, reply);
    }
    cp_reply_redirect(reply, cp_request_url(req, "/%s/" SECTION "/%s",
                                            cp_kind_word(req->session->kind),
                                            req->id));
    return rv;
}
