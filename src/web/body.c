/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Read the body of a form, within limits. */
#include "web/body.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <strings.h>
#include <util_filter.h>

#define DRAIN_MAX (1024 * 1024)
#define FORM_TYPE "application/x-www-form-urlencoded"

static int is_form(const request_rec *r)
{
    const char *type = apr_table_get(r->headers_in, "Content-Type");
    apr_size_t len = sizeof(FORM_TYPE) - 1;

    return type != NULL && strncasecmp(type, FORM_TYPE, len) == 0 &&
           (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

typedef struct buffer_t {
    char *bytes;
    apr_size_t len;
    apr_size_t max;
} buffer_t;

/* Append one brigade; more than fits ends it with 413. */
static int append(apr_bucket_brigade *bb, buffer_t *buf)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        const char *data;
        apr_size_t n;
        apr_status_t rv;

        if (APR_BUCKET_IS_METADATA(b)) {
            continue;
        }
        rv = apr_bucket_read(b, &data, &n, APR_BLOCK_READ);
        if (rv != APR_SUCCESS) {
            return ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
        }
        if (n > buf->max - buf->len) {
            return HTTP_REQUEST_ENTITY_TOO_LARGE;
        }
        memcpy(buf->bytes + buf->len, data, n);
        buf->len += n;
    }
    return OK;
}

static int read_all(request_rec *r, buffer_t *buf)
{
    apr_bucket_brigade *bb =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int seen_eos = 0;

    while (!seen_eos) {
        apr_status_t rv =
            ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES,
                           APR_BLOCK_READ, HUGE_STRING_LEN);
        int status;

        if (rv != APR_SUCCESS) {
            return ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
        }
        seen_eos =
            !APR_BRIGADE_EMPTY(bb) && APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(bb));
        status = append(bb, buf);
        apr_brigade_cleanup(bb);
        if (status != OK) {
            return status;
        }
    }
    return OK;
}

void cp_body_drain(request_rec *r)
{
    apr_bucket_brigade *bb =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_off_t drained = 0;
    int is_over = r->proto_num < HTTP_VERSION(2, 0) || !ap_request_has_body(r);

    while (!is_over && drained < DRAIN_MAX) {
        apr_off_t len = 0;

        is_over =
            ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES,
                           APR_BLOCK_READ, HUGE_STRING_LEN) != APR_SUCCESS ||
            apr_brigade_length(bb, 1, &len) != APR_SUCCESS ||
            APR_BRIGADE_EMPTY(bb) || APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(bb));
        drained += len;
        apr_brigade_cleanup(bb);
    }
}

/* A body announced as too long is not even looked at. */
static int is_announced_too_long(const request_rec *r, apr_size_t max)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    return length != NULL && apr_atoi64(length) > (apr_int64_t)max;
}

int cp_body_read_raw(request_rec *r, apr_size_t max, const char **bytes,
                     apr_size_t *len)
{
    buffer_t buf = {NULL, 0, max};
    int status;

    if (is_announced_too_long(r, max)) {
        return HTTP_REQUEST_ENTITY_TOO_LARGE;
    }
    buf.bytes = apr_palloc(r->pool, max + 1);
    status = read_all(r, &buf);
    buf.bytes[buf.len] = '\0';
    *bytes = buf.bytes;
    *len = buf.len;
    return status;
}

int cp_body_read(request_rec *r, apr_size_t max, const char *const *known,
                 const cp_form_t **form)
{
    const char *bytes;
    apr_size_t len;
    cp_form_t *parsed;
    int status;

    if (!is_form(r)) {
        return HTTP_UNSUPPORTED_MEDIA_TYPE;
    }
    status = cp_body_read_raw(r, max, &bytes, &len);
    if (status != OK) {
        return status;
    }
    if (cp_form_parse(&parsed, bytes, len, known, r->pool) != APR_SUCCESS) {
        return HTTP_BAD_REQUEST;
    }
    *form = parsed;
    return OK;
}
