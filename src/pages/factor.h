/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The second factor: giving it at sign-in, choosing one, and what the account
 * page does with it. The pages of a step and those of the account page are the
 * same functions; the route tells which it is. */
#ifndef CP_PAGES_FACTOR_H
#define CP_PAGES_FACTOR_H

#include "web/reply.h"

/* The step of giving it: the page, the form, and another code by mail. */
apr_status_t cp_page_factor_show(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_factor_submit(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_factor_send(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_factor_stale(cp_request_t *req, cp_reply_t *reply);

/* Choosing one, as a step or from the account page, where each change asks for
 * the password. */
apr_status_t cp_page_enrol_show(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_enrol_begin(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_enrol_picture(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_enrol_confirm(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_enrol_mail(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_enrol_codes(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_enrol_remove(cp_request_t *req, cp_reply_t *reply);
apr_status_t cp_page_enrol_stale(cp_request_t *req, cp_reply_t *reply);

#endif
