/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Giving the second factor at sign-in. */
#include "pages/factor.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/factor.h"
#include "pages/steps.h"

#include <apr_strings.h>
#include <httpd.h>
#include <string.h>

static const char *step_url(cp_request_t *req, const char *behind)
{
    return cp_request_url(req, "/%s/signin/factor%s",
                          cp_kind_word(req->session->kind), behind);
}

static apr_status_t show(cp_request_t *req, cp_reply_t *reply, int is_sent)
{
    cp_policy_t policy;
    cp_factor_t factor;
    apr_status_t rv = cp_page_steps_facts(req, &policy, &factor);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    cp_reply_view(
        req, reply, "factor",
        json_pack(
            "{s:s, s:s, s:b, s:b, s:s, s:b, s:i, s:b, s:s?, s:s?}",
            "action_url", step_url(req, ""), "send_url", step_url(req, "/send"),
            "by_mail", strcmp(factor.method, CP_FACTOR_MAIL) == 0, "is_sent",
            is_sent, "mail_hint",
            cp_page_steps_mail_hint(factor.email, req->cx.pool), "has_recovery",
            factor.recovery_left > 0, "remember_days", policy.remember_days,
            "may_remember", policy.remember_days > 0, "alert", reply->message,
            "next", cp_page_steps_next(req)));
    return APR_SUCCESS;
}

apr_status_t cp_page_factor_show(cp_request_t *req, cp_reply_t *reply)
{
    return show(req, reply, 0);
}

apr_status_t cp_page_factor_stale(cp_request_t *req, cp_reply_t *reply)
{
    cp_reply_alert(reply, HTTP_FORBIDDEN, "stale", CP_STALE_TEXT);
    return show(req, reply, 0);
}

apr_status_t cp_page_factor_send(cp_request_t *req, cp_reply_t *reply)
{
    apr_status_t rv = cp_factor_send_code(&req->cx, req->session);

    if (rv == CP_ETOOMANY) {
        cp_reply_alert(reply, HTTP_TOO_MANY_REQUESTS, "too-many",
                       CP_CODES_TEXT);
        rv = APR_SUCCESS;
    }
    return rv == APR_SUCCESS ? show(req, reply, reply->message == NULL) : rv;
}

apr_status_t cp_page_factor_submit(cp_request_t *req, cp_reply_t *reply)
{
    cp_policy_t policy;
    const char *word;
    apr_status_t rv = cp_policy_load(&req->cx, req->clinic->clinic_id, &policy);

    if (rv == APR_SUCCESS) {
        rv = cp_factor_check(&req->cx, req->session,
                             cp_request_body(req, "code"), &word);
    }
    if (rv == CP_EDENIED) {
        cp_reply_alert(
            reply, HTTP_FORBIDDEN, "incorrect",
            "That code is not right, or was used already. Take the newest "
            "one.");
        return show(req, reply, 0);
    }
    if (rv == CP_ETOOMANY) {
        cp_reply_alert(
            reply, HTTP_TOO_MANY_REQUESTS, "too-many",
            "There were too many wrong codes. Wait a few minutes, then try "
            "again. If that does not help, ask your clinic.");
        return show(req, reply, 0);
    }
    return rv == APR_SUCCESS ? cp_page_steps_factor(
                                   req, reply, &policy, word,
                                   cp_request_body(req, "remember") != NULL &&
                                       policy.remember_days > 0)
                             : rv;
}
