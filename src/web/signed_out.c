/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Signed out: say why, and remember where the person was going. */
#include "web/signed_out.h"

#include "base/encode.h"
#include "base/signed.h"
#include "base/status.h"
#include "base/url.h"
#include "web/draft.h"
#include "web/error.h"
#include "web/identity.h"
#include "web/router.h"

#include <apr_strings.h>
#include <httpd.h>
#include <string.h>

#define PURPOSE "next"
#define GOOD_FOR apr_time_from_sec(24 * 3600)
/* On this host: guarded locations lie beside the portal. */
#define ANYWHERE "/"

const char *cp_signed_out_reason(const cp_session_end_t *why)
{
    static const char *const words[] = {"ended", "idle", "expired", "disabled"};

    return why == NULL ? NULL : words[*why];
}

static const char *span_text(const cp_request_t *req, apr_interval_time_t span)
{
    int minutes = (int)(apr_time_sec(span) / 60);

    if (minutes >= 120 && minutes % 60 == 0) {
        return apr_psprintf(req->cx.pool, "%d hours", minutes / 60);
    }
    return minutes > 0 ? apr_psprintf(req->cx.pool, "%d minute%s", minutes,
                                      minutes == 1 ? "" : "s")
                       : apr_psprintf(req->cx.pool, "%d seconds",
                                      (int)apr_time_sec(span));
}

/* The clinic's limits, or the directives' where there is no clinic, or no
 * telling. */
static void limits_of(cp_request_t *req, cp_policy_t *policy)
{
    if (req->clinic == NULL || cp_policy_load(&req->cx, req->clinic->clinic_id,
                                              policy) != APR_SUCCESS) {
        policy->session_idle = req->portal->options.session_idle;
        policy->session_max = req->portal->options.session_max;
    }
}

const char *cp_signed_out_text(cp_request_t *req, const char *word)
{
    cp_policy_t policy;
    cp_kind_t kind;

    if (strcmp(word, "idle") == 0) {
        limits_of(req, &policy);
        return apr_psprintf(req->cx.pool,
                            "You were signed out after %s without activity.",
                            span_text(req, policy.session_idle));
    }
    if (strcmp(word, "expired") == 0) {
        limits_of(req, &policy);
        return apr_psprintf(req->cx.pool,
                            "You were signed out because a session lasts at "
                            "most %s.",
                            span_text(req, policy.session_max));
    }
    if (strcmp(word, "disabled") == 0) {
        return "You were signed out because your access was changed. Ask your "
               "clinic if this is a surprise.";
    }
    if (strcmp(word, "ended") == 0) {
        return "You are not signed in any more. Please sign in again.";
    }
    if (strcmp(word, "needed") == 0) {
        return "Log in to go on to the page you asked for.";
    }
    if (cp_kind_parse(word, &kind) == APR_SUCCESS) {
        return apr_psprintf(req->cx.pool,
                            "Log in with a %s account to go on to the page you "
                            "asked for.",
                            cp_kind_word(kind));
    }
    if (strcmp(word, "password") == 0) {
        return "Your new password is set. Log in with it.";
    }
    return strcmp(word, "signed-out") == 0 ? "You are signed out." : NULL;
}

static cp_signer_t signer_of(const cp_request_t *req)
{
    cp_signer_t signer = {&req->portal->options.keys, PURPOSE, ""};

    return signer;
}

const char *cp_signed_out_next(const cp_request_t *req, const char *target)
{
    cp_signer_t signer = signer_of(req);
    const char *next;

    if (!cp_url_is_local(target, ANYWHERE) ||
        cp_signed_make(&next, &signer, target, cp_now(req->cx.port) + GOOD_FOR,
                       req->cx.pool) != APR_SUCCESS) {
        return NULL;
    }
    return next;
}

const char *cp_signed_out_target(const cp_request_t *req, const char *next)
{
    cp_signer_t signer = signer_of(req);
    const char *target;

    if (next == NULL ||
        cp_signed_read(&target, &signer, next, cp_now(req->cx.port),
                       req->cx.pool) != APR_SUCCESS ||
        !cp_url_is_local(target, ANYWHERE)) {
        return NULL;
    }
    return target;
}

static const char *with_parameter(cp_request_t *req, const char *url,
                                  const char *name, const char *value)
{
    return value == NULL
               ? url
               : apr_pstrcat(req->cx.pool, url,
                             strchr(url, '?') == NULL ? "?" : "&", name, "=",
                             cp_encode_url(value, req->cx.pool), NULL);
}

const char *cp_signed_out_address(cp_request_t *req, const cp_kind_t *kind,
                                  const char *reason, const char *next)
{
    const char *url = cp_request_url(req, "/index.aspx");
    const char *code;
    cp_kind_t last;

    if (cp_identity_recall(req, &code, &last) == APR_SUCCESS) {
        url = with_parameter(req, url, "clinicID", code);
        kind = kind == NULL ? &last : kind;
    }
    if (kind != NULL) {
        url = with_parameter(req, url, "LoginType", cp_kind_label(*kind));
    }
    url = with_parameter(req, url, "reason", reason);
    return with_parameter(req, url, "next", next);
}

const char *cp_signed_out_step_address(cp_request_t *req, const char *next)
{
    const char *kind = cp_kind_word(req->session->kind);
    cp_step_t step = req->session->step;

    return with_parameter(
        req,
        step == CP_STEP_NONE
            ? cp_request_url(req, "/%s/", kind)
            : cp_request_url(req, "/%s/signin/%s", kind, cp_step_word(step)),
        "next", next);
}

/* Back to a page of ours that was asked for, or that a kept draft belongs to.
 */
static const char *next_of(cp_request_t *req)
{
    const char *place = cp_draft_place(req);

    if (req->route->method == CP_GET) {
        return cp_signed_out_next(req, req->target);
    }
    return place == NULL
               ? NULL
               : cp_signed_out_next(req, cp_request_url(req, "/%s/%s",
                                                        cp_kind_word(req->kind),
                                                        place));
}

void cp_signed_out_refuse(cp_request_t *req, cp_reply_t *reply,
                          const char *reason)
{
    reply->status = HTTP_UNAUTHORIZED;
    reply->error = "signed-out";
    reply->message = cp_signed_out_text(req, reason == NULL ? "ended" : reason);
}

int cp_signed_out_reply(cp_request_t *req, cp_reply_t *reply,
                        const cp_session_end_t *why)
{
    const char *reason = cp_signed_out_reason(why);

    /* A page that learns it from its script loads itself again, and only with
     * the dead cookie can the person then be told why. */
    if (req->wants_json) {
        cp_signed_out_refuse(req, reply, reason);
        return DONE;
    }
    if (why != NULL &&
        cp_identity_set(req, reply, req->kind, NULL) != APR_SUCCESS) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    cp_reply_redirect(
        reply, cp_signed_out_address(req, &req->kind, reason, next_of(req)));
    return DONE;
}

int cp_signed_out_step(cp_request_t *req, cp_reply_t *reply)
{
    cp_step_t step = req->session->step;
    int comes_back = step != CP_STEP_NONE && req->route->step == CP_STEP_NONE &&
                     req->route->method == CP_GET;

    if (req->wants_json) {
        reply->status = HTTP_FORBIDDEN;
        reply->error = "sign-in-step";
        reply->message = step == CP_STEP_NONE
                             ? "This step of signing in is done."
                             : "Signing in is not finished yet.";
        return DONE;
    }
    cp_reply_redirect(
        reply,
        cp_signed_out_step_address(
            req, comes_back ? cp_signed_out_next(req, req->target) : NULL));
    return DONE;
}
