/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Error pages: one table from status to words. */
#ifndef CP_WEB_ERROR_H
#define CP_WEB_ERROR_H

#include "web/reply.h"

/* The one map from our status codes to HTTP. */
int cp_http_status(apr_status_t rv);

/* Make the reply an error page (view "error") or JSON error for that HTTP
 * status, with the request's reference number. What the page had filled in is
 * dropped, its cookies kept. */
void cp_error_reply(cp_request_t *req, cp_reply_t *reply, int status);

/* The same with words of its own: code is for JSON, title and message are for
 * people. */
void cp_error_page(cp_request_t *req, cp_reply_t *reply, int status,
                   const char *code, const char *title, const char *message);

#endif
