/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mustache templates: from tokens to instructions. */
#include "base/mustache_impl.h"
#include "base/mustache_token.h"

#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

/* No name has more parts than this. */
#define PARTS_MAX 16

typedef struct emitter_t {
    cp_mustache_t *set;
    cp_mustache_source_t *source;
    apr_array_header_t *ops;
    int *op_of;     /* token -> its instruction */
    char *text;     /* all text of the template, room enough */
    apr_size_t len; /* of it */
    apr_size_t run; /* where the text begins that has no instruction yet */
    int run_is_bol;
    int is_bol; /* nothing of the present line is put out yet */
} emitter_t;

static cp_mustache_op_t *push(emitter_t *e, cp_mustache_op_kind_t kind,
                              int is_bol)
{
    cp_mustache_op_t *op = apr_array_push(e->ops);

    memset(op, 0, sizeof(*op));
    op->kind = kind;
    op->is_bol = is_bol;
    op->text = "";
    return op;
}

static void push_text(emitter_t *e, int is_bol)
{
    cp_mustache_op_t *op = push(e, CP_MUSTACHE_TEXT, is_bol);

    op->text = e->text + e->run;
    op->len = e->len - e->run;
    e->run = e->len;
}

static void flush_text(emitter_t *e)
{
    if (e->len > e->run) {
        push_text(e, e->run_is_bol);
    }
}

static void add_text(emitter_t *e, const cp_mustache_token_t *token)
{
    if (token->is_gone || token->len == 0) {
        return;
    }
    if (e->len == e->run) {
        e->run_is_bol = e->is_bol;
    }
    memcpy(e->text + e->len, token->text, token->len);
    e->len += token->len;
    e->is_bol = e->text[e->len - 1] == '\n';
}

static int is_path(const char *const *path, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        if (path[i][0] == '\0' || strchr(path[i], '.') != NULL) {
            return 0;
        }
    }
    return 1;
}

/* Split "a.b.c"; "." has no parts. */
static apr_status_t set_path(emitter_t *e, cp_mustache_op_t *op,
                             const cp_mustache_token_t *token)
{
    apr_pool_t *p = e->set->p;
    char *at = apr_pstrmemdup(p, token->text, token->len);
    const char **path;
    int n = 1;

    if (strcmp(at, ".") == 0) {
        return APR_SUCCESS;
    }
    path = apr_palloc(p, PARTS_MAX * sizeof(*path));
    for (path[0] = at; *at != '\0'; at++) {
        if (*at == '.' && n < PARTS_MAX) {
            *at = '\0';
            path[n++] = at + 1;
        }
    }
    if (!is_path(path, n)) {
        return cp_mustache_fail(e->source, token->line, token->column,
                                "\"%.*s\" is not a dotted name of at most %d "
                                "parts",
                                (int)token->len, token->text, PARTS_MAX);
    }
    op->path = path;
    op->n_path = n;
    return APR_SUCCESS;
}

/* What a standalone partial or parent puts before each of its lines. */
static void set_indent(emitter_t *e, cp_mustache_op_t *op, int i)
{
    const cp_mustache_token_t *before;

    if (!op->is_alone || i == 0) {
        return;
    }
    before = CP_TOKEN(e->source, i - 1);
    if (before->kind == CP_TOKEN_SPACE) {
        op->text = apr_pstrmemdup(e->set->p, before->text, before->len);
        op->len = before->len;
    }
}

static void set_target(emitter_t *e, cp_mustache_op_t *op,
                       const cp_mustache_token_t *token)
{
    const char *name = apr_pstrmemdup(e->set->p, token->text, token->len);

    op->target = cp_mustache_refer(e->set, name, e->source->name, token->line,
                                   token->column);
}

static void set_block(emitter_t *e, cp_mustache_op_t *op,
                      const cp_mustache_token_t *token)
{
    const char *name = apr_pstrmemdup(e->set->p, token->text, token->len);

    op->block = cp_mustache_block_number(e->set, name);
    op->text = apr_pstrmemdup(e->set->p, token->indent, token->indent_len);
    op->len = token->indent_len;
}

static cp_mustache_op_kind_t kind_of(const cp_mustache_token_t *token)
{
    switch (token->kind) {
    case CP_TOKEN_RAW:
        return CP_MUSTACHE_RAW;
    case CP_TOKEN_SECTION:
        return CP_MUSTACHE_SECTION;
    case CP_TOKEN_INVERTED:
        return CP_MUSTACHE_INVERTED;
    case CP_TOKEN_PARTIAL:
        return CP_MUSTACHE_PARTIAL;
    case CP_TOKEN_PARENT:
        return CP_MUSTACHE_PARENT;
    case CP_TOKEN_BLOCK:
        return CP_MUSTACHE_BLOCK;
    default:
        return CP_MUSTACHE_ESCAPED;
    }
}

static apr_status_t add_op(emitter_t *e, int i)
{
    const cp_mustache_token_t *token = CP_TOKEN(e->source, i);
    cp_mustache_op_t *op;

    flush_text(e);
    e->op_of[i] = e->ops->nelts;
    op = push(e, kind_of(token), e->is_bol);
    op->is_alone = token->is_alone;
    /* The body of a block begins where the block does, in whatever template
     * that is; every other lone tag leaves the line it was on. */
    e->is_bol = token->is_alone && token->kind != CP_TOKEN_BLOCK;
    switch (op->kind) {
    case CP_MUSTACHE_PARENT:
    case CP_MUSTACHE_PARTIAL:
        set_indent(e, op, i);
        set_target(e, op, token);
        return APR_SUCCESS;
    case CP_MUSTACHE_BLOCK:
        set_block(e, op, token);
        return APR_SUCCESS;
    default:
        return set_path(e, op, token);
    }
}

static void close_op(emitter_t *e, const cp_mustache_token_t *token)
{
    int opened = e->op_of[token->pair];

    flush_text(e);
    if (e->is_bol && !token->is_alone &&
        CP_TOKEN(e->source, token->pair)->kind != CP_TOKEN_PARENT) {
        push_text(e, 1); /* the indentation of a line that begins with {{/ */
    }
    APR_ARRAY_IDX(e->ops, opened, cp_mustache_op_t).n_inside =
        e->ops->nelts - opened - 1;
    e->is_bol = token->is_alone;
}

static apr_status_t emit_token(emitter_t *e, int i)
{
    const cp_mustache_token_t *token = CP_TOKEN(e->source, i);

    switch (token->kind) {
    case CP_TOKEN_SPACE:
    case CP_TOKEN_TEXT:
        if (!cp_mustache_is_in_parent(e->source, i)) {
            add_text(e, token);
        }
        return APR_SUCCESS;
    case CP_TOKEN_COMMENT:
    case CP_TOKEN_DELIMITERS:
        return APR_SUCCESS;
    case CP_TOKEN_CLOSE:
        close_op(e, token);
        return APR_SUCCESS;
    default:
        return add_op(e, i);
    }
}

static apr_status_t emit(emitter_t *e, cp_mustache_template_t *into)
{
    apr_status_t rv = APR_SUCCESS;
    cp_mustache_op_t *ops;
    int i;

    for (i = 0; rv == APR_SUCCESS && i < e->source->tokens->nelts; i++) {
        rv = emit_token(e, i);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    flush_text(e);
    into->n_ops = e->ops->nelts;
    ops = apr_palloc(e->set->p, (into->n_ops + 1) * sizeof(*ops));
    memcpy(ops, e->ops->elts, into->n_ops * sizeof(*ops));
    into->ops = ops;
    return APR_SUCCESS;
}

apr_status_t cp_mustache_parse(cp_mustache_t *set, cp_mustache_template_t *into,
                               const char *text, const char **error,
                               apr_pool_t *scratch)
{
    cp_mustache_source_t source = {into->name, NULL, NULL, scratch};
    emitter_t e = {set, &source};
    apr_status_t rv;

    source.tokens = apr_array_make(scratch, 64, sizeof(cp_mustache_token_t));
    rv = cp_mustache_scan(&source, text);
    if (rv == APR_SUCCESS) {
        cp_mustache_layout(&source);
        e.ops = apr_array_make(scratch, 64, sizeof(cp_mustache_op_t));
        e.op_of = apr_palloc(scratch, source.tokens->nelts * sizeof(int));
        e.text = apr_palloc(set->p, strlen(text) + 1);
        e.is_bol = 1;
        rv = emit(&e, into);
    }
    if (rv != APR_SUCCESS) {
        *error = apr_pstrdup(set->p, source.error);
    }
    return rv;
}
