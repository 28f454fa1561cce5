/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Import: one JSON document with everything a clinic's other system knows
 * (docs/import.md), all of it or nothing.
 *
 * Elements carry ids of that system. They are stored under public ids made
 * from them with a key of the clinic, so that an element imported again is
 * updated and never doubled. What a document does not name stays as it is. */
#ifndef CP_IMPORT_H
#define CP_IMPORT_H

#include "clinic/accounts.h"

#define CP_IMPORT_ERRORS_MAX 20
#define CP_IMPORT_FILE_MAX (32 * 1024 * 1024) /* bytes of one document file */

typedef struct cp_import_input_t {
    const char *text;
    apr_size_t len;
    const char *directory;     /* the files of documents are below it */
    const char *documents_dir; /* and are copied to it; NULL: refused */
    /* How long for another import to leave documents_dir; 0: not at all. */
    apr_interval_time_t wait_for;
} cp_import_input_t;

typedef struct cp_import_report_t {
    apr_array_header_t *errors; /* const char *: where and what, the first
                                 * CP_IMPORT_ERRORS_MAX of them */
    int error_count;
    json_t *counts; /* {"appointments": {"read": n, "changed": n}, ...} */
} cp_import_report_t;

/* Check the text only, without a database or files: *document is it with its
 * moments (relative to now) as integers. CP_EINPUT: report->errors says why.
 * Everything lives in p. */
apr_status_t cp_import_check(json_t **document, const cp_import_input_t *input,
                             apr_time_t now, cp_import_report_t *report,
                             apr_pool_t *p);

/* Check, copy the files, load. No other import uses documents_dir meanwhile.
 * CP_EINPUT: report->errors says why, and nothing has changed; nor has it after
 * any other failure, unless it was the COMMIT's: then nobody knows, and the
 * files that no document has go with an import a week later. CP_EUNAVAILABLE: a
 * part is down, or another import has been running for longer than
 * input->wait_for; what it was is logged. Everything lives in cx->pool. */
apr_status_t cp_import_run(cp_ctx_t *cx, const cp_import_input_t *input,
                           cp_import_report_t *report);

#endif
