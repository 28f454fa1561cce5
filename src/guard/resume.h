/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A form that came to a guarded location before its sender had signed in (or
 * confirmed who it is): kept, and sent on as it was once the person is back and
 * says so. The way back is the form's own address with one parameter more. */
#ifndef CP_GUARD_RESUME_H
#define CP_GUARD_RESUME_H

#include "guard/who.h"
#include "web/reply.h"

/* Keep the client's form. OK: *target is where to come back to, which is the
 * form's address alone if another site's page has sent it; DONE: it is too
 * large, or there are too many, and the reply says so; or an HTTP status. The
 * reply may get a cookie. */
int cp_resume_keep(request_rec *r, cp_who_t *who, cp_reply_t *reply,
                   const char **target);

/* Somebody who may pass comes back: DONE, the question whether to send the form
 * now is in the reply; OK, nothing of the kind, or the request is from now on
 * the one that was kept; or an HTTP status. */
int cp_resume_offer(request_rec *r, cp_who_t *who, cp_reply_t *reply);

/* The filter that plays a kept body. */
void cp_resume_register(apr_pool_t *p);

#endif
