/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* How long this session still lasts, and making it last. */
#ifndef CP_PAGES_SESSION_H
#define CP_PAGES_SESSION_H

#include "web/reply.h"

/* GET: {"data": {"seconds_left": 840}}; asking is no sign of a person. */
apr_status_t cp_page_session_show(cp_request_t *req, cp_reply_t *reply);

/* POST: the person is still there. The same JSON, or back home. */
apr_status_t cp_page_session_stay(cp_request_t *req, cp_reply_t *reply);

#endif
