/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The portal's cookies. */
#include "web/identity.h"

#include "base/cookie.h"
#include "base/ident.h"
#include "base/status.h"
#include "base/token.h"

#include <apr_strings.h>
#include <string.h>

#define YEAR_S (365 * 86400)
#define HALF_A_YEAR_S (180 * 86400)
#define UNTIL_BROWSER_CLOSES (-1)

/* __Host- (RFC 6265bis) pins a cookie to this very host and to TLS. */
#define HOST_PREFIX "__Host-"
#define NAME_PREFIX "clinicportal-"

static const char *cookie_name(const cp_request_t *req, const char *which)
{
    return apr_pstrcat(req->cx.pool, req->is_secure ? HOST_PREFIX : "",
                       NAME_PREFIX, which, NULL);
}

static apr_status_t set_cookie(cp_request_t *req, cp_reply_t *reply,
                               const char *which, const char *value,
                               int max_age_s)
{
    cp_cookie_t cookie = {cookie_name(req, which), value, "/", max_age_s,
                          req->is_secure};
    const char *header = cp_cookie_make(&cookie, req->cx.pool);

    if (header == NULL) {
        return APR_EGENERAL;
    }
    APR_ARRAY_PUSH(reply->cookies, const char *) = header;
    return APR_SUCCESS;
}

static apr_array_header_t *values_of(const cp_request_t *req, const char *which)
{
    return cp_cookie_values(req->cookies, cookie_name(req, which),
                            req->cx.pool);
}

apr_status_t cp_identity_find(cp_request_t *req, cp_kind_t kind,
                              const cp_session_t **session,
                              cp_session_end_t *why)
{
    apr_array_header_t *values = values_of(req, cp_kind_word(kind));
    apr_status_t rv = APR_ENOENT;
    int i;

    for (i = 0; i < values->nelts; i++) {
        rv = cp_session_find(&req->cx, kind,
                             APR_ARRAY_IDX(values, i, const char *), session,
                             why);
        if (rv != CP_EDENIED) {
            return rv;
        }
    }
    return rv;
}

const char *cp_identity_cookie(const cp_request_t *req, cp_kind_t kind)
{
    apr_array_header_t *values = values_of(req, cp_kind_word(kind));

    return values->nelts == 0 ? NULL : APR_ARRAY_IDX(values, 0, const char *);
}

apr_status_t cp_identity_set(cp_request_t *req, cp_reply_t *reply,
                             cp_kind_t kind, const char *value)
{
    return set_cookie(req, reply, cp_kind_word(kind),
                      value == NULL ? "" : value,
                      value == NULL ? 0 : UNTIL_BROWSER_CLOSES);
}

const char *cp_identity_device(const cp_request_t *req)
{
    apr_array_header_t *values = values_of(req, "device");

    return values->nelts == 0 ? NULL : APR_ARRAY_IDX(values, 0, const char *);
}

apr_status_t cp_identity_set_device(cp_request_t *req, cp_reply_t *reply,
                                    const char *value)
{
    return value == NULL
               ? APR_SUCCESS
               : set_cookie(req, reply, "device", value, HALF_A_YEAR_S);
}

/* With and without the prefix that TLS brings. */
static int is_ours(const char *name, apr_size_t len)
{
    static const char *const names[] = {"staff", "patient", "visit", "clinic",
                                        "device"};
    apr_size_t i;

    if (len > strlen(HOST_PREFIX) &&
        memcmp(name, HOST_PREFIX, strlen(HOST_PREFIX)) == 0) {
        name += strlen(HOST_PREFIX);
        len -= strlen(HOST_PREFIX);
    }
    if (len <= strlen(NAME_PREFIX) ||
        memcmp(name, NAME_PREFIX, strlen(NAME_PREFIX)) != 0) {
        return 0;
    }
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (len == strlen(NAME_PREFIX) + strlen(names[i]) &&
            memcmp(name + strlen(NAME_PREFIX), names[i], strlen(names[i])) ==
                0) {
            return 1;
        }
    }
    return 0;
}

const char *cp_identity_strip(const char *cookies, apr_pool_t *p)
{
    return cp_cookie_without(cookies, is_ours, p);
}

static int is_visit(const char *value)
{
    return strlen(value) == CP_TOKEN_LENGTH &&
           strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                         "0123456789-_") == CP_TOKEN_LENGTH;
}

/* With more than one (another path planted the name) a browser sends them in
 * the same order every time, so the first well-formed one is as good as any. */
static const char *visit_as_sent(const cp_request_t *req)
{
    apr_array_header_t *values = values_of(req, "visit");
    int i;

    for (i = 0; i < values->nelts; i++) {
        const char *value = APR_ARRAY_IDX(values, i, const char *);

        if (is_visit(value)) {
            return value;
        }
    }
    return NULL;
}

apr_status_t cp_identity_visit(cp_request_t *req, cp_reply_t *reply)
{
    apr_status_t rv;

    req->visit = visit_as_sent(req);
    if (req->visit != NULL) {
        return APR_SUCCESS;
    }
    rv = cp_token_make(&req->visit, req->cx.port, req->cx.pool);
    return rv != APR_SUCCESS ? rv
                             : set_cookie(req, reply, "visit", req->visit,
                                          UNTIL_BROWSER_CLOSES);
}

const char *cp_identity_visit_digest(const cp_request_t *req)
{
    const char *visit = req->visit != NULL ? req->visit : visit_as_sent(req);

    return visit == NULL ? "" : cp_token_digest(visit, req->cx.pool);
}

apr_status_t cp_identity_remember(cp_request_t *req, cp_reply_t *reply,
                                  const char *code, cp_kind_t kind)
{
    const char *value =
        apr_pstrcat(req->cx.pool, code, ".", cp_kind_word(kind), NULL);
    apr_array_header_t *values = values_of(req, "clinic");

    if (values->nelts == 1 &&
        strcmp(APR_ARRAY_IDX(values, 0, const char *), value) == 0) {
        return APR_SUCCESS;
    }
    return set_cookie(req, reply, "clinic", value, YEAR_S);
}

apr_status_t cp_identity_recall(const cp_request_t *req, const char **code,
                                cp_kind_t *kind)
{
    apr_array_header_t *values = values_of(req, "clinic");
    int i;

    for (i = 0; i < values->nelts; i++) {
        const char *value = APR_ARRAY_IDX(values, i, const char *);
        const char *dot = strchr(value, '.');

        if (dot != NULL && cp_kind_parse(dot + 1, kind) == APR_SUCCESS) {
            *code = apr_pstrmemdup(req->cx.pool, value, dot - value);
            if (cp_ident_is_clinic_code(*code)) {
                return APR_SUCCESS;
            }
        }
    }
    return APR_ENOENT;
}
