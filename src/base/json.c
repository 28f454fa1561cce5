/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* jansson values owned by APR pools. */
#include "base/json.h"

#include "base/ident.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

static apr_status_t release(void *json)
{
    json_decref(json);
    return APR_SUCCESS;
}

json_t *cp_json_own(json_t *json, apr_pool_t *pool)
{
    if (json != NULL) {
        apr_pool_cleanup_register(pool, json, release, apr_pool_cleanup_null);
    }
    return json;
}

const char *cp_json_text(const json_t *json, apr_pool_t *pool)
{
    char *heap =
        json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    const char *text = heap == NULL ? NULL : apr_pstrdup(pool, heap);

    free(heap);
    return text;
}

json_t *cp_json_text_value(const char *text)
{
    apr_size_t len = strlen(text);

    return cp_utf8_is_valid(text, len) ? json_stringn_nocheck(text, len) : NULL;
}

void cp_json_put(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new_nocheck(object, name, value);
}

void cp_json_put_text(json_t *object, const char *name, const char *text)
{
    cp_json_put(object, name,
                text == NULL ? json_null() : cp_json_text_value(text));
}

const char *cp_json_string(const json_t *object, const char *name,
                           const char *otherwise)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value) ? json_string_value(value) : otherwise;
}

json_int_t cp_json_integer(const json_t *object, const char *name,
                           json_int_t otherwise)
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

int cp_json_is_true(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}
