/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* From step to step of a sign-in. */
#include "pages/steps.h"

#include "base/encode.h"
#include "base/ident.h"
#include "web/identity.h"
#include "web/signed_out.h"

#include <apr_strings.h>
#include <string.h>
#include <unicode/utf8.h>

const char *cp_page_steps_next(const cp_request_t *req)
{
    const char *next = req->body != NULL ? cp_request_body(req, "next")
                                         : cp_request_query(req, "next");

    return cp_signed_out_target(req, next) == NULL ? NULL : next;
}

const char *cp_page_steps_at(cp_request_t *req, const char *url)
{
    const char *next = cp_page_steps_next(req);

    return next == NULL
               ? url
               : apr_pstrcat(req->cx.pool, url,
                             "?next=", cp_encode_url(next, req->cx.pool), NULL);
}

apr_status_t cp_page_steps_facts(cp_request_t *req, cp_policy_t *policy,
                                 cp_factor_t *factor)
{
    const char *clinic_id = req->clinic->clinic_id;
    apr_status_t rv = cp_policy_load(&req->cx, clinic_id, policy);

    return rv == APR_SUCCESS ? cp_factor_find(&req->cx, clinic_id,
                                              req->session->account_id, factor)
                             : rv;
}

const char *cp_page_steps_mail_hint(const char *email, apr_pool_t *p)
{
    const char *at = strchr(email, '@');
    int first = 0; /* character's bytes */

    if (at == NULL) {
        return "";
    }
    U8_FWD_1(email, first, (int)(at - email));
    return apr_psprintf(p, "%.*s\xe2\x80\xa6%s", first, email, at);
}

static const char *address_of(cp_request_t *req, cp_kind_t kind, cp_step_t step)
{
    const char *next = cp_page_steps_next(req);

    if (step == CP_STEP_NONE) {
        return next == NULL ? cp_request_url(req, "/%s/", cp_kind_word(kind))
                            : cp_signed_out_target(req, next);
    }
    return cp_page_steps_at(req, cp_request_url(req, "/%s/signin/%s",
                                                cp_kind_word(kind),
                                                cp_step_word(step)));
}

apr_status_t cp_page_steps_go(cp_request_t *req, cp_reply_t *reply,
                              cp_kind_t kind,
                              const cp_session_cookies_t *cookies)
{
    apr_status_t rv = cp_identity_set(req, reply, kind, cookies->session);

    if (rv == APR_SUCCESS) {
        rv = cp_identity_set_device(req, reply, cookies->device);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_identity_remember(req, reply, req->clinic->code, kind);
    }
    /* No timer is needed, and the tables grow only with sign-ins. */
    reply->keeps_house = 1;
    cp_reply_redirect(reply, address_of(req, kind, cookies->step));
    return rv;
}

apr_status_t cp_page_steps_factor(cp_request_t *req, cp_reply_t *reply,
                                  const cp_policy_t *policy, const char *factor,
                                  int remembers)
{
    const cp_session_t *session = req->session;
    cp_device_owner_t owner = {
        session->clinic->clinic_id, session->kind,
        cp_ident_username_key(session->username, req->cx.pool)};
    cp_device_t device = {NULL};
    cp_session_new_t new = {
        .clinic = session->clinic,
        .policy = policy,
        .account_id = session->account_id,
        .device = &device,
        .device_cookie = cp_identity_device(req),
        .factor = factor,
    };
    cp_session_cookies_t cookies;
    apr_status_t rv = APR_SUCCESS;

    if (owner.username_key != NULL) {
        rv = cp_device_find(&req->cx, &owner, new.device_cookie, &device);
    }
    if (remembers) {
        device.factor_until =
            cp_now(req->cx.port) +
            apr_time_from_sec(86400LL * policy->remember_days);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_session_advance(&req->cx, session, &new, &cookies);
    }
    return rv == APR_SUCCESS
               ? cp_page_steps_go(req, reply, session->kind, &cookies)
               : rv;
}

apr_status_t cp_page_steps_done(cp_request_t *req, cp_reply_t *reply,
                                const cp_policy_t *policy)
{
    return cp_page_steps_factor(req, reply, policy, NULL, 0);
}
