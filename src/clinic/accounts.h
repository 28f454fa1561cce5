/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Administering accounts: what the command line and the import change.
 *
 * The calls that change something run inside a transaction of the caller and
 * write the audit row of what they did. An account is a JSON object with the
 * columns of the statement account_find. */
#ifndef CP_ACCOUNTS_H
#define CP_ACCOUNTS_H

#include "clinic/access.h"

/* Whom an account belongs to, before and after there is one. */
typedef struct cp_account_name_t {
    const char *clinic_id;
    cp_kind_t kind;
    const char *username;
} cp_account_name_t;

/* What is NULL stays as it is; a new account gets what each line says. */
typedef struct cp_account_fields_t {
    const char *display_name; /* the user name */
    const char *email;        /* "" */
    const char *status;       /* "active" */
    const char *roles;        /* words; none */
    const char *permissions;  /* words; the portal permission of its kind */
    const char *person_id;    /* a new practitioner or patient */
} cp_account_fields_t;

/* APR_ENOENT: no such account; what is no user name is none either. */
apr_status_t cp_accounts_find(cp_ctx_t *cx, const cp_account_name_t *name,
                              json_t **account);

/* *is_shared: a member of staff and a patient have that name. CP_EDB. */
apr_status_t cp_accounts_find_shared(cp_ctx_t *cx, const char *clinic_id,
                                     const char *username_key, int *is_shared);

/* All of one kind, by user name. */
apr_status_t cp_accounts_list(cp_ctx_t *cx, const char *clinic_id,
                              cp_kind_t kind, json_t **accounts);

/* *account is the new one, without a password. APR_EEXIST: the name is taken;
 * CP_EINPUT: it is no user name. */
apr_status_t cp_accounts_add(cp_ctx_t *cx, const cp_account_name_t *name,
                             const cp_account_fields_t *fields,
                             json_t **account);

/* *is_changed: something was not as asked already. Disabling ends the
 * account's sessions; with another address, what went to the old one opens
 * nothing any more. While audit rows are kept (cp_audit_keep) it is the caller
 * who notes the change for the account's pages, before they are written. */
apr_status_t cp_accounts_set(cp_ctx_t *cx, const json_t *account,
                             const cp_account_fields_t *fields,
                             int *is_changed);

/* Store a hash and end the account's sessions. must_change: whoever signs in
 * with it has to choose another. */
apr_status_t cp_accounts_set_password(cp_ctx_t *cx, const json_t *account,
                                      const char *hash, int must_change);

/* Forget the failed tries at a name, which both kinds share, and with them a
 * lock. *count: 0 when there were none. name->kind is for the audit. */
apr_status_t cp_accounts_unlock(cp_ctx_t *cx, const cp_account_name_t *name,
                                int *count);

/* An audit row about an account. */
apr_status_t cp_accounts_audit(cp_ctx_t *cx, const json_t *account,
                               const char *event);

#endif
