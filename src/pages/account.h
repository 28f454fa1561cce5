/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The account page: what a person decides about the own account. */
#ifndef CP_PAGES_ACCOUNT_H
#define CP_PAGES_ACCOUNT_H

#include "web/reply.h"

apr_status_t cp_page_account_show(cp_request_t *req, cp_reply_t *reply);

/* End one session (field "session"), or without the field all others. */
apr_status_t cp_page_account_end_session(cp_request_t *req, cp_reply_t *reply);

/* Forget one device (field "device"), or without the field all. */
apr_status_t cp_page_account_forget_device(cp_request_t *req,
                                           cp_reply_t *reply);

#endif
