/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Models to pages. */
#include "web/view.h"

#include "base/encode.h"
#include "base/json.h"
#include "base/status.h"
#include "clinic/local_time.h"
#include "web/csrf.h"
#include "web/router.h"

#include <apr_strings.h>
#include <string.h>

static json_t *clinic_model(const cp_request_t *req)
{
    const cp_clinic_t *clinic = req->clinic;

    if (clinic == NULL) {
        return json_null();
    }
    return json_pack("{s:s, s:s, s:s, s:s}", "code", clinic->code, "name",
                     clinic->name, "support", clinic->support_contact, "crisis",
                     clinic->crisis_text);
}

int cp_view_seconds_left(const cp_request_t *req)
{
    const cp_session_t *session = req->session;
    apr_time_t end = session->idle_ends_at < session->expires_at
                         ? session->idle_ends_at
                         : session->expires_at;
    apr_time_t now = cp_now(req->cx.port);

    return end > now ? (int)apr_time_sec(end - now) : 0;
}

/* When, on the clinic's clocks; without them the page goes without. */
static void put_end(cp_request_t *req, json_t *page)
{
    int seconds = cp_view_seconds_left(req);
    cp_calendar_t *calendar;

    if (cp_local_time_calendar(&req->cx, req->session, &calendar) !=
        APR_SUCCESS) {
        return;
    }
    cp_json_put(page, "session_ends",
                json_pack("{s:i, s:s}", "seconds_left", seconds, "text",
                          cp_calendar_text(calendar,
                                           cp_now(req->cx.port) +
                                               apr_time_from_sec(seconds),
                                           CP_CALENDAR_TIME, req->cx.pool)));
}

static json_t *person_model(const cp_session_t *session)
{
    return session == NULL
               ? json_null()
               : json_pack("{s:s, s:s}", "name", session->display_name,
                           "username", session->username);
}

static void put_session(cp_request_t *req, json_t *page)
{
    const cp_session_t *session = req->session;

    cp_json_put(page, "is_in", json_boolean(session->step == CP_STEP_NONE));
    put_end(req, page);
    cp_json_put(page, "is_staff", json_boolean(session->kind == CP_KIND_STAFF));
    cp_json_put_text(page, "home",
                     cp_request_url(req, "/%s", cp_kind_word(session->kind)));
}

static json_t *page_model(cp_request_t *req, const cp_reply_t *reply)
{
    const char *section = req->route == NULL ? NULL : req->route->section;
    const char *csrf = NULL;
    json_t *page = json_pack(
        "{s:s, s:s, s:s, s:o, s:o}", "base", req->portal->base, "assets",
        req->portal->assets_url, "support", req->portal->support, "clinic",
        clinic_model(req), "person", person_model(req->session));

    if (page == NULL) {
        return NULL;
    }
    if (req->session != NULL) {
        put_session(req, page);
    }
    if (reply->error != NULL) {
        cp_json_put_text(page, "reference", cp_ctx_reference(&req->cx));
    }
    else if (req->cx.version != NULL) {
        cp_json_put_text(page, "version", req->cx.version);
    }
    if (section != NULL) {
        cp_json_put(page, "section", json_pack("{s:b}", section, 1));
    }
    if ((req->session != NULL || req->visit != NULL) &&
        cp_csrf_make(req, &csrf) == APR_SUCCESS) {
        cp_json_put_text(page, "csrf", csrf);
    }
    return cp_json_own(page, req->cx.pool);
}

static apr_status_t render_json(cp_request_t *req, const cp_reply_t *reply,
                                const json_t *page, const char **text)
{
    json_t *document;

    if (reply->error != NULL) {
        document = json_pack("{s:{s:s, s:s, s:s}}", "error", "code",
                             reply->error, "message", reply->message,
                             "reference", cp_ctx_reference(&req->cx));
    }
    else {
        document = json_pack("{s:O, s:O}", "data", reply->model, "page", page);
    }
    *text = cp_json_text(cp_json_own(document, req->cx.pool), req->cx.pool);
    return *text == NULL ? APR_ENOMEM : APR_SUCCESS;
}

/* A model that is the whole document, such as a CAPTCHA challenge. */
static apr_status_t render_bare(cp_request_t *req, const cp_reply_t *reply,
                                const char **text)
{
    *text = cp_json_text(reply->model, req->cx.pool);
    return *text == NULL ? APR_ENOMEM : APR_SUCCESS;
}

static apr_status_t render_html(cp_request_t *req, const cp_reply_t *reply,
                                json_t *page, const char **text,
                                apr_size_t *len)
{
    json_t *context = json_copy(reply->model);
    cp_mustache_text_t rendered = {NULL, 0};
    apr_status_t rv;

    cp_json_own(context, req->cx.pool);
    if (json_object_set(context, "page", page) != 0) {
        return APR_ENOMEM;
    }
    rv = cp_mustache_render(req->portal->views, reply->view, context, &rendered,
                            req->cx.pool);
    *text = rendered.bytes;
    *len = rendered.len;
    return rv;
}

apr_status_t cp_view_render(cp_request_t *req, const cp_reply_t *reply,
                            const char **text, apr_size_t *len,
                            const char **type)
{
    int is_bare = reply->view == NULL && reply->error == NULL;
    json_t *page = is_bare ? NULL : page_model(req, reply);
    apr_status_t rv;

    if (page == NULL && !is_bare) {
        return APR_ENOMEM;
    }
    if (!req->wants_json && !is_bare) {
        *type = "text/html; charset=utf-8";
        return render_html(req, reply, page, text, len);
    }
    *type = "application/json; charset=utf-8";
    rv = is_bare ? render_bare(req, reply, text)
                 : render_json(req, reply, page, text);
    *len = rv == APR_SUCCESS ? strlen(*text) : 0;
    return rv;
}
