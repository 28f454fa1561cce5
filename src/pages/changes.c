/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The account's version counter. It says that something changed, never what,
 * so that an answer of 304 gives nothing away. Its "page" is empty: the body
 * has to be the same for as long as the ETag is. */
#include "pages/changes.h"

#include "clinic/changes.h"

#include <apr_strings.h>

apr_status_t cp_page_changes_show(cp_request_t *req, cp_reply_t *reply)
{
    json_int_t version;
    apr_status_t rv = cp_changes_version(&req->cx, req->session, &version);

    if (rv == APR_SUCCESS) {
        reply->etag = apr_psprintf(req->cx.pool, "\"%" APR_INT64_T_FMT "\"",
                                   (apr_int64_t)version);
        cp_reply_json(
            req, reply,
            json_pack("{s:{s:I},s:{}}", "data", "version", version, "page"));
    }
    return rv;
}
