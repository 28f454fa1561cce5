/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a page answers. */
#include "web/reply.h"

#include "base/json.h"

#include <httpd.h>

void cp_reply_view(cp_request_t *req, cp_reply_t *reply, const char *view,
                   json_t *model)
{
    reply->view = view;
    reply->model = cp_json_own(model, req->cx.pool);
}

void cp_reply_alert(cp_reply_t *reply, int status, const char *code,
                    const char *text)
{
    reply->status = status;
    reply->error = code;
    reply->message = text;
}

void cp_reply_redirect(cp_reply_t *reply, const char *location)
{
    reply->status = HTTP_SEE_OTHER;
    reply->location = location;
}

void cp_reply_json(cp_request_t *req, cp_reply_t *reply, json_t *model)
{
    reply->view = NULL;
    reply->model = cp_json_own(model, req->cx.pool);
}
