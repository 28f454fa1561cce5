/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The chain of a clinic's audit trail: each row carries a SHA-256 over itself
 * and the hash before it, so that a row that was edited, taken away, moved or
 * put in between no longer fits. It shows tampering by whoever cannot rewrite
 * all that follows; noting the head elsewhere shows that as well. */
#ifndef CP_AUDIT_CHAIN_H
#define CP_AUDIT_CHAIN_H

#include "clinic/context.h"

/* The hash of a row (an object with all columns of the statement audit_chain;
 * its "hash" is left out), in p. previous: the hash before it, "" for none. */
const char *cp_audit_chain_hash(const char *previous, const json_t *row,
                                apr_pool_t *p);

typedef struct cp_audit_finding_t {
    const char *fault;    /* a sentence; NULL: the chain is whole */
    apr_int64_t rows;     /* looked at */
    apr_int64_t head_seq; /* where the chain ends; 0: no row yet */
    const char *head_hash;
} cp_audit_finding_t;

/* A head noted before, "SEQ:HASH" as cp_audit_verify gave it. */
typedef struct cp_audit_anchor_t {
    apr_int64_t seq; /* 0: none */
    const char *hash;
} cp_audit_anchor_t;

/* Walk the chain from its first row to its head and name the first fault.
 * *found in cx->pool. CP_EDB when the database fails. */
apr_status_t cp_audit_verify(cp_ctx_t *cx, const char *clinic_id,
                             const cp_audit_anchor_t *anchor,
                             cp_audit_finding_t *found);

#endif
