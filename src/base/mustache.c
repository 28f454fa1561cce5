/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mustache templates: the set, and the order in which it loads and compiles
 * what its templates refer to. */
#include "base/mustache_impl.h"

#include "base/status.h"

#include <apr_strings.h>

apr_status_t cp_mustache_make(cp_mustache_t **set, cp_mustache_loader_t load,
                              void *baton, int is_strict, apr_pool_t *p)
{
    cp_mustache_t *made = apr_pcalloc(p, sizeof(*made));

    made->p = p;
    made->load = load;
    made->baton = baton;
    made->is_strict = is_strict;
    made->by_name = apr_hash_make(p);
    made->all = apr_array_make(p, 16, sizeof(cp_mustache_template_t *));
    made->blocks = apr_hash_make(p);
    *set = made;
    return APR_SUCCESS;
}

cp_mustache_template_t *cp_mustache_refer(cp_mustache_t *set, const char *name,
                                          const char *from, int line,
                                          int column)
{
    cp_mustache_template_t *entry =
        apr_hash_get(set->by_name, name, APR_HASH_KEY_STRING);

    if (entry == NULL) {
        entry = apr_pcalloc(set->p, sizeof(*entry));
        entry->name = apr_pstrdup(set->p, name);
        entry->from = from;
        entry->line = line;
        entry->column = column;
        apr_hash_set(set->by_name, entry->name, APR_HASH_KEY_STRING, entry);
        APR_ARRAY_PUSH(set->all, cp_mustache_template_t *) = entry;
    }
    return entry;
}

int cp_mustache_block_number(cp_mustache_t *set, const char *name)
{
    int *number = apr_hash_get(set->blocks, name, APR_HASH_KEY_STRING);

    if (number == NULL) {
        number = apr_palloc(set->p, sizeof(*number));
        *number = (int)apr_hash_count(set->blocks);
        apr_hash_set(set->blocks, name, APR_HASH_KEY_STRING, number);
    }
    return *number;
}

static apr_status_t parse(cp_mustache_t *set, cp_mustache_template_t *entry,
                          const char *text, const char **error)
{
    apr_pool_t *scratch;
    apr_status_t rv = apr_pool_create(&scratch, set->p);

    if (rv == APR_SUCCESS) {
        rv = cp_mustache_parse(set, entry, text, error, scratch);
        apr_pool_destroy(scratch);
    }
    return rv;
}

static apr_status_t load(cp_mustache_t *set, cp_mustache_template_t *entry,
                         int is_needed, const char **error)
{
    const char *text = set->load(set->baton, entry->name, set->p);

    if (text != NULL) {
        return parse(set, entry, text, error);
    }
    if (!is_needed) {
        entry->is_absent = 1;
        return APR_SUCCESS;
    }
    *error = apr_psprintf(set->p, "%s:%d:%d: there is no template \"%s\"",
                          entry->from, entry->line, entry->column, entry->name);
    return CP_EINPUT;
}

apr_status_t cp_mustache_compile(cp_mustache_t *set, const char *name,
                                 const char **error)
{
    const cp_mustache_template_t *wanted =
        cp_mustache_refer(set, name, name, 1, 1);
    apr_status_t rv = APR_SUCCESS;
    int i;

    *error = NULL;
    /* Loading one appends those it refers to. */
    for (i = 0; rv == APR_SUCCESS && i < set->all->nelts; i++) {
        cp_mustache_template_t *entry =
            APR_ARRAY_IDX(set->all, i, cp_mustache_template_t *);
        int is_needed = set->is_strict || entry == wanted;

        if (entry->ops == NULL && (!entry->is_absent || is_needed)) {
            rv = load(set, entry, is_needed, error);
        }
    }
    return rv;
}
