/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Failed tries counted in the database: by account and place (the network, or
 * the device if it is known), by account from all unknown devices together, by
 * address and by clinic.
 *
 * A try is counted before the password is looked at, in atomic statements, so
 * that parallel tries cannot slip through between reading and writing; a
 * success takes its own count back. */
#ifndef CP_THROTTLE_H
#define CP_THROTTLE_H

#include "clinic/clinic.h"
#include "clinic/policy.h"

/* Whose try it is. */
typedef struct cp_throttle_who_t {
    const cp_clinic_t *clinic;
    const cp_policy_t *policy; /* of the clinic */
    const char *username_key;  /* cp_ident_username_key; one counter for both
                                * kinds, so that the other tab is no way round
                                * a lock */
    const char *device_id;     /* a known device of that account, or a session
                                * of it; or NULL */
    int is_shared;             /* for cp_throttle_clear: there are accounts of
                                * both kinds of that name */
} cp_throttle_who_t;

typedef struct cp_throttle_verdict_t {
    int is_account_locked; /* says nothing to the person: same text as wrong */
    int is_locked_still;   /* with is_account_locked: not the first one that
                            * the lock refused */
    int is_last;           /* the last free one: if it fails it is locked */
    int is_busy;           /* too many from this address or at this clinic */
    int is_busy_still;     /* with is_busy: not the first one refused */
    int is_clinic_busy;    /* with is_busy: the clinic's limit, not the
                            * address's */
    int retry_after_s;     /* with is_busy */
} cp_throttle_verdict_t;

/* When a lock ends that only an administrator ends. */
#define CP_LOCKED_FOR_GOOD APR_INT64_MAX

/* Count one try and tell whether it may go on. Joins the caller's transaction,
 * if there is one. */
apr_status_t cp_throttle_enter(cp_ctx_t *cx, const cp_throttle_who_t *who,
                               cp_throttle_verdict_t *verdict);

/* The try was good: forget the failures it was counted with (of a shared name
 * and an unknown device, only the try itself), take it back from the address
 * and the clinic. Joins the caller's transaction, if there is one.
 */
apr_status_t cp_throttle_clear(cp_ctx_t *cx, const cp_throttle_who_t *who);

/* The try that was counted, and not refused, was not looked at: it is no
 * failure of the account. Address and clinic have it still. */
apr_status_t cp_throttle_take_back(cp_ctx_t *cx, const cp_throttle_who_t *who);

/* Forget all failures at a name, wherever they came from. *count: 0 when there
 * were none. */
apr_status_t cp_throttle_unlock(cp_ctx_t *cx, const char *clinic_id,
                                const char *username_key, int *count);

/* What requests of another kind are counted by. */
typedef struct cp_throttle_key_t {
    const char *clinic_id; /* "*": all clinics together */
    const char *kind;      /* a fixed word such as "reset-account" */
    const char *key;       /* of that kind; "" for the clinic's own */
} cp_throttle_key_t;

/* Count one of them: it is busy once there were more than the limit allows.
 * Joins the caller's transaction, if there is one. */
apr_status_t cp_throttle_count(cp_ctx_t *cx, const cp_throttle_key_t *key,
                               const cp_limit_t *limit,
                               cp_throttle_verdict_t *verdict);

/* Forget what was counted there. *count: 0 when nothing was. */
apr_status_t cp_throttle_forget(cp_ctx_t *cx, const cp_throttle_key_t *key,
                                int *count);

/* Count one answer to the CAPTCHA that was missing or wrong, likewise: *is_over
 * once the address has given more than it may try to sign in. */
apr_status_t cp_throttle_captcha(cp_ctx_t *cx, int *is_over);

/* Count one try at an account's second factor; it is locked after five
 * failures, as at sign-in, and for good after a hundred. A success clears it;
 * *count (may be NULL): 0 when there was nothing to clear. */
apr_status_t cp_throttle_factor(cp_ctx_t *cx, const char *clinic_id,
                                const char *account_id,
                                cp_throttle_verdict_t *verdict);
apr_status_t cp_throttle_factor_clear(cp_ctx_t *cx, const char *clinic_id,
                                      const char *account_id, int *count);

/* The code was not looked at: the try is taken back. */
apr_status_t cp_throttle_factor_take_back(cp_ctx_t *cx, const char *clinic_id,
                                          const char *account_id);

#endif
