/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Text that people typed for others to read. */
#include "clinic/line.h"

#include "base/ident.h"

#include <apr_lib.h>
#include <string.h>

int cp_line_is_clean(const char *text, const char *allowed)
{
    for (; *text != '\0'; text++) {
        if (cp_utf8_control(text) > 0 && strchr(allowed, *text) == NULL) {
            return 0;
        }
    }
    return 1;
}

int cp_line_is_valid(const char *text, apr_size_t max)
{
    return strlen(text) <= max && cp_line_is_clean(text, "") &&
           cp_utf8_is_valid(text, strlen(text));
}
