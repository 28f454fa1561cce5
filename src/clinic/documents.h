/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Documents one account may see (FHIR DocumentReference). */
#ifndef CP_DOCUMENTS_H
#define CP_DOCUMENTS_H

#include "clinic/access.h"

#include <apr_file_io.h>

#define CP_DOCUMENTS_PAGE 25

/* One page of the list, newest first: {"documents": [...], "older": cursor or
 * null}; cursor: NULL for the first page, else what "older" held (CP_EINPUT if
 * it is not one). Each: {"id", "title", "category", "status", "doc_status",
 * "status_text", "patient", "author", "created_at", "created_text",
 * "content_type", "type_text", "size_text", "is_waiting": bool,
 * "is_new": bool}. */
apr_status_t cp_documents_list(cp_ctx_t *cx, const cp_session_t *session,
                               const char *cursor, json_t **model);

/* Documents waiting for this person (staff: to review; patient: not opened
 * yet), newest first, at most limit: {"count", "documents": [as above]}. */
apr_status_t cp_documents_waiting(cp_ctx_t *cx, const cp_session_t *session,
                                  int limit, json_t **model);

/* One document as above. APR_ENOENT: missing or not theirs, one answer. */
apr_status_t cp_documents_find(cp_ctx_t *cx, const cp_session_t *session,
                               const char *document_id, json_t **model);

typedef struct cp_document_file_t {
    apr_file_t *file; /* open for reading, in cx->pool */
    apr_off_t size_bytes;
    const char *content_type;
    const char *file_name; /* as the person should save it */
    const char *sha256;    /* hex, for the ETag */
} cp_document_file_t;

/* Open its bytes (openat below documents_dir, O_NOFOLLOW; size must be the
 * recorded one), note that the account has seen it and write the audit row.
 * APR_ENOENT as above; CP_EUNAVAILABLE: the file is gone or altered (logged).
 */
apr_status_t cp_documents_open(cp_ctx_t *cx, const cp_session_t *session,
                               const char *document_id,
                               cp_document_file_t *out);

#endif
