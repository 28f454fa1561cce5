/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Arguments of a statement, by name and type, on the caller's stack:
 *     CP_ARGS(CP_TEXT("clinic_id", id), CP_INT("now", now))
 * is an array that lives until the end of the block it stands in. */
#ifndef CP_ARGS_H
#define CP_ARGS_H

#include "db/catalog.h"

#include <jansson.h>

typedef struct cp_arg_t {
    const char *name; /* NULL ends an array */
    cp_sql_type_t type;
    const char *text; /* CP_SQL_TEXT; NULL is SQL's, for any parameter */
    apr_int64_t number;
} cp_arg_t;

#define CP_TEXT(name, value)                                                   \
    {                                                                          \
        (name), CP_SQL_TEXT, (value), 0                                        \
    }
#define CP_INT(name, value)                                                    \
    {                                                                          \
        (name), CP_SQL_INT, NULL, (value)                                      \
    }
#define CP_ARGS(...) ((const cp_arg_t[]){__VA_ARGS__, {NULL}})

/* The members of an object; its strings are borrowed. An object or array among
 * them, and text with a NUL in it, which would end there on its way through C,
 * are left out. NULL: json is NULL. */
const cp_arg_t *cp_args_of_json(const json_t *json, apr_pool_t *p);

#endif
