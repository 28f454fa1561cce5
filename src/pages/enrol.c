/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Choosing a second factor. */
#include "pages/factor.h"

#include "base/json.h"
#include "base/otp.h"
#include "base/status.h"
#include "clinic/factor.h"
#include "clinic/reauth.h"
#include "pages/steps.h"
#include "web/router.h"

#include <httpd.h>
#include <openssl/crypto.h>
#include <string.h>

static int is_step(const cp_request_t *req)
{
    return req->route->step != CP_STEP_NONE;
}

static const char *url(cp_request_t *req, const char *behind)
{
    return cp_request_url(req, "/%s/%s%s", cp_kind_word(req->session->kind),
                          is_step(req) ? "signin/enrol" : "account/factor",
                          behind);
}

static void put_urls(cp_request_t *req, json_t *model)
{
    static const char *const names[][2] = {
        {"begin_url", "/begin"},     {"picture_url", "/qr"},
        {"confirm_url", "/confirm"}, {"mail_url", "/mail"},
        {"codes_url", "/codes"},     {"remove_url", "/remove"},
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        cp_json_put_text(model, names[i][0], url(req, names[i][1]));
    }
}

/* The secret that waits, for those who cannot photograph the picture. */
static apr_status_t put_pending(cp_request_t *req, json_t *model)
{
    unsigned char secret[CP_OTP_SECRET_BYTES];
    apr_status_t rv = cp_factor_pending(&req->cx, req->session, secret);

    cp_json_put(model, "is_waiting", json_boolean(rv == APR_SUCCESS));
    if (rv == APR_SUCCESS) {
        cp_json_put_text(model, "secret_text",
                         cp_otp_secret_text(secret, req->cx.pool));
    }
    OPENSSL_cleanse(secret, sizeof(secret));
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

apr_status_t cp_page_enrol_show(cp_request_t *req, cp_reply_t *reply)
{
    cp_policy_t policy;
    cp_factor_t factor;
    json_t *model;
    apr_status_t rv = cp_page_steps_facts(req, &policy, &factor);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    model = json_pack(
        "{s:b, s:b, s:b, s:b, s:b, s:b, s:i, s:s?, s:s?}", "is_step",
        is_step(req), "is_off", policy.second_factor == CP_FACTOR_OFF,
        "has_otp", strcmp(factor.method, CP_FACTOR_OTP) == 0, "has_mail",
        strcmp(factor.method, CP_FACTOR_MAIL) == 0, "may_mail",
        req->portal->mail != NULL && factor.email[0] != '\0', "may_remove",
        factor.method[0] != '\0' && !factor.is_required &&
            policy.second_factor == CP_FACTOR_PER_USER,
        "recovery_left", factor.recovery_left, "alert", reply->message, "next",
        cp_page_steps_next(req));
    put_urls(req, model);
    rv = put_pending(req, model);
    cp_reply_view(req, reply, "enrol", model);
    return rv;
}

apr_status_t cp_page_enrol_stale(cp_request_t *req, cp_reply_t *reply)
{
    cp_reply_alert(reply, HTTP_FORBIDDEN, "stale", CP_STALE_TEXT);
    return cp_page_enrol_show(req, reply);
}

/* From the account page the password is asked for; within a sign-in it has
 * just been given. APR_INCOMPLETE: the reply says no. */
static apr_status_t allow(cp_request_t *req, cp_reply_t *reply,
                          cp_policy_t *policy)
{
    const char *unused;
    apr_status_t rv = cp_policy_load(&req->cx, req->clinic->clinic_id, policy);

    if (rv != APR_SUCCESS || is_step(req)) {
        return rv;
    }
    if (policy->second_factor == CP_FACTOR_OFF) {
        return CP_EDENIED;
    }
    rv = cp_reauth(&req->cx, req->session, policy,
                   cp_request_body(req, "present"), &unused);
    if (rv == CP_EDENIED) {
        cp_reply_alert(reply, HTTP_FORBIDDEN, "incorrect",
                       "The password is not right. Nothing was changed.");
    }
    else if (rv == CP_ETOOMANY) {
        cp_reply_alert(
            reply, HTTP_TOO_MANY_REQUESTS, "too-many",
            "There were too many tries. Wait a few minutes, then try again.");
    }
    else {
        return rv;
    }
    rv = cp_page_enrol_show(req, reply);
    return rv == APR_SUCCESS ? APR_INCOMPLETE : rv;
}

static apr_status_t settled(apr_status_t rv)
{
    return rv == APR_INCOMPLETE ? APR_SUCCESS : rv;
}

apr_status_t cp_page_enrol_begin(cp_request_t *req, cp_reply_t *reply)
{
    cp_policy_t policy;
    apr_status_t rv = allow(req, reply, &policy);

    if (rv == APR_SUCCESS) {
        rv = cp_factor_begin_otp(&req->cx, req->session);
        cp_reply_redirect(reply, cp_page_steps_at(req, url(req, "")));
    }
    return settled(rv);
}

apr_status_t cp_page_enrol_picture(cp_request_t *req, cp_reply_t *reply)
{
    unsigned char secret[CP_OTP_SECRET_BYTES];
    apr_status_t rv = cp_factor_pending(&req->cx, req->session, secret);

    if (rv == APR_SUCCESS) {
        reply->image =
            cp_otp_qr_svg(cp_otp_uri(secret, req->clinic->name,
                                     req->session->username, req->cx.pool),
                          req->cx.pool);
        rv = reply->image == NULL ? APR_ENOMEM : APR_SUCCESS;
    }
    OPENSSL_cleanse(secret, sizeof(secret));
    return rv;
}

/* The codes, which are shown this once, and where to go on from there. */
static apr_status_t show_codes(cp_request_t *req, cp_reply_t *reply,
                               json_t *codes, const char *next)
{
    cp_reply_view(
        req, reply, "recovery",
        json_pack("{s:O, s:s}", "codes", codes, "continue_url", next));
    return APR_SUCCESS;
}

/* The step is done: the new session's cookies go with the codes; its old token
 * signs no form any more. */
static apr_status_t go_on_with(cp_request_t *req, cp_reply_t *reply,
                               json_t *codes)
{
    const char *next;
    cp_policy_t policy;
    apr_status_t rv = cp_policy_load(&req->cx, req->clinic->clinic_id, &policy);

    if (rv == APR_SUCCESS) {
        rv = cp_page_steps_factor(req, reply, &policy, CP_FACTOR_OTP, 0);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    next = reply->location;
    reply->location = NULL;
    reply->status = HTTP_OK;
    req->session = NULL;
    return show_codes(req, reply, codes, next);
}

apr_status_t cp_page_enrol_confirm(cp_request_t *req, cp_reply_t *reply)
{
    json_t *codes;
    apr_status_t rv = cp_factor_confirm_otp(
        &req->cx, req->session, cp_request_body(req, "code"), &codes);

    if (rv == CP_EDENIED) {
        cp_reply_alert(
            reply, HTTP_FORBIDDEN, "incorrect",
            "That code is not right. Wait for the next one in your "
            "authenticator, and check that the clock of the device is right.");
        return cp_page_enrol_show(req, reply);
    }
    if (rv == APR_ENOENT) {
        cp_reply_alert(reply, HTTP_FORBIDDEN, "too-late",
                       "That took too long, so begin again.");
        return cp_page_enrol_show(req, reply);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    return is_step(req)
               ? go_on_with(req, reply, codes)
               : show_codes(req, reply, codes,
                            cp_request_url(req, "/%s/account?done=factor",
                                           cp_kind_word(req->session->kind)));
}

static void back_to_account(cp_request_t *req, cp_reply_t *reply,
                            const char *done)
{
    cp_reply_redirect(reply,
                      cp_request_url(req, "/%s/account?done=%s",
                                     cp_kind_word(req->session->kind), done));
}

apr_status_t cp_page_enrol_mail(cp_request_t *req, cp_reply_t *reply)
{
    cp_policy_t policy;
    apr_status_t rv = allow(req, reply, &policy);

    if (rv == APR_SUCCESS) {
        rv = cp_factor_choose_mail(&req->cx, req->session);
        if (rv == APR_SUCCESS && is_step(req)) {
            return cp_page_steps_done(req, reply, &policy);
        }
        back_to_account(req, reply, "factor");
    }
    return settled(rv);
}

apr_status_t cp_page_enrol_codes(cp_request_t *req, cp_reply_t *reply)
{
    cp_policy_t policy;
    json_t *codes;
    apr_status_t rv = allow(req, reply, &policy);

    if (rv == APR_SUCCESS) {
        rv = cp_factor_renew_codes(&req->cx, req->session, &codes);
        if (rv == APR_SUCCESS) {
            return show_codes(req, reply, codes, url(req, ""));
        }
    }
    return settled(rv);
}

static apr_status_t remove_work(cp_db_t *db, void *baton)
{
    cp_request_t *req = baton;

    return cp_factor_remove(&req->cx, req->clinic->clinic_id,
                            req->session->account_id);
}

apr_status_t cp_page_enrol_remove(cp_request_t *req, cp_reply_t *reply)
{
    cp_policy_t policy;
    cp_factor_t factor;
    apr_status_t rv = allow(req, reply, &policy);

    if (rv == APR_SUCCESS) {
        rv = cp_factor_find(&req->cx, req->clinic->clinic_id,
                            req->session->account_id, &factor);
    }
    if (rv == APR_SUCCESS &&
        (factor.is_required || policy.second_factor == CP_FACTOR_ALL)) {
        rv = CP_EDENIED;
    }
    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(req->cx.db, remove_work, req);
        back_to_account(req, reply, "no-factor");
    }
    return settled(rv);
}
