/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Home: today, and what waits for this person. */
#ifndef CP_PAGE_HOME_H
#define CP_PAGE_HOME_H

#include "web/reply.h"

/* GET /{kind} */
apr_status_t cp_page_home_show(cp_request_t *req, cp_reply_t *reply);

#endif
