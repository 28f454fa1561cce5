/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Import: from the text to the COMMIT. */
#include "clinic/import.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/import_impl.h"

#include <apr_lib.h>
#include <apr_strings.h>

/* Jansson quotes what it stumbled over, which may be anything. */
static const char *printable(const char *text, apr_pool_t *p)
{
    char *copy = apr_pstrdup(p, text);
    char *c;

    for (c = copy; *c != '\0'; c++) {
        *c = apr_iscntrl(*c) ? '?' : *c;
    }
    return copy;
}

static apr_status_t parse(cp_import_t *import)
{
    json_error_t error;

    import->document =
        cp_json_own(json_loadb(import->input->text, import->input->len,
                               JSON_REJECT_DUPLICATES, &error),
                    import->pool);
    if (import->document != NULL) {
        return APR_SUCCESS;
    }
    import->report->error_count = 1;
    APR_ARRAY_PUSH(import->report->errors, const char *) =
        apr_psprintf(import->pool, "line %d, column %d: %s", error.line,
                     error.column, printable(error.text, import->pool));
    return CP_EINPUT;
}

/* cx NULL: no database to look for what the document does not have. */
static apr_status_t start(cp_import_t *import, cp_ctx_t *cx, apr_time_t now,
                          cp_import_report_t *report, apr_pool_t *p)
{
    import->pool = p;
    import->now = now;
    import->report = report;
    import->cx = cx;
    import->ids = apr_hash_make(p);
    import->touched = apr_hash_make(p);
    import->copied = apr_array_make(p, 8, sizeof(const char *));
    import->directory = -1;
    import->lock = -1;
    report->errors = apr_array_make(p, 8, sizeof(const char *));
    report->error_count = 0;
    report->counts = cp_json_own(json_object(), p);
    return apr_pool_create(&import->scratch, p);
}

static apr_status_t check(cp_import_t *import)
{
    apr_status_t rv = parse(import);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    cp_import_walk(import);
    return import->report->error_count == 0 ? import->failure : CP_EINPUT;
}

apr_status_t cp_import_check(json_t **document, const cp_import_input_t *input,
                             apr_time_t now, cp_import_report_t *report,
                             apr_pool_t *p)
{
    cp_import_t import = {.input = input};
    apr_status_t rv = start(&import, NULL, now, report, p);

    if (rv == APR_SUCCESS) {
        rv = check(&import);
    }
    *document = import.document;
    return rv;
}

/* Where a COMMIT fails nobody knows whether it took effect, so that no file
 * may go. */
static void tidy(cp_import_t *import, apr_status_t rv)
{
    if (rv == APR_SUCCESS) {
        cp_import_remove_retired(import);
    }
    else if (!import->is_loaded) {
        cp_import_remove_copies(import);
    }
}

/* Other imports are kept out from the first copy to the last removal: none may
 * count on a file that another takes away again. */
static apr_status_t copy_and_load(cp_import_t *import)
{
    apr_status_t rv = cp_import_enter_directory(import);

    if (rv == APR_SUCCESS) {
        rv = cp_import_read_retired(import);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_import_copy_files(import);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_import_hash_passwords(import);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(import->cx->db, cp_import_load, import);
    }
    tidy(import, rv);
    cp_import_leave_directory(import);
    return rv;
}

/* What was loaded stays, whether this works or not. */
static void renew_plans(cp_ctx_t *cx)
{
    const char *error = "";

    if (cp_db_renew_plans(cx->db, &error, cx->pool) != APR_SUCCESS) {
        cp_log(cx->port, CP_LOG_WARNING, APR_SUCCESS,
               CP_TAG(0561) "the database does not plan by what was imported, "
                            "and may be slow: %s",
               error);
    }
}

apr_status_t cp_import_run(cp_ctx_t *cx, const cp_import_input_t *input,
                           cp_import_report_t *report)
{
    cp_import_t import = {.input = input};
    apr_status_t rv = start(&import, cx, cp_now(cx->port), report, cx->pool);

    if (rv == APR_SUCCESS) {
        rv = check(&import);
    }
    if (rv == APR_SUCCESS) {
        rv = copy_and_load(&import);
    }
    if (rv == APR_SUCCESS) {
        renew_plans(cx);
    }
    return rv;
}
