/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Common passwords. */
#include "base/blocklist.h"

#include "base/status.h"

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (16 * 1024 * 1024)
#define REPEATED_MAX 4 /* bytes of what is said again and again */
#define WORD_MIN 4     /* letters of a word that says all */

struct cp_blocklist_t {
    apr_array_header_t *words; /* const char *, in byte order */
};

static apr_status_t read_file(char **text, const char *path, const char **error,
                              apr_pool_t *p)
{
    apr_file_t *file;
    apr_finfo_t info = {NULL};
    apr_size_t len = 0;
    apr_status_t rv =
        apr_file_open(&file, path, APR_READ | APR_BINARY, APR_OS_DEFAULT, p);

    if (rv == APR_SUCCESS) {
        rv = apr_file_info_get(&info, APR_FINFO_SIZE, file);
        if (rv == APR_SUCCESS && info.size > FILE_MAX) {
            rv = CP_ETOOLARGE;
        }
        if (rv == APR_SUCCESS) {
            *text = apr_palloc(p, (apr_size_t)info.size + 1);
            rv = apr_file_read_full(file, *text, (apr_size_t)info.size, &len);
            (*text)[len] = '\0';
        }
        (void)apr_file_close(file);
    }
    if (rv != APR_SUCCESS) {
        *error = apr_pstrcat(p, "cannot read ", path, ": ", cp_status_text(rv),
                             NULL);
    }
    return rv;
}

static int is_behind_last(const apr_array_header_t *words, const char *word)
{
    return words->nelts == 0 ||
           strcmp(APR_ARRAY_IDX(words, words->nelts - 1, const char *), word) <
               0;
}

apr_status_t cp_blocklist_read(cp_blocklist_t **list, const char *path,
                               const char **error, apr_pool_t *p)
{
    char *text = "";
    char *line;
    char *state;
    apr_status_t rv = read_file(&text, path, error, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    *list = apr_palloc(p, sizeof(**list));
    (*list)->words = apr_array_make(p, 50000, sizeof(const char *));
    for (line = apr_strtok(text, "\n", &state); line != NULL;
         line = apr_strtok(NULL, "\n", &state)) {
        if (strncmp(line, "# ", 2) == 0) {
            continue;
        }
        if (!is_behind_last((*list)->words, line)) {
            *error =
                apr_pstrcat(p, path, ": \"", line, "\" is out of order", NULL);
            return CP_EINPUT;
        }
        APR_ARRAY_PUSH((*list)->words, const char *) = line;
    }
    if ((*list)->words->nelts == 0) {
        *error = apr_pstrcat(p, path, ": there is no password in it", NULL);
        return CP_EINPUT;
    }
    return APR_SUCCESS;
}

static int compare(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

int cp_blocklist_has(const cp_blocklist_t *list, const char *word)
{
    return list != NULL &&
           bsearch(word, list->words->elts, (size_t)list->words->nelts,
                   sizeof(const char *), compare) != NULL;
}

/* The letter that a sign stands for in words such as p@ssw0rd; else itself. */
static char letter_of(char c)
{
    static const char signs[] = "@4301!$57";
    static const char letters[] = "aaeoiisst";
    const char *sign = strchr(signs, c);

    return c == '\0' || sign == NULL ? c : letters[sign - signs];
}

static void spell_out(char *text)
{
    for (; *text != '\0'; text++) {
        *text = letter_of(*text);
    }
}

static int is_letter(char c)
{
    return apr_isalpha(c) || ((unsigned char)c & 0x80);
}

/* Up to the last letter. */
static char *without_tail(const char *small, apr_pool_t *p)
{
    apr_size_t len = strlen(small);

    while (len > 0 && !is_letter(small[len - 1])) {
        len--;
    }
    return apr_pstrmemdup(p, small, len);
}

static char *without_head(char *small)
{
    while (*small != '\0' && !is_letter(*small)) {
        small++;
    }
    return small;
}

/* A word of somebody's own may have digits around it as well, and be nothing
 * but those. */
static int is_known(const cp_blocklist_t *list, const char *const *words,
                    const char *word, apr_pool_t *p)
{
    for (; words != NULL && *words != NULL && *word != '\0'; words++) {
        if (strcmp(*words, word) == 0 ||
            strcmp(without_head(without_tail(*words, p)), word) == 0) {
            return 1;
        }
    }
    return cp_blocklist_has(list, word);
}

/* Some few bytes again and again, or each the one before plus or minus one. */
static int is_pattern(const char *password)
{
    apr_size_t len = strlen(password);
    apr_size_t period;
    apr_size_t i;
    int step;

    for (period = 1; period <= REPEATED_MAX && period * 2 <= len; period++) {
        if (memcmp(password, password + period, len - period) == 0) {
            return 1;
        }
    }
    for (step = -1; step <= 1; step += 2) {
        for (i = 1; i < len && password[i] - password[i - 1] == step; i++) {
        }
        if (len > 1 && i == len) {
            return 1;
        }
    }
    return 0;
}

static int is_word(const cp_blocklist_t *list, const char *const *words,
                   const char *text, apr_pool_t *p)
{
    return strlen(text) >= WORD_MIN && is_known(list, words, text, p);
}

int cp_blocklist_refuses(const cp_blocklist_t *list, const char *const *words,
                         const char *password, apr_pool_t *p)
{
    char *small = apr_pstrdup(p, password);
    char *front;
    char *c;

    for (c = small; *c != '\0'; c++) {
        *c = (char)apr_tolower(*c);
    }
    front = without_tail(small, p);
    if (is_pattern(small) || is_known(list, words, small, p) ||
        is_word(list, words, without_head(front), p)) {
        return 1;
    }
    spell_out(without_head(front));
    if (is_word(list, words, without_head(front), p)) {
        return 1;
    }
    spell_out(front);
    return is_word(list, words, front, p);
}
