/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to src/clinic/factor*.c. */
#ifndef CP_FACTOR_IMPL_H
#define CP_FACTOR_IMPL_H

#include "clinic/audit.h"
#include "clinic/factor.h"

#define CP_RECOVERY_GROUPS 3 /* of four characters: 60 bits */

/* {clinic_id, account_id}, for the arguments of a statement. */
json_t *cp_factor_key(const char *clinic_id, const char *account_id);
json_t *cp_factor_key_of(const cp_session_t *session);

/* What a secret of the account is sealed with. */
cp_seal_t cp_factor_seal(const cp_ctx_t *cx, const char *clinic_id,
                         const char *account_id);

/* The secret behind a stored text. APR_ENOENT: there is none; CP_EDENIED: it
 * was sealed with another seal. */
apr_status_t cp_factor_open(cp_ctx_t *cx, const cp_seal_t *seal,
                            const char *sealed,
                            unsigned char secret[CP_OTP_SECRET_BYTES]);

/* Run a change that touches one row or none. CP_EDENIED: none. */
apr_status_t cp_factor_spend(cp_ctx_t *cx, const char *statement, json_t *args);

/* A code as it was meant: without spaces and dashes, capitals, and as
 * Crockford's base32 reads what looks alike. In p. */
const char *cp_factor_tidy(const char *code, apr_pool_t *p);

apr_status_t cp_factor_audit(cp_ctx_t *cx, const cp_session_t *session,
                             const char *event, const char *reason,
                             cp_audit_outcome_t outcome);

#endif
