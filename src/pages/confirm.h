/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Password or second factor once more, for a guarded location that asks for it
 * (Require clinic-factor, clinic-auth-age). */
#ifndef CP_PAGE_CONFIRM_H
#define CP_PAGE_CONFIRM_H

#include "web/reply.h"

/* GET and POST /{kind}/confirm */
apr_status_t cp_page_confirm_show(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_confirm_submit(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_confirm_stale(cp_request_t *req, cp_reply_t *reply);

#endif
