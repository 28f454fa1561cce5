/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* An answer in a conversation. */
#ifndef CP_MESSAGE_REPLY_H
#define CP_MESSAGE_REPLY_H

#include "clinic/session.h"

#define CP_MESSAGE_MAX 8000 /* characters */
#define CP_MESSAGE_BYTES_MAX (4 * CP_MESSAGE_MAX)

/* Send it to everybody in the conversation, with the audit row. message_id: a
 * public id made when the form was (cp_token_public_id), so that pressing twice
 * sends once. CP_EINPUT: the text is empty, too long, or holds control
 * characters, or the id is none; APR_ENOENT: the conversation is missing or not
 * theirs. */
apr_status_t cp_message_reply(cp_ctx_t *cx, const cp_session_t *session,
                              const char *thread_id, const char *message_id,
                              const char *text);

#endif
