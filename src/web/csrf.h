/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Is this POST from one of our own pages? A signed token bound to the session,
 * or to the visit on the forms before sign-in, and the browser's own word
 * (Origin, Sec-Fetch-Site). OWASP CSRF Prevention: signed double submit. */
#ifndef CP_CSRF_H
#define CP_CSRF_H

#include "web/request.h"

#include <httpd.h>

/* The key the tokens are signed with; every page needs it. */
#define CP_CSRF_PURPOSE "csrf"

/* The token for the forms of this page; *token in the request's pool. */
apr_status_t cp_csrf_make(cp_request_t *req, const char **token);

/* Does the request carry a good token, and does the browser not say it comes
 * from elsewhere? */
int cp_csrf_is_good(const cp_request_t *req, const char *token,
                    const request_rec *r);

/* Does the browser say that the request comes from another site's page? */
int cp_csrf_is_from_elsewhere(const cp_request_t *req, const request_rec *r);

#endif
