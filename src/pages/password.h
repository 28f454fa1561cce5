/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Choosing a new password: from the account page, or as a step of signing in
 * when the present one has to be changed. */
#ifndef CP_PAGES_PASSWORD_H
#define CP_PAGES_PASSWORD_H

#include "web/reply.h"

apr_status_t cp_page_password_show(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_password_submit(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_password_stale(cp_request_t *req, cp_reply_t *reply);

#endif
