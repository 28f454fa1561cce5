/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Values on their way into a statement, and rows on their way out. */
#include "db/db_impl.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

static const cp_arg_t *find_arg(const cp_arg_t *args, const char *name)
{
    while (args->name != NULL && strcmp(args->name, name) != 0) {
        args++;
    }
    return args->name == NULL ? NULL : args;
}

/* The typed calls want a pointer to each value, NULL for SQL's. */
static apr_status_t bind_value(const void **slot, const cp_sql_param_t *param,
                               const cp_arg_t *arg)
{
    if (arg == NULL) {
        return CP_EINPUT;
    }
    if (arg->type == CP_SQL_TEXT && arg->text == NULL) {
        *slot = NULL;
        return APR_SUCCESS;
    }
    if (arg->type != param->type ||
        (arg->type == CP_SQL_TEXT &&
         !cp_utf8_is_valid(arg->text, strlen(arg->text)))) {
        return CP_EINPUT;
    }
    *slot = arg->type == CP_SQL_TEXT ? (const void *)arg->text : &arg->number;
    return APR_SUCCESS;
}

apr_status_t cp_db_bind(const void ***values, const cp_statement_t *statement,
                        const cp_arg_t *args, const char **name, apr_pool_t *p)
{
    int i;

    *values = apr_pcalloc(p, sizeof(void *) *
                                 ((apr_size_t)statement->param_count + 1));
    for (i = 0; i < statement->param_count; i++) {
        const cp_sql_param_t *param = &statement->params[i];

        if (bind_value(&(*values)[i], param, find_arg(args, param->name)) !=
            APR_SUCCESS) {
            *name = param->name;
            return CP_EINPUT;
        }
    }
    return APR_SUCCESS;
}

/* "unread:int" is the column unread, an integer. */
static cp_column_t column_of(const char *alias, apr_pool_t *p)
{
    cp_column_t column = {apr_pstrdup(p, alias), CP_SQL_TEXT};
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

static int is_integer(const char *text)
{
    char *end;

    errno = 0;
    (void)apr_strtoi64(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

/* PostgreSQL's own booleans read t and f. */
static int is_boolean(const char *text)
{
    return text[0] != '\0' && text[1] == '\0' && strchr("01tf", *text) != NULL;
}

static int is_of_type(cp_sql_type_t type, const char *text)
{
    switch (type) {
    case CP_SQL_INT:
        return is_integer(text);
    case CP_SQL_BOOL:
        return is_boolean(text);
    default:
        return cp_utf8_is_valid(text, strlen(text));
    }
}

/* The names have to be read before the rows: at their end the pgsql driver
 * clears the result. The sqlite3 driver has none when there is no row. NULL:
 * *bad is an alias that is not UTF-8. */
static const cp_column_t *columns_of(const apr_dbd_driver_t *driver,
                                     apr_dbd_results_t *results,
                                     const char **bad, apr_pool_t *p)
{
    int count = apr_dbd_num_cols(driver, results);
    cp_column_t *columns =
        apr_pcalloc(p, sizeof(*columns) * ((apr_size_t)count + 1));
    int i;

    for (i = 0; i < count; i++) {
        const char *alias = apr_dbd_get_name(driver, results, i);

        columns[i] = column_of(alias == NULL ? "" : alias, p);
        if (!cp_utf8_is_valid(columns[i].name, strlen(columns[i].name))) {
            *bad = columns[i].name;
            return NULL;
        }
    }
    return columns;
}

/* Append a row's values; 0: one is not of its column's type, *bad says which.
 */
static int read_row(apr_array_header_t *cells, const cp_rows_t *rows,
                    const apr_dbd_driver_t *driver, apr_dbd_row_t *row,
                    const char **bad)
{
    int i;

    for (i = 0; i < rows->column_count; i++) {
        const char *text = NULL;
        apr_status_t rv =
            apr_dbd_datum_get(driver, row, i, APR_DBD_TYPE_STRING, &text);

        if (rv != APR_ENOENT && (rv != APR_SUCCESS || text == NULL ||
                                 !is_of_type(rows->columns[i].type, text))) {
            *bad = rows->columns[i].name;
            return 0;
        }
        APR_ARRAY_PUSH(cells, const char *) =
            rv == APR_ENOENT ? NULL : apr_pstrdup(cells->pool, text);
    }
    return 1;
}

cp_rows_t *cp_db_read_rows(const apr_dbd_driver_t *driver,
                           apr_dbd_results_t *results, const char **bad,
                           apr_pool_t *p)
{
    apr_array_header_t *cells = apr_array_make(p, 64, sizeof(const char *));
    cp_rows_t *rows = apr_pcalloc(p, sizeof(*rows));
    apr_dbd_row_t *row = NULL;

    rows->columns = columns_of(driver, results, bad, p);
    rows->column_count = apr_dbd_num_cols(driver, results);
    while (rows->columns != NULL &&
           apr_dbd_get_row(driver, p, results, &row, -1) == 0) {
        if (!read_row(cells, rows, driver, row, bad)) {
            return NULL;
        }
        rows->count++;
    }
    rows->cells = (const char *const *)cells->elts;
    return rows->columns == NULL ? NULL : rows;
}

apr_status_t cp_db_select(cp_db_t *db, const char *name, json_t *args,
                          json_t **rows, apr_pool_t *p)
{
    cp_rows_t *read;
    apr_status_t rv = cp_db_rows(db, name, cp_args_of_json(args, p), &read, p);

    json_decref(args);
    if (rv == APR_SUCCESS) {
        *rows = cp_json_own(cp_rows_json(read), p);
    }
    return rv == APR_SUCCESS && *rows == NULL ? APR_ENOMEM : rv;
}

apr_status_t cp_db_find(cp_db_t *db, const char *name, json_t *args,
                        json_t **row, apr_pool_t *p)
{
    cp_rows_t *read;
    json_t *rows;
    apr_status_t rv = cp_db_rows(db, name, cp_args_of_json(args, p), &read, p);

    json_decref(args);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rows = cp_rows_json(read);
    *row = cp_json_own(json_incref(json_array_get(rows, 0)), p);
    json_decref(rows);
    return *row == NULL ? APR_ENOENT : APR_SUCCESS;
}
