/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Those who may not pass. */
#include "guard/refuse.h"

#include "guard/resume.h"
#include "web/body.h"
#include "web/error.h"
#include "web/headers.h"
#include "web/identity.h"
#include "web/log.h"
#include "web/send.h"
#include "web/signed_out.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <string.h>
#include <strings.h>

void cp_refuse_init(cp_reply_t *reply, request_rec *r)
{
    memset(reply, 0, sizeof(*reply));
    reply->status = HTTP_OK;
    reply->cookies = apr_array_make(r->pool, 4, sizeof(const char *));
}

static int accepts(const request_rec *r, const char *type)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    return accept != NULL && ap_strcasestr(accept, type) != NULL;
}

/* Is it a person who goes to a page? The browser says so (Fetch Metadata); from
 * an older one it is told by what it accepts. */
static int is_navigation(const request_rec *r)
{
    const char *mode = apr_table_get(r->headers_in, "Sec-Fetch-Mode");
    const char *script = apr_table_get(r->headers_in, "X-Requested-With");

    if (mode != NULL) {
        return strcasecmp(mode, "navigate") == 0;
    }
    if (script != NULL && strcasecmp(script, "XMLHttpRequest") == 0) {
        return 0;
    }
    return r->method_number == M_GET
               ? apr_table_get(r->headers_in, "Accept") == NULL ||
                     accepts(r, "text/html") || accepts(r, "*/*") ||
                     accepts(r, "application/xhtml+xml")
               : accepts(r, "text/html");
}

/* A sub-request's answer is read by its parent alone; and while an error is
 * being answered, its document cannot be replaced by ours. */
static int wants_status_only(const request_rec *r)
{
    return r->main != NULL ||
           (r->prev != NULL && ap_is_HTTP_ERROR(r->prev->status));
}

/* ErrorDocument, as the core keeps it: by its own index of the status. */
static int has_error_document(const request_rec *r, int status)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    int index = ap_index_of_response(status);

    return core->response_code_exprs != NULL &&
           apr_hash_get(core->response_code_exprs, &index, sizeof(index)) !=
               NULL;
}

int cp_refuse_send(request_rec *r, cp_who_t *who, cp_reply_t *reply)
{
    int status;

    if (ap_is_HTTP_ERROR(reply->status) &&
        has_error_document(r, reply->status)) {
        return reply->status;
    }
    cp_body_drain(r);
    cp_headers_set(r, who->portal, who->req.is_secure, 0);
    if (reply->status == HTTP_UNAUTHORIZED) {
        apr_table_setn(r->err_headers_out, "WWW-Authenticate", "ClinicPortal");
    }
    status = cp_send(r, &who->req, reply);
    cp_log_notes(r, &who->req);
    return status == OK ? DONE : status;
}

int cp_refuse_status(request_rec *r, cp_who_t *who, int status)
{
    cp_reply_t reply;

    if (wants_status_only(r)) {
        return status;
    }
    cp_refuse_init(&reply, r);
    who->req.wants_json = !is_navigation(cp_note_top(r));
    cp_error_reply(&who->req, &reply, status);
    return cp_refuse_send(r, who, &reply);
}

/* The address to come back to, signed. OK: *next, which is NULL for an address
 * that cannot be one. DONE, or a status: the reply says why not. */
static int way_back(request_rec *r, cp_who_t *who, cp_reply_t *reply,
                    const char **next)
{
    const char *target = who->req.target;
    int status = OK;

    *next = NULL;
    if (cp_note_top(r)->method_number != M_GET) {
        status = cp_resume_keep(r, who, reply, &target);
    }
    if (status == OK) {
        *next = cp_signed_out_next(&who->req, target);
    }
    return status;
}

/* Send a person elsewhere and back, or say to a program why not. A form is kept
 * only if it was posted by a page. */
static int leads_elsewhere(const request_rec *r)
{
    return is_navigation(r) &&
           (r->method_number == M_GET || r->method_number == M_POST);
}

static int finish(request_rec *r, cp_who_t *who, cp_reply_t *reply, int status)
{
    if (status != OK && status != DONE) {
        cp_error_reply(&who->req, reply, status);
    }
    return cp_refuse_send(r, who, reply);
}

static int to_sign_in(request_rec *r, cp_who_t *who, cp_reply_t *reply,
                      const cp_session_end_t *why, const cp_kind_t *kind)
{
    const cp_session_t *halfway = cp_who_halfway(r, who);
    const char *reason = cp_signed_out_reason(why);
    const char *next;
    int status = way_back(r, who, reply, &next);

    if (status != OK) {
        return status;
    }
    if (halfway != NULL) {
        who->req.session = halfway;
        cp_reply_redirect(reply, cp_signed_out_step_address(&who->req, next));
        return OK;
    }
    if (why != NULL && kind != NULL &&
        cp_identity_set(&who->req, reply, *kind, NULL) != APR_SUCCESS) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (reason == NULL) {
        reason = kind == NULL ? "needed" : cp_kind_word(*kind);
    }
    cp_reply_redirect(reply,
                      cp_signed_out_address(&who->req, kind, reason, next));
    return OK;
}

int cp_refuse_nobody(request_rec *r, cp_who_t *who)
{
    const request_rec *top = cp_note_top(r);
    const cp_session_end_t *why;
    const cp_kind_t *kind;
    cp_reply_t reply;

    if (wants_status_only(r)) {
        return HTTP_UNAUTHORIZED;
    }
    cp_refuse_init(&reply, r);
    cp_who_missing(r, who, &kind, &why);
    if (!leads_elsewhere(top)) {
        who->req.wants_json = 1;
        cp_signed_out_refuse(&who->req, &reply, cp_signed_out_reason(why));
        return cp_refuse_send(r, who, &reply);
    }
    who->req.wants_json = 0;
    return finish(r, who, &reply, to_sign_in(r, who, &reply, why, kind));
}

int cp_refuse_denied(request_rec *r, cp_who_t *who)
{
    static const cp_error_words_t denied = {
        HTTP_FORBIDDEN, "not-allowed", "Not for this account",
        "You are signed in, but this page is not open to your account. Ask "
        "your clinic if it should be, or log out and log in with another "
        "account.",
        0};
    cp_reply_t reply;

    if (wants_status_only(r)) {
        return HTTP_FORBIDDEN;
    }
    cp_refuse_init(&reply, r);
    who->req.wants_json = !is_navigation(cp_note_top(r));
    cp_error_page(&who->req, &reply, &denied);
    return cp_refuse_send(r, who, &reply);
}

static const char *confirm_address(cp_who_t *who, const char *next)
{
    const char *url = cp_request_url(
        &who->req, "/%s/confirm?need=%s", cp_kind_word(who->req.kind),
        (who->lacks & CP_LACKS_FACTOR) != 0 ? who->factor_wanted : "password");

    return next == NULL
               ? url
               : apr_pstrcat(who->req.cx.pool, url, "&next=", next, NULL);
}

/* What a program is told. */
static const cp_error_words_t factor_wanted = {
    HTTP_FORBIDDEN, "confirm", "Please confirm that it is you",
    "This asks for your second factor.", 0};
static const cp_error_words_t password_wanted = {
    HTTP_FORBIDDEN, "confirm", "Please confirm that it is you",
    "This asks for your password once more.", 0};

int cp_refuse_until_confirmed(request_rec *r, cp_who_t *who)
{
    request_rec *top = cp_note_top(r);
    const char *next = NULL;
    cp_reply_t reply;
    int status;

    if (wants_status_only(r)) {
        return HTTP_FORBIDDEN;
    }
    cp_refuse_init(&reply, r);
    if (!leads_elsewhere(top)) {
        who->req.wants_json = 1;
        cp_error_page(&who->req, &reply,
                      (who->lacks & CP_LACKS_FACTOR) != 0 ? &factor_wanted
                                                          : &password_wanted);
        return cp_refuse_send(r, who, &reply);
    }
    who->req.wants_json = 0;
    status = way_back(r, who, &reply, &next);
    if (status == OK) {
        cp_reply_redirect(&reply, confirm_address(who, next));
    }
    return finish(r, who, &reply, status);
}
