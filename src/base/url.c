/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Is this address one of ours? */
#include "base/url.h"

#include "base/ident.h"

#include <apr_lib.h>
#include <string.h>

static int hex_value(char c)
{
    return apr_isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

static int is_escape(const char *at)
{
    return apr_isxdigit(at[1]) && apr_isxdigit(at[2]);
}

/* No byte that browsers drop, rewrite or take for something else, and every
 * "%" begins an escape. */
static int has_plain_bytes(const char *target)
{
    const char *at;

    for (at = target; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;

        if (c <= 0x20 || c >= 0x7f || strchr("\\#\"<>^`{|}", c) != NULL ||
            (c == '%' && !is_escape(at))) {
            return 0;
        }
    }
    return 1;
}

/* Proxies and httpd may undo the escapes of a path before they look at it, and
 * once more behind that: an escape stands for a byte that nobody takes for
 * anything but itself, and together they are UTF-8. */
static int has_plain_escapes(const char *path, apr_size_t len)
{
    char decoded[CP_URL_LOCAL_MAX + 1];
    apr_size_t i;
    apr_size_t n = 0;

    for (i = 0; i < len; i++) {
        char c = path[i];

        if (c == '%') {
            c = (char)(hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]));
            i += 2;
            if (c == '\0' || strchr("./\\%;", c) != NULL) {
                return 0;
            }
        }
        decoded[n++] = c;
    }
    decoded[n] = '\0';
    return cp_utf8_is_plain(decoded, "");
}

/* No empty segment but a last one; none of one or two dots, nor such with the
 * ";" behind it at which some servers cut. */
static int has_plain_segments(const char *path, apr_size_t len)
{
    const char *at = path;
    const char *end = path + len;

    while (at < end) {
        const char *segment = at + 1;
        const char *next = memchr(segment, '/', (apr_size_t)(end - segment));
        apr_size_t n = (apr_size_t)((next == NULL ? end : next) - segment);
        apr_size_t dots = strspn(segment, ".");

        if ((n == 0 && next != NULL) ||
            (dots >= 1 && dots <= 2 && (n == dots || segment[dots] == ';'))) {
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
        strlen(target) > CP_URL_LOCAL_MAX || !has_plain_bytes(target)) {
        return 0;
    }
    len = strcspn(target, "?");
    return has_plain_escapes(target, len) && has_plain_segments(target, len) &&
           is_below(target, len, base);
}
