/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Log lines of the lower layers, handed to httpd's log. */
#include "web/log.h"

#include "config/config.h"

#include <apr_strings.h>
#include <http_log.h>

APLOG_USE_MODULE(clinicportal);

static int httpd_level(cp_log_level_t level)
{
    static const int levels[] = {APLOG_ERR, APLOG_WARNING, APLOG_NOTICE,
                                 APLOG_INFO, APLOG_DEBUG};

    return levels[level];
}

/* httpd has no words for our own codes; the line has them. */
static apr_status_t httpd_status(apr_status_t rv)
{
    return rv >= APR_OS_START_USERERR && rv < APR_OS_START_CANONERR ? 0 : rv;
}

typedef struct request_log_t {
    request_rec *r;
    cp_ctx_t *cx;
} request_log_t;

static void log_request(void *ctx, cp_log_level_t level, apr_status_t rv,
                        const char *text)
{
    const request_log_t *log = ctx;

    ap_log_rerror(APLOG_MARK, httpd_level(level), httpd_status(rv), log->r,
                  "%s (reference %s)", text, cp_ctx_reference(log->cx));
}

static void log_server(void *ctx, cp_log_level_t level, apr_status_t rv,
                       const char *text)
{
    ap_log_error(APLOG_MARK, httpd_level(level), httpd_status(rv),
                 (server_rec *)ctx, "%s", text);
}

static const cp_port_t *make_port(void (*log)(void *, cp_log_level_t,
                                              apr_status_t, const char *),
                                  void *ctx, const server_rec *s, apr_pool_t *p)
{
    cp_port_t *port = apr_pmemdup(p, &cp_port_system, sizeof(*port));

    port->log = log;
    port->ctx = ctx;
    port->meter = cp_server_config_of(s)->meter;
    return port;
}

const cp_port_t *cp_log_port_request(request_rec *r, cp_ctx_t *cx)
{
    request_log_t *log = apr_pcalloc(r->pool, sizeof(*log));

    log->r = r;
    log->cx = cx;
    return make_port(log_request, log, r->server, r->pool);
}

const cp_port_t *cp_log_port_server(server_rec *s, apr_pool_t *p)
{
    return make_port(log_server, s, s, p);
}

void cp_log_notes(request_rec *r, const cp_request_t *req)
{
    const cp_session_t *session = req->session;

    if (req->clinic != NULL) {
        apr_table_setn(r->notes, "clinicportal-clinic", req->clinic->code);
    }
    if (session != NULL) {
        apr_table_setn(r->notes, "clinicportal-user",
                       apr_pstrcat(r->pool, session->username, "@",
                                   session->clinic->code, "/",
                                   cp_kind_word(session->kind), NULL));
    }
    if (req->cx.reference != NULL) {
        apr_table_setn(r->notes, "clinicportal-reference", req->cx.reference);
    }
}
