/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What somebody typed when the session ended: kept for a week, sealed, for that
 * account alone. */
#ifndef CP_DRAFT_H
#define CP_DRAFT_H

#include "clinic/session.h"

/* Keep a text for `place` ("messages/ID"); the newest replaces an older one.
 * Of the session only clinic and account count, so that one which has ended
 * will do. An empty text is not kept. */
apr_status_t cp_draft_save(cp_ctx_t *cx, const cp_session_t *session,
                           const char *place, const char *text);

/* The text kept for the place, in cx->pool; NULL: none, or one that was sealed
 * with a secret that is gone. */
apr_status_t cp_draft_find(cp_ctx_t *cx, const cp_session_t *session,
                           const char *place, const char **text);

/* Forget it: the text has been sent. */
apr_status_t cp_draft_remove(cp_ctx_t *cx, const cp_session_t *session,
                             const char *place);

/* Remove those that are too old. */
apr_status_t cp_draft_prune(cp_ctx_t *cx);

#endif
