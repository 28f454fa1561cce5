/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to the Mustache engine: what lies between the text of a template
 * and its instructions. A template is scanned into tokens, laid out (which
 * white space goes away with the tag beside it), and then emitted. */
#ifndef CP_MUSTACHE_TOKEN_H
#define CP_MUSTACHE_TOKEN_H

#include <apr_pools.h>
#include <apr_tables.h>

/* The kind of a tag is the character that tells it. A text token holds at
 * most one newline, as its last character; the white space before the first
 * other character of a line is a token of its own. */
enum {
    CP_TOKEN_SPACE = ' ',
    CP_TOKEN_TEXT = 't',
    CP_TOKEN_ESCAPED = 'v',
    CP_TOKEN_RAW = '&',
    CP_TOKEN_SECTION = '#',
    CP_TOKEN_INVERTED = '^',
    CP_TOKEN_CLOSE = '/',
    CP_TOKEN_PARTIAL = '>',
    CP_TOKEN_PARENT = '<',
    CP_TOKEN_BLOCK = '$',
    CP_TOKEN_COMMENT = '!',
    CP_TOKEN_DELIMITERS = '='
};

typedef struct cp_mustache_token_t {
    char kind;
    unsigned int is_gone : 1;  /* white space that is not put out */
    unsigned int is_alone : 1; /* a standalone tag */
    const char *text;          /* the text, or the name in the tag */
    apr_size_t len;
    int line;           /* from 1 */
    int column;         /* in bytes, from 1 */
    int enclosing;      /* the innermost open tag around it, or -1 */
    int pair;           /* of an opening tag its closing one, and back; or -1 */
    const char *indent; /* of a block: taken off its lines, put on again where
                           it is expanded */
    apr_size_t indent_len;
} cp_mustache_token_t;

/* Part of a text; not ended by NUL. */
typedef struct cp_slice_t {
    const char *text;
    apr_size_t len;
} cp_slice_t;

typedef struct cp_mustache_source_t {
    const char *name; /* of the template, for errors */
    apr_array_header_t *tokens;
    const char *error; /* set by the call that returns CP_EINPUT; in p */
    apr_pool_t *p;
} cp_mustache_source_t;

#define CP_TOKEN(source, i)                                                    \
    (&APR_ARRAY_IDX((source)->tokens, i, cp_mustache_token_t))

/* Token i stands directly inside {{<parent}}: ignored, unless it is a block,
 * which is then an argument. */
int cp_mustache_is_in_parent(const cp_mustache_source_t *source, int i);

/* Set source->error to "name:line:column: ..."; returns CP_EINPUT. */
apr_status_t cp_mustache_fail(cp_mustache_source_t *source, int line,
                              int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Fill source->tokens. CP_EINPUT: not a template. */
apr_status_t cp_mustache_scan(cp_mustache_source_t *source, const char *text);

/* Mark the standalone tags and the white space that goes with them, and take
 * the indentation of blocks off their lines. */
void cp_mustache_layout(cp_mustache_source_t *source);

#endif
