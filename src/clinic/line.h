/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Text that people typed for others to read: names, notes. */
#ifndef CP_LINE_H
#define CP_LINE_H

#include <apr.h>

/* No control character but those in `allowed`. */
int cp_line_is_clean(const char *text, const char *allowed);

/* Text of one line: at most max bytes of UTF-8 without control characters. */
int cp_line_is_valid(const char *text, apr_size_t max);

#endif
