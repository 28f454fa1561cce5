/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Signing in: captcha, throttle, password, account state, permission, session,
 * in that order. Whoever does not have the password learns nothing: unknown,
 * wrong, locked and disabled give the same outcome and take the same work
 * (a try without the password always costs two hashes, each of today's work: the
 * account of the chosen kind and that of the other kind, or a decoy in place
 * of either). */
#ifndef CP_SIGNIN_H
#define CP_SIGNIN_H

#include "clinic/session.h"

typedef enum cp_signin_outcome_t {
    CP_SIGNIN_DONE,
    CP_SIGNIN_CAPTCHA,    /* box missing, wrong, spent or expired */
    CP_SIGNIN_WRONG,      /* user name or password, locked, disabled */
    CP_SIGNIN_OTHER_KIND, /* right password, wrong tab */
    CP_SIGNIN_NO_PORTAL,  /* right password, portal permission missing */
    CP_SIGNIN_TOO_MANY,   /* address or clinic throttled */
    CP_SIGNIN_UNAVAILABLE /* database, provider or hashing capacity */
} cp_signin_outcome_t;

typedef struct cp_signin_try_t {
    const cp_clinic_t *clinic;
    cp_kind_t kind;
    const char *username; /* as typed; NULL or anything */
    const char *password;
    const char *captcha;            /* the provider's field; NULL when absent */
    const char *visit;              /* digest of the visit cookie */
    const char *old_session_cookie; /* what the browser had; NULL */
    const char *device_cookie;      /* likewise */
} cp_signin_try_t;

typedef struct cp_signin_result_t {
    cp_signin_outcome_t outcome;
    cp_session_cookies_t cookies; /* CP_SIGNIN_DONE */
    int retry_after_s;            /* CP_SIGNIN_TOO_MANY and _UNAVAILABLE */
    apr_status_t cause;           /* CP_SIGNIN_UNAVAILABLE: what failed */
} cp_signin_result_t;

/* Never fails otherwise than by its outcome. Writes one audit row whatever the
 * outcome (a database that is down excepted; of an address over its limit one
 * for each window, of its CAPTCHAs that are missing or wrong no more than that
 * limit). */
void cp_signin(cp_ctx_t *cx, const cp_signin_try_t *attempt,
               cp_signin_result_t *result);

/* The word for an outcome in the audit ("wrong-password" is told apart there
 * from "unknown-user", "locked", "disabled"), and for why-not. */
const char *cp_signin_outcome_word(cp_signin_outcome_t outcome);

#endif
