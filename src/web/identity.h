/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The portal's cookies: who is signed in, which visit this is, which clinic
 * was the last. Values that are stale, doubled or foreign are passed over and
 * replaced; other people's cookies are never touched. */
#ifndef CP_IDENTITY_H
#define CP_IDENTITY_H

#include "web/reply.h"

/* The live session of that kind, trying every candidate the browser sent.
 * APR_ENOENT: no cookie; CP_EDENIED: none is good, *why says of the last. */
apr_status_t cp_identity_find(cp_request_t *req, cp_kind_t kind,
                              const cp_session_t **session,
                              cp_session_end_t *why);

/* The first session cookie of that kind as sent, or NULL. */
const char *cp_identity_cookie(const cp_request_t *req, cp_kind_t kind);

/* Set the session cookie; value NULL removes it. */
apr_status_t cp_identity_set(cp_request_t *req, cp_reply_t *reply,
                             cp_kind_t kind, const char *value);

/* The cookie of the devices of src/clinic/device as sent, or NULL; and its new
 * value (NULL: stays). It is kept for half a year. */
const char *cp_identity_device(const cp_request_t *req);
apr_status_t cp_identity_set_device(cp_request_t *req, cp_reply_t *reply,
                                    const char *value);

/* A Cookie header without the portal's cookies, in p; NULL if none is left. */
const char *cp_identity_strip(const char *cookies, apr_pool_t *p);

/* Make sure the visit has its random cookie; req->visit is set. */
apr_status_t cp_identity_visit(cp_request_t *req, cp_reply_t *reply);

/* What stands for the visit in tokens and challenges: its digest; "" if the
 * browser sent none. */
const char *cp_identity_visit_digest(const cp_request_t *req);

/* Remember the clinic and tab; and what was remembered (APR_ENOENT: nothing
 * usable). */
apr_status_t cp_identity_remember(cp_request_t *req, cp_reply_t *reply,
                                  const char *code, cp_kind_t kind);
apr_status_t cp_identity_recall(const cp_request_t *req, const char **code,
                                cp_kind_t *kind);

#endif
