/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* From a cp_reply_t to bytes on the wire. */
#ifndef CP_WEB_SEND_H
#define CP_WEB_SEND_H

#include "web/reply.h"

#include <httpd.h>

/* Send it. Returns what the handler returns to httpd: OK, or an HTTP status
 * when even an error page could not be made. */
int cp_send(request_rec *r, cp_request_t *req, cp_reply_t *reply);

#endif
