/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The ALTCHA challenge the sign-in page's box asks for. */
#ifndef CP_PAGE_CAPTCHA_H
#define CP_PAGE_CAPTCHA_H

#include "web/reply.h"

/* GET /captcha/challenge?clinicID=xxx */
apr_status_t cp_page_captcha_challenge(cp_request_t *req, cp_reply_t *reply);

#endif
