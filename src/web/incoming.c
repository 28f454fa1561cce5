/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Requests as they come in. */
#include "web/incoming.h"

#include "web/dbd.h"
#include "web/log.h"
#include "web/note.h"
#include "web/place.h"

#include <apr_strings.h>
#include <http_core.h>

#define USER_AGENT_MAX 256

/* What the browser calls itself, cut, and nothing but printable ASCII: it is
 * stored and shown. */
static const char *user_agent_of(const request_rec *r)
{
    const char *sent = apr_table_get(r->headers_in, "User-Agent");
    char *text =
        apr_pstrndup(r->pool, sent == NULL ? "" : sent, USER_AGENT_MAX);
    char *c;

    for (c = text; *c != '\0'; c++) {
        if (*c < 0x20 || *c > 0x7e) {
            *c = '?';
        }
    }
    return text;
}

static int accepts_json(const request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    return accept != NULL && ap_strstr_c(accept, "application/json") != NULL &&
           ap_strstr_c(accept, "text/html") == NULL;
}

static void init_context(cp_ctx_t *cx, request_rec *r,
                         const cp_portal_t *portal)
{
    cx->pool = r->pool;
    cx->port = cp_log_port_request(r, cx);
    cx->db = cp_db_make(cp_dbd_source(portal, r->pool), portal->catalog,
                        cx->port, r->pool);
    cx->options = &portal->options;
    cx->address = r->useragent_ip == NULL ? "" : r->useragent_ip;
    cx->user_agent = user_agent_of(r);
}

/* A guarded location may have hidden our cookies from the application. */
static const char *cookies_of(request_rec *r)
{
    const cp_note_t *note = cp_note_find(cp_note_top(r));

    return note != NULL && note->cookies != NULL
               ? note->cookies
               : apr_table_get(r->headers_in, "Cookie");
}

static const char *origin_of(const cp_request_t *req, const request_rec *r)
{
    const char *host = apr_table_get(r->headers_in, "Host");

    if (req->portal->origin != NULL) {
        return req->portal->origin;
    }
    return host == NULL
               ? NULL
               : apr_pstrcat(r->pool, req->is_secure ? "https://" : "http://",
                             host, NULL);
}

void cp_incoming(cp_request_t *req, request_rec *r, const cp_portal_t *portal)
{
    memset(req, 0, sizeof(*req));
    init_context(&req->cx, r, portal);
    req->portal = portal;
    req->cookies = cookies_of(r);
    req->wants_json = accepts_json(r);
    req->is_secure = cp_place_is_secure(r);
    req->origin = origin_of(req, r);
    req->target = r->unparsed_uri;
}

int cp_incoming_check_tls(const request_rec *r, const cp_request_t *req,
                          cp_reply_t *reply)
{
    if (!cp_request_lacks_tls(req)) {
        return OK;
    }
    if (req->portal->secure_origin == NULL || r->method_number != M_GET ||
        req->target[0] != '/') {
        return HTTP_FORBIDDEN;
    }
    reply->status = HTTP_MOVED_PERMANENTLY;
    reply->location =
        apr_pstrcat(r->pool, req->portal->secure_origin, req->target, NULL);
    return DONE;
}

int cp_incoming_is_unseen(const request_rec *r)
{
    const char *purpose = apr_table_get(r->headers_in, "Sec-Purpose");

    return r->header_only ||
           (purpose != NULL && ap_strstr_c(purpose, "prefetch") != NULL);
}
