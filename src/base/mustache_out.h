/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to the Mustache engine: the text that is being made, in one buffer
 * that grows, and how the values of a model are written into it. */
#ifndef CP_MUSTACHE_OUT_H
#define CP_MUSTACHE_OUT_H

#include <apr_pools.h>
#include <jansson.h>
#include <string.h>

typedef struct cp_mustache_out_t {
    apr_status_t rv; /* the first failure; what follows it is dropped */
    char *text;      /* in p, with room for a NUL behind it */
    apr_size_t len;
    apr_size_t room;
    apr_pool_t *p;
} cp_mustache_out_t;

void cp_mustache_out_init(cp_mustache_out_t *out, apr_pool_t *p);

/* Make room for `len` more bytes. False, with rv set, when that would be more
 * than 4 MiB, or when something failed before. */
int cp_mustache_out_reserve(cp_mustache_out_t *out, apr_size_t len);

/* Inline: this is where the time of rendering goes. */
static inline void cp_mustache_out_append(cp_mustache_out_t *out,
                                          const char *text, apr_size_t len)
{
    if (len < out->room - out->len || cp_mustache_out_reserve(out, len)) {
        memcpy(out->text + out->len, text, len);
        out->len += len;
    }
}

/* A string, number or true; anything else writes nothing. Strings are escaped
 * for HTML text and quoted attributes unless is_raw. */
void cp_mustache_out_value(cp_mustache_out_t *out, const json_t *value,
                           int is_raw);

#endif
