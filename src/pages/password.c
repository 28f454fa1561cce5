/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Choosing a new password. */
#include "pages/password.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/password_change.h"
#include "pages/steps.h"
#include "web/router.h"

#include <httpd.h>

static apr_status_t show(cp_request_t *req, cp_reply_t *reply,
                         const char *alert, json_t *rules)
{
    const char *kind = cp_kind_word(req->session->kind);
    int is_step = req->route->step != CP_STEP_NONE;

    cp_reply_view(
        req, reply, "password",
        json_pack("{s:s, s:s, s:b, s:s?, s:s?, s:O}", "action_url",
                  is_step ? cp_request_url(req, "/%s/signin/password", kind)
                          : cp_request_url(req, "/%s/account/password", kind),
                  "username", req->session->username, "is_step", is_step,
                  "alert", alert, "next", cp_page_steps_next(req), "rules",
                  rules));
    return APR_SUCCESS;
}

apr_status_t cp_page_password_show(cp_request_t *req, cp_reply_t *reply)
{
    cp_policy_t policy;
    json_t *rules;
    apr_status_t rv = cp_policy_load(&req->cx, req->clinic->clinic_id, &policy);

    if (rv == APR_SUCCESS) {
        rv = cp_password_rules_of(&req->cx, req->session, &policy, &rules);
    }
    return rv == APR_SUCCESS ? show(req, reply, NULL, rules) : rv;
}

static apr_status_t refuse(cp_request_t *req, cp_reply_t *reply,
                           apr_status_t why, json_t *rules)
{
    reply->status = HTTP_FORBIDDEN;
    switch (why) {
    case CP_EINPUT:
        reply->status = HTTP_BAD_REQUEST;
        reply->error = "password-rules";
        reply->message = "The new password breaks the rules marked below. "
                         "Nothing was changed.";
        break;
    case CP_ETOOMANY:
        reply->status = HTTP_TOO_MANY_REQUESTS;
        reply->error = "too-many";
        reply->message = "There were too many tries. Wait a few minutes, then "
                         "try again. Nothing was changed.";
        break;
    case CP_EDENIED:
        reply->error = "incorrect";
        reply->message = "The present password is not right. Nothing was "
                         "changed.";
        break;
    default:
        return why;
    }
    return show(req, reply, reply->message, rules);
}

apr_status_t cp_page_password_submit(cp_request_t *req, cp_reply_t *reply)
{
    cp_password_typed_t typed = {.present = cp_request_body(req, "present"),
                                 .wanted = cp_request_body(req, "password")};
    cp_policy_t policy;
    json_t *rules;
    apr_status_t rv = cp_policy_load(&req->cx, req->clinic->clinic_id, &policy);

    if (rv == APR_SUCCESS) {
        rv =
            cp_password_change(&req->cx, req->session, &policy, &typed, &rules);
        if (rv != APR_SUCCESS) {
            return refuse(req, reply, rv, rules);
        }
    }
    if (rv == APR_SUCCESS && req->route->step != CP_STEP_NONE) {
        return cp_page_steps_done(req, reply, &policy);
    }
    cp_reply_redirect(reply, cp_request_url(req, "/%s/account?done=password",
                                            cp_kind_word(req->session->kind)));
    return rv;
}

apr_status_t cp_page_password_stale(cp_request_t *req, cp_reply_t *reply)
{
    apr_status_t rv = cp_page_password_show(req, reply);

    reply->status = HTTP_FORBIDDEN;
    reply->error = "stale";
    reply->message = CP_STALE_TEXT;
    if (rv == APR_SUCCESS) {
        cp_json_put_text(reply->model, "alert", reply->message);
    }
    return rv;
}
