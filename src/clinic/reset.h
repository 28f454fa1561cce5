/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A new password by mail: for somebody who forgot it, and for whoever was
 * invited. Nobody learns from it whether there is such an account (OWASP ASVS
 * 5.0 6.3.8), and the second factor is asked for as ever afterwards. */
#ifndef CP_RESET_H
#define CP_RESET_H

#include "clinic/clinic.h"

typedef struct cp_reset_ask_t {
    const cp_clinic_t *clinic;
    cp_kind_t kind;
    const char *username; /* as typed; NULL or anything */
    const char *captcha;  /* as in cp_signin_try_t */
    const char *visit;
} cp_reset_ask_t;

/* Ask for the mail. APR_SUCCESS whether or not there is such an account, one
 * with an address, and whether or not it was asked for too often. CP_EDENIED:
 * the CAPTCHA; CP_ETOOMANY: too often from this address or at this clinic. */
apr_status_t cp_reset_ask(cp_ctx_t *cx, const cp_reset_ask_t *ask);

/* What a link opens. */
typedef struct cp_reset_t {
    const cp_clinic_t *clinic;
    const char *token_hash;
    const char *purpose; /* "reset" or "invitation" */
    const char *account_id;
    cp_kind_t kind;
    const char *username;
    const char *display_name;
} cp_reset_t;

/* CP_EDENIED: the token is forged, spent, replaced by a newer one, too old, of
 * another clinic, or its account is not active. */
apr_status_t cp_reset_find(cp_ctx_t *cx, const cp_clinic_t *clinic,
                           const char *token, cp_reset_t *reset);

/* The rules of that person's password, none broken yet. */
apr_status_t cp_reset_rules(cp_ctx_t *cx, const cp_reset_t *reset,
                            json_t **rules);

/* Set the password and spend the token; all sessions end. CP_EINPUT: rules are
 * broken, *rules says which; CP_EDENIED: spent meanwhile. */
apr_status_t cp_reset_use(cp_ctx_t *cx, const cp_reset_t *reset,
                          const char *password, json_t **rules);

#endif
