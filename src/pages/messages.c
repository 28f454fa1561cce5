/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Messages: the list of conversations, and one of them. */
#include "pages/messages.h"

#include "base/json.h"
#include "clinic/messages.h"
#include "pages/list.h"

#define SECTION "messages"

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

apr_status_t cp_page_messages_show(cp_request_t *req, cp_reply_t *reply)
{
    json_t *thread;
    apr_status_t rv =
        cp_messages_open(&req->cx, req->session, req->id, &thread);

    if (rv == APR_SUCCESS) {
        cp_json_put_text(thread, "list_url", cp_page_list_url(req, SECTION));
        cp_reply_view(req, reply, "conversation", json_incref(thread));
    }
    return rv;
}
