/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A new password by mail. */
#include "pages/reset.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/captcha.h"
#include "clinic/reset.h"
#include "pages/captcha.h"
#include "pages/entry.h"
#include "pages/steps.h"
#include "web/identity.h"

#include <httpd.h>
#include <string.h>

static const char *field(const cp_request_t *req, const char *name)
{
    return req->body != NULL ? cp_request_body(req, name)
                             : cp_request_query(req, name);
}

/* Whose page it is. APR_SUCCESS with req->clinic NULL: the reply is made. */
static apr_status_t find_clinic(cp_request_t *req, cp_reply_t *reply)
{
    const cp_clinic_t *clinic;

    return cp_page_entry_clinic(req, reply, field(req, "clinicID"), &clinic);
}

static const char *login_url(cp_request_t *req, cp_kind_t kind)
{
    return cp_request_url(req, "/index.aspx?clinicID=%s&LoginType=%s",
                          req->clinic->code, cp_kind_label(kind));
}

static cp_kind_t kind_of(const cp_request_t *req)
{
    cp_kind_t kind = req->clinic->default_tab;

    if (field(req, "LoginType") != NULL) {
        (void)cp_kind_parse(field(req, "LoginType"), &kind);
    }
    return kind;
}

/* is_sent: the form has done its work. */
static apr_status_t show_forgot(cp_request_t *req, cp_reply_t *reply,
                                int is_sent)
{
    cp_kind_t kind = kind_of(req);
    cp_policy_t policy;
    int is_on;
    apr_status_t rv = cp_identity_visit(req, reply);

    if (rv == APR_SUCCESS) {
        rv = cp_policy_load(&req->cx, req->clinic->clinic_id, &policy);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    is_on = policy.reset_by_mail && req->portal->mail != NULL;
    reply->has_captcha =
        is_on && req->portal->options.captcha.mode != CP_CAPTCHA_OFF;
    cp_reply_view(req, reply, "forgot",
                  json_pack("{s:b, s:b, s:s, s:s, s:s, s:s, s:s?, s:s?, s:o}",
                            "is_on", is_on, "is_sent", is_sent, "action_url",
                            cp_request_url(req, "/forgot"), "login_url",
                            login_url(req, kind), "clinic_id",
                            req->clinic->code, "login_type",
                            cp_kind_label(kind), "alert", reply->message,
                            "username", cp_request_body(req, "username"),
                            "captcha", cp_page_captcha_model(req)));
    return APR_SUCCESS;
}

apr_status_t cp_page_forgot_show(cp_request_t *req, cp_reply_t *reply)
{
    apr_status_t rv = find_clinic(req, reply);

    return rv != APR_SUCCESS || req->clinic == NULL
               ? rv
               : show_forgot(req, reply, 0);
}

apr_status_t cp_page_forgot_stale(cp_request_t *req, cp_reply_t *reply)
{
    cp_reply_alert(reply, HTTP_FORBIDDEN, "stale", CP_STALE_TEXT);
    return cp_page_forgot_show(req, reply);
}

apr_status_t cp_page_forgot_submit(cp_request_t *req, cp_reply_t *reply)
{
    const char *captcha = cp_captcha_field(&req->portal->options.captcha);
    cp_reset_ask_t ask = {.username = cp_request_body(req, "username")};
    apr_status_t rv = find_clinic(req, reply);

    if (rv != APR_SUCCESS || req->clinic == NULL) {
        return rv;
    }
    if (req->portal->mail == NULL) {
        return show_forgot(req, reply, 0);
    }
    ask.clinic = req->clinic;
    ask.kind = kind_of(req);
    ask.captcha = captcha == NULL ? NULL : cp_request_body(req, captcha);
    ask.visit = cp_identity_visit_digest(req);
    rv = cp_reset_ask(&req->cx, &ask);
    if (rv == CP_EDENIED) {
        cp_reply_alert(
            reply, HTTP_FORBIDDEN, "captcha",
            "Invalid CAPTCHA. Tick the box \"I'm not a robot\", wait until it "
            "says Verified, and try again.");
    }
    else if (rv == CP_ETOOMANY) {
        cp_reply_alert(
            reply, HTTP_TOO_MANY_REQUESTS, "too-many",
            "There were too many requests. Please wait an hour, or ask your "
            "clinic.");
    }
    else if (rv != APR_SUCCESS) {
        return rv;
    }
    return show_forgot(req, reply, rv == APR_SUCCESS);
}

/* A link that opens nothing: the page says what to do. */
static apr_status_t show_dead_link(cp_request_t *req, cp_reply_t *reply)
{
    cp_reply_alert(
        reply, HTTP_FORBIDDEN, "link",
        "This address is not good any more: it works once, for a short time, "
        "and only the one in the newest mail does.");
    cp_reply_view(req, reply, "reset",
                  json_pack("{s:b, s:s, s:s}", "is_dead", 1, "alert",
                            reply->message, "forgot_url",
                            cp_request_url(req, "/forgot?clinicID=%s",
                                           req->clinic->code)));
    return APR_SUCCESS;
}

static apr_status_t show_reset(cp_request_t *req, cp_reply_t *reply,
                               const cp_reset_t *reset, json_t *rules)
{
    apr_status_t rv = cp_identity_visit(req, reply);

    if (rv == APR_SUCCESS) {
        cp_reply_view(
            req, reply, "reset",
            json_pack(
                "{s:s, s:s, s:s, s:s, s:s?, s:b, s:O}", "action_url",
                cp_request_url(req, "/reset"), "clinic_id", req->clinic->code,
                "token", field(req, "token"), "username", reset->username,
                "alert", reply->message, "is_invitation",
                strcmp(reset->purpose, "invitation") == 0, "rules", rules));
    }
    return rv;
}

/* The clinic, and what the token opens. APR_SUCCESS with req->clinic NULL: the
 * reply is made; CP_EDENIED: it opens nothing. */
static apr_status_t find_link(cp_request_t *req, cp_reply_t *reply,
                              cp_reset_t *reset)
{
    apr_status_t rv = find_clinic(req, reply);

    return rv != APR_SUCCESS || req->clinic == NULL
               ? rv
               : cp_reset_find(&req->cx, req->clinic, field(req, "token"),
                               reset);
}

apr_status_t cp_page_reset_show(cp_request_t *req, cp_reply_t *reply)
{
    cp_reset_t reset;
    json_t *rules;
    apr_status_t rv = find_link(req, reply, &reset);

    if (rv == CP_EDENIED) {
        return show_dead_link(req, reply);
    }
    if (rv == APR_SUCCESS && req->clinic == NULL) {
        return rv;
    }
    if (rv == APR_SUCCESS) {
        rv = cp_reset_rules(&req->cx, &reset, &rules);
    }
    return rv == APR_SUCCESS ? show_reset(req, reply, &reset, rules) : rv;
}

apr_status_t cp_page_reset_stale(cp_request_t *req, cp_reply_t *reply)
{
    cp_reply_alert(reply, HTTP_FORBIDDEN, "stale", CP_STALE_TEXT);
    return cp_page_reset_show(req, reply);
}

static apr_status_t use_link(cp_request_t *req, cp_reply_t *reply,
                             const cp_reset_t *reset)
{
    json_t *rules;
    apr_status_t rv =
        cp_reset_use(&req->cx, reset, cp_request_body(req, "password"), &rules);

    switch (rv) {
    case APR_SUCCESS:
        cp_reply_redirect(reply,
                          cp_request_url(req,
                                         "/index.aspx?clinicID=%s&LoginType=%s"
                                         "&reason=password",
                                         req->clinic->code,
                                         cp_kind_label(reset->kind)));
        return APR_SUCCESS;
    case CP_EDENIED:
        return show_dead_link(req, reply);
    case CP_EINPUT:
        cp_reply_alert(
            reply, HTTP_BAD_REQUEST, "password-rules",
            "The new password breaks the rules marked below. Nothing was "
            "changed.");
        return show_reset(req, reply, reset, rules);
    case CP_ETOOMANY:
        cp_reply_alert(reply, HTTP_TOO_MANY_REQUESTS, "too-many",
                       "There were too many tries. Ask for a new mail, or ask "
                       "your clinic. Nothing was changed.");
        return show_reset(req, reply, reset, rules);
    default:
        return rv;
    }
}

apr_status_t cp_page_reset_submit(cp_request_t *req, cp_reply_t *reply)
{
    cp_reset_t reset;
    apr_status_t rv = find_link(req, reply, &reset);

    if (rv == CP_EDENIED) {
        return show_dead_link(req, reply);
    }
    return rv != APR_SUCCESS || req->clinic == NULL
               ? rv
               : use_link(req, reply, &reset);
}
