/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Documents: the list, one, and its bytes. */
#ifndef CP_PAGE_DOCUMENTS_H
#define CP_PAGE_DOCUMENTS_H

#include "web/reply.h"

/* GET /{kind}/documents?after=CURSOR */
apr_status_t cp_page_documents_list(cp_request_t *req, cp_reply_t *reply);

/* GET /{kind}/documents/{id} */
apr_status_t cp_page_documents_show(cp_request_t *req, cp_reply_t *reply);

/* GET /{kind}/documents/{id}/file */
apr_status_t cp_page_documents_file(cp_request_t *req, cp_reply_t *reply);

#endif
