/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any text as an address to go to: what is accepted stays on this host and
 * below the portal, however often and however eagerly it is decoded. */
#include "base/url.h"

#include "fuzz.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>

#define BASE "/portal"

/* Undo every escape, as an eager proxy does. */
static char *unescaped(const char *text, apr_pool_t *p)
{
    char *result = apr_pstrdup(p, text);
    char *out = result;

    for (; *text != '\0'; text++) {
        if (*text == '%' && apr_isxdigit(text[1]) && apr_isxdigit(text[2])) {
            *out++ = (char)strtol(apr_pstrmemdup(p, text + 1, 2), NULL, 16);
            text += 2;
        }
        else {
            *out++ = *text;
        }
    }
    *out = '\0';
    return result;
}

/* Stays below BASE for one who takes a backslash for a slash, cuts segments at
 * ";" and walks dot segments. */
static void walk(char *path)
{
    int depth = 0;
    char *at = path;

    for (at = path; *at != '\0'; at++) {
        demand((unsigned char)*at > 0x1f && *at != 0x7f);
        if (*at == '\\') {
            *at = '/';
        }
    }
    demand(path[0] == '/' && path[1] != '/');
    for (at = path; *at == '/'; at += strcspn(at, "/")) {
        apr_size_t len;

        at++;
        len = strcspn(at, "/;");
        depth += len == 2 && memcmp(at, "..", 2) == 0 ? -1 : len > 0;
        demand(depth >= 1 || *at == '\0');
    }
    demand(strncmp(path, BASE, strlen(BASE)) == 0);
}

static void check_accepted(const char *target, apr_pool_t *p)
{
    apr_uri_t uri;
    char *path;

    demand(apr_uri_parse(p, target, &uri) == APR_SUCCESS);
    demand(uri.scheme == NULL && uri.hostinfo == NULL && uri.user == NULL);
    demand(uri.hostname == NULL && uri.port_str == NULL);
    demand(uri.fragment == NULL && uri.path != NULL);
    demand(strlen(target) <= CP_URL_LOCAL_MAX);
    demand(target[strcspn(target, " \t\r\n\\#\"<>")] == '\0');
    path = apr_pstrdup(p, uri.path);
    walk(path);
    path = unescaped(uri.path, p);
    walk(path);
    path = unescaped(path, p);
    walk(path);
    demand(cp_url_is_local(target, "/"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    const char *target = apr_pstrmemdup(p, (const char *)data, size);
    const char *below = apr_pstrcat(p, BASE "/", target, NULL);

    if (cp_url_is_local(target, BASE)) {
        check_accepted(target, p);
    }
    if (cp_url_is_local(below, BASE)) {
        check_accepted(below, p);
    }
    apr_pool_destroy(p);
    return 0;
}
