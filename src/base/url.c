/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Is this address one of ours? */
#include "base/url.h"

#include <apr_lib.h>
#include <string.h>
#include <strings.h>

static int is_escape(const char *at)
{
    return apr_isxdigit(at[1]) && apr_isxdigit(at[2]);
}

/* The path holds no byte and no escape that browsers, proxies or httpd might
 * read in different ways. Escapes of dots, slashes, backslashes, percent signs
 * and control characters are refused in the path; a query may hold them. */
static int is_plain(const char *target)
{
    const char *at;
    int in_query = 0;

    for (at = target; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;

        if (c <= 0x20 || c >= 0x7f || strchr("\\#\"<>^`{|}", c) != NULL) {
            return 0;
        }
        in_query |= c == '?';
        if (c != '%') {
            continue;
        }
        if (!is_escape(at)) {
            return 0;
        }
        if (!in_query &&
            (at[1] < '2' || at[1] == '7' || strncmp(at, "%25", 3) == 0 ||
             strncasecmp(at, "%2e", 3) == 0 || strncasecmp(at, "%2f", 3) == 0 ||
             strncasecmp(at, "%5c", 3) == 0)) {
            return 0;
        }
    }
    return 1;
}

/* No empty, "." or ".." segment in the path; a final slash is fine. */
static int has_plain_segments(const char *path, apr_size_t len)
{
    const char *at = path;
    const char *end = path + len;

    while (at < end) {
        const char *segment = at + 1;
        const char *next = memchr(segment, '/', (apr_size_t)(end - segment));
        apr_size_t n = (apr_size_t)((next == NULL ? end : next) - segment);

        if ((n == 0 && next != NULL) || (n == 1 && segment[0] == '.') ||
            (n == 2 && segment[0] == '.' && segment[1] == '.')) {
            return 0;
        }
        at = segment + n;
    }
    return 1;
}

static int is_below(const char *path, apr_size_t len, const char *base)
{
    apr_size_t base_len = strcmp(base, "/") == 0 ? 0 : strlen(base);

    return len >= base_len && strncmp(path, base, base_len) == 0 &&
           (len == base_len || path[base_len] == '/');
}

int cp_url_is_local(const char *target, const char *base)
{
    apr_size_t len;

    if (target == NULL || target[0] != '/' ||
        strlen(target) > CP_URL_LOCAL_MAX || !is_plain(target)) {
        return 0;
    }
    len = strcspn(target, "?");
    return has_plain_segments(target, len) && is_below(target, len, base);
}
