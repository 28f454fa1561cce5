/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A new password by mail: asking for it, and the page its link opens. */
#ifndef CP_PAGES_RESET_H
#define CP_PAGES_RESET_H

#include "web/reply.h"

/* /forgot?clinicID=xxx&LoginType=Staff */
apr_status_t cp_page_forgot_show(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_forgot_submit(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_forgot_stale(cp_request_t *req, cp_reply_t *reply);

/* /reset?clinicID=xxx&token=yyy */
apr_status_t cp_page_reset_show(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_reset_submit(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_reset_stale(cp_request_t *req, cp_reply_t *reply);

#endif
