/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The account's version counter, for pages that wait for news. */
#ifndef CP_PAGE_CHANGES_H
#define CP_PAGE_CHANGES_H

#include "web/reply.h"

/* GET /{kind}/changes */
apr_status_t cp_page_changes_show(cp_request_t *req, cp_reply_t *reply);

#endif
