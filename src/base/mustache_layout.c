/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mustache templates: which white space goes away with the tag beside it
 * (the "standalone" rules of the specification), and what the indentation of
 * a block is. */
#include "base/mustache_token.h"

#include <string.h>

static int ends_with_newline(const cp_mustache_token_t *token)
{
    return token->kind == CP_TOKEN_TEXT && token->len > 0 &&
           token->text[token->len - 1] == '\n';
}

/* Nothing but white space, up to the end of a line. */
static int is_rest_of_line(const cp_mustache_source_t *source, int i)
{
    const cp_mustache_token_t *token;

    if (i == source->tokens->nelts) {
        return 1;
    }
    token = CP_TOKEN(source, i);
    if (token->kind != CP_TOKEN_TEXT ||
        strspn(token->text, " \t\r\n") < token->len) {
        return 0;
    }
    return ends_with_newline(token) || i + 1 == source->tokens->nelts;
}

/* Token i is the first of its line. */
static int begins_line(const cp_mustache_source_t *source, int i)
{
    return i == 0 || ends_with_newline(CP_TOKEN(source, i - 1));
}

/* Token i is the first of its line but for white space. */
static int is_first(const cp_mustache_source_t *source, int i)
{
    return begins_line(source, i) ||
           CP_TOKEN(source, i - 1)->kind == CP_TOKEN_SPACE;
}

/* The white space before token i, which is the first of its line. */
static cp_slice_t space_before(const cp_mustache_source_t *source, int i)
{
    cp_slice_t none = {"", 0};
    const cp_mustache_token_t *token;

    if (i == 0) {
        return none;
    }
    token = CP_TOKEN(source, i - 1);
    return token->kind == CP_TOKEN_SPACE ? (cp_slice_t){token->text, token->len}
                                         : none;
}

static int stands_alone(const cp_mustache_source_t *source, int i)
{
    const cp_mustache_token_t *token = CP_TOKEN(source, i);

    switch (token->kind) {
    case CP_TOKEN_SECTION:
    case CP_TOKEN_INVERTED:
    case CP_TOKEN_PARTIAL:
    case CP_TOKEN_COMMENT:
    case CP_TOKEN_DELIMITERS:
        return is_first(source, i) && is_rest_of_line(source, i + 1);
    case CP_TOKEN_PARENT:
        return is_first(source, i) && is_rest_of_line(source, token->pair + 1);
    case CP_TOKEN_BLOCK:
        /* What stands around an argument is ignored anyway. */
        return (is_first(source, i) || cp_mustache_is_in_parent(source, i)) &&
               is_rest_of_line(source, i + 1);
    case CP_TOKEN_CLOSE:
        if (CP_TOKEN(source, token->pair)->kind == CP_TOKEN_PARENT) {
            return CP_TOKEN(source, token->pair)->is_alone;
        }
        return is_first(source, i) &&
               (is_rest_of_line(source, i + 1) ||
                cp_mustache_is_in_parent(source, token->pair));
    default:
        return 0;
    }
}

static void mark_gone(cp_mustache_source_t *source, int i)
{
    if (i >= 0 && i < source->tokens->nelts) {
        CP_TOKEN(source, i)->is_gone = 1;
    }
}

static void mark_standalone(cp_mustache_source_t *source, int i)
{
    cp_mustache_token_t *token = CP_TOKEN(source, i);

    if (!stands_alone(source, i)) {
        return;
    }
    token->is_alone = 1;
    if (is_first(source, i) && !begins_line(source, i)) {
        mark_gone(source, i - 1);
    }
    if (token->kind != CP_TOKEN_PARENT && is_rest_of_line(source, i + 1)) {
        mark_gone(source, i + 1);
    }
}

static cp_slice_t common_start(cp_slice_t a, cp_slice_t b)
{
    apr_size_t len = 0;

    while (len < a.len && len < b.len && a.text[len] == b.text[len]) {
        len++;
    }
    return (cp_slice_t){a.text, len};
}

/* Does the line whose first token but white space is i put anything out? */
static int is_visible(const cp_mustache_source_t *source, int i)
{
    const cp_mustache_token_t *token = CP_TOKEN(source, i);

    if (is_rest_of_line(source, i)) {
        return 0;
    }
    return !token->is_alone || token->kind == CP_TOKEN_PARTIAL ||
           token->kind == CP_TOKEN_PARENT || token->kind == CP_TOKEN_BLOCK;
}

/* The indentation that all lines of block i have. Where the tag opens its
 * line and text follows, that line counts too. */
static cp_slice_t block_indentation(const cp_mustache_source_t *source, int i)
{
    const cp_mustache_token_t *block = CP_TOKEN(source, i);
    cp_slice_t common = {NULL, 0};
    cp_slice_t own = space_before(source, i);
    int k;

    if (!block->is_alone) {
        common = own;
        if (!is_first(source, i)) {
            return (cp_slice_t){"", 0};
        }
    }
    for (k = i + 1; k <= block->pair; k++) {
        int is_space = CP_TOKEN(source, k)->kind == CP_TOKEN_SPACE;
        cp_slice_t space = {"", 0};

        if (!begins_line(source, k) || !is_visible(source, k + is_space)) {
            continue;
        }
        if (is_space) {
            space = space_before(source, k + 1);
        }
        common = common.text == NULL ? space : common_start(common, space);
    }
    return common.text == NULL ? own : common;
}

/* Settle the indentation of block i. The blocks around it come first, so that
 * what is left on its lines is relative to theirs. */
static void indent_block(cp_mustache_source_t *source, int i)
{
    cp_mustache_token_t *block = CP_TOKEN(source, i);
    cp_slice_t indent = block_indentation(source, i);
    cp_slice_t own = space_before(source, i);
    int k;

    block->indent = indent.text;
    block->indent_len = indent.len;
    for (k = i + 1; k < block->pair; k++) {
        cp_mustache_token_t *token = CP_TOKEN(source, k);

        if (token->kind == CP_TOKEN_SPACE && begins_line(source, k)) {
            cp_slice_t space = {token->text, token->len};
            apr_size_t len = common_start(space, indent).len;

            token->text += len;
            token->len -= len;
        }
    }
    if (own.len > 0 && own.len == indent.len) {
        mark_gone(source, i - 1);
    }
}

void cp_mustache_layout(cp_mustache_source_t *source)
{
    int i;

    for (i = 0; i < source->tokens->nelts; i++) {
        mark_standalone(source, i);
    }
    for (i = 0; i < source->tokens->nelts; i++) {
        if (CP_TOKEN(source, i)->kind == CP_TOKEN_BLOCK) {
            indent_block(source, i);
        }
    }
}
