/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A form that was sent to a guarded location by somebody who had to sign in
 * first: kept for an hour, sealed, and given back once. */
#ifndef CP_KEPT_H
#define CP_KEPT_H

#include "clinic/session.h"

#define CP_KEPT_MAX 65536 /* bytes of a body */

typedef struct cp_kept_t {
    const char *target; /* path and query it was sent to */
    const char *type;   /* Content-Type */
    const char *body;
    apr_size_t len;
} cp_kept_t;

/* Keep it for the account of `session` (which may have ended: only clinic and
 * account count), or with NULL for the browser of the visit. *id is public.
 * CP_EINPUT: it is too large, or there is no visit either; CP_ETOOMANY: enough
 * are kept already. */
apr_status_t cp_kept_add(cp_ctx_t *cx, const cp_session_t *session,
                         const char *visit_digest, const cp_kept_t *kept,
                         const char **id);

/* Look at it, or take it: then it is gone. In cx->pool. APR_ENOENT: there is
 * none of that id for this account or browser, or no longer. */
apr_status_t cp_kept_find(cp_ctx_t *cx, const cp_session_t *session,
                          const char *visit_digest, const char *id,
                          cp_kept_t *kept);
apr_status_t cp_kept_take(cp_ctx_t *cx, const cp_session_t *session,
                          const char *visit_digest, const char *id,
                          cp_kept_t *kept);

#endif
