/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Documents one account may see: which, and what is said of each. */
#include "clinic/documents.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/changes.h"
#include "clinic/document_file.h"
#include "clinic/local_time.h"
#include "clinic/page_cursor.h"
#include "clinic/words.h"

#include <apr_strings.h>
#include <string.h>

/* FHIR R4 CompositionStatus; entered-in-error is never shown. */
static const cp_word_t doc_statuses[] = {
    {"preliminary", "Preliminary"},
    {"final", "Final"},
    {"amended", "Amended"},
    {NULL, NULL},
};

static const cp_word_t types[] = {
    {"application/pdf", "PDF document"},
    {"image/jpeg", "JPEG image"},
    {"image/png", "PNG image"},
    {"image/tiff", "TIFF image"},
    {"text/plain", "Text"},
    {"text/csv", "CSV table"},
    {"application/rtf", "RTF document"},
    {"application/msword", "Word document"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
     "Word document"},
    {NULL, NULL},
};

/* The rule that holds for this person, as document.sql knows it. */
static const char *scope_of(const cp_session_t *session)
{
    if (session->kind == CP_KIND_PATIENT) {
        return "patient";
    }
    return cp_access_has(session->permissions, CP_PERMISSION_DOCUMENTS_ALL)
               ? "clinic"
               : "care";
}

/* What every statement on documents wants to know about the reader. */
#define READER(cx, session)                                                    \
    CP_TEXT("clinic_id", (session)->clinic->clinic_id),                        \
        CP_TEXT("account_id", (session)->account_id),                          \
        CP_TEXT("person_id", (session)->person_id),                            \
        CP_TEXT("scope", scope_of(session)), CP_INT("now", cp_now((cx)->port))

static const char *size_text(apr_off_t bytes, apr_pool_t *p)
{
    const apr_off_t kilobyte = 1024;
    const apr_off_t megabyte = kilobyte * kilobyte;

    if (bytes < kilobyte) {
        return apr_psprintf(p, "%" APR_OFF_T_FMT " bytes", bytes);
    }
    /* One that rounds to 1024 KB is a megabyte. */
    if (bytes < megabyte - kilobyte / 2) {
        return apr_psprintf(p, "%" APR_OFF_T_FMT " KB",
                            (bytes + kilobyte / 2) / kilobyte);
    }
    return apr_psprintf(p, "%.1f MB", (double)bytes / (double)megabyte);
}

static const char *status_text(cp_row_t row)
{
    if (strcmp(cp_row_text(row, "status"), "superseded") == 0) {
        return "Superseded";
    }
    return cp_words_text(doc_statuses, cp_row_text(row, "doc_status"),
                         "Unknown");
}

/* Only what is named here leaves: a row also knows where the bytes are. */
static json_t *make_document(cp_calendar_t *calendar,
                             const cp_session_t *session, cp_row_t row,
                             apr_pool_t *p)
{
    static const char *const shown[] = {
        "id",      "title",  "category",     "status", "doc_status",
        "patient", "author", "content_type", NULL,
    };
    int is_new =
        session->kind == CP_KIND_PATIENT && !cp_row_is_true(row, "is_seen");
    int is_to_review =
        session->kind == CP_KIND_STAFF && cp_row_is_true(row, "is_to_review");
    json_t *document = json_object();

    cp_row_show(document, row, shown);
    cp_json_put_text(document, "status_text", status_text(row));
    cp_json_put_text(
        document, "type_text",
        cp_words_text(types, cp_row_text(row, "content_type"), "File"));
    cp_json_put_text(document, "size_text",
                     size_text(cp_row_integer(row, "size_bytes"), p));
    cp_json_put(document, "is_new", json_boolean(is_new));
    cp_json_put(document, "is_waiting", json_boolean(is_new || is_to_review));
    cp_local_time_put(document, "created", calendar,
                      cp_row_integer(row, "created_at"), p);
    return document;
}

apr_status_t cp_documents_list(cp_ctx_t *cx, const cp_session_t *session,
                               const char *cursor, json_t **model)
{
    cp_page_cursor_t after;
    const char *older;
    cp_rows_t *rows;
    json_t *documents;
    apr_status_t rv = cp_page_cursor_read(&after, cursor, cx->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cp_db_rows(
        cx->db,
        apr_pstrcat(cx->pool, "document_list_", scope_of(session), NULL),
        CP_ARGS(READER(cx, session), CP_INT("at", after.at),
                CP_TEXT("id", after.id),
                CP_INT("limit", CP_DOCUMENTS_PAGE + 1)),
        &rows, cx->pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    older = cp_page_cursor_cut(rows, CP_DOCUMENTS_PAGE, "created_at", cx->pool);
    rv = cp_local_time_all(cx, session, rows, make_document, &documents);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *model = cp_json_own(
        json_pack("{s:o, s:s?}", "documents", documents, "older", older),
        cx->pool);
    return *model == NULL ? APR_ENOMEM : APR_SUCCESS;
}

apr_status_t cp_documents_waiting(cp_ctx_t *cx, const cp_session_t *session,
                                  int limit, json_t **model)
{
    cp_rows_t *rows;
    json_t *documents;
    apr_status_t rv = cp_db_rows(
        cx->db,
        session->kind == CP_KIND_STAFF ? "document_waiting_staff"
                                       : "document_waiting_patient",
        CP_ARGS(READER(cx, session), CP_INT("limit", limit)), &rows, cx->pool);

    if (rv == APR_SUCCESS) {
        rv = cp_local_time_all(cx, session, rows, make_document, &documents);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *model = cp_json_own(json_pack("{s:I, s:o}", "count",
                                   cp_row_integer(cp_rows_first(rows), "count"),
                                   "documents", documents),
                         cx->pool);
    return *model == NULL ? APR_ENOMEM : APR_SUCCESS;
}

static apr_status_t find_row(cp_ctx_t *cx, const cp_session_t *session,
                             const char *document_id, cp_row_t *row)
{
    return cp_db_row(
        cx->db, "document_find",
        CP_ARGS(READER(cx, session), CP_TEXT("document_id", document_id)), row,
        cx->pool);
}

apr_status_t cp_documents_find(cp_ctx_t *cx, const cp_session_t *session,
                               const char *document_id, json_t **model)
{
    cp_calendar_t *calendar;
    cp_row_t row;
    apr_status_t rv = find_row(cx, session, document_id, &row);

    if (rv == APR_SUCCESS) {
        rv = cp_local_time_calendar(cx, session, &calendar);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *model =
        cp_json_own(make_document(calendar, session, row, cx->pool), cx->pool);
    return *model == NULL ? APR_ENOMEM : APR_SUCCESS;
}

typedef struct opening_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
    const char *document_id;
} opening_t;

/* For a patient the first time changes what the lists say. */
static apr_status_t note_opened(cp_db_t *db, void *baton)
{
    const opening_t *o = baton;
    int added = 0;
    apr_status_t rv = APR_SUCCESS;

    if (!o->cx->is_background) {
        rv = cp_db_execute(db, "document_note_seen",
                           json_pack("{s:s, s:s, s:s, s:I}", "clinic_id",
                                     o->session->clinic->clinic_id,
                                     "account_id", o->session->account_id,
                                     "document_id", o->document_id, "now",
                                     (json_int_t)cp_now(o->cx->port)),
                           &added);
    }
    if (rv == APR_SUCCESS && added > 0 && o->session->kind == CP_KIND_PATIENT) {
        rv = cp_changes_note(o->cx, o->session);
    }
    return rv == APR_SUCCESS
               ? cp_audit_read(o->cx, o->session, "DocumentReference",
                               o->document_id)
               : rv;
}

apr_status_t cp_documents_open(cp_ctx_t *cx, const cp_session_t *session,
                               const char *document_id, cp_document_file_t *out)
{
    opening_t o = {cx, session, document_id};
    cp_row_t row;
    apr_status_t rv = find_row(cx, session, document_id, &row);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    out->size_bytes = cp_row_integer(row, "size_bytes");
    out->content_type = cp_row_text(row, "content_type");
    out->file_name = cp_row_text(row, "file_name");
    out->sha256 = cp_row_text(row, "sha256");
    rv = cp_document_file_open(cx, cp_row_text(row, "storage_key"), out);
    return rv == APR_SUCCESS ? cp_db_transaction(cx->db, note_opened, &o) : rv;
}
