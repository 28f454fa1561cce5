/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The sign-in page: its form, its tabs, and what happens on "Log In to My
 * Account". */
#ifndef CP_PAGE_LOGIN_H
#define CP_PAGE_LOGIN_H

#include "web/reply.h"

/* The form for req->clinic, fresh; shown by the entry page. */
apr_status_t cp_page_login_show(cp_request_t *req, cp_reply_t *reply,
                                cp_kind_t kind);

/* POST /login */
apr_status_t cp_page_login_submit(cp_request_t *req, cp_reply_t *reply);

/* POST /login from a page that was open too long. */
apr_status_t cp_page_login_stale(cp_request_t *req, cp_reply_t *reply);

#endif
