/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Sign-out: the session's row goes, the cookie goes, the browser forgets what
 * it has cached. */
#include "pages/logout.h"

#include "web/identity.h"

apr_status_t cp_page_logout_submit(cp_request_t *req, cp_reply_t *reply)
{
    cp_kind_t kind = req->session->kind;
    apr_status_t rv = cp_session_end(&req->cx, req->session);

    if (rv == APR_SUCCESS) {
        rv = cp_identity_set(req, reply, kind, NULL);
    }
    reply->clears_site_data = 1;
    cp_reply_redirect(
        reply,
        cp_request_url(req,
                       "/index.aspx?clinicID=%s&LoginType=%s&reason=signed-out",
                       req->clinic->code, cp_kind_label(kind)));
    return rv;
}
