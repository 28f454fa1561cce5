/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to documents.c: the file that holds a document's bytes. */
#ifndef CP_DOCUMENT_FILE_H
#define CP_DOCUMENT_FILE_H

#include "clinic/documents.h"

/* Open documents_dir/storage_key into out->file, which closes with cx->pool.
 * out->size_bytes is the size it must have. CP_EUNAVAILABLE, with a log line:
 * no such file, not a plain one (a link, a pipe), of another size, a name with
 * anything but [A-Za-z0-9._-] or a leading dot, or documents are off. */
apr_status_t cp_document_file_open(cp_ctx_t *cx, const char *storage_key,
                                   cp_document_file_t *out);

#endif
