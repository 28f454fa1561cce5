/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The way of a request: TLS, route, fields, session, csrf, page. */
#include "web/handler.h"

#include "base/status.h"
#include "clinic/changes.h"
#include "clinic/housekeeping.h"
#include "web/body.h"
#include "web/csrf.h"
#include "web/draft.h"
#include "web/error.h"
#include "web/identity.h"
#include "web/incoming.h"
#include "web/log.h"
#include "web/place.h"
#include "web/router.h"
#include "web/send.h"
#include "web/signed_out.h"

#include <apr_strings.h>
#include <http_config.h>
#include <http_protocol.h>

/* Old bookmarks are spelled in many ways, but whoever guards a path with a
 * section of httpd means that path in its one spelling: no page is answered at
 * another. DONE: the reply says where it is. */
static int respell(const request_rec *r, const cp_request_t *req,
                   cp_reply_t *reply)
{
    const char *path =
        cp_router_respell(r->method, cp_place_path(r, req->portal), r->pool);

    if (path == NULL) {
        return HTTP_NOT_FOUND;
    }
    reply->status = HTTP_MOVED_PERMANENTLY;
    reply->location = apr_pstrcat(r->pool, req->portal->base, path,
                                  r->args == NULL ? "" : "?", r->args, NULL);
    return DONE;
}

static int match_route(request_rec *r, cp_request_t *req, cp_reply_t *reply)
{
    cp_match_t match;
    apr_status_t rv;

    if (cp_place_asset(r, req->portal) != NULL) {
        apr_table_setn(r->err_headers_out, "Allow", "GET, HEAD");
        return HTTP_METHOD_NOT_ALLOWED;
    }
    rv = cp_router_match(&match, r->method, cp_place_path(r, req->portal),
                         r->pool);

    if (rv == CP_EDENIED) {
        apr_table_setn(r->err_headers_out, "Allow", match.allow);
        return HTTP_METHOD_NOT_ALLOWED;
    }
    if (rv != APR_SUCCESS) {
        return respell(r, req, reply);
    }
    req->route = match.route;
    req->cx.is_background =
        match.route->is_background || cp_incoming_is_unseen(r);
    req->kind = match.kind;
    req->id = match.id;
    return OK;
}

static int read_fields(request_rec *r, cp_request_t *req)
{
    cp_form_t *query;

    if (req->route->fields == NULL) {
        return OK;
    }
    if (req->route->method == CP_POST) {
        return cp_body_read(
            r, req->route->draft == NULL ? CP_BODY_MAX : CP_BODY_LONG_MAX,
            req->route->fields, &req->body);
    }
    if (cp_form_parse(&query, r->args, r->args == NULL ? 0 : strlen(r->args),
                      req->route->fields, r->pool) != APR_SUCCESS) {
        return HTTP_BAD_REQUEST;
    }
    req->query = query;
    return OK;
}

static void use_session(cp_request_t *req, cp_kind_t kind,
                        const cp_session_t *session)
{
    req->kind = kind;
    req->session = session;
    req->clinic = session == NULL ? NULL : session->clinic;
}

static apr_status_t find_session(cp_request_t *req, cp_kind_t kind,
                                 cp_session_end_t *why)
{
    const cp_session_t *session = NULL;
    apr_status_t rv = cp_identity_find(req, kind, &session, why);

    use_session(req, kind, rv == APR_SUCCESS ? session : NULL);
    return rv;
}

/* Staff and patient may be signed in side by side in one browser; the token
 * of the form tells which of them sent it. Where it fits neither, the form is
 * the staff member's unless there is a patient: nobody is told to be signed
 * out who is not. */
static apr_status_t find_session_of_form(const request_rec *r,
                                         cp_request_t *req,
                                         cp_session_end_t *why)
{
    const char *csrf = cp_request_body(req, "csrf");
    apr_status_t rv = find_session(req, CP_KIND_STAFF, why);
    const cp_session_t *staff = req->session;
    cp_session_end_t patient_why = CP_SESSION_UNKNOWN;
    apr_status_t patient_rv;

    if ((rv == APR_SUCCESS && cp_csrf_is_good(req, csrf, r)) ||
        (rv != APR_SUCCESS && rv != APR_ENOENT && rv != CP_EDENIED)) {
        return rv;
    }
    patient_rv = find_session(req, CP_KIND_PATIENT, &patient_why);
    if (patient_rv != APR_ENOENT || rv == APR_ENOENT) {
        *why = patient_why;
        return patient_rv;
    }
    use_session(req, CP_KIND_STAFF, staff);
    return rv;
}

/* DONE: the reply already says where to sign in. */
static int check_session(const request_rec *r, cp_request_t *req,
                         cp_reply_t *reply)
{
    cp_session_end_t why = CP_SESSION_UNKNOWN;
    apr_status_t rv;

    if (req->route->area == CP_PUBLIC) {
        return OK;
    }
    rv = req->route->area == CP_SIGNED_IN ? find_session(req, req->kind, &why)
                                          : find_session_of_form(r, req, &why);
    if (req->session != NULL) {
        return req->route->area == CP_SIGNED_IN_BY ||
                       req->session->step == req->route->step
                   ? OK
                   : cp_signed_out_step(req, reply);
    }
    if (rv == CP_EDENIED || rv == APR_ENOENT) {
        cp_draft_of_ended(r, req);
        return cp_signed_out_reply(req, reply, rv == CP_EDENIED ? &why : NULL);
    }
    return cp_http_status(rv);
}

/* Pages that stay open ask from time to time whether anything is newer than
 * they are. */
static int stays_open(const cp_route_t *route)
{
    return route->method == CP_GET && route->area == CP_SIGNED_IN &&
           route->step == CP_STEP_NONE && !route->is_background &&
           !route->is_file;
}

static apr_status_t call_page(const request_rec *r, cp_request_t *req,
                              cp_reply_t *reply)
{
    if (!req->route->needs_csrf ||
        cp_csrf_is_good(req, cp_request_body(req, "csrf"), r)) {
        return req->route->page(req, reply);
    }
    return req->route->stale == NULL ? CP_EDENIED
                                     : req->route->stale(req, reply);
}

static int answer(request_rec *r, cp_request_t *req, cp_reply_t *reply)
{
    int status = cp_incoming_check_tls(r, req, reply);
    apr_status_t rv;

    if (status == OK) {
        status = match_route(r, req, reply);
    }
    if (status == OK) {
        status = read_fields(r, req);
    }
    if (status == OK) {
        status = check_session(r, req, reply);
    }
    if (status != OK) {
        return status;
    }
    if (stays_open(req->route)) {
        /* Before all that the page reads; what failed is logged. */
        (void)cp_changes_look(&req->cx, req->session);
    }
    rv = call_page(r, req, reply);
    if (rv == APR_SUCCESS) {
        return OK;
    }
    status = cp_http_status(rv);
    if (status == HTTP_INTERNAL_SERVER_ERROR) {
        cp_log(req->cx.port, CP_LOG_ERROR, rv, CP_TAG(0602) "a page failed: %s",
               cp_status_text(rv));
    }
    return status;
}

static void count(const request_rec *r, const cp_request_t *req, int status)
{
    cp_meter_t *meter = req->cx.port->meter;
    int number =
        req->route == NULL ? cp_route_count : (int)(req->route - cp_routes);

    cp_meter_request(meter, number, status);
    cp_meter_time(meter, CP_METER_REQUEST_TIME,
                  cp_now(req->cx.port) - r->request_time);
}

static int handler(request_rec *r)
{
    const cp_portal_t *portal = cp_place_portal(r);
    cp_request_t req;
    cp_reply_t reply = {HTTP_OK};
    int status;

    if (portal == NULL || cp_place_is_file(r, portal)) {
        return DECLINED;
    }
    cp_incoming(&req, r, portal);
    reply.cookies = apr_array_make(r->pool, 4, sizeof(const char *));
    status = answer(r, &req, &reply);
    if (status != OK && status != DONE) {
        cp_error_reply(&req, &reply, status);
    }
    if (req.body == NULL) {
        cp_body_drain(r);
    }
    status = cp_send(r, &req, &reply);
    cp_log_notes(r, &req);
    count(r, &req, status > OK ? status : reply.status);
    if (reply.keeps_house && ap_rflush(r) == 0) {
        (void)cp_housekeeping(&req.cx); /* what failed is logged */
    }
    return status;
}

void cp_handler_register(apr_pool_t *p)
{
    ap_hook_handler(handler, NULL, NULL, APR_HOOK_FIRST);
}
