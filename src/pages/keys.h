/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The public keys of the tokens that applications verify (RFC 7517). */
#ifndef CP_PAGE_KEYS_H
#define CP_PAGE_KEYS_H

#include "web/reply.h"

/* GET /jwks.json */
apr_status_t cp_page_keys_show(cp_request_t *req, cp_reply_t *reply);

#endif
