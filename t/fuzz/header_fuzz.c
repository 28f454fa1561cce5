/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any text as the name of a header: ours if, and only if, a back end that makes
 * a CGI variable of it makes the same one of it as of ours. */
#include "base/header.h"

#include "fuzz.h"

#include <apr_lib.h>
#include <apr_strings.h>

/* RFC 3875 section 4.1.18. */
static const char *variable(const char *name, apr_pool_t *p)
{
    char *text = apr_pstrcat(p, "HTTP_", name, NULL);
    char *c;

    for (c = text; *c != '\0'; c++) {
        *c = *c == '-' ? '_' : (char)apr_toupper(*c);
    }
    return text;
}

static void check(const char *sent, const char *prefix, const char *word,
                  apr_pool_t *p)
{
    const char *ours = apr_pstrcat(p, prefix, word, NULL);
    int is_same = strcmp(variable(sent, p), variable(ours, p)) == 0;

    demand(cp_header_is(sent, prefix, word) == is_same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    const char *text = apr_pstrmemdup(p, (const char *)data, size);

    check(text, "X-ClinicPortal-", "User", p);
    check(text, "X_A-b", "", p);
    check(text, text, "", p);
    check(text, "", text, p);
    check(apr_pstrcat(p, "x_clinicportal_", text, NULL), "X-ClinicPortal-",
          text, p);
    apr_pool_destroy(p);
    return 0;
}
