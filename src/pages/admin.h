/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What an administrator of the clinic (clinic-admin) may ask. */
#ifndef CP_PAGES_ADMIN_H
#define CP_PAGES_ADMIN_H

#include "web/reply.h"

/* Why can somebody not sign in? */
apr_status_t cp_page_whynot_show(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_whynot_stale(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_whynot_ask(cp_request_t *req, cp_reply_t *reply);

#endif
