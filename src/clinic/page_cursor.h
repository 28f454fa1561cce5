/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Where the next page of a list begins. Lists are ordered by a moment and an
 * id, newest first, and paged by the last row shown, never by a count, so that
 * rows that come or go meanwhile neither repeat nor hide others. A cursor
 * names a place only: it grants nothing, so it is not signed. */
#ifndef CP_PAGE_CURSOR_H
#define CP_PAGE_CURSOR_H

#include "db/rows.h"

#include <apr_time.h>

typedef struct cp_page_cursor_t {
    apr_time_t at;
    const char *id;
} cp_page_cursor_t;

/* base64url of "at.id"; id is a public id. */
const char *cp_page_cursor_make(apr_time_t at, const char *id, apr_pool_t *p);

/* Read one back; text NULL stands for the first page. CP_EINPUT: not in the
 * one form that cp_page_cursor_make gives. */
apr_status_t cp_page_cursor_read(cp_page_cursor_t *cursor, const char *text,
                                 apr_pool_t *p);

/* rows came of a statement with the parameters :at and :id (of the cursor) and
 * :limit (size + 1): drop the one too many and return the cursor behind the
 * last that stays, in p, or NULL if there was none too many. `at` names the
 * integer column rows are ordered by; the id is their column "id". */
const char *cp_page_cursor_cut(cp_rows_t *rows, int size, const char *at,
                               apr_pool_t *p);

#endif
