/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Names of request headers. */
#include "base/header.h"

#include <apr_lib.h>
#include <stddef.h>

static int folded(char c)
{
    return c == '_' ? '-' : apr_tolower(c);
}

/* What stands behind `start`, NULL when text does not begin with it. */
static const char *behind(const char *text, const char *start)
{
    while (*start != '\0' && folded(*text) == folded(*start)) {
        text++;
        start++;
    }
    return *start == '\0' ? text : NULL;
}

int cp_header_is(const char *sent, const char *prefix, const char *word)
{
    const char *rest = behind(sent, prefix);

    rest = rest == NULL ? NULL : behind(rest, word);
    return rest != NULL && *rest == '\0';
}
