/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any text as a Cookie header: every value found stands in it, can be set
 * again, and is then found; ours is found in any company. */
#include "base/cookie.h"

#include "fuzz.h"

#include <apr_strings.h>

#define NAME "__Host-cp"

static void check_value(const char *value, const char *header, apr_pool_t *p)
{
    cp_cookie_t cookie = {NAME, value, "/", -1, 1};
    const char *set = cp_cookie_make(&cookie, p);
    const char *pair = apr_pstrcat(p, NAME "=", value, NULL);
    apr_array_header_t *found = cp_cookie_values(pair, NAME, p);

    demand(strstr(header, pair) != NULL);
    demand(value[strcspn(value, " \t\r\n;,\"\\")] == '\0');
    demand(set == NULL ? strlen(value) > 4000
                       : strncmp(set, pair, strlen(pair)) == 0);
    demand(found->nelts == 1);
    demand(strcmp(APR_ARRAY_IDX(found, 0, const char *), value) == 0);
}

/* Our cookie is found whatever stands before it, unless that holds as many of
 * our name as are tried. */
static void check_company(const char *header, int count, apr_pool_t *p)
{
    apr_array_header_t *found = cp_cookie_values(
        apr_pstrcat(p, header, "; " NAME "=ours", NULL), NAME, p);

    if (count < CP_COOKIE_CANDIDATES_MAX) {
        demand(found->nelts == count + 1);
        demand(strcmp(APR_ARRAY_IDX(found, count, const char *), "ours") == 0);
    }
}

/* Any text as each field of a new cookie: refused, or one header line with
 * the attributes we gave. */
static void check_make(const char *text, apr_pool_t *p)
{
    cp_cookie_t cookie = {NAME, text, "/", 60, 1};
    const char *set = cp_cookie_make(&cookie, p);

    if (set != NULL) {
        demand(strlen(set) < 4096 && set[strcspn(set, "\r\n,\"")] == '\0');
        demand(strcmp(strchr(set, ';'),
                      "; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; "
                      "Secure") == 0);
    }
    cookie.value = "v";
    cookie.path = text;
    set = cp_cookie_make(&cookie, p);
    demand(set == NULL || text[strcspn(text, ";\r\n ")] == '\0');
    cookie.path = "/";
    cookie.name = text;
    set = cp_cookie_make(&cookie, p);
    demand(set == NULL || text[strcspn(text, "=;\r\n ")] == '\0');
}

static int is_named_so(const char *name, apr_size_t len)
{
    return len == strlen(NAME) && memcmp(name, NAME, len) == 0;
}

/* What is passed on holds no cookie of ours, and all of any other name. */
static void check_without(const char *header, apr_pool_t *p)
{
    const char *left = cp_cookie_without(header, is_named_so, p);
    apr_array_header_t *before = cp_cookie_values(header, "other", p);
    apr_array_header_t *behind = cp_cookie_values(left, "other", p);
    int i;

    demand(left == NULL || left[0] != '\0');
    demand(cp_cookie_values(left, NAME, p)->nelts == 0);
    demand(before->nelts == behind->nelts);
    for (i = 0; i < before->nelts; i++) {
        demand(strcmp(APR_ARRAY_IDX(before, i, const char *),
                      APR_ARRAY_IDX(behind, i, const char *)) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    const char *header = apr_pstrmemdup(p, (const char *)data, size);
    apr_array_header_t *values = cp_cookie_values(header, NAME, p);
    int i;

    demand(values->nelts <= CP_COOKIE_CANDIDATES_MAX);
    for (i = 0; i < values->nelts; i++) {
        check_value(APR_ARRAY_IDX(values, i, const char *), header, p);
    }
    check_company(header, values->nelts, p);
    check_without(header, p);
    check_make(header, p);
    apr_pool_destroy(p);
    return 0;
}
