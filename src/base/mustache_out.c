/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mustache templates: the buffer that text grows in, and the values in it. */
#include "base/mustache_out.h"

#include "base/status.h"

#include <apr_strings.h>

#define TEXT_MAX ((apr_size_t)4 * 1024 * 1024)
#define TEXT_START ((apr_size_t)8 * 1024) /* most pages fit */

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void append_escaped(cp_mustache_out_t *out, const char *text,
                           apr_size_t len)
{
    const char *end = text + len;
    const char *run = text; /* what needs no escape and is not out yet */

    for (; text < end; text++) {
        const char *entity = entity_of(*text);

        if (entity != NULL) {
            cp_mustache_out_append(out, run, text - run);
            cp_mustache_out_append(out, entity, strlen(entity));
            run = text + 1;
        }
    }
    cp_mustache_out_append(out, run, end - run);
}

/* The shortest decimal that reads back as the same number, as JSON has it. */
static void append_real(cp_mustache_out_t *out, const json_t *value)
{
    char text[64];
    size_t len = 0;
    int digits, is_same = 0;

    for (digits = 15; digits <= 17 && !is_same; digits++) {
        json_t *again;

        len = json_dumpb(value, text, sizeof(text),
                         JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
        again = json_loadb(text, len, JSON_DECODE_ANY, NULL);
        is_same = json_equal(value, again);
        json_decref(again);
    }
    cp_mustache_out_append(out, text, len);
}

void cp_mustache_out_init(cp_mustache_out_t *out, apr_pool_t *p)
{
    out->rv = APR_SUCCESS;
    out->text = apr_palloc(p, TEXT_START);
    out->len = 0;
    out->room = TEXT_START;
    out->p = p;
}

int cp_mustache_out_reserve(cp_mustache_out_t *out, apr_size_t len)
{
    apr_size_t room = out->room;
    char *text;

    if (out->rv != APR_SUCCESS || len > TEXT_MAX - out->len) {
        out->rv = out->rv != APR_SUCCESS ? out->rv : CP_ETOOLARGE;
        return 0;
    }
    while (room < out->len + len + 1) {
        room = room * 2 <= TEXT_MAX ? room * 2 : TEXT_MAX + 1;
    }
    text = apr_palloc(out->p, room);
    memcpy(text, out->text, out->len);
    out->text = text;
    out->room = room;
    return 1;
}

void cp_mustache_out_value(cp_mustache_out_t *out, const json_t *value,
                           int is_raw)
{
    char number[32];

    switch (value == NULL ? JSON_NULL : json_typeof(value)) {
    case JSON_STRING:
        (is_raw ? cp_mustache_out_append : append_escaped)(
            out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        cp_mustache_out_append(
            out, number,
            apr_snprintf(number, sizeof(number), "%" APR_INT64_T_FMT,
                         (apr_int64_t)json_integer_value(value)));
        break;
    case JSON_REAL:
        append_real(out, value);
        break;
    case JSON_TRUE:
        cp_mustache_out_append(out, "true", 4);
        break;
    default:
        break;
    }
}
