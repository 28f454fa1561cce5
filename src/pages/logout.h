/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Sign-out. */
#ifndef CP_PAGE_LOGOUT_H
#define CP_PAGE_LOGOUT_H

#include "web/reply.h"

/* POST /logout */
apr_status_t cp_page_logout_submit(cp_request_t *req, cp_reply_t *reply);

#endif
