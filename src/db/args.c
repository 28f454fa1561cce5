/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Arguments of a statement. */
#include "db/args.h"

#include <string.h>

static int has_nul(const json_t *string)
{
    return strlen(json_string_value(string)) != json_string_length(string);
}

/* 0: it is none. */
static int read_value(cp_arg_t *arg, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
        return 1;
    case JSON_STRING:
        arg->text = json_string_value(value);
        return !has_nul(value);
    case JSON_INTEGER:
    case JSON_TRUE:
    case JSON_FALSE:
        arg->type = CP_SQL_INT;
        arg->number = json_is_integer(value) ? json_integer_value(value)
                                             : json_is_true(value);
        return 1;
    default:
        return 0;
    }
}

const cp_arg_t *cp_args_of_json(const json_t *json, apr_pool_t *p)
{
    cp_arg_t *args;
    cp_arg_t *next;
    const char *name;
    json_t *value;

    if (json == NULL) {
        return NULL;
    }
    args = apr_pcalloc(p, sizeof(*args) * (json_object_size(json) + 1));
    next = args;
    json_object_foreach((json_t *)json, name, value)
    {
        cp_arg_t arg = {name, CP_SQL_TEXT};

        if (read_value(&arg, value)) {
            *next++ = arg;
        }
    }
    return args;
}
