/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Turns named parameters into those of apr_dbd. */
#include "db/sqltext.h"

#include "base/status.h"
#include "base/token.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

typedef struct translation_t {
    const char *driver;
    char *out;
    apr_array_header_t *params; /* cp_sql_param_t */
    const char **error;
    apr_pool_t *pool;
} translation_t;

static const char *skip_quoted(const char *s)
{
    char quote = *s++;

    while (*s != '\0') {
        if (*s != quote) {
            s++;
        }
        else if (s[1] == quote) {
            s += 2;
        }
        else {
            return s + 1;
        }
    }
    return NULL;
}

int cp_sqltext_is_comment(const char *s)
{
    return (s[0] == '-' && s[1] == '-') || (s[0] == '/' && s[1] == '*');
}

const char *cp_sqltext_skip(const char *s)
{
    const char *end;

    if (*s == '\'' || *s == '"') {
        return skip_quoted(s);
    }
    if (!cp_sqltext_is_comment(s)) {
        return s;
    }
    if (*s == '-') {
        return s + strcspn(s, "\n");
    }
    end = strstr(s + 2, "*/");
    return end == NULL ? NULL : end + 2;
}

/* apr_dbd_prepare reads % everywhere, in quoted text too. */
static void copy(translation_t *t, const char *from, const char *to)
{
    for (; from < to; from++) {
        if (*from == '%') {
            *t->out++ = '%';
        }
        *t->out++ = *from;
    }
}

static apr_status_t refuse(translation_t *t, const char *why)
{
    *t->error = why;
    return CP_EINPUT;
}

static int is_word(char c)
{
    return apr_islower(c) || apr_isdigit(c) || c == '_';
}

static const char *end_of_word(const char *s)
{
    while (is_word(*s)) {
        s++;
    }
    return s;
}

/* A column alias with a colon: what follows the colon is a type. */
static apr_status_t check_alias(translation_t *t, const char *from,
                                const char *to)
{
    const char *colon = memchr(from, ':', (size_t)(to - from));
    const char *type;

    if (*from != '"' || colon == NULL) {
        return APR_SUCCESS;
    }
    type = apr_pstrmemdup(t->pool, colon + 1, (apr_size_t)(to - colon - 2));
    if (strcmp(type, "int") != 0 && strcmp(type, "bool") != 0) {
        return refuse(
            t, apr_psprintf(t->pool, "\"%s\" is not a column type", type));
    }
    return APR_SUCCESS;
}

static apr_status_t add_param(translation_t *t, const cp_sql_param_t *param)
{
    int i;

    for (i = 0; i < t->params->nelts; i++) {
        const cp_sql_param_t *old =
            &APR_ARRAY_IDX(t->params, i, cp_sql_param_t);

        if (strcmp(old->name, param->name) == 0 && old->type != param->type) {
            return refuse(
                t, apr_psprintf(t->pool, ":%s has two types", param->name));
        }
    }
    APR_ARRAY_PUSH(t->params, cp_sql_param_t) = *param;
    return APR_SUCCESS;
}

/* *s is at the colon of :name or :name:int. */
static apr_status_t translate_param(translation_t *t, const char **s)
{
    const char *name = *s + 1;
    const char *end = end_of_word(name);
    const char *format;
    cp_sql_param_t param = {NULL, CP_SQL_TEXT};

    param.name = apr_pstrmemdup(t->pool, name, (apr_size_t)(end - name));
    if (!apr_islower(*name) || apr_isalpha(*end)) {
        return refuse(t, "a parameter's name has small letters, digits and _");
    }
    if (end[0] == ':' && (apr_isalnum(end[1]) || end[1] == '_')) {
        const char *type = end + 1;

        end = end_of_word(type);
        if (end - type != 3 || memcmp(type, "int", 3) != 0 ||
            apr_isalpha(*end)) {
            return refuse(t, apr_psprintf(t->pool, ":%s has an unknown type",
                                          param.name));
        }
        param.type = CP_SQL_INT;
    }
    format = param.type == CP_SQL_INT ? "%lld" : "%s";
    memcpy(t->out, format, strlen(format));
    t->out += strlen(format);
    *s = end;
    return add_param(t, &param);
}

static apr_status_t translate_skipped(translation_t *t, const char **s)
{
    const char *end = cp_sqltext_skip(*s);
    apr_status_t rv = APR_SUCCESS;

    if (end == NULL) {
        return refuse(t, "a quoted text or comment has no end");
    }
    if (cp_sqltext_is_comment(*s)) {
        *t->out++ = ' ';
    }
    else {
        rv = check_alias(t, *s, end);
        copy(t, *s, end);
    }
    *s = end;
    return rv;
}

/* A semicolon may only stand at the end: the drivers disagree on what a second
 * statement does. */
static apr_status_t translate_end(translation_t *t, const char **s)
{
    const char *rest = *s + 1;

    while (*rest != '\0') {
        const char *end =
            cp_sqltext_is_comment(rest) ? cp_sqltext_skip(rest) : rest;

        if (end == rest && apr_isspace(*rest)) {
            end = rest + 1;
        }
        if (end == NULL || end == rest) {
            return refuse(t, "there is more than one statement");
        }
        rest = end;
    }
    *s = rest;
    return APR_SUCCESS;
}

static apr_status_t translate_next(translation_t *t, const char **s)
{
    if (cp_sqltext_skip(*s) != *s) {
        return translate_skipped(t, s);
    }
    if (**s == ';') {
        return translate_end(t, s);
    }
    if (**s == ':' && (apr_isalpha((*s)[1]) || (*s)[1] == '_')) {
        return translate_param(t, s);
    }
    /* SQLite's own parameters would bind to nothing and read as NULL. */
    if (strchr("?@$", **s) != NULL && strcmp(t->driver, "sqlite3") == 0) {
        return refuse(t, apr_psprintf(t->pool, "%c is not allowed here", **s));
    }
    copy(t, *s, *s + 1);
    (*s)++;
    if ((*s)[-1] == ':' && **s == ':') {
        copy(t, *s, *s + 1);
        (*s)++;
    }
    return APR_SUCCESS;
}

apr_status_t cp_sqltext_translate(cp_statement_t *statement, const char *text,
                                  const char *driver, const char **error,
                                  apr_pool_t *p)
{
    /* Nothing grows to more than twice its length, and that is "%". */
    char *buffer = apr_pcalloc(p, 2 * strlen(text) + 1);
    translation_t t = {driver, buffer, NULL, error, p};

    t.params = apr_array_make(p, 8, sizeof(cp_sql_param_t));
    while (*text != '\0') {
        apr_status_t rv = translate_next(&t, &text);

        if (rv != APR_SUCCESS) {
            return rv;
        }
    }
    while (t.out > buffer && apr_isspace(t.out[-1])) {
        t.out--;
    }
    *t.out = '\0';
    while (apr_isspace(*buffer)) {
        buffer++;
    }
    if (*buffer == '\0') {
        return refuse(&t, "it has no text");
    }
    statement->sql = buffer;
    statement->params = (const cp_sql_param_t *)t.params->elts;
    statement->param_count = t.params->nelts;
    statement->key = cp_token_digest(buffer, p);
    return APR_SUCCESS;
}
