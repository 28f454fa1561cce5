/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Exporting the audit trail: rows from before the chain, then the chain. */
#include "clinic/audit_export.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/audit_fhir.h"

#include <apr_strings.h>

#define PAGE_ROWS 500

typedef struct export_t {
    cp_ctx_t *cx;
    const char *clinic_id;
    cp_audit_line_t line;
    void *baton;
    apr_pool_t *page;
    apr_pool_t *last; /* of the last row: outlives the page */
    json_int_t seq;
    json_int_t at;
    const char *id;
} export_t;

/* The arguments of the next page of both statements. */
static json_t *place_of(const export_t *export)
{
    return json_pack("{s:s, s:I, s:I, s:s, s:i}", "clinic_id",
                     export->clinic_id, "after", export->seq, "at", export->at,
                     "id", export->id, "limit", PAGE_ROWS);
}

static apr_status_t give_row(export_t *export, const json_t *row)
{
    const char *text = cp_json_text(
        cp_json_own(cp_audit_fhir(row, export->page), export->page),
        export->page);

    return text == NULL ? APR_ENOMEM : export->line(text, export->baton);
}

static void note_place(export_t *export, const json_t *row)
{
    apr_pool_clear(export->last);
    export->seq = cp_json_integer(row, "seq", 0);
    export->at = cp_json_integer(row, "recorded_at", 0);
    export->id = apr_pstrdup(export->last, cp_json_string(row, "audit_id", ""));
}

/* *has_more: the page was full. */
static apr_status_t give_page(export_t *export, const char *statement,
                              int *has_more)
{
    json_t *rows;
    json_t *row;
    size_t i;
    apr_status_t rv;

    apr_pool_clear(export->page);
    rv = cp_db_select(export->cx->db, statement, place_of(export), &rows,
                      export->page);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    json_array_foreach(rows, i, row)
    {
        rv = give_row(export, row);
        if (rv != APR_SUCCESS) {
            return rv;
        }
        note_place(export, row);
    }
    *has_more = json_array_size(rows) == PAGE_ROWS;
    return APR_SUCCESS;
}

static apr_status_t give_all(export_t *export, const char *statement)
{
    int has_more = 1;
    apr_status_t rv = APR_SUCCESS;

    export->seq = 0;
    export->at = 0;
    export->id = "";
    while (rv == APR_SUCCESS && has_more) {
        rv = give_page(export, statement, &has_more);
    }
    return rv;
}

apr_status_t cp_audit_export(cp_ctx_t *cx, const char *clinic_id,
                             cp_audit_line_t line, void *baton)
{
    export_t export = {cx, clinic_id, line, baton, NULL, NULL, 0, 0, ""};
    apr_status_t rv = apr_pool_create(&export.page, cx->pool);

    if (rv == APR_SUCCESS) {
        rv = apr_pool_create(&export.last, cx->pool);
    }
    if (rv == APR_SUCCESS) {
        rv = give_all(&export, "audit_unchained");
    }
    if (rv == APR_SUCCESS) {
        rv = give_all(&export, "audit_chain");
    }
    return rv;
}
