/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Values on their way into a statement, and rows on their way out. */
#include "db/db_impl.h"

#include "base/json.h"
#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

typedef struct column_t {
    const char *name;
    cp_sql_type_t type;
} column_t;

/* The typed calls want a pointer to each value, NULL for SQL's. */
static apr_status_t bind_value(const void **slot, const cp_sql_param_t *param,
                               const json_t *value, apr_pool_t *p)
{
    apr_int64_t *number;

    if (json_is_null(value)) {
        *slot = NULL;
        return APR_SUCCESS;
    }
    if (param->type == CP_SQL_TEXT) {
        *slot = json_string_value(value);
        /* A NUL would cut the text short on its way through C. */
        return *slot != NULL && strlen(*slot) == json_string_length(value)
                   ? APR_SUCCESS
                   : CP_EINPUT;
    }
    if (!json_is_integer(value) && !json_is_boolean(value)) {
        return CP_EINPUT;
    }
    number = apr_palloc(p, sizeof(*number));
    *number = json_is_integer(value) ? json_integer_value(value)
                                     : json_is_true(value);
    *slot = number;
    return APR_SUCCESS;
}

apr_status_t cp_db_bind(const void ***values, const cp_statement_t *statement,
                        const json_t *args, const char **name, apr_pool_t *p)
{
    int i;

    *values = apr_pcalloc(p, sizeof(void *) *
                                 ((apr_size_t)statement->param_count + 1));
    for (i = 0; i < statement->param_count; i++) {
        const cp_sql_param_t *param = &statement->params[i];

        if (bind_value(&(*values)[i], param, json_object_get(args, param->name),
                       p) != APR_SUCCESS) {
            *name = param->name;
            return CP_EINPUT;
        }
    }
    return APR_SUCCESS;
}

/* "unread:int" is the member unread, an integer. */
static column_t column_of(const char *alias, apr_pool_t *p)
{
    column_t column = {apr_pstrdup(p, alias), CP_SQL_TEXT};
    const char *colon = strchr(column.name, ':');

    if (colon == NULL) {
        return column;
    }
    if (strcmp(colon, ":int") == 0) {
        column.type = CP_SQL_INT;
    }
    else if (strcmp(colon, ":bool") == 0) {
        column.type = CP_SQL_BOOL;
    }
    else {
        return column;
    }
    column.name =
        apr_pstrmemdup(p, column.name, (apr_size_t)(colon - column.name));
    return column;
}

static json_t *integer_of(const char *text)
{
    char *end;
    apr_int64_t number;

    errno = 0;
    number = apr_strtoi64(text, &end, 10);
    return errno != 0 || end == text || *end != '\0' ? NULL
                                                     : json_integer(number);
}

/* PostgreSQL's own booleans read t and f. */
static json_t *boolean_of(const char *text)
{
    if (strcmp(text, "1") == 0 || strcmp(text, "t") == 0) {
        return json_true();
    }
    return strcmp(text, "0") == 0 || strcmp(text, "f") == 0 ? json_false()
                                                            : NULL;
}

/* NULL: not of that type. jansson checks that text is UTF-8. */
static json_t *value_of(cp_sql_type_t type, const char *text)
{
    switch (type) {
    case CP_SQL_INT:
        return integer_of(text);
    case CP_SQL_BOOL:
        return boolean_of(text);
    default:
        return cp_json_text_value(text);
    }
}

typedef struct reader_t {
    const apr_dbd_driver_t *driver;
    const column_t *columns;
    int column_count;
    const char **bad; /* column */
} reader_t;

static json_t *row_of(const reader_t *reader, apr_dbd_row_t *row)
{
    json_t *object = json_object();
    int i;

    for (i = 0; i < reader->column_count; i++) {
        const column_t *column = &reader->columns[i];
        const char *text = NULL;
        apr_status_t rv = apr_dbd_datum_get(reader->driver, row, i,
                                            APR_DBD_TYPE_STRING, &text);
        json_t *value = NULL;

        if (rv == APR_ENOENT) {
            value = json_null();
        }
        else if (rv == APR_SUCCESS && text != NULL) {
            value = value_of(column->type, text);
        }
        if (json_object_set_new(object, column->name, value) != 0) {
            *reader->bad = column->name;
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* The names have to be read before the rows: at their end the pgsql driver
 * clears the result. The sqlite3 driver has none when there is no row. */
static const column_t *columns_of(const apr_dbd_driver_t *driver,
                                  apr_dbd_results_t *results, apr_pool_t *p)
{
    int count = apr_dbd_num_cols(driver, results);
    column_t *columns =
        apr_pcalloc(p, sizeof(*columns) * ((apr_size_t)count + 1));
    int i;

    for (i = 0; i < count; i++) {
        const char *alias = apr_dbd_get_name(driver, results, i);

        columns[i] = column_of(alias == NULL ? "" : alias, p);
    }
    return columns;
}

json_t *cp_db_rows(const apr_dbd_driver_t *driver, apr_dbd_results_t *results,
                   int max, const char **name, apr_pool_t *p)
{
    reader_t reader = {driver, columns_of(driver, results, p),
                       apr_dbd_num_cols(driver, results), name};
    json_t *rows = json_array();
    apr_dbd_row_t *row = NULL;
    int count = 0;

    while ((max == 0 || count < max) &&
           apr_dbd_get_row(driver, p, results, &row, -1) == 0) {
        json_t *object = row_of(&reader, row);

        if (object == NULL || json_array_append_new(rows, object) != 0) {
            json_decref(rows);
            return NULL;
        }
        count++;
    }
    return rows;
}
