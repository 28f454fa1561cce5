/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Security headers. */
#include "web/headers.h"

#include <apr_strings.h>

#define CSP_COMMON                                                             \
    "default-src 'none'; base-uri 'none'; object-src 'none'; "                 \
    "form-action 'self'; frame-ancestors 'none'; img-src 'self' data:"
#define CSP_TRUSTED_TYPES "; require-trusted-types-for 'script'; trusted-types "

static const char *csp_remote(const cp_siteverify_t *provider, apr_pool_t *p)
{
    return apr_psprintf(
        p,
        CSP_COMMON " %s; script-src 'self' %s; style-src 'self' %s; "
                   "connect-src 'self' %s; frame-src %s",
        provider->csp.img, provider->csp.script, provider->csp.style,
        provider->csp.connect, provider->csp.frame);
}

const char *cp_headers_csp(int has_captcha, const cp_siteverify_t *provider,
                           apr_pool_t *p)
{
    if (has_captcha && provider != NULL) {
        return csp_remote(provider, p);
    }
    return apr_pstrcat(p, CSP_COMMON,
                       "; script-src 'self'; style-src 'self'; "
                       "connect-src 'self'",
                       has_captcha ? "; worker-src 'self'" CSP_TRUSTED_TYPES
                                     "cp svelte-trusted-html"
                                   : CSP_TRUSTED_TYPES "'none'",
                       NULL);
}

void cp_headers_set(request_rec *r, const cp_portal_t *portal, int is_secure,
                    int is_asset)
{
    apr_table_t *headers = r->err_headers_out;

    if (is_secure) {
        apr_table_setn(headers, "Strict-Transport-Security",
                       "max-age=31536000; includeSubDomains");
    }
    apr_table_setn(headers, "Content-Security-Policy", portal->csp);
    apr_table_setn(headers, "X-Content-Type-Options", "nosniff");
    apr_table_setn(headers, "Referrer-Policy", "same-origin");
    apr_table_setn(headers, "Cross-Origin-Opener-Policy", "same-origin");
    if (is_asset) {
        /* headers_out: an error about an asset must not be cached. */
        apr_table_setn(r->headers_out, "Cache-Control",
                       "public, max-age=31536000, immutable");
    }
    else {
        apr_table_setn(headers, "Cache-Control", "no-store");
    }
}
