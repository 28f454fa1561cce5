/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The front door: which clinic, which tab. */
#ifndef CP_PAGE_ENTRY_H
#define CP_PAGE_ENTRY_H

#include "web/reply.h"

/* GET / and GET /index.aspx?clinicID=xxx&LoginType=Staff */
apr_status_t cp_page_entry_show(cp_request_t *req, cp_reply_t *reply);

/* The page that asks for the Clinic ID, with a message (NULL: none) and what
 * was typed (NULL: the clinic remembered from last time). */
apr_status_t cp_page_entry_ask(cp_request_t *req, cp_reply_t *reply,
                               const char *message, const char *typed);

/* The clinic of a typed code, or the reply that asks again: APR_SUCCESS with
 * *clinic NULL means the reply is made (400 or 404). */
apr_status_t cp_page_entry_clinic(cp_request_t *req, cp_reply_t *reply,
                                  const char *typed,
                                  const cp_clinic_t **clinic);

#endif
