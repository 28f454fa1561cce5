/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Rows of a result, for code that builds something of its own from them. Rows
 * that go on as they are, out or into another statement, are asked for as
 * JSON, which costs more: see db.h. */
#ifndef CP_ROWS_H
#define CP_ROWS_H

#include "db/catalog.h"

#include <jansson.h>

typedef struct cp_column_t {
    const char *name;
    cp_sql_type_t type;
} cp_column_t;

/* Every value has been found to be of its column's type. */
typedef struct cp_rows_t {
    const cp_column_t *columns;
    int column_count;
    int count;
    const char *const *cells; /* row by row; NULL is SQL's */
} cp_rows_t;

typedef struct cp_row_t {
    const cp_rows_t *rows;
    int index;
} cp_row_t;

/* There need not be one: then all its columns are NULL. */
cp_row_t cp_rows_first(const cp_rows_t *rows);

/* The text of a column; "" where it is NULL or there is no such column. */
const char *cp_row_text(cp_row_t row, const char *column);

/* Its number, likewise 0. */
apr_int64_t cp_row_integer(cp_row_t row, const char *column);

/* Whether a column of type bool is true; likewise not. */
int cp_row_is_true(cp_row_t row, const char *column);

/* Make the columns with these names, in a list that ends with NULL, members of
 * a model, each of its type. */
void cp_row_show(json_t *model, cp_row_t row, const char *const *names);

/* All rows as a JSON array of objects; a new reference. NULL: no memory. */
json_t *cp_rows_json(const cp_rows_t *rows);

#endif
