/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The chain of the audit trail. */
#include "clinic/audit_chain.h"

#include "base/json.h"
#include "base/status.h"
#include "base/token.h"

#include <apr_strings.h>
#include <string.h>

#define PAGE_ROWS 1000

typedef struct walk_t {
    cp_ctx_t *cx;
    const char *clinic_id;
    const cp_audit_anchor_t *anchor;
    cp_audit_finding_t *found;
    apr_int64_t seq;  /* of the row before */
    const char *hash; /* of the row before, in cx->pool */
    apr_pool_t *page; /* cleared with each page of rows */
} walk_t;

const char *cp_audit_chain_hash(const char *previous, const json_t *row,
                                apr_pool_t *p)
{
    json_t *covered = cp_json_own(json_copy((json_t *)row), p);

    (void)json_object_del(covered, "hash");
    return cp_token_digest(
        apr_pstrcat(p, previous, "\n", cp_json_text(covered, p), NULL), p);
}

static int has_fault(const walk_t *walk)
{
    return walk->found->fault != NULL;
}

static void check_gap(walk_t *walk, apr_int64_t seq)
{
    apr_pool_t *p = walk->cx->pool;

    if (seq == walk->seq + 2) {
        walk->found->fault = apr_psprintf(
            p, "row %" APR_INT64_T_FMT " is missing", walk->seq + 1);
    }
    else if (seq != walk->seq + 1) {
        walk->found->fault = apr_psprintf(
            p, "rows %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT " are missing",
            walk->seq + 1, seq - 1);
    }
}

static void check_anchor(walk_t *walk)
{
    if (walk->seq == walk->anchor->seq &&
        !cp_token_equal(walk->hash, walk->anchor->hash)) {
        walk->found->fault = apr_psprintf(
            walk->cx->pool,
            "row %" APR_INT64_T_FMT " is not the one that was noted: the chain "
            "was rewritten from there or before",
            walk->seq);
    }
}

static void check_head(walk_t *walk, const json_t *row)
{
    if (walk->seq == walk->found->head_seq &&
        !cp_token_equal(walk->hash, walk->found->head_hash)) {
        walk->found->fault = apr_psprintf(
            walk->cx->pool,
            "row %" APR_INT64_T_FMT " (%s) is not the one that was written "
            "last: it was edited, or its hash in audit_head was",
            walk->seq, cp_json_string(row, "audit_id", ""));
    }
}

static void check_row(walk_t *walk, const json_t *row)
{
    apr_int64_t seq = cp_json_integer(row, "seq", 0);
    const char *hash = cp_json_string(row, "hash", "");

    check_gap(walk, seq);
    if (!has_fault(walk) &&
        !cp_token_equal(hash,
                        cp_audit_chain_hash(walk->hash, row, walk->page))) {
        walk->found->fault = apr_psprintf(
            walk->cx->pool,
            "row %" APR_INT64_T_FMT " (%s) was edited, or moved from another "
            "place",
            seq, cp_json_string(row, "audit_id", ""));
    }
    walk->seq = seq;
    walk->hash = apr_pstrdup(walk->cx->pool, hash);
    walk->found->rows++;
    if (!has_fault(walk)) {
        check_anchor(walk);
    }
    if (!has_fault(walk)) {
        check_head(walk, row);
    }
}

/* *has_more: the page was full. */
static apr_status_t check_page(walk_t *walk, int *has_more)
{
    json_t *rows;
    json_t *row;
    size_t i;
    apr_status_t rv;

    apr_pool_clear(walk->page);
    rv = cp_db_select(walk->cx->db, "audit_chain",
                      json_pack("{s:s, s:I, s:i}", "clinic_id", walk->clinic_id,
                                "after", (json_int_t)walk->seq, "limit",
                                PAGE_ROWS),
                      &rows, walk->page);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    json_array_foreach(rows, i, row)
    {
        check_row(walk, row);
        if (has_fault(walk)) {
            break;
        }
    }
    *has_more = json_array_size(rows) == PAGE_ROWS && !has_fault(walk);
    return APR_SUCCESS;
}

/* The head was read before the rows, so rows may have come since. */
static void check_end(walk_t *walk)
{
    cp_audit_finding_t *found = walk->found;
    apr_pool_t *p = walk->cx->pool;

    if (walk->seq < found->head_seq) {
        found->fault =
            apr_psprintf(p,
                         "the chain is cut: rows %" APR_INT64_T_FMT
                         " to %" APR_INT64_T_FMT " at its end are missing",
                         walk->seq + 1, found->head_seq);
    }
    else if (walk->seq < walk->anchor->seq) {
        found->fault =
            apr_psprintf(p,
                         "the chain ends before row %" APR_INT64_T_FMT
                         ", which was noted: it was cut",
                         walk->anchor->seq);
    }
}

static apr_status_t check_outside(walk_t *walk)
{
    cp_row_t row;
    apr_status_t rv = cp_db_row(walk->cx->db, "audit_outside",
                                CP_ARGS(CP_TEXT("clinic_id", walk->clinic_id)),
                                &row, walk->cx->pool);

    if (rv == APR_SUCCESS) {
        walk->found->fault =
            apr_psprintf(walk->cx->pool, "row %s was added outside the chain",
                         cp_row_text(row, "audit_id"));
    }
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

static apr_status_t read_head(walk_t *walk)
{
    cp_row_t head;
    apr_status_t rv = cp_db_row(walk->cx->db, "audit_head",
                                CP_ARGS(CP_TEXT("clinic_id", walk->clinic_id)),
                                &head, walk->cx->pool);

    if (rv == APR_SUCCESS) {
        walk->found->head_seq = cp_row_integer(head, "seq");
        walk->found->head_hash = cp_row_text(head, "hash");
    }
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

apr_status_t cp_audit_verify(cp_ctx_t *cx, const char *clinic_id,
                             const cp_audit_anchor_t *anchor,
                             cp_audit_finding_t *found)
{
    walk_t walk = {cx, clinic_id, anchor, found, 0, "", NULL};
    int has_more = 1;
    apr_status_t rv = apr_pool_create(&walk.page, cx->pool);

    memset(found, 0, sizeof(*found));
    found->head_hash = "";
    if (rv == APR_SUCCESS) {
        rv = read_head(&walk);
    }
    while (rv == APR_SUCCESS && has_more) {
        rv = check_page(&walk, &has_more);
    }
    if (rv == APR_SUCCESS && !has_fault(&walk)) {
        check_end(&walk);
    }
    if (rv == APR_SUCCESS && !has_fault(&walk)) {
        rv = check_outside(&walk);
    }
    return rv;
}
