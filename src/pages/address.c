/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A person's own mail address. */
#include "pages/address.h"

#include "base/status.h"
#include "clinic/address_change.h"
#include "clinic/factor.h"
#include "pages/steps.h"

#include <httpd.h>

apr_status_t cp_page_address_show(cp_request_t *req, cp_reply_t *reply)
{
    const char *kind = cp_kind_word(req->session->kind);
    const char *typed = cp_request_body(req, "email");
    cp_factor_t factor;
    apr_status_t rv = cp_factor_find(&req->cx, req->clinic->clinic_id,
                                     req->session->account_id, &factor);

    if (rv == APR_SUCCESS) {
        cp_reply_view(req, reply, "address",
                      json_pack("{s:s, s:s, s:s, s:s?}", "action_url",
                                cp_request_url(req, "/%s/account/mail", kind),
                                "email", typed != NULL ? typed : factor.email,
                                "present_email", factor.email, "alert",
                                reply->message));
    }
    return rv;
}

apr_status_t cp_page_address_stale(cp_request_t *req, cp_reply_t *reply)
{
    cp_reply_alert(reply, HTTP_FORBIDDEN, "stale", CP_STALE_TEXT);
    return cp_page_address_show(req, reply);
}

apr_status_t cp_page_address_submit(cp_request_t *req, cp_reply_t *reply)
{
    cp_policy_t policy;
    apr_status_t rv = cp_policy_load(&req->cx, req->clinic->clinic_id, &policy);

    if (rv == APR_SUCCESS) {
        rv = cp_address_change(&req->cx, req->session, &policy,
                               cp_request_body(req, "present"),
                               cp_request_body(req, "email"));
    }
    switch (rv) {
    case CP_EINPUT:
        cp_reply_alert(reply, HTTP_BAD_REQUEST, "address",
                       "That is not a mail address. Nothing was changed.");
        return cp_page_address_show(req, reply);
    case CP_EDENIED:
        cp_reply_alert(reply, HTTP_FORBIDDEN, "incorrect",
                       "The password is not right. Nothing was changed.");
        return cp_page_address_show(req, reply);
    case CP_ETOOMANY:
        cp_reply_alert(
            reply, HTTP_TOO_MANY_REQUESTS, "too-many",
            "There were too many tries. Wait a few minutes, then try again.");
        return cp_page_address_show(req, reply);
    default:
        cp_reply_redirect(reply,
                          cp_request_url(req, "/%s/account?done=mail",
                                         cp_kind_word(req->session->kind)));
        return rv;
    }
}
