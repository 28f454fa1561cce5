/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any text into HTML, an address, a header, a file name: nothing in it is taken
 * for markup there, and what can be read back is what was written. */
#include "base/encode.h"

#include "fuzz.h"

#include "base/form.h"
#include "base/ident.h"
#include "base/status.h"

#include <apr_strings.h>

static void check_html(const char *text, apr_pool_t *p)
{
    const char *html = cp_encode_html(text, p);
    const char *at;

    demand(html[strcspn(html, "<>\"'")] == '\0');
    for (at = strchr(html, '&'); at != NULL; at = strchr(at + 1, '&')) {
        demand(strspn(at + 1, "abcdefghijklmnopqrstuvwxyz#39") ==
               strcspn(at + 1, ";"));
    }
}

static void check_url(const char *text, apr_pool_t *p)
{
    static const char *const known[] = {"a", NULL};
    const char *query = apr_pstrcat(p, "a=", cp_encode_url(text, p), NULL);
    cp_form_t *form;

    demand(query[strspn(query, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                               "uvwxyz0123456789-._~%=")] == '\0');
    if (cp_form_parse(&form, query, strlen(query), known, p) == APR_SUCCESS) {
        demand(strcmp(cp_form_get(form, "a"), text) == 0);
    }
    else {
        demand(strlen(text) > CP_FORM_VALUE_MAX ||
               !cp_utf8_is_plain(text, "\t\r\n"));
    }
}

static void check_line(const char *line)
{
    for (; *line != '\0'; line++) {
        demand(*line >= ' ' && *line <= '~');
    }
}

/* One quoted name without a path, and the same for those who read UTF-8. */
static void check_attachment(const char *text, apr_pool_t *p)
{
    const char *value = cp_encode_attachment(text, p);
    const char *name = strchr(value, '"') + 1;
    const char *end = strchr(name, '"');

    check_line(value);
    demand(strncmp(value, "attachment; filename=\"", 22) == 0);
    demand(end > name && *name != '.');
    demand(strcspn(name, "/\\:*?<>|%") > (size_t)(end - name));
    demand(strncmp(end, "\"; filename*=UTF-8''", 20) == 0);
    demand(end[20 + strcspn(end + 20, " \"/\\;")] == '\0');
}

static void check_base64url(const uint8_t *data, size_t size, const char *text,
                            apr_pool_t *p)
{
    unsigned char *bytes;
    apr_size_t len;

    if (cp_decode_base64url(&bytes, &len, text, p) == APR_SUCCESS) {
        demand(strcmp(cp_encode_base64url(bytes, len, p), text) == 0);
    }
    text = cp_encode_base64url(data, size, p);
    demand(cp_decode_base64url(&bytes, &len, text, p) == APR_SUCCESS);
    demand(len == size && memcmp(bytes, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    const char *text = apr_pstrmemdup(p, (const char *)data, size);

    check_html(text, p);
    check_url(text, p);
    check_line(cp_encode_header(text, p));
    check_attachment(text, p);
    check_base64url(data, size, text, p);
    apr_pool_destroy(p);
    return 0;
}
