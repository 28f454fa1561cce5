/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* From step to step of a sign-in. */
#ifndef CP_PAGES_STEPS_H
#define CP_PAGES_STEPS_H

#include "clinic/factor.h"
#include "web/reply.h"

/* For a form of a signed-in person whose csrf token is not good any more. */
#define CP_STALE_TEXT                                                          \
    "This page was open too long, so nothing was changed. Fill it in again."

/* For whoever asks for one more code by mail than there may be. */
#define CP_CODES_TEXT                                                          \
    "Too many codes were sent. Wait an hour, or ask your clinic."

/* A session of that kind has started or gone on: set its cookies and go to the
 * page of its next step; after the last, to where the person was going (the
 * form's field "next"), else home. */
apr_status_t cp_page_steps_go(cp_request_t *req, cp_reply_t *reply,
                              cp_kind_t kind,
                              const cp_session_cookies_t *cookies);

/* The session's step is done: find the next, and go there. */
apr_status_t cp_page_steps_done(cp_request_t *req, cp_reply_t *reply,
                                const cp_policy_t *policy);

/* The same after a second factor: its word, and whether this device need not
 * give one for a while. */
apr_status_t cp_page_steps_factor(cp_request_t *req, cp_reply_t *reply,
                                  const cp_policy_t *policy, const char *factor,
                                  int remembers);

/* An address of a step with the way to where the person was going. */
const char *cp_page_steps_at(cp_request_t *req, const char *url);

/* What the clinic asks and the signed-in account has, for pages about second
 * factors. */
apr_status_t cp_page_steps_facts(cp_request_t *req, cp_policy_t *policy,
                                 cp_factor_t *factor);

/* "j...@clinic.example": enough to know which mailbox to look into. In p. */
const char *cp_page_steps_mail_hint(const char *email, apr_pool_t *p);

/* The field "next" of the page's query or body, if it is good. */
const char *cp_page_steps_next(const cp_request_t *req);

#endif
