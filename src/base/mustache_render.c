/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mustache templates: from instructions and a model to text.
 *
 * All state is on the stack: the values that names are looked up in, the
 * arguments of parents and the indentation are lists whose nodes live in the
 * frames of this recursion, so rendering allocates nothing but the text. */
#include "base/mustache_impl.h"
#include "base/mustache_out.h"

#include "base/status.h"

#include <string.h>

#define PARTIALS_MAX 64
#define RECURSION_MAX 512 /* sections and blocks included: bounds the stack */
#define STEPS_MAX (4 * 1024 * 1024)

typedef struct context_t {
    const struct context_t *outer;
    const json_t *value;
} context_t;

/* White space to put before each line, after that of `outer`. */
typedef struct indent_t {
    const struct indent_t *outer;
    const char *text;
    apr_size_t len;
} indent_t;

/* The arguments given by one {{<parent}} tag. */
typedef struct arguments_t {
    const struct arguments_t *outer;
    const cp_mustache_op_t *first;
    const cp_mustache_op_t *end;
} arguments_t;

typedef struct render_t {
    cp_mustache_out_t out; /* nothing is done after its first failure */
    const indent_t *indent;
    const arguments_t *arguments;
    int is_pending; /* a line has begun, its indentation is not out yet */
    int partials;
    int recursion;
    int steps;
} render_t;

static void render_ops(render_t *r, const context_t *context,
                       const cp_mustache_op_t *op, const cp_mustache_op_t *end);

static void append_indent(render_t *r, const indent_t *indent)
{
    if (indent != NULL) {
        append_indent(r, indent->outer);
        cp_mustache_out_append(&r->out, indent->text, indent->len);
    }
}

static void begin_line(render_t *r)
{
    if (r->is_pending) {
        append_indent(r, r->indent);
        r->is_pending = 0;
    }
}

static int is_empty_line(const char *text, apr_size_t len)
{
    return text[0] == '\n' || (len > 1 && text[0] == '\r' && text[1] == '\n');
}

/* Empty lines stay empty: no white space at the end of a line that had none. */
static void render_text(render_t *r, const cp_mustache_op_t *op)
{
    const char *at = op->text, *end = at + op->len;

    if (r->indent == NULL) {
        cp_mustache_out_append(&r->out, at, op->len);
        r->is_pending = 0;
        return;
    }
    if (op->len == 0) {
        begin_line(r);
    }
    while (at < end) {
        const char *newline = memchr(at, '\n', end - at);
        const char *next = newline == NULL ? end : newline + 1;

        if (!is_empty_line(at, next - at)) {
            begin_line(r);
        }
        cp_mustache_out_append(&r->out, at, next - at);
        r->is_pending = 1;
        at = next;
    }
    r->is_pending = 0;
}

static const json_t *find(const context_t *context, const cp_mustache_op_t *op)
{
    const json_t *value = NULL;
    int i;

    if (op->n_path == 0) {
        return context->value;
    }
    for (; context != NULL && value == NULL; context = context->outer) {
        value = json_object_get(context->value, op->path[0]);
    }
    for (i = 1; i < op->n_path; i++) {
        value = json_object_get(value, op->path[i]);
    }
    return value;
}

static int is_falsy(const json_t *value)
{
    switch (value == NULL ? JSON_NULL : json_typeof(value)) {
    case JSON_NULL:
    case JSON_FALSE:
        return 1;
    case JSON_ARRAY:
        return json_array_size(value) == 0;
    case JSON_STRING:
        return json_string_length(value) == 0;
    case JSON_INTEGER:
        return json_integer_value(value) == 0;
    case JSON_REAL:
        return json_real_value(value) == 0;
    default:
        return 0;
    }
}

static void render_section(render_t *r, const context_t *context,
                           const cp_mustache_op_t *op)
{
    const cp_mustache_op_t *first = op + 1, *end = first + op->n_inside;
    context_t inner = {context, find(context, op)};
    const json_t *list = inner.value;
    size_t i;

    if (op->kind == CP_MUSTACHE_INVERTED) {
        if (is_falsy(list)) {
            render_ops(r, context, first, end);
        }
        return;
    }
    if (!json_is_array(list)) {
        if (!is_falsy(list)) {
            render_ops(r, &inner, first, end);
        }
        return;
    }
    for (i = 0; r->out.rv == APR_SUCCESS && i < json_array_size(list); i++) {
        inner.value = json_array_get(list, i);
        render_ops(r, &inner, first, end);
    }
}

/* A standalone tag hands its indentation on to each line; another one stands
 * in the middle of a line, and what it names keeps its own. */
static void render_template(render_t *r, const context_t *context,
                            const cp_mustache_op_t *op)
{
    const cp_mustache_template_t *target = op->target;
    indent_t indent = {r->indent, op->text, op->len};
    arguments_t arguments = {r->arguments, op + 1, op + 1 + op->n_inside};

    if (target->ops == NULL) {
        return;
    }
    if (++r->partials > PARTIALS_MAX) {
        r->out.rv = CP_ETOOLARGE;
        return;
    }
    if (op->n_inside > 0) {
        r->arguments = &arguments;
    }
    if (!op->is_alone) {
        r->indent = NULL;
    }
    else if (op->len > 0) {
        r->indent = &indent;
    }
    render_ops(r, context, target->ops, target->ops + target->n_ops);
    r->is_pending = 0;
    r->indent = indent.outer;
    r->arguments = arguments.outer;
    r->partials--;
}

/* The argument for the block `site`, or NULL. The outermost template that
 * gives one wins. Then *around is set to the arguments that its own blocks
 * are subject to: those given to the template that wrote it. */
static const cp_mustache_op_t *find_argument(const arguments_t *given,
                                             const cp_mustache_op_t *site,
                                             const arguments_t **around)
{
    const cp_mustache_op_t *found = NULL, *op;

    for (; given != NULL; given = given->outer) {
        for (op = given->first; op < given->end; op += 1 + op->n_inside) {
            if (op->block == site->block) {
                found = op;
                *around = given->outer;
                break;
            }
        }
    }
    return found;
}

static void render_block(render_t *r, const context_t *context,
                         const cp_mustache_op_t *site)
{
    const arguments_t *arguments = r->arguments;
    const cp_mustache_op_t *body =
        find_argument(arguments, site, &r->arguments);
    indent_t indent = {r->indent, site->text, site->len};

    if (body == NULL) {
        body = site;
    }
    if (site->len > 0) {
        r->indent = &indent;
    }
    render_ops(r, context, body + 1, body + 1 + body->n_inside);
    r->indent = indent.outer;
    r->arguments = arguments;
}

static void render_op(render_t *r, const context_t *context,
                      const cp_mustache_op_t *op)
{
    if (op->is_bol) {
        r->is_pending = 1;
    }
    if (op->kind == CP_MUSTACHE_TEXT) {
        render_text(r, op);
        return;
    }
    if (op->kind == CP_MUSTACHE_BLOCK) {
        render_block(r, context, op);
        return;
    }
    if (!op->is_alone) {
        begin_line(r);
    }
    switch (op->kind) {
    case CP_MUSTACHE_SECTION:
    case CP_MUSTACHE_INVERTED:
        render_section(r, context, op);
        break;
    case CP_MUSTACHE_PARTIAL:
    case CP_MUSTACHE_PARENT:
        render_template(r, context, op);
        break;
    default:
        cp_mustache_out_value(&r->out, find(context, op),
                              op->kind == CP_MUSTACHE_RAW);
        break;
    }
}

static void render_ops(render_t *r, const context_t *context,
                       const cp_mustache_op_t *op, const cp_mustache_op_t *end)
{
    if (++r->recursion > RECURSION_MAX) {
        r->out.rv = CP_ETOOLARGE;
        return;
    }
    for (; r->out.rv == APR_SUCCESS && op < end; op += 1 + op->n_inside) {
        if (++r->steps > STEPS_MAX) {
            r->out.rv = CP_ETOOLARGE;
            return;
        }
        render_op(r, context, op);
    }
    r->recursion--;
}

apr_status_t cp_mustache_render(const cp_mustache_t *set, const char *name,
                                const json_t *model, cp_mustache_text_t *text,
                                apr_pool_t *p)
{
    const cp_mustache_template_t *entry =
        apr_hash_get(set->by_name, name, APR_HASH_KEY_STRING);
    context_t top = {NULL, model};
    render_t r = {0};

    if (entry == NULL || entry->ops == NULL) {
        return APR_ENOENT;
    }
    cp_mustache_out_init(&r.out, p);
    render_ops(&r, &top, entry->ops, entry->ops + entry->n_ops);
    if (r.out.rv != APR_SUCCESS) {
        return r.out.rv;
    }
    r.out.text[r.out.len] = '\0';
    text->bytes = r.out.text;
    text->len = r.out.len;
    return APR_SUCCESS;
}
