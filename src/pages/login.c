/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The sign-in page. */
#include "pages/login.h"

#include "base/encode.h"
#include "base/status.h"
#include "clinic/captcha.h"
#include "clinic/signin.h"
#include "pages/captcha.h"
#include "pages/entry.h"
#include "pages/steps.h"
#include "web/identity.h"
#include "web/signed_out.h"

#include <httpd.h>

/* What the form is shown with the next time: words in an alert, by the kind of
 * account they name, and whether a link to the other tab stands under them. */
typedef struct alert_t {
    int status;
    const char *code;
    const char *text[2];
    int offers_other_tab;
} alert_t;

#define FOR_BOTH(text)                                                         \
    {                                                                          \
        text, text                                                             \
    }
#define NAMING(before, after)                                                  \
    {                                                                          \
        [CP_KIND_STAFF] = before "Staff" after, [CP_KIND_PATIENT] =            \
                                                    before "Patient" after     \
    }

static const alert_t alerts[] = {
    [CP_SIGNIN_DONE] = {HTTP_OK, NULL, FOR_BOTH(NULL), 0},
    [CP_SIGNIN_CAPTCHA] =
        {HTTP_FORBIDDEN, "captcha",
         FOR_BOTH("Invalid CAPTCHA. Tick the box \"I'm not a robot\" above the "
                  "button, wait until it says Verified, and log in again."),
         0},
    [CP_SIGNIN_WRONG] =
        {HTTP_FORBIDDEN, "incorrect",
         NAMING("Incorrect user name or password for ",
                " Login. Check both and try again. After several wrong tries "
                "an account is locked for a while."),
         1},
    [CP_SIGNIN_OTHER_KIND] =
        {HTTP_FORBIDDEN,
         "other-kind",
         {[CP_KIND_STAFF] = "This is a staff account. Log in with it on the "
                            "Staff Login tab.",
          [CP_KIND_PATIENT] = "This is a patient account. Log in with it on "
                              "the Patient Login tab."},
         1},
    [CP_SIGNIN_NO_PORTAL] =
        {HTTP_FORBIDDEN, "no-portal-permission",
         NAMING("Your user name and password are right, but your account does "
                "not have the ",
                " Portal permission. Ask your clinic's administrator to turn "
                "it on."),
         0},
    [CP_SIGNIN_TOO_MANY] =
        {HTTP_TOO_MANY_REQUESTS, "too-many",
         FOR_BOTH("There were too many tries to log in. Please wait a few "
                  "minutes, then try again."),
         0},
    [CP_SIGNIN_UNAVAILABLE] =
        {HTTP_SERVICE_UNAVAILABLE, "unavailable",
         FOR_BOTH("Logging in is not possible right now. Your password was "
                  "not checked. Please try again in a moment."),
         0},
};

static const alert_t stale = {
    HTTP_FORBIDDEN, "stale",
    FOR_BOTH("This page was open too long, so nothing was sent. Enter your "
             "password again and log in."),
    0};

/* Whoever changes the tab is still going where they were. */
static const char *tab_url(const cp_request_t *req, cp_kind_t kind)
{
    const char *next = cp_page_steps_next(req);

    return cp_request_url(
        req, "/index.aspx?clinicID=%s&LoginType=%s%s%s", req->clinic->code,
        cp_kind_label(kind), next == NULL ? "" : "&next=",
        next == NULL ? "" : cp_encode_url(next, req->cx.pool));
}

static json_t *tab_model(const cp_request_t *req, cp_kind_t tab,
                         cp_kind_t chosen)
{
    return json_pack("{s:s+, s:s, s:b}", "label", cp_kind_label(tab), " Login",
                     "url", tab_url(req, tab), "is_current", tab == chosen);
}

static json_t *alert_model(const cp_request_t *req, const alert_t *alert,
                           const char *text, cp_kind_t kind)
{
    cp_kind_t other = cp_kind_other(kind);

    if (text == NULL) {
        return json_null();
    }
    return json_pack("{s:s, s:b, s:b, s:o}", "text", text, "is_failure",
                     alert->status == HTTP_SERVICE_UNAVAILABLE, "is_no_portal",
                     alert == &alerts[CP_SIGNIN_NO_PORTAL], "other_tab",
                     alert->offers_other_tab ? tab_model(req, other, kind)
                                             : json_null());
}

/* The form; *alert says with which message. username: what was typed. */
static apr_status_t show_form(cp_request_t *req, cp_reply_t *reply,
                              cp_kind_t kind, const alert_t *alert)
{
    cp_kind_t named =
        alert == &alerts[CP_SIGNIN_OTHER_KIND] ? cp_kind_other(kind) : kind;
    const char *reason = cp_request_query(req, "reason");
    const char *text = alert->text[named];
    apr_status_t rv = cp_identity_visit(req, reply);

    if (rv == APR_SUCCESS) {
        rv = cp_identity_remember(req, reply, req->clinic->code, kind);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    reply->status = alert->status;
    reply->error = alert->code;
    reply->message = text;
    reply->has_captcha = req->portal->options.captcha.mode != CP_CAPTCHA_OFF;
    cp_reply_view(
        req, reply, "login",
        json_pack("{s:s, s:[o, o], s:s, s:s, s:o, s:s?, s:s?, s:s?, s:o, s:s}",
                  "action_url", cp_request_url(req, "/login"), "tabs",
                  tab_model(req, CP_KIND_PATIENT, kind),
                  tab_model(req, CP_KIND_STAFF, kind), "clinic_id",
                  req->clinic->code, "login_type", cp_kind_label(kind), "alert",
                  alert_model(req, alert, text, kind), "notice",
                  reason == NULL ? NULL : cp_signed_out_text(req, reason),
                  "username", cp_request_body(req, "username"), "next",
                  cp_page_steps_next(req), "captcha",
                  cp_page_captcha_model(req), "forgot_url",
                  cp_request_url(req, "/forgot?clinicID=%s&LoginType=%s",
                                 req->clinic->code, cp_kind_label(kind))));
    return reply->model == NULL ? APR_ENOMEM : APR_SUCCESS;
}

apr_status_t cp_page_login_show(cp_request_t *req, cp_reply_t *reply,
                                cp_kind_t kind)
{
    return show_form(req, reply, kind, &alerts[CP_SIGNIN_DONE]);
}

/* Whose form was it? APR_SUCCESS with req->clinic NULL: the reply is made. */
static apr_status_t read_door(cp_request_t *req, cp_reply_t *reply,
                              cp_kind_t *kind)
{
    const cp_clinic_t *clinic;
    apr_status_t rv = cp_kind_parse(cp_request_body(req, "LoginType"), kind);

    return rv != APR_SUCCESS
               ? rv
               : cp_page_entry_clinic(
                     req, reply, cp_request_body(req, "clinicID"), &clinic);
}

apr_status_t cp_page_login_submit(cp_request_t *req, cp_reply_t *reply)
{
    const char *field = cp_captcha_field(&req->portal->options.captcha);
    cp_signin_try_t attempt = {NULL};
    cp_signin_result_t result = {CP_SIGNIN_UNAVAILABLE};
    apr_status_t rv = read_door(req, reply, &attempt.kind);

    if (rv != APR_SUCCESS || req->clinic == NULL) {
        return rv;
    }
    attempt.clinic = req->clinic;
    attempt.username = cp_request_body(req, "username");
    attempt.password = cp_request_body(req, "password");
    attempt.captcha = field == NULL ? NULL : cp_request_body(req, field);
    attempt.visit = cp_identity_visit_digest(req);
    attempt.old_session_cookie = cp_identity_cookie(req, attempt.kind);
    attempt.device_cookie = cp_identity_device(req);
    cp_signin(&req->cx, &attempt, &result);
    if (result.outcome == CP_SIGNIN_DONE) {
        return cp_page_steps_go(req, reply, attempt.kind, &result.cookies);
    }
    reply->retry_after_s = result.retry_after_s;
    return show_form(req, reply, attempt.kind, &alerts[result.outcome]);
}

apr_status_t cp_page_login_stale(cp_request_t *req, cp_reply_t *reply)
{
    cp_kind_t kind;
    apr_status_t rv = read_door(req, reply, &kind);

    return rv != APR_SUCCESS || req->clinic == NULL
               ? rv
               : show_form(req, reply, kind, &stale);
}
