/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A person who is signed in gives the password once more, before something that
 * decides about the account changes (OWASP ASVS 5.0 7.5.1). */
#ifndef CP_REAUTH_H
#define CP_REAUTH_H

#include "clinic/session.h"

/* Is it the password of the session's account? Wrong ones count like those at
 * sign-in and are audited. CP_EDENIED: it is not; CP_ETOOMANY: locked, or asked
 * for too often at that account in a quarter of an hour, and the password was
 * not looked at; CP_EUNAVAILABLE, CP_EDB. *hash: what is stored, in cx->pool. */
apr_status_t cp_reauth(cp_ctx_t *cx, const cp_session_t *session,
                       const cp_policy_t *policy, const char *password,
                       const char **hash);

/* Forget how often the account was asked. */
apr_status_t cp_reauth_forgive(cp_ctx_t *cx, const char *clinic_id,
                               const char *account_id);

#endif
