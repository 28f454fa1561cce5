/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Second factors: an authenticator program (TOTP), a code by mail, and recovery
 * codes for the day the telephone is gone. */
#ifndef CP_FACTOR_H
#define CP_FACTOR_H

#include "base/otp.h"
#include "clinic/session.h"

#define CP_FACTOR_OTP "otp"
#define CP_FACTOR_MAIL "mail"
#define CP_FACTOR_RECOVERY "recovery"

#define CP_RECOVERY_CODES 10

/* What an account has. */
typedef struct cp_factor_t {
    const char *method;      /* "", "otp" or "mail" */
    int is_required;         /* for this account, where the clinic's mode is
                              * per-user */
    const char *otp_secret;  /* sealed; "" for none */
    const char *otp_pending; /* likewise; "" once its time is over */
    const char *email;
    int recovery_left;
} cp_factor_t;

apr_status_t cp_factor_find(cp_ctx_t *cx, const char *clinic_id,
                            const char *account_id, cp_factor_t *factor);

/* Is the code one of the account's? Wrong ones are counted: after five none is
 * looked at for a while. *word: which factor it was. CP_EDENIED: it is wrong,
 * or was used before; CP_ETOOMANY: locked. Each refusal is audited; when it
 * comes to a lock the owner gets mail, for somebody knows the password. */
apr_status_t cp_factor_check(cp_ctx_t *cx, const cp_session_t *session,
                             const char *code, const char **word);

/* Write down a mail with a code, good for 10 minutes, in a transaction of the
 * caller, unless *is_over: there were five within an hour and none was used. */
apr_status_t cp_factor_mail_code(cp_ctx_t *cx, const char *clinic_id,
                                 const char *account_id, int *is_over);

/* The same for whoever asks for another one. CP_ETOOMANY: it is over. */
apr_status_t cp_factor_send_code(cp_ctx_t *cx, const cp_session_t *session);

/* Forget all wrong codes, and the mailed ones that nobody used: whoever uses
 * one may ask for more. *count: 0 when there was nothing to forget. */
apr_status_t cp_factor_forgive(cp_ctx_t *cx, const char *clinic_id,
                               const char *account_id, int *count);

/* How a mailed code is stored, for src/clinic/mail: hexadecimal, in cx->pool.
 */
apr_status_t cp_factor_code_hash(cp_ctx_t *cx, const char *account_id,
                                 const char *code, const char **hash);

/* A new secret waits for its first code from this session, for half an hour. */
apr_status_t cp_factor_begin_otp(cp_ctx_t *cx, const cp_session_t *session);

/* The secret that waits. APR_ENOENT: none does, or that of another session. */
apr_status_t cp_factor_pending(cp_ctx_t *cx, const cp_session_t *session,
                               unsigned char secret[CP_OTP_SECRET_BYTES]);

/* The first code of the waiting secret: from now on the account has it, its
 * other sessions end, and no device skips the second factor. *codes:
 * new recovery codes, array of strings in cx->pool, shown this once.
 * CP_EDENIED: the code is wrong; APR_ENOENT: no secret waits. */
apr_status_t cp_factor_confirm_otp(cp_ctx_t *cx, const cp_session_t *session,
                                   const char *code, json_t **codes);

/* Codes by mail from now on, as above. CP_EINPUT: there is no address to send
 * to. */
apr_status_t cp_factor_choose_mail(cp_ctx_t *cx, const cp_session_t *session);

/* New recovery codes instead of the old ones. */
apr_status_t cp_factor_renew_codes(cp_ctx_t *cx, const cp_session_t *session,
                                   json_t **codes);

/* Take the second factor away, in a transaction of the caller, with the audit
 * row. Devices have to give one again, too. */
apr_status_t cp_factor_remove(cp_ctx_t *cx, const char *clinic_id,
                              const char *account_id);

/* Seal all secrets of a clinic under the current key. *count: how many were
 * not yet. CP_EDENIED: one opens with neither. */
apr_status_t cp_factor_reseal(cp_ctx_t *cx, const char *clinic_id, int *count);

#endif
