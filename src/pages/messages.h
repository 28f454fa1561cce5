/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Messages: the list of conversations, and one of them. */
#ifndef CP_PAGE_MESSAGES_H
#define CP_PAGE_MESSAGES_H

#include "web/reply.h"

/* GET /{kind}/messages?folder=inbox&after=CURSOR */
apr_status_t cp_page_messages_list(cp_request_t *req, cp_reply_t *reply);

/* GET /{kind}/messages/{id} */
apr_status_t cp_page_messages_show(cp_request_t *req, cp_reply_t *reply);

/* Answering in a conversation. */
apr_status_t cp_page_messages_reply(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_messages_stale(cp_request_t *req, cp_reply_t *reply);

#endif
