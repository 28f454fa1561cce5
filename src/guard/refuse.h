/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Answers to those who may not pass: pages for people, JSON for programs, and a
 * bare status for a sub-request or where the administrator has an ErrorDocument
 * for it. All return what a hook returns to httpd. */
#ifndef CP_GUARD_REFUSE_H
#define CP_GUARD_REFUSE_H

#include "guard/who.h"
#include "web/reply.h"

/* Nobody is signed in: to the sign-in page and back, 401 for a program. */
int cp_refuse_nobody(request_rec *r, cp_who_t *who);

/* Signed in, and not allowed. */
int cp_refuse_denied(request_rec *r, cp_who_t *who);

/* Allowed once password or second factor are given again. */
int cp_refuse_until_confirmed(request_rec *r, cp_who_t *who);

/* Another status of ours, such as 503. */
int cp_refuse_status(request_rec *r, cp_who_t *who, int status);

/* Send a reply that is made: DONE, or what httpd is to answer instead. */
int cp_refuse_send(request_rec *r, cp_who_t *who, cp_reply_t *reply);

/* An empty reply. */
void cp_refuse_init(cp_reply_t *reply, request_rec *r);

#endif
