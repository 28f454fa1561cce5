/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The strict parser of urlencoded data. */
#include "base/form.h"

#include "base/ident.h"
#include "base/status.h"

#include <apr_cstr.h>
#include <apr_tables.h>
#include <string.h>

typedef struct pair_t {
    const char *name; /* as in the list of known names */
    const char *value;
} pair_t;

struct cp_form_t {
    apr_array_header_t *pairs;
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One byte at *in, its escape undone; -1 for a bad or cut one. */
static int next_byte(const char **in, const char *end)
{
    const char *at = *in;
    int high;
    int low;

    if (*at != '%') {
        *in = at + 1;
        return *at == '+' ? ' ' : (unsigned char)*at;
    }
    high = end - at < 3 ? -1 : hex_digit(at[1]);
    low = high < 0 ? -1 : hex_digit(at[2]);
    *in = at + 3;
    return low < 0 ? -1 : high * 16 + low;
}

/* Decode [in, end) into *text of at most max bytes. */
static apr_status_t decode(const char **text, const char *in, const char *end,
                           apr_size_t max, apr_pool_t *p)
{
    char *out = apr_palloc(p, (apr_size_t)(end - in) + 1);
    apr_size_t len = 0;

    while (in < end) {
        int byte = next_byte(&in, end);

        /* A NUL would hide the rest from the check of the text. */
        if (byte <= 0 || len == max) {
            return CP_EINPUT;
        }
        out[len++] = (char)byte;
    }
    out[len] = '\0';
    *text = out;
    return cp_utf8_is_plain(out, "\t\r\n") ? APR_SUCCESS : CP_EINPUT;
}

static const char *known_as(const char *const *known, const char *name)
{
    int i;

    for (i = 0; known[i] != NULL; i++) {
        if (apr_cstr_casecmp(known[i], name) == 0) {
            return known[i];
        }
    }
    return NULL;
}

static apr_status_t add_pair(cp_form_t *form, const char *const *known,
                             const char *start, const char *end)
{
    apr_pool_t *p = form->pairs->pool;
    const char *equals = memchr(start, '=', (apr_size_t)(end - start));
    const char *value_start = equals == NULL ? end : equals + 1;
    const char *name;
    const char *value;
    pair_t *pair;
    apr_status_t rv = decode(&name, start, equals == NULL ? end : equals,
                             CP_FORM_NAME_MAX, p);

    if (rv == APR_SUCCESS) {
        rv = decode(&value, value_start, end, CP_FORM_VALUE_MAX, p);
    }
    if (rv != APR_SUCCESS || known_as(known, name) == NULL) {
        return rv;
    }
    if (cp_form_get(form, name) != NULL) {
        return CP_EINPUT;
    }
    pair = apr_array_push(form->pairs);
    pair->name = known_as(known, name);
    pair->value = value;
    return APR_SUCCESS;
}

apr_status_t cp_form_parse(cp_form_t **result, const char *data, apr_size_t len,
                           const char *const *known, apr_pool_t *p)
{
    cp_form_t *form = apr_palloc(p, sizeof(*form));
    const char *at = data;
    const char *end = data == NULL ? NULL : data + len;
    int count = 0;

    form->pairs = apr_array_make(p, 8, sizeof(pair_t));
    while (at < end) {
        const char *next = memchr(at, '&', (apr_size_t)(end - at));
        const char *stop = next == NULL ? end : next;
        apr_status_t rv;

        if (++count > CP_FORM_PAIRS_MAX) {
            return CP_EINPUT;
        }
        rv = add_pair(form, known, at, stop);
        if (rv != APR_SUCCESS) {
            return rv;
        }
        at = stop + 1;
    }
    *result = form;
    return APR_SUCCESS;
}

const char *cp_form_get(const cp_form_t *form, const char *name)
{
    int i;

    for (i = 0; form != NULL && i < form->pairs->nelts; i++) {
        const pair_t *pair = &APR_ARRAY_IDX(form->pairs, i, pair_t);

        if (apr_cstr_casecmp(pair->name, name) == 0) {
            return pair->value;
        }
    }
    return NULL;
}
