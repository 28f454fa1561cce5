/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Answers on the wire. */
#include "web/send.h"

#include "base/encode.h"
#include "base/status.h"
#include "web/error.h"
#include "web/headers.h"
#include "web/view.h"

#include <apr_strings.h>
#include <http_protocol.h>
#include <util_filter.h>

static void send_cookies(request_rec *r, const cp_reply_t *reply)
{
    int i;

    for (i = 0; i < reply->cookies->nelts; i++) {
        apr_table_addn(r->err_headers_out, "Set-Cookie",
                       APR_ARRAY_IDX(reply->cookies, i, const char *));
    }
}

static void send_headers(request_rec *r, const cp_request_t *req,
                         const cp_reply_t *reply)
{
    send_cookies(r, reply);
    if (reply->location != NULL) {
        apr_table_setn(r->headers_out, "Location", reply->location);
    }
    if (reply->retry_after_s > 0) {
        apr_table_setn(r->headers_out, "Retry-After",
                       apr_itoa(r->pool, reply->retry_after_s));
    }
    if (reply->clears_site_data) {
        apr_table_setn(r->headers_out, "Clear-Site-Data",
                       "\"cache\", \"storage\"");
    }
    if (reply->etag != NULL) {
        apr_table_setn(r->headers_out, "ETag", reply->etag);
    }
    if (reply->has_captcha) {
        apr_table_setn(r->err_headers_out, "Content-Security-Policy",
                       req->portal->csp_captcha);
    }
    /* HTML or JSON, this person's or that one's: no cache may mix them up. */
    apr_table_setn(r->headers_out, "Vary", "Accept, Cookie");
}

static int send_text(request_rec *r, const char *text, apr_size_t len,
                     const char *type)
{
    ap_set_content_type(r, type);
    ap_set_content_length(r, (apr_off_t)len);
    if (!r->header_only && ap_rwrite(text, (int)len, r) < 0) {
        return AP_FILTER_ERROR;
    }
    return OK;
}

/* httpd's byterange filter does Range, since the length and the ETag are
 * known; the file leaves by sendfile or mmap, never through our memory. */
static int send_file(request_rec *r, const cp_document_file_t *file)
{
    apr_bucket_brigade *bb =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int status;

    ap_set_content_type(r, file->content_type);
    ap_set_content_length(r, file->size_bytes);
    apr_table_setn(r->headers_out, "ETag",
                   apr_pstrcat(r->pool, "\"", file->sha256, "\"", NULL));
    apr_table_setn(r->headers_out, "Accept-Ranges", "bytes");
    apr_table_setn(r->headers_out, "Content-Disposition",
                   cp_encode_attachment(file->file_name, r->pool));
    apr_table_setn(r->err_headers_out, "Content-Security-Policy",
                   CP_HEADERS_CSP_FILE);
    status = ap_meets_conditions(r);
    if (status != OK) {
        return status;
    }
    (void)apr_brigade_insert_file(bb, file->file, 0, file->size_bytes, r->pool);
    APR_BRIGADE_INSERT_TAIL(bb,
                            apr_bucket_eos_create(r->connection->bucket_alloc));
    return ap_pass_brigade(r->output_filters, bb) == APR_SUCCESS
               ? OK
               : AP_FILTER_ERROR;
}

static int send_redirect(request_rec *r, const cp_reply_t *reply)
{
    const char *text =
        apr_pstrcat(r->pool, "Continue at ", reply->location, "\n", NULL);

    return send_text(r, text, strlen(text), "text/plain; charset=utf-8");
}

/* A view that fails to render is answered by an error page; if that fails
 * too, by httpd's own plain one. */
static int send_view(request_rec *r, cp_request_t *req, cp_reply_t *reply)
{
    const char *text;
    const char *type;
    apr_size_t len;
    apr_status_t rv = cp_view_render(req, reply, &text, &len, &type);

    if (rv != APR_SUCCESS) {
        cp_log(req->cx.port, CP_LOG_ERROR, rv,
               CP_TAG(0601) "view %s could not be made: %s",
               reply->view == NULL ? "(none)" : reply->view,
               cp_status_text(rv));
        cp_error_reply(req, reply, HTTP_INTERNAL_SERVER_ERROR);
        r->status = reply->status;
        if (cp_view_render(req, reply, &text, &len, &type) != APR_SUCCESS) {
            return HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return send_text(r, text, len, type);
}

int cp_send(request_rec *r, cp_request_t *req, cp_reply_t *reply)
{
    r->status = reply->status;
    send_headers(r, req, reply);
    if (reply->location != NULL) {
        return send_redirect(r, reply);
    }
    if (reply->file != NULL) {
        return send_file(r, reply->file);
    }
    if (reply->image != NULL) {
        return send_text(r, reply->image, strlen(reply->image),
                         "image/svg+xml");
    }
    if (reply->etag != NULL && ap_meets_conditions(r) == HTTP_NOT_MODIFIED) {
        return HTTP_NOT_MODIFIED;
    }
    return send_view(r, req, reply);
}
