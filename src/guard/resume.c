/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Forms over a sign-in. */
#include "guard/resume.h"

#include "base/ident.h"
#include "base/status.h"
#include "base/url.h"
#include "clinic/kept.h"
#include "web/body.h"
#include "web/csrf.h"
#include "web/error.h"
#include "web/identity.h"

#include <apr_strings.h>
#include <http_protocol.h>
#include <string.h>
#include <util_filter.h>

#define PARAMETER "clinicportal-resume="
#define FILTER "CLINICPORTAL_KEPT_BODY"

static const char *const known_fields[] = {"csrf", "discard", NULL};

static const cp_error_words_t too_much = {
    HTTP_REQUEST_ENTITY_TOO_LARGE, "not-kept", "Your form was not sent",
    "The form, or its address, is too large or too unusual to be kept while "
    "you "
    "log in. Log in in another tab, then come back to this one, go one page "
    "back "
    "and send it again.",
    0};

/* Nobody would find the way back to an address that is not signed. */
static int leads_back(const char *target)
{
    return strlen(target) + strlen("?" PARAMETER) + CP_PUBLIC_ID_LENGTH <=
               CP_URL_LOCAL_MAX &&
           cp_url_is_local(target, "/");
}

int cp_resume_keep(request_rec *r, cp_who_t *who, cp_reply_t *reply,
                   const char **target)
{
    cp_request_t *req = &who->req;
    const char *type = apr_table_get(r->headers_in, "Content-Type");
    cp_kept_t kept = {req->target, type == NULL ? "" : type, NULL, 0};
    const cp_session_t *owner; /* NULL: known by the browser alone */
    const char *id = NULL;
    apr_status_t rv = APR_SUCCESS;
    int status;

    *target = req->target;
    if (cp_csrf_is_from_elsewhere(req, r)) {
        return OK;
    }
    if (!leads_back(req->target)) {
        cp_error_page(req, reply, &too_much);
        return DONE;
    }
    owner = req->session != NULL ? req->session : cp_who_ended(r, who);
    status = cp_body_read_raw(r, CP_KEPT_MAX, &kept.body, &kept.len);
    if (status != OK && status != HTTP_REQUEST_ENTITY_TOO_LARGE) {
        return status;
    }
    if (owner == NULL) {
        rv = cp_identity_visit(req, reply);
    }
    if (rv == APR_SUCCESS) {
        rv = status == OK
                 ? cp_kept_add(&req->cx, owner, cp_identity_visit_digest(req),
                               &kept, &id)
                 : CP_EINPUT;
    }
    if (rv == CP_EINPUT || rv == CP_ETOOMANY) {
        cp_error_page(req, reply, &too_much);
        return DONE;
    }
    *target = apr_pstrcat(r->pool, req->target,
                          strchr(req->target, '?') == NULL ? "?" : "&",
                          PARAMETER, id, NULL);
    return rv == APR_SUCCESS ? OK : cp_http_status(rv);
}

/* The parameter is the last one: NULL, or the id; *args: the query without it,
 * NULL if nothing is left. */
static const char *id_in(const request_rec *r, const char **args)
{
    apr_size_t tail = strlen(PARAMETER) + CP_PUBLIC_ID_LENGTH;
    apr_size_t len = r->args == NULL ? 0 : strlen(r->args);
    const char *at;

    if (len < tail) {
        return NULL;
    }
    at = r->args + len - tail;
    if (strncmp(at, PARAMETER, strlen(PARAMETER)) != 0 ||
        (at != r->args && at[-1] != '&') ||
        !cp_ident_is_public_id(at + strlen(PARAMETER))) {
        return NULL;
    }
    *args = at == r->args ? NULL
                          : apr_pstrmemdup(r->pool, r->args,
                                           (apr_size_t)(at - 1 - r->args));
    return at + strlen(PARAMETER);
}

/* The address without the parameter. */
static const char *target_of(const request_rec *r, const char *args)
{
    const char *question = ap_strchr_c(r->unparsed_uri, '?');
    apr_size_t len = question == NULL
                         ? strlen(r->unparsed_uri)
                         : (apr_size_t)(question - r->unparsed_uri);
    const char *path = apr_pstrmemdup(r->pool, r->unparsed_uri, len);

    return args == NULL ? path : apr_pstrcat(r->pool, path, "?", args, NULL);
}

/* An address that browsers take to another host is no link of ours. */
static const char *link_to(const cp_request_t *req, const char *target)
{
    return cp_url_is_local(target, "/")
               ? target
               : cp_request_url(req, "/%s/", cp_kind_word(req->kind));
}

static int show_page(cp_request_t *req, cp_reply_t *reply, const char *target,
                     const cp_kept_t *kept)
{
    reply->status = kept == NULL ? HTTP_NOT_FOUND : HTTP_OK;
    if (kept == NULL) {
        reply->error = "not-kept";
        reply->message = "This form was sent already, or it waited too long.";
    }
    cp_reply_view(req, reply, "resume",
                  json_pack("{s:b, s:s, s:s, s:I}", "is_gone", kept == NULL,
                            "target_url", link_to(req, target), "action_url",
                            req->target, "bytes",
                            (json_int_t)(kept == NULL ? 0 : kept->len)));
    return DONE;
}

/* The browser's request becomes the one that was kept. */
static void replace(request_rec *r, const cp_kept_t *kept, const char *args)
{
    apr_bucket_brigade *bb =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);

    r->args = args == NULL ? NULL : apr_pstrdup(r->pool, args);
    r->parsed_uri.query = r->args;
    r->unparsed_uri = apr_pstrdup(r->pool, kept->target);
    r->the_request =
        apr_pstrcat(r->pool, "POST ", kept->target, " ", r->protocol, NULL);
    if (kept->type[0] == '\0') {
        apr_table_unset(r->headers_in, "Content-Type");
    }
    else {
        apr_table_setn(r->headers_in, "Content-Type", kept->type);
    }
    apr_table_setn(r->headers_in, "Content-Length",
                   apr_psprintf(r->pool, "%" APR_SIZE_T_FMT, kept->len));
    apr_table_unset(r->headers_in, "Transfer-Encoding");
    apr_table_unset(r->headers_in, "Expect");
    APR_BRIGADE_INSERT_TAIL(
        bb, apr_bucket_pool_create(kept->body, kept->len, r->pool,
                                   r->connection->bucket_alloc));
    APR_BRIGADE_INSERT_TAIL(bb,
                            apr_bucket_eos_create(r->connection->bucket_alloc));
    (void)ap_add_input_filter(FILTER, bb, r, r->connection);
}

static int send_on(request_rec *r, cp_who_t *who, cp_reply_t *reply,
                   const char *id, const char *args)
{
    cp_request_t *req = &who->req;
    const char *target = target_of(r, args);
    cp_kept_t kept;
    int status = cp_body_read(r, CP_BODY_MAX, known_fields, &req->body);
    apr_status_t rv;

    if (status != OK) {
        return status;
    }
    if (!cp_csrf_is_good(req, cp_request_body(req, "csrf"), r)) {
        return HTTP_FORBIDDEN;
    }
    rv = cp_kept_take(&req->cx, req->session, cp_identity_visit_digest(req), id,
                      &kept);
    if (rv == APR_ENOENT ||
        (rv == APR_SUCCESS && strcmp(kept.target, target) != 0)) {
        return show_page(req, reply, target, NULL);
    }
    if (rv != APR_SUCCESS) {
        return cp_http_status(rv);
    }
    if (cp_request_body(req, "discard") != NULL) {
        cp_reply_redirect(reply,
                          cp_request_url(req, "/%s/", cp_kind_word(req->kind)));
        return DONE;
    }
    replace(r, &kept, args);
    return OK;
}

int cp_resume_offer(request_rec *r, cp_who_t *who, cp_reply_t *reply)
{
    cp_request_t *req = &who->req;
    const char *args = NULL;
    const char *id = id_in(r, &args);
    cp_kept_t kept;
    apr_status_t rv;

    if (id == NULL || r->main != NULL || r->prev != NULL ||
        req->session == NULL) {
        return OK;
    }
    if (r->method_number == M_POST) {
        return send_on(r, who, reply, id, args);
    }
    if (r->method_number != M_GET) {
        return OK;
    }
    rv = cp_kept_find(&req->cx, req->session, cp_identity_visit_digest(req), id,
                      &kept);
    if (rv != APR_SUCCESS && rv != APR_ENOENT) {
        return cp_http_status(rv);
    }
    return show_page(req, reply, target_of(r, args),
                     rv == APR_SUCCESS ? &kept : NULL);
}

/* Reading ahead and by line is for the protocol, which is done. */
static apr_status_t play(ap_filter_t *f, apr_bucket_brigade *bb,
                         ap_input_mode_t mode, apr_read_type_e block,
                         apr_off_t readbytes)
{
    apr_bucket_brigade *kept = f->ctx;
    apr_bucket *end;
    apr_status_t rv;

    (void)block;
    if (mode != AP_MODE_READBYTES) {
        return APR_ENOTIMPL;
    }
    if (APR_BRIGADE_EMPTY(kept)) {
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(f->c->bucket_alloc));
        return APR_SUCCESS;
    }
    rv = apr_brigade_partition(kept, readbytes, &end);
    if (rv != APR_SUCCESS && rv != APR_INCOMPLETE) {
        return rv;
    }
    while (APR_BRIGADE_FIRST(kept) != end) {
        apr_bucket *b = APR_BRIGADE_FIRST(kept);

        APR_BUCKET_REMOVE(b);
        APR_BRIGADE_INSERT_TAIL(bb, b);
    }
    return APR_SUCCESS;
}

void cp_resume_register(apr_pool_t *p)
{
    (void)p;
    (void)ap_register_input_filter(FILTER, play, NULL, AP_FTYPE_RESOURCE);
}
