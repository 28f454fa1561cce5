/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The audit trail: one row an event, only ever added. */
#include "clinic/audit.h"

#include "base/token.h"

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

apr_status_t cp_audit_write(cp_ctx_t *cx, const cp_audit_event_t *event)
{
    const char *audit_id;
    apr_status_t rv = cp_token_public_id(&audit_id, cx->port, cx->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    return cp_db_execute(
        cx->db, "audit_add",
        json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s?, s:s, s:s, s:s,"
                  " s:s, s:s}",
                  "clinic_id", event->clinic_id, "audit_id", audit_id,
                  "recorded_at", (json_int_t)cp_now(cx->port), "event",
                  event->event, "outcome", outcome_code(event->outcome),
                  "reason", or_empty(event->reason), "reference",
                  cp_ctx_reference(cx), "account_id", event->account_id, "kind",
                  or_empty(event->kind), "username", or_empty(event->username),
                  "address", or_empty(cx->address), "entity_type",
                  or_empty(event->entity_type), "entity_id",
                  or_empty(event->entity_id)),
        NULL);
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
