/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to src/db: reads SQL text far enough to tell quoted text and
 * comments from the rest, for the catalogue and the migrations. */
#ifndef CP_SQLTEXT_H
#define CP_SQLTEXT_H

#include "db/catalog.h"

/* Where the quoted text or comment that starts at s ends; s when none starts
 * there, NULL when it has no end. A line comment ends before its newline. */
const char *cp_sqltext_skip(const char *s);

/* Whether a comment starts at s. */
int cp_sqltext_is_comment(const char *s);

/* Translate the catalogue's syntax for `driver` into sql, params and
 * param_count of *statement; name and origin are left alone. CP_EINPUT: *error
 * says what is wrong, without saying where. */
apr_status_t cp_sqltext_translate(cp_statement_t *statement, const char *text,
                                  const char *driver, const char **error,
                                  apr_pool_t *p);

#endif
