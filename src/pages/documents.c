/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Documents: the list, one, and its bytes. */
#include "pages/documents.h"

#include "base/json.h"
#include "pages/list.h"

#define SECTION "documents"

apr_status_t cp_page_documents_list(cp_request_t *req, cp_reply_t *reply)
{
    json_t *page;
    apr_status_t rv = cp_documents_list(&req->cx, req->session,
                                        cp_request_query(req, "after"), &page);

    if (rv == APR_SUCCESS) {
        cp_reply_view(req, reply, "documents",
                      cp_page_list_model(req, page, "documents", SECTION));
    }
    return rv;
}

apr_status_t cp_page_documents_show(cp_request_t *req, cp_reply_t *reply)
{
    json_t *document;
    apr_status_t rv =
        cp_documents_find(&req->cx, req->session, req->id, &document);

    if (rv == APR_SUCCESS) {
        cp_json_put_text(document, "file_url",
                         cp_request_url(req, "/%s/%s/%s/file",
                                        cp_kind_word(req->kind), SECTION,
                                        req->id));
        cp_json_put_text(document, "list_url", cp_page_list_url(req, SECTION));
        cp_reply_view(req, reply, "document", json_incref(document));
    }
    return rv;
}

apr_status_t cp_page_documents_file(cp_request_t *req, cp_reply_t *reply)
{
    cp_document_file_t *file = apr_pcalloc(req->cx.pool, sizeof(*file));
    apr_status_t rv = cp_documents_open(&req->cx, req->session, req->id, file);

    if (rv == APR_SUCCESS) {
        reply->file = file;
    }
    return rv;
}
