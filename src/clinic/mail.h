/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mail to people: written down in the transaction of what it is about, sent
 * later by one process at a time. No mail holds anything about health.
 *
 * What is written down is only which template goes to which account. Address,
 * link and token come in when it is sent, so that nothing secret waits in the
 * database and a token's time begins with its mail. */
#ifndef CP_MAIL_H
#define CP_MAIL_H

#include "base/mustache.h"
#include "clinic/clinic.h"
#include "net/smtp.h"

#define CP_MAIL_RESET "reset"
#define CP_MAIL_INVITATION "invitation"
#define CP_MAIL_PASSWORD_CHANGED "password-changed"
#define CP_MAIL_CODE "code"
#define CP_MAIL_ADDRESS_CHANGED "address-changed"
#define CP_MAIL_FACTOR_CHANGED "factor-changed"
#define CP_MAIL_FACTOR_LOCKED "factor-locked"

/* How long the links of the two are good. */
#define CP_MAIL_RESET_FOR apr_time_from_sec(15 * 60)
#define CP_MAIL_INVITATION_FOR apr_time_from_sec(72 * 3600)
#define CP_MAIL_CODE_FOR apr_time_from_sec(10 * 60)

/* Write one down. account_id NULL: for nobody, which is the same work and is
 * never sent. */
apr_status_t cp_mail_add(cp_ctx_t *cx, const char *clinic_id,
                         const char *account_id, const char *template);

/* The same to an address that the account has no longer. */
apr_status_t cp_mail_add_to(cp_ctx_t *cx, const char *clinic_id,
                            const char *account_id, const char *recipient,
                            const char *template);

/* Where mail goes out, constant after start-up. */
typedef struct cp_mail_sender_t {
    cp_smtp_server_t server;
    const cp_mustache_t *templates;
    const char *address; /* of the portal, "https://portal.example/base" */
} cp_mail_sender_t;

/* Send the next that is due. APR_ENOENT: there is none. A failure is put off
 * for 1, 2, 4 ... minutes up to an hour; after eight the mail is dead, and so
 * is at once what has no address or is refused for good. Otherwise CP_EDB. */
apr_status_t cp_mail_send_next(cp_ctx_t *cx, const cp_mail_sender_t *sender);

/* Forget what was sent more than a week ago, what was given up more than thirty
 * days ago, and tokens that have run out. */
apr_status_t cp_mail_prune(cp_ctx_t *cx);

/* Those of a clinic, for the command line: what was given up, then the newest.
 */
apr_status_t cp_mail_list(cp_ctx_t *cx, const char *clinic_id, int limit,
                          json_t **mails);

/* Send a dead one again. *count: 0 when there is no dead one of that id. */
apr_status_t cp_mail_retry(cp_ctx_t *cx, const char *clinic_id,
                           const char *mail_id, int *count);

/* What was mailed to the account opens nothing any more: no link, no code. */
apr_status_t cp_mail_forget_tokens(cp_ctx_t *cx, const char *clinic_id,
                                   const char *account_id);

#endif
