/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* From a reply's model to text: HTML by its view, or JSON by Accept, both
 * from the same model. */
#ifndef CP_WEB_VIEW_H
#define CP_WEB_VIEW_H

#include "web/reply.h"

/* *text of *len bytes in the request's pool, *type its Content-Type. The view
 * sees the model's members and, under "page", what every page has: base,
 * assets, clinic, person, csrf, section. JSON is {"data", "page"}, or
 * {"error": {"code", "message", "reference"}} where reply->error is set. */
apr_status_t cp_view_render(cp_request_t *req, const cp_reply_t *reply,
                            const char **text, apr_size_t *len,
                            const char **type);

/* Until the session ends if no further request comes; 0: it has. */
int cp_view_seconds_left(const cp_request_t *req);

#endif
