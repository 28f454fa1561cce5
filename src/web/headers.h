/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The headers every answer of the portal carries, errors of httpd's own
 * included. OWASP ASVS 5.0 section 3.4. */
#ifndef CP_WEB_HEADERS_H
#define CP_WEB_HEADERS_H

#include "web/portal.h"

#include <httpd.h>

/* Set them early, so that whatever answers, they are there. Static assets get
 * a year of caching instead of no-store. */
void cp_headers_set(request_rec *r, const cp_portal_t *portal, int is_secure,
                    int is_asset);

/* The Content-Security-Policy of a page; with the CAPTCHA box (provider NULL:
 * ALTCHA) what the box needs joins. In p. */
const char *cp_headers_csp(int has_captcha, const cp_siteverify_t *provider,
                           apr_pool_t *p);

/* The same for the bytes of a document: nothing in it may run. */
#define CP_HEADERS_CSP_FILE                                                    \
    "default-src 'none'; sandbox; frame-ancestors 'none'"

#endif
