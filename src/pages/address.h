/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A person's own mail address. */
#ifndef CP_PAGES_ADDRESS_H
#define CP_PAGES_ADDRESS_H

#include "web/reply.h"

apr_status_t cp_page_address_show(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_address_submit(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_address_stale(cp_request_t *req, cp_reply_t *reply);

#endif
