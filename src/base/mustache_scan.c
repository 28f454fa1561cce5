/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mustache templates: from text to tokens, with every closing tag matched. */
#include "base/mustache_token.h"

#include "base/status.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

#define SOURCE_MAX (1024 * 1024)
#define NESTING_MAX 32
#define WHITE_SPACE " \t\r\n"

typedef struct scanner_t {
    cp_mustache_source_t *source;
    const char *at;
    const char *end;
    const char *line_start;
    int line;
    int open;          /* the innermost tag that waits for its close, or -1 */
    int nesting;       /* how many do */
    cp_slice_t before; /* the delimiters */
    cp_slice_t after;
} scanner_t;

static int column_of(const scanner_t *s, const char *at)
{
    return (int)(at - s->line_start) + 1;
}

static int is_at(const scanner_t *s, const char *at, cp_slice_t what)
{
    return (apr_size_t)(s->end - at) >= what.len &&
           memcmp(at, what.text, what.len) == 0;
}

static int is_white(char c)
{
    return c != '\0' && strchr(WHITE_SPACE, c) != NULL;
}

static cp_slice_t trim(cp_slice_t from)
{
    while (from.len > 0 && is_white(from.text[0])) {
        from.text++;
        from.len--;
    }
    while (from.len > 0 && is_white(from.text[from.len - 1])) {
        from.len--;
    }
    return from;
}

static apr_size_t word_length(cp_slice_t in)
{
    apr_size_t len = 0;

    while (len < in.len && !is_white(in.text[len])) {
        len++;
    }
    return len;
}

static cp_mustache_token_t *push(scanner_t *s, char kind, cp_slice_t text)
{
    cp_mustache_token_t *token = apr_array_push(s->source->tokens);

    memset(token, 0, sizeof(*token));
    token->kind = kind;
    token->text = text.text;
    token->len = text.len;
    token->line = s->line;
    token->column = column_of(s, s->at);
    token->enclosing = s->open;
    token->pair = -1;
    return token;
}

/* Move on to `to`, counting the lines passed. */
static void advance(scanner_t *s, const char *to)
{
    const char *newline;

    while ((newline = memchr(s->at, '\n', to - s->at)) != NULL) {
        s->line++;
        s->at = s->line_start = newline + 1;
    }
    s->at = to;
}

static void scan_text(scanner_t *s)
{
    const char *at = s->at;

    if (at == s->line_start) {
        while (at < s->end && (*at == ' ' || *at == '\t') &&
               !is_at(s, at, s->before)) {
            at++;
        }
        if (at > s->at) {
            push(s, CP_TOKEN_SPACE, (cp_slice_t){s->at, at - s->at});
            s->at = at;
            return;
        }
    }
    while (at < s->end && !is_at(s, at, s->before)) {
        if (*at++ == '\n') {
            break;
        }
    }
    push(s, CP_TOKEN_TEXT, (cp_slice_t){s->at, at - s->at});
    advance(s, at);
}

/* "{{=<% %>=}}": two words without white space or "=". */
static apr_status_t set_delimiters(scanner_t *s, cp_slice_t inside)
{
    cp_slice_t before = {inside.text, word_length(inside)};
    cp_slice_t after =
        trim((cp_slice_t){inside.text + before.len, inside.len - before.len});

    if (before.len == 0 || after.len == 0 || word_length(after) < after.len ||
        memchr(inside.text, '=', inside.len) != NULL) {
        return cp_mustache_fail(s->source, s->line, column_of(s, s->at),
                                "delimiters are two words without \"=\"");
    }
    s->before = before;
    s->after = after;
    return APR_SUCCESS;
}

static apr_status_t close_tag(scanner_t *s, cp_slice_t name)
{
    cp_mustache_source_t *source = s->source;
    int column = column_of(s, s->at);
    cp_mustache_token_t *open, *close;

    if (s->open < 0) {
        return cp_mustache_fail(source, s->line, column,
                                "nothing is open for {{/%.*s}} to close",
                                (int)name.len, name.text);
    }
    open = CP_TOKEN(source, s->open);
    if (open->len != name.len || memcmp(open->text, name.text, name.len) != 0) {
        return cp_mustache_fail(
            source, s->line, column,
            "{{/%.*s}} where {{%c%.*s}} of line %d is still open",
            (int)name.len, name.text, open->kind, (int)open->len, open->text,
            open->line);
    }
    close = push(s, CP_TOKEN_CLOSE, name);
    open = CP_TOKEN(source, s->open); /* the array may have moved */
    close->pair = s->open;
    close->enclosing = open->enclosing;
    open->pair = source->tokens->nelts - 1;
    s->open = open->enclosing;
    s->nesting--;
    return APR_SUCCESS;
}

static apr_status_t check_name(scanner_t *s, char kind, cp_slice_t name)
{
    int column = column_of(s, s->at);

    if (name.len == 0) {
        return cp_mustache_fail(s->source, s->line, column,
                                "a tag without a name");
    }
    if (word_length(name) < name.len) {
        return cp_mustache_fail(s->source, s->line, column,
                                "a name with white space in it");
    }
    if (s->open >= 0 && CP_TOKEN(s->source, s->open)->kind == CP_TOKEN_PARENT &&
        kind != CP_TOKEN_BLOCK && kind != CP_TOKEN_CLOSE) {
        return cp_mustache_fail(
            s->source, s->line, column,
            "only blocks, {{$name}}, may stand directly inside {{<...}}");
    }
    return APR_SUCCESS;
}

static apr_status_t open_tag(scanner_t *s, char kind, cp_slice_t name)
{
    if (++s->nesting > NESTING_MAX) {
        return cp_mustache_fail(s->source, s->line, column_of(s, s->at),
                                "more than %d tags inside each other",
                                NESTING_MAX);
    }
    push(s, kind, name);
    s->open = s->source->tokens->nelts - 1;
    return APR_SUCCESS;
}

static apr_status_t named_tag(scanner_t *s, char kind, cp_slice_t name)
{
    apr_status_t rv = check_name(s, kind, name);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    switch (kind) {
    case CP_TOKEN_SECTION:
    case CP_TOKEN_INVERTED:
    case CP_TOKEN_PARENT:
    case CP_TOKEN_BLOCK:
        return open_tag(s, kind, name);
    case CP_TOKEN_CLOSE:
        return close_tag(s, name);
    default:
        push(s, kind, name);
        return APR_SUCCESS;
    }
}

/* The end of the tag whose inside begins at `from`: `mark` ("}", "=" or
 * nothing) and the closing delimiter. NULL when there is none. */
static const char *find_end(const scanner_t *s, const char *from,
                            const char *mark)
{
    apr_size_t len = strlen(mark);

    for (; (apr_size_t)(s->end - from) >= len + s->after.len; from++) {
        if (memcmp(from, mark, len) == 0 && is_at(s, from + len, s->after)) {
            return from;
        }
    }
    return NULL;
}

static apr_status_t scan_tag(scanner_t *s)
{
    const char *inside = s->at + s->before.len, *end, *behind;
    char sigil = inside < s->end ? *inside : '\0';
    char kind = CP_TOKEN_ESCAPED;
    const char *mark = sigil == '{' ? "}" : sigil == '=' ? "=" : "";
    apr_status_t rv = APR_SUCCESS;

    if (sigil != '\0' && strchr("{&#^/><$!=", sigil) != NULL) {
        kind = sigil == '{' ? CP_TOKEN_RAW : sigil;
        inside++;
    }
    end = find_end(s, inside, mark);
    if (end == NULL) {
        return cp_mustache_fail(s->source, s->line, column_of(s, s->at),
                                "a tag without an end");
    }
    behind = end + strlen(mark) + s->after.len;
    if (kind == CP_TOKEN_COMMENT) {
        push(s, kind, (cp_slice_t){inside, end - inside});
    }
    else if (kind == CP_TOKEN_DELIMITERS) {
        push(s, kind, (cp_slice_t){inside, end - inside});
        rv = set_delimiters(s, trim((cp_slice_t){inside, end - inside}));
    }
    else {
        rv = named_tag(s, kind, trim((cp_slice_t){inside, end - inside}));
    }
    advance(s, behind);
    return rv;
}

apr_status_t cp_mustache_fail(cp_mustache_source_t *source, int line,
                              int column, const char *format, ...)
{
    va_list args;
    const char *what;

    va_start(args, format);
    what = apr_pvsprintf(source->p, format, args);
    va_end(args);
    source->error = apr_psprintf(source->p, "%s:%d:%d: %s", source->name, line,
                                 column, what);
    return CP_EINPUT;
}

int cp_mustache_is_in_parent(const cp_mustache_source_t *source, int i)
{
    int around = CP_TOKEN(source, i)->enclosing;

    return around >= 0 && CP_TOKEN(source, around)->kind == CP_TOKEN_PARENT;
}

apr_status_t cp_mustache_scan(cp_mustache_source_t *source, const char *text)
{
    scanner_t s = {source, text, text + strlen(text), text,     1,
                   -1,     0,    {"{{", 2},           {"}}", 2}};
    apr_status_t rv = APR_SUCCESS;

    if (s.end - text > SOURCE_MAX) {
        return cp_mustache_fail(source, 1, 1, "more than %d bytes", SOURCE_MAX);
    }
    while (rv == APR_SUCCESS && s.at < s.end) {
        if (is_at(&s, s.at, s.before)) {
            rv = scan_tag(&s);
        }
        else {
            scan_text(&s);
        }
    }
    if (rv == APR_SUCCESS && s.open >= 0) {
        cp_mustache_token_t *open = CP_TOKEN(source, s.open);

        rv = cp_mustache_fail(source, open->line, open->column,
                              "{{%c%.*s}} is never closed", open->kind,
                              (int)open->len, open->text);
    }
    return rv;
}
