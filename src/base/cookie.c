/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Read and make cookies. */
#include "base/cookie.h"

#include <apr_strings.h>
#include <string.h>

#define SET_COOKIE_MAX 4095

/* RFC 6265 section 4.1.1: printable ASCII but for space, quotes, comma,
 * semicolon and backslash. */
static int is_octet(char c)
{
    return c > 0x20 && c < 0x7f && strchr("\",;\\", c) == NULL;
}

static apr_size_t octets(const char *text, apr_size_t len)
{
    apr_size_t n = 0;

    while (n < len && is_octet(text[n])) {
        n++;
    }
    return n;
}

static void add_if_named(apr_array_header_t *values, const char *pair,
                         apr_size_t len, const char *name)
{
    apr_size_t name_len = strlen(name);
    const char *value = pair + name_len + 1;
    apr_size_t value_len;

    if (len <= name_len || strncmp(pair, name, name_len) != 0 ||
        pair[name_len] != '=' || values->nelts == CP_COOKIE_CANDIDATES_MAX) {
        return;
    }
    value_len = len - name_len - 1;
    if (value_len > 0 && octets(value, value_len) == value_len) {
        APR_ARRAY_PUSH(values, const char *) =
            apr_pstrmemdup(values->pool, value, value_len);
    }
}

apr_array_header_t *cp_cookie_values(const char *header, const char *name,
                                     apr_pool_t *p)
{
    apr_array_header_t *values = apr_array_make(p, 1, sizeof(const char *));
    const char *at = header == NULL ? "" : header;

    while (*at != '\0') {
        apr_size_t len;

        at += strspn(at, " \t;");
        len = strcspn(at, ";");
        while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t')) {
            len--;
        }
        add_if_named(values, at, len, name);
        at += strcspn(at, ";");
    }
    return values;
}

/* Each cookie that stays is written once: a header may hold very many. */
const char *cp_cookie_without(const char *header, cp_cookie_match_t is_unwanted,
                              apr_pool_t *p)
{
    const char *at = header == NULL ? "" : header;
    char *kept = apr_palloc(p, 2 * strlen(at) + 1);
    char *end = kept;

    while (*at != '\0') {
        apr_size_t len;

        at += strspn(at, "; \t");
        len = strcspn(at, ";");
        if (len > 0 && !is_unwanted(at, strcspn(at, "=; \t"))) {
            if (end != kept) {
                *end++ = ';';
                *end++ = ' ';
            }
            memcpy(end, at, len);
            end += len;
        }
        at += len;
    }
    *end = '\0';
    return end == kept ? NULL : kept;
}

static int is_clean(const char *text)
{
    return text != NULL && octets(text, strlen(text)) == strlen(text);
}

const char *cp_cookie_make(const cp_cookie_t *cookie, apr_pool_t *p)
{
    const char *text;

    if (!is_clean(cookie->name) || cookie->name[0] == '\0' ||
        strchr(cookie->name, '=') != NULL || !is_clean(cookie->value) ||
        !is_clean(cookie->path)) {
        return NULL;
    }
    text = apr_pstrcat(p, cookie->name, "=", cookie->value,
                       "; Path=", cookie->path, NULL);
    if (cookie->max_age_s >= 0) {
        text = apr_psprintf(p, "%s; Max-Age=%d", text, cookie->max_age_s);
    }
    text = apr_pstrcat(p, text, "; HttpOnly; SameSite=Lax",
                       cookie->is_secure ? "; Secure" : "", NULL);
    return strlen(text) > SET_COOKIE_MAX ? NULL : text;
}
