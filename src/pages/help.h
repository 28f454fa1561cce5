/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* How to sign in, common problems, whom to ask. */
#ifndef CP_PAGE_HELP_H
#define CP_PAGE_HELP_H

#include "web/reply.h"

/* GET /help */
apr_status_t cp_page_help_show(cp_request_t *req, cp_reply_t *reply);

#endif
