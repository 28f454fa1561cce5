/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Rows of a result. */
#include "db/rows.h"

#include "base/json.h"

#include <apr_strings.h>
#include <string.h>

static const char *cell_of(cp_row_t row, int column)
{
    return row.index < row.rows->count
               ? row.rows->cells[row.index * row.rows->column_count + column]
               : NULL;
}

/* -1: there is none of that name. Few share the first letter, which spares the
 * call for most. */
static int find_column(const cp_rows_t *rows, const char *name)
{
    int i = rows->column_count - 1;

    while (i >= 0 && (rows->columns[i].name[0] != name[0] ||
                      strcmp(rows->columns[i].name, name) != 0)) {
        i--;
    }
    return i;
}

cp_row_t cp_rows_first(const cp_rows_t *rows)
{
    cp_row_t first = {rows, 0};

    return first;
}

const char *cp_row_text(cp_row_t row, const char *column)
{
    int i = find_column(row.rows, column);
    const char *text = i < 0 ? NULL : cell_of(row, i);

    return text == NULL ? "" : text;
}

apr_int64_t cp_row_integer(cp_row_t row, const char *column)
{
    return apr_atoi64(cp_row_text(row, column));
}

/* PostgreSQL's own booleans read t and f. */
static int is_true(const char *text)
{
    return strcmp(text, "1") == 0 || strcmp(text, "t") == 0;
}

int cp_row_is_true(cp_row_t row, const char *column)
{
    return is_true(cp_row_text(row, column));
}

static json_t *value_of(cp_row_t row, int column)
{
    const char *text = cell_of(row, column);

    if (text == NULL) {
        return json_null();
    }
    switch (row.rows->columns[column].type) {
    case CP_SQL_INT:
        return json_integer(apr_atoi64(text));
    case CP_SQL_BOOL:
        return json_boolean(is_true(text));
    default:
        return json_string_nocheck(text); /* found to be UTF-8 */
    }
}

void cp_row_show(json_t *model, cp_row_t row, const char *const *names)
{
    for (; *names != NULL; names++) {
        int i = find_column(row.rows, *names);

        if (i >= 0) {
            cp_json_put(model, *names, value_of(row, i));
        }
    }
}

json_t *cp_rows_json(const cp_rows_t *rows)
{
    json_t *array = json_array();
    cp_row_t row = {rows, 0};
    int i;

    for (; row.index < rows->count; row.index++) {
        json_t *object = json_object();

        for (i = 0; i < rows->column_count; i++) {
            cp_json_put(object, rows->columns[i].name, value_of(row, i));
        }
        if (json_array_append_new(array, object) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}
