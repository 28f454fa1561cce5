/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Values of directives: each parser returns NULL and the value, or a message
 * that says what is allowed. */
#ifndef CP_VALUES_H
#define CP_VALUES_H

#include <apr_pools.h>

/* "30", "30s", "15m", "12h", "90d" -> seconds, within least..most. */
const char *cp_value_seconds(int *seconds, const char *text, int least,
                             int most, apr_pool_t *p);

/* A whole number within least..most. */
const char *cp_value_number(int *number, const char *text, int least, int most,
                            apr_pool_t *p);

/* "https://portal.example" or with a port; no path, no user. */
const char *cp_value_origin(const char **origin, const char *text,
                            apr_pool_t *p);

/* One of the NULL-terminated words, ignoring case; *word is the list's own
 * spelling. */
const char *cp_value_word(const char **word, const char *text,
                          const char *const *words, apr_pool_t *p);

#endif
