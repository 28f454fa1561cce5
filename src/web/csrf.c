/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Cross-site request forgery: the token and the browser's word. */
#include "web/csrf.h"

#include "base/signed.h"
#include "base/token.h"
#include "web/identity.h"

#include <apr_strings.h>
#include <http_protocol.h>
#include <string.h>
#include <strings.h>

#define GOOD_FOR apr_time_from_sec(12 * 3600)

/* Bound to the session, or to the visit before there is one. */
static cp_signer_t signer_of(const cp_request_t *req)
{
    cp_signer_t signer = {&req->portal->options.keys, CP_CSRF_PURPOSE,
                          req->session != NULL ? req->session->token_hash
                                               : cp_identity_visit_digest(req)};

    return signer;
}

apr_status_t cp_csrf_make(cp_request_t *req, const char **token)
{
    cp_signer_t signer = signer_of(req);

    return cp_signed_make(token, &signer, "form",
                          cp_now(req->cx.port) + GOOD_FOR, req->cx.pool);
}

int cp_csrf_is_from_elsewhere(const cp_request_t *req, const request_rec *r)
{
    const char *origin = apr_table_get(r->headers_in, "Origin");
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");

    if (site != NULL && strcmp(site, "same-origin") != 0 &&
        strcmp(site, "none") != 0) {
        return 1;
    }
    return origin != NULL &&
           (req->origin == NULL || strcasecmp(origin, req->origin) != 0);
}

int cp_csrf_is_good(const cp_request_t *req, const char *token,
                    const request_rec *r)
{
    cp_signer_t signer = signer_of(req);
    const char *value;

    return token != NULL && signer.context[0] != '\0' &&
           !cp_csrf_is_from_elsewhere(req, r) &&
           cp_signed_read(&value, &signer, token, cp_now(req->cx.port),
                          req->cx.pool) == APR_SUCCESS;
}
