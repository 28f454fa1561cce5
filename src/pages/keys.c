/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Public keys. */
#include "pages/keys.h"

#include "base/jwt.h"

apr_status_t cp_page_keys_show(cp_request_t *req, cp_reply_t *reply)
{
    cp_reply_json(req, reply,
                  cp_jwt_public(&req->portal->options.keys, req->cx.pool));
    return reply->model == NULL ? APR_ENOMEM : APR_SUCCESS;
}
