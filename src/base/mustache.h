/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mustache templates (the specification at github.com/mustache/spec, core
 * modules and the inheritance module): compiled once, rendered many times,
 * by any number of threads at once.
 *
 * {{name}} is escaped for HTML; {{{name}}} and {{&name}} are not, and the
 * guard test lists every use. Values: strings, integers, reals, true; null
 * and false render nothing. A section is skipped for null, false, an empty
 * list, "" and 0. No lambdas. */
#ifndef CP_MUSTACHE_H
#define CP_MUSTACHE_H

#include <apr_pools.h>
#include <jansson.h>

/* A set of templates that may refer to each other as partials ({{>name}}) or
 * parents ({{<name}}). Immutable once compiled. */
typedef struct cp_mustache_t cp_mustache_t;

/* Where the text of a template comes from: returns NULL when there is none
 * of that name. The text must live as long as the set. */
typedef const char *(*cp_mustache_loader_t)(void *baton, const char *name,
                                            apr_pool_t *p);

/* Compile `name` and all it refers to. A partial that the loader does not
 * have: with is_strict an error, else it renders nothing (the specification's
 * behaviour). On CP_EINPUT *error is "name:line:column: what is wrong", the
 * column in bytes, and the set is good for nothing more. */
apr_status_t cp_mustache_make(cp_mustache_t **set, cp_mustache_loader_t load,
                              void *baton, int is_strict, apr_pool_t *p);
apr_status_t cp_mustache_compile(cp_mustache_t *set, const char *name,
                                 const char **error);

typedef struct cp_mustache_text_t {
    const char *bytes; /* with a NUL behind */
    apr_size_t len;    /* without it */
} cp_mustache_text_t;

/* Render; the bytes are in p. APR_ENOENT: that name was not compiled.
 * CP_ETOOLARGE: nesting over 64 partials deep, more than 4 MiB of text, or
 * endless work. */
apr_status_t cp_mustache_render(const cp_mustache_t *set, const char *name,
                                const json_t *model, cp_mustache_text_t *text,
                                apr_pool_t *p);

#endif
