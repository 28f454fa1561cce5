/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The audit trail: one row an event (FHIR R4 AuditEvent), only ever added,
 * written in the transaction it describes where there is one. */
#ifndef CP_AUDIT_H
#define CP_AUDIT_H

#include "clinic/session.h"

typedef enum cp_audit_outcome_t {
    CP_AUDIT_SUCCESS, /* FHIR outcome 0 */
    CP_AUDIT_REFUSED, /* 4, minor failure: a person was told no */
    CP_AUDIT_FAILED   /* 8, serious failure: a part of the system was down */
} cp_audit_outcome_t;

typedef struct cp_audit_event_t {
    const char *clinic_id;
    const char *event; /* "sign-in", "sign-out", "read", ... */
    cp_audit_outcome_t outcome;
    const char *reason;      /* code of a refusal; NULL for none */
    const char *account_id;  /* NULL when unknown */
    const char *kind;        /* "staff", "patient"; NULL for none */
    const char *username;    /* as stored, never as typed; NULL if unknown */
    const char *entity_type; /* FHIR resource type; NULL for none */
    const char *entity_id;
} cp_audit_event_t;

/* Add a row; address, reference and time come from cx. The end of the trail is
 * locked then until the transaction ends, so that this is the last thing that
 * one does: nobody who waits for the trail holds what its holder wants. */
apr_status_t cp_audit_write(cp_ctx_t *cx, const cp_audit_event_t *event);

/* For a long transaction: from now on cp_audit_write keeps copies in p, which
 * cp_audit_write_kept writes at its end. cp_audit_forget_kept: whatever came of
 * it, rows are written at once again. */
void cp_audit_keep(cp_ctx_t *cx, apr_pool_t *p);
apr_status_t cp_audit_write_kept(cp_ctx_t *cx);
void cp_audit_forget_kept(cp_ctx_t *cx);

/* The read of one object by a signed-in account. */
apr_status_t cp_audit_read(cp_ctx_t *cx, const cp_session_t *session,
                           const char *entity_type, const char *entity_id);

/* Rows of a clinic, newest first, at most `limit`, for the command line. */
apr_status_t cp_audit_list(cp_ctx_t *cx, const char *clinic_id, int limit,
                           json_t **rows);

#endif
