/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Find the route of a request. */
#include "web/router.h"

#include "base/ident.h"
#include "base/status.h"

#include <apr_strings.h>
#include <string.h>
#include <strings.h>

/* The length of the segment that starts at path. */
static apr_size_t segment_length(const char *path)
{
    return strcspn(path, "/");
}

static int is_placeholder(const char *pattern, apr_size_t len, const char *name)
{
    return len == strlen(name) && strncmp(pattern, name, len) == 0;
}

/* strncmp or strncasecmp. */
typedef int (*compare_t)(const char *one, const char *other, size_t len);

/* Does one segment of a path fit one of a pattern? Notes {kind} and {id}. */
static int segment_fits(cp_match_t *match, const char *pattern,
                        apr_size_t pattern_len, const char *segment,
                        compare_t compare)
{
    apr_size_t len = strlen(segment);

    if (is_placeholder(pattern, pattern_len, "{kind}")) {
        return cp_kind_parse(segment, &match->kind) == APR_SUCCESS &&
               compare(segment, cp_kind_word(match->kind), len) == 0;
    }
    if (is_placeholder(pattern, pattern_len, "{id}")) {
        match->id = segment;
        return cp_ident_is_public_id(segment);
    }
    return len == pattern_len && compare(segment, pattern, len) == 0;
}

static int path_fits(cp_match_t *match, const char *pattern, const char *path,
                     compare_t compare, apr_pool_t *p)
{
    while (*pattern == '/' && *path == '/') {
        apr_size_t pattern_len = segment_length(++pattern);
        apr_size_t len = segment_length(++path);

        if (!segment_fits(match, pattern, pattern_len,
                          apr_pstrmemdup(p, path, len), compare)) {
            return 0;
        }
        pattern += pattern_len;
        path += len;
    }
    return *pattern == '\0' && *path == '\0';
}

/* The path of a pattern, with what its placeholders matched. */
static const char *filled_in(const cp_match_t *match, const char *pattern,
                             apr_pool_t *p)
{
    const char *path = "";

    while (*pattern == '/') {
        apr_size_t len = segment_length(++pattern);
        const char *segment = apr_pstrmemdup(p, pattern, len);

        if (is_placeholder(pattern, len, "{kind}")) {
            segment = cp_kind_word(match->kind);
        }
        else if (is_placeholder(pattern, len, "{id}")) {
            segment = match->id;
        }
        path = apr_pstrcat(p, path, "/", segment, NULL);
        pattern += len;
    }
    return path;
}

static int method_fits(cp_method_t wanted, const char *method)
{
    return wanted == CP_POST
               ? strcmp(method, "POST") == 0
               : strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* "" and "/" are one place, and so are "/staff" and "/staff/". */
static const char *normal_path(const char *path, apr_pool_t *p)
{
    apr_size_t len = strlen(path);

    if (len > 1 && path[len - 1] == '/') {
        len--;
    }
    return len == 0 ? "/" : apr_pstrmemdup(p, path, len);
}

apr_status_t cp_router_match(cp_match_t *match, const char *method,
                             const char *path, apr_pool_t *p)
{
    const char *normal = normal_path(path, p);
    int i;

    memset(match, 0, sizeof(*match));
    for (i = 0; i < cp_route_count; i++) {
        if (!path_fits(match, cp_routes[i].path, normal,
                       cp_routes[i].is_any_case ? strncasecmp : strncmp, p)) {
            continue;
        }
        if (method_fits(cp_routes[i].method, method)) {
            match->route = &cp_routes[i];
            return APR_SUCCESS;
        }
        match->allow = apr_pstrcat(
            p, match->allow == NULL ? "" : match->allow,
            match->allow == NULL ? "" : ", ",
            cp_routes[i].method == CP_GET ? "GET, HEAD" : "POST", NULL);
    }
    return match->allow == NULL ? APR_ENOENT : CP_EDENIED;
}

const char *cp_router_respell(const char *method, const char *path,
                              apr_pool_t *p)
{
    const char *normal = normal_path(path, p);
    const char *slash = strlen(normal) < strlen(path) ? "/" : "";
    cp_match_t match = {NULL};
    int i;

    for (i = 0; i < cp_route_count && method_fits(CP_GET, method); i++) {
        if (cp_routes[i].method == CP_GET &&
            path_fits(&match, cp_routes[i].path, normal, strncasecmp, p)) {
            return apr_pstrcat(p, filled_in(&match, cp_routes[i].path, p),
                               slash, NULL);
        }
    }
    return NULL;
}
