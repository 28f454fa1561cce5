/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The audit trail: one row an event, only ever added. */
#include "clinic/audit.h"

#include "base/json.h"
#include "base/status.h"
#include "base/token.h"
#include "clinic/audit_chain.h"

#include <apr_strings.h>

/* FHIR R4 AuditEvent.outcome. */
static const char *outcome_code(cp_audit_outcome_t outcome)
{
    switch (outcome) {
    case CP_AUDIT_SUCCESS:
        return "0";
    case CP_AUDIT_REFUSED:
        return "4";
    default:
        return "8";
    }
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

typedef struct addition_t {
    cp_ctx_t *cx;
    const cp_audit_event_t *event;
    const char *audit_id;
} addition_t;

/* The row as it will be read again: with all columns, the hash excepted. */
static json_t *make_row(const addition_t *addition, apr_int64_t seq)
{
    const cp_audit_event_t *event = addition->event;
    cp_ctx_t *cx = addition->cx;

    return json_pack(
        "{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s?, s:s, s:s, s:s, s:s, s:s,"
        " s:I}",
        "clinic_id", event->clinic_id, "audit_id", addition->audit_id,
        "recorded_at", (json_int_t)cp_now(cx->port), "event", event->event,
        "outcome", outcome_code(event->outcome), "reason",
        or_empty(event->reason), "reference", cp_ctx_reference(cx),
        "account_id", event->account_id, "kind", or_empty(event->kind),
        "username", or_empty(event->username), "address", or_empty(cx->address),
        "entity_type", or_empty(event->entity_type), "entity_id",
        or_empty(event->entity_id), "seq", (json_int_t)seq);
}

static apr_status_t add(cp_db_t *db, void *baton)
{
    const addition_t *addition = baton;
    const char *clinic_id = addition->event->clinic_id;
    apr_pool_t *p = addition->cx->pool;
    const char *hash;
    json_t *row;
    cp_row_t head;
    apr_status_t rv =
        cp_db_row(db, "audit_take_place",
                  CP_ARGS(CP_TEXT("clinic_id", clinic_id)), &head, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    row = make_row(addition, cp_row_integer(head, "seq"));
    if (row == NULL) {
        return CP_EINPUT;
    }
    hash = cp_audit_chain_hash(cp_row_text(head, "hash"), row, p);
    cp_json_put_text(row, "hash", hash);
    rv = cp_db_execute(db, "audit_add", row, NULL);
    if (rv == APR_SUCCESS) {
        rv = cp_db_execute(
            db, "audit_move_head",
            json_pack("{s:s, s:s}", "clinic_id", clinic_id, "hash", hash),
            NULL);
    }
    return rv;
}

static void keep(apr_array_header_t *kept, const cp_audit_event_t *event)
{
    apr_pool_t *p = kept->pool;
    cp_audit_event_t copy = {
        .clinic_id = apr_pstrdup(p, event->clinic_id),
        .event = apr_pstrdup(p, event->event),
        .outcome = event->outcome,
        .reason = apr_pstrdup(p, event->reason),
        .account_id = apr_pstrdup(p, event->account_id),
        .kind = apr_pstrdup(p, event->kind),
        .username = apr_pstrdup(p, event->username),
        .entity_type = apr_pstrdup(p, event->entity_type),
        .entity_id = apr_pstrdup(p, event->entity_id),
    };

    APR_ARRAY_PUSH(kept, cp_audit_event_t) = copy;
}

apr_status_t cp_audit_write(cp_ctx_t *cx, const cp_audit_event_t *event)
{
    addition_t addition = {cx, event, NULL};
    apr_status_t rv;

    if (cx->kept_audits != NULL) {
        keep(cx->kept_audits, event);
        return APR_SUCCESS;
    }
    rv = cp_token_public_id(&addition.audit_id, cx->port, cx->pool);
    return rv == APR_SUCCESS ? cp_db_atomically(cx->db, add, &addition) : rv;
}

void cp_audit_keep(cp_ctx_t *cx, apr_pool_t *p)
{
    cx->kept_audits = apr_array_make(p, 16, sizeof(cp_audit_event_t));
}

void cp_audit_forget_kept(cp_ctx_t *cx)
{
    cx->kept_audits = NULL;
}

apr_status_t cp_audit_write_kept(cp_ctx_t *cx)
{
    const apr_array_header_t *kept = cx->kept_audits;
    apr_status_t rv = APR_SUCCESS;
    int i;

    cp_audit_forget_kept(cx);
    for (i = 0; i < kept->nelts && rv == APR_SUCCESS; i++) {
        rv = cp_audit_write(cx, &APR_ARRAY_IDX(kept, i, cp_audit_event_t));
    }
    return rv;
}

apr_status_t cp_audit_read(cp_ctx_t *cx, const cp_session_t *session,
                           const char *entity_type, const char *entity_id)
{
    cp_audit_event_t event = {
        .clinic_id = session->clinic->clinic_id,
        .event = "read",
        .outcome = CP_AUDIT_SUCCESS,
        .account_id = session->account_id,
        .kind = cp_kind_word(session->kind),
        .username = session->username,
        .entity_type = entity_type,
        .entity_id = entity_id,
    };

    return cp_audit_write(cx, &event);
}

apr_status_t cp_audit_list(cp_ctx_t *cx, const char *clinic_id, int limit,
                           json_t **rows)
{
    return cp_db_select(
        cx->db, "audit_list",
        json_pack("{s:s, s:i}", "clinic_id", clinic_id, "limit", limit), rows,
        cx->pool);
}
