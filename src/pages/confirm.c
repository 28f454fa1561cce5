/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Once more: is it you? */
#include "pages/confirm.h"

#include "base/status.h"
#include "clinic/factor.h"
#include "clinic/reauth.h"
#include "pages/steps.h"
#include "web/identity.h"
#include "web/signed_out.h"

#include <httpd.h>
#include <string.h>

/* What is asked for: "password", or a second factor by its word. */
static const char *need_of(const cp_request_t *req)
{
    static const char *const words[] = {CP_FACTOR_OTP, CP_FACTOR_MAIL, "any"};
    const char *sent = req->body != NULL ? cp_request_body(req, "need")
                                         : cp_request_query(req, "need");
    size_t i;

    for (i = 0; sent != NULL && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(sent, words[i]) == 0) {
            return words[i];
        }
    }
    return "password";
}

static int has_factor(const cp_factor_t *factor, const char *need)
{
    return factor->method[0] != '\0' &&
           (strcmp(need, "any") == 0 || strcmp(need, factor->method) == 0);
}

static apr_status_t show(cp_request_t *req, cp_reply_t *reply, int is_sent)
{
    const char *kind = cp_kind_word(req->session->kind);
    const char *need = need_of(req);
    int is_password = strcmp(need, "password") == 0;
    cp_policy_t policy;
    cp_factor_t factor;
    int has;
    apr_status_t rv = cp_page_steps_facts(req, &policy, &factor);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    has = has_factor(&factor, need);
    cp_reply_view(
        req, reply, "confirm",
        json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:b, s:s, s:s?, "
                  "s:s?}",
                  "need", need, "action_url",
                  cp_request_url(req, "/%s/confirm", kind), "enrol_url",
                  cp_request_url(req, "/%s/account/factor", kind),
                  "asks_password", is_password, "asks_factor",
                  !is_password && has, "is_off",
                  !is_password && !has && policy.second_factor == CP_FACTOR_OFF,
                  "must_enrol",
                  !is_password && !has && policy.second_factor != CP_FACTOR_OFF,
                  "by_mail", strcmp(factor.method, CP_FACTOR_MAIL) == 0,
                  "is_sent", is_sent, "mail_hint",
                  cp_page_steps_mail_hint(factor.email, req->cx.pool), "alert",
                  reply->message, "next", cp_page_steps_next(req)));
    return APR_SUCCESS;
}

apr_status_t cp_page_confirm_show(cp_request_t *req, cp_reply_t *reply)
{
    return show(req, reply, 0);
}

apr_status_t cp_page_confirm_stale(cp_request_t *req, cp_reply_t *reply)
{
    cp_reply_alert(reply, HTTP_FORBIDDEN, "stale", CP_STALE_TEXT);
    return show(req, reply, 0);
}

static const char many_text[] =
    "There were too many tries. Wait a few minutes, then try again. If that "
    "does not help, ask your clinic.";

static apr_status_t refuse(cp_request_t *req, cp_reply_t *reply,
                           apr_status_t rv, const char *wrong, const char *many)
{
    switch (rv) {
    case CP_EDENIED:
        cp_reply_alert(reply, HTTP_FORBIDDEN, "incorrect", wrong);
        return show(req, reply, 0);
    case CP_ETOOMANY:
        cp_reply_alert(reply, HTTP_TOO_MANY_REQUESTS, "too-many", many);
        return show(req, reply, 0);
    default:
        return rv;
    }
}

/* Under a new token, back to where the person was going. */
static apr_status_t go_on(cp_request_t *req, cp_reply_t *reply,
                          const char *factor)
{
    const char *target = cp_signed_out_target(req, cp_page_steps_next(req));
    const char *cookie;
    apr_status_t rv =
        cp_session_confirm(&req->cx, req->session, factor, &cookie);

    if (rv == APR_SUCCESS) {
        rv = cp_identity_set(req, reply, req->session->kind, cookie);
    }
    if (rv == APR_SUCCESS) {
        cp_reply_redirect(
            reply, target != NULL
                       ? target
                       : cp_request_url(req, "/%s/",
                                        cp_kind_word(req->session->kind)));
    }
    return rv;
}

static apr_status_t check_code(cp_request_t *req, cp_reply_t *reply)
{
    const char *code = cp_request_body(req, "code");
    const char *word;
    apr_status_t rv;

    if (cp_request_body(req, "send") != NULL) {
        rv = cp_factor_send_code(&req->cx, req->session);
        return rv == APR_SUCCESS ? show(req, reply, 1)
                                 : refuse(req, reply, rv, "", CP_CODES_TEXT);
    }
    rv = cp_factor_check(&req->cx, req->session, code, &word);
    return rv == APR_SUCCESS
               ? go_on(req, reply, word)
               : refuse(req, reply, rv,
                        "That code is not right, or was used already. Take "
                        "the newest one.",
                        many_text);
}

apr_status_t cp_page_confirm_submit(cp_request_t *req, cp_reply_t *reply)
{
    cp_policy_t policy;
    const char *hash;
    apr_status_t rv;

    if (strcmp(need_of(req), "password") != 0) {
        return check_code(req, reply);
    }
    rv = cp_policy_load(&req->cx, req->clinic->clinic_id, &policy);
    if (rv == APR_SUCCESS) {
        rv = cp_reauth(&req->cx, req->session, &policy,
                       cp_request_body(req, "present"), &hash);
    }
    return rv == APR_SUCCESS ? go_on(req, reply, NULL)
                             : refuse(req, reply, rv,
                                      "The password is not right.", many_text);
}
