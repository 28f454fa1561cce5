/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* From httpd's request_rec to what the rules and pages see of a request. */
#ifndef CP_WEB_INCOMING_H
#define CP_WEB_INCOMING_H

#include "web/reply.h"

#include <httpd.h>

/* Fill in what is known before the request is matched with a route. */
void cp_incoming(cp_request_t *req, request_rec *r, const cp_portal_t *portal);

/* Plain HTTP where TLS is asked for: a page is sent to the same address by
 * TLS (DONE, the reply is made), anything else is refused (403), since its body
 * has already travelled open. OK: nothing of the kind. */
int cp_incoming_check_tls(const request_rec *r, const cp_request_t *req,
                          cp_reply_t *reply);

/* Does nobody see the answer: HEAD, or a browser that fetches ahead? */
int cp_incoming_is_unseen(const request_rec *r);

#endif
