/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The "I'm not a robot" box. */
#ifndef CP_PAGE_CAPTCHA_H
#define CP_PAGE_CAPTCHA_H

#include "web/reply.h"

/* GET /captcha/challenge?clinicID=xxx */
apr_status_t cp_page_captcha_challenge(cp_request_t *req, cp_reply_t *reply);

/* What the partials captcha_head and captcha show of the box; req->clinic is
 * set. */
json_t *cp_page_captcha_model(const cp_request_t *req);

#endif
