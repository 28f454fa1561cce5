/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The schedule, by day and by week. */
#ifndef CP_PAGE_SCHEDULE_H
#define CP_PAGE_SCHEDULE_H

#include "web/reply.h"

/* GET /{kind}/schedule?date=YYYY-MM-DD&view=day|week */
apr_status_t cp_page_schedule_show(cp_request_t *req, cp_reply_t *reply);

#endif
