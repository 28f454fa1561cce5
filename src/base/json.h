/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* jansson values owned by APR pools. */
#ifndef CP_JSON_H
#define CP_JSON_H

#include <apr_pools.h>
#include <jansson.h>

/* Give json to pool, which drops the reference when it is cleared. Returns
 * json, which may be NULL. */
json_t *cp_json_own(json_t *json, apr_pool_t *pool);

/* Serialise: compact, keys sorted, in pool. Safe inside an HTTP answer of
 * type application/json. NULL only when json is NULL. */
const char *cp_json_text(const json_t *json, apr_pool_t *pool);

/* A string, or NULL if text is not UTF-8. */
json_t *cp_json_text_value(const char *text);

/* Make value, whose reference it takes, the member `name`, which is plain
 * ASCII. Out of memory the member is missing, and the page shows less. */
void cp_json_put(json_t *object, const char *name, json_t *value);

/* The same for text; NULL becomes null. */
void cp_json_put_text(json_t *object, const char *name, const char *text);

/* The member `name` of an object, with a default where it is absent or of
 * another type. Strings are borrowed from json. */
const char *cp_json_string(const json_t *object, const char *name,
                           const char *otherwise);
json_int_t cp_json_integer(const json_t *object, const char *name,
                           json_int_t otherwise);
int cp_json_is_true(const json_t *object, const char *name);

#endif
