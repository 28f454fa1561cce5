/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The version counter of an account: it goes up with every change of what the
 * account sees, in the transaction of that change. */
#ifndef CP_CHANGES_H
#define CP_CHANGES_H

#include "clinic/session.h"

apr_status_t cp_changes_version(cp_ctx_t *cx, const cp_session_t *session,
                                json_int_t *version);

/* Put it into cx->version, in decimals: that of all that is read afterwards.
 * On an error it is NULL. */
apr_status_t cp_changes_look(cp_ctx_t *cx, const cp_session_t *session);

/* Raise it; in the transaction of the change. */
apr_status_t cp_changes_note(cp_ctx_t *cx, const cp_session_t *session);

#endif
