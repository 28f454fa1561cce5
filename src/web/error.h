/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Error pages: one table from status to words. */
#ifndef CP_WEB_ERROR_H
#define CP_WEB_ERROR_H

#include "web/reply.h"

/* What an error page says. */
typedef struct cp_error_words_t {
    int status;
    const char *code;    /* for JSON */
    const char *title;   /* for people */
    const char *message; /* likewise */
    int retry_after_s;   /* 0: no Retry-After */
} cp_error_words_t;

/* The one map from our status codes to HTTP. */
int cp_http_status(apr_status_t rv);

/* Make the reply an error page (view "error") or JSON error for that HTTP
 * status, with the request's reference number. What the page had filled in is
 * dropped, its cookies kept. */
void cp_error_reply(cp_request_t *req, cp_reply_t *reply, int status);

/* The same with words of its own. */
void cp_error_page(cp_request_t *req, cp_reply_t *reply,
                   const cp_error_words_t *said);

#endif
