/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* How long this session still lasts. */
#include "pages/session.h"

#include "web/view.h"

apr_status_t cp_page_session_show(cp_request_t *req, cp_reply_t *reply)
{
    cp_reply_json(req, reply,
                  json_pack("{s:{s:i}, s:{}}", "data", "seconds_left",
                            cp_view_seconds_left(req), "page"));
    return APR_SUCCESS;
}

apr_status_t cp_page_session_stay(cp_request_t *req, cp_reply_t *reply)
{
    if (req->wants_json) {
        return cp_page_session_show(req, reply);
    }
    cp_reply_redirect(
        reply, cp_request_url(req, "/%s/", cp_kind_word(req->session->kind)));
    return APR_SUCCESS;
}
