/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A new password: the rules, the former ones, and what follows from it. */
#ifndef CP_PASSWORD_CHANGE_H
#define CP_PASSWORD_CHANGE_H

#include "clinic/password_rules.h"
#include "clinic/session.h"

/* Whose, and what happens to it. */
typedef struct cp_password_target_t {
    const char *clinic_id;
    const char *account_id;
    const char *kind;
    const char *username;
    const char *old_hash;     /* which has to be the present one; NULL: any */
    const char *keep_session; /* its session_id goes on; NULL: all end */
    int must_change;          /* again at the next sign-in */
    int history;              /* that many former ones count as used, see
                               * cp_password_check_former */
    const char *event;        /* for the audit: "password-changed" */
} cp_password_target_t;

/* The stored hash of an active account, "" if it has none. CP_EDENIED: there is
 * no such account. */
apr_status_t cp_password_find(cp_ctx_t *cx, const char *clinic_id,
                              const char *account_id, const char **hash);

/* Store a hash in a transaction of the caller; sessions end, links that were
 * mailed open nothing any more, no device skips the second factor, the former
 * one is kept for the history, the person gets mail about it, an audit row is
 * written.
 * APR_ENOENT: old_hash is not the present one any more. */
apr_status_t cp_password_store(cp_ctx_t *cx, const cp_password_target_t *target,
                               const char *hash);

/* Today's format for the hash of an account, {account_id, password_hash}, whose
 * password this is; one that was changed meanwhile stays. Costs a hash.
 * CP_EUNAVAILABLE, CP_EDB. */
apr_status_t cp_password_rehash(cp_ctx_t *cx, const char *clinic_id,
                                const json_t *account, const char *password);

/* Mark the rule "history" if the password is the present one or one of the
 * target's last ones. Each comparison costs a hash. CP_EUNAVAILABLE. *broken
 * goes up by one. */
apr_status_t cp_password_check_former(cp_ctx_t *cx,
                                      const cp_password_target_t *target,
                                      const char *password, json_t *rules,
                                      int *broken);

/* What the person typed; NULL: nothing. */
typedef struct cp_password_typed_t {
    const char *present;
    const char *wanted;
} cp_password_typed_t;

/* The person behind a session changes the password: the present one is asked
 * for (see cp_reauth for its failures), then the rules, then it is stored; the
 * account's other sessions end. CP_EINPUT: rules are broken, *rules says
 * which. */
apr_status_t cp_password_change(cp_ctx_t *cx, const cp_session_t *session,
                                const cp_policy_t *policy,
                                const cp_password_typed_t *typed,
                                json_t **rules);

/* The rules for that person, none broken yet. */
apr_status_t cp_password_rules_of(cp_ctx_t *cx, const cp_session_t *session,
                                  const cp_policy_t *policy, json_t **rules);

#endif
