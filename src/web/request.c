/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Small questions to a request. */
#include "web/request.h"

#include <apr_strings.h>
#include <stdarg.h>

const char *cp_request_query(const cp_request_t *req, const char *name)
{
    return cp_form_get(req->query, name);
}

const char *cp_request_body(const cp_request_t *req, const char *name)
{
    return cp_form_get(req->body, name);
}

int cp_request_lacks_tls(const cp_request_t *req)
{
    return req->portal->requires_tls && !req->is_secure;
}

const char *cp_request_url(const cp_request_t *req, const char *format, ...)
{
    const char *path;
    va_list args;

    va_start(args, format);
    path = apr_pvsprintf(req->cx.pool, format, args);
    va_end(args);
    return apr_pstrcat(req->cx.pool, req->portal->base, path, NULL);
}
