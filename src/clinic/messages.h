/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Conversations one person takes part in (FHIR Communication). */
#ifndef CP_MESSAGES_H
#define CP_MESSAGES_H

#include "clinic/access.h"

#define CP_MESSAGES_PAGE 25

/* One page of a folder ("inbox"), newest first: {"threads": [{"id", "topic",
 * "from", "excerpt", "last_message_at", "last_message_text", "unread",
 * "is_unread": bool, "is_urgent": bool}], "older": cursor or null}. CP_EINPUT:
 * no such folder or cursor. */
apr_status_t cp_messages_list(cp_ctx_t *cx, const cp_session_t *session,
                              const char *folder, const char *cursor,
                              json_t **model);

/* {"count": unread messages, "threads": [the newest unread, at most limit]} */
apr_status_t cp_messages_unread(cp_ctx_t *cx, const cp_session_t *session,
                                int limit, json_t **model);

/* One conversation, oldest message first: {"id", "topic", "patient",
 * "messages": [{"id", "from", "is_mine": bool, "sent_at", "sent_text",
 * "priority", "is_urgent": bool, "payload"}]}, at most 200 messages, the
 * newest; marks it read (unless asked in the background) and writes the audit
 * row. APR_ENOENT: missing or not theirs. */
apr_status_t cp_messages_open(cp_ctx_t *cx, const cp_session_t *session,
                              const char *thread_id, json_t **model);

#endif
