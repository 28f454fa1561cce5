/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A form that arrives after its session has ended: what was typed is kept. */
#ifndef CP_WEB_DRAFT_H
#define CP_WEB_DRAFT_H

#include "web/request.h"

#include <httpd.h>

/* Keep the route's draft field, if the form is genuine: signed for the very
 * session that has ended. A failure is logged and loses the text, nothing else.
 */
void cp_draft_of_ended(const request_rec *r, cp_request_t *req);

/* Where the draft belongs, "messages/ID"; NULL: the route keeps none. */
const char *cp_draft_place(const cp_request_t *req);

#endif
