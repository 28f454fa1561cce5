/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The catalogue of named statements. */
#include "db/catalog.h"

#include "base/status.h"
#include "db/sqlfile.h"
#include "db/sqltext.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* The label is longer, and PostgreSQL cuts one at 63 bytes. */
#define NAME_BYTES_MAX 40
#define HEADER "-- name:"

typedef struct entry_t {
    cp_statement_t statement;
    const cp_statement_t *shipped; /* what an override is measured against */
    int is_for_driver;
} entry_t;

struct cp_catalog_t {
    const char *driver;
    apr_hash_t *entries; /* name: entry_t */
    apr_hash_t *headers; /* "name (driver)", also of other drivers: origin */
    apr_pool_t *pool;
};

/* One statement of a file while it is read. */
typedef struct section_t {
    const char *name;
    const char *driver; /* "" for all */
    const char *text;
    const char *origin;
} section_t;

cp_catalog_t *cp_catalog_make(const char *driver, apr_pool_t *p)
{
    cp_catalog_t *catalog = apr_pcalloc(p, sizeof(*catalog));

    catalog->driver = apr_pstrdup(p, driver);
    catalog->entries = apr_hash_make(p);
    catalog->headers = apr_hash_make(p);
    catalog->pool = p;
    return catalog;
}

static apr_status_t complain(const cp_catalog_t *catalog, const char **error,
                             const char *origin, const char *why)
{
    *error = apr_pstrcat(catalog->pool, origin, ": ", why, NULL);
    return CP_EINPUT;
}

static int is_name(const char *name)
{
    apr_size_t i;

    for (i = 0; name[i] != '\0'; i++) {
        if (!apr_islower(name[i]) && name[i] != '_' && !apr_isdigit(name[i])) {
            return 0;
        }
    }
    return apr_islower(*name) && i <= NAME_BYTES_MAX;
}

/* Note a header; refuse the second of the same name and driver. */
static apr_status_t note_header(cp_catalog_t *catalog, const section_t *section,
                                const char **error)
{
    const char *key =
        apr_pstrcat(catalog->pool, section->name, " ", section->driver, NULL);
    const char *first =
        apr_hash_get(catalog->headers, key, APR_HASH_KEY_STRING);

    if (first != NULL) {
        return complain(catalog, error, section->origin,
                        apr_pstrcat(catalog->pool, section->name,
                                    " is already at ", first, NULL));
    }
    apr_hash_set(catalog->headers, key, APR_HASH_KEY_STRING, section->origin);
    return APR_SUCCESS;
}

/* Text for another driver is checked all the same, then left out. */
static apr_status_t add_section(cp_catalog_t *catalog, const section_t *section,
                                const char **error)
{
    int is_common = *section->driver == '\0';
    const char *driver = is_common ? catalog->driver : section->driver;
    const char *why = NULL;
    entry_t *entry = apr_pcalloc(catalog->pool, sizeof(*entry));
    entry_t *old;

    if (note_header(catalog, section, error) != APR_SUCCESS) {
        return CP_EINPUT;
    }
    if (cp_sqltext_translate(&entry->statement, section->text, driver, &why,
                             catalog->pool) != APR_SUCCESS) {
        return complain(
            catalog, error, section->origin,
            apr_pstrcat(catalog->pool, section->name, ": ", why, NULL));
    }
    entry->statement.name = section->name;
    entry->statement.origin = section->origin;
    entry->is_for_driver = !is_common;
    entry->shipped = &entry->statement;
    old = apr_hash_get(catalog->entries, section->name, APR_HASH_KEY_STRING);
    if (strcmp(driver, catalog->driver) == 0 &&
        (old == NULL || !old->is_for_driver)) {
        apr_hash_set(catalog->entries, section->name, APR_HASH_KEY_STRING,
                     entry);
    }
    return APR_SUCCESS;
}

/* "session_find" or "session_find (pgsql)". */
static apr_status_t read_header(cp_catalog_t *catalog, section_t *section,
                                char *line, const char **error)
{
    char *rest = line;
    const char *name = apr_strtok(line, " \t\r", &rest);
    const char *driver = apr_strtok(NULL, " \t\r", &rest);

    if (name == NULL || !is_name(name)) {
        return complain(catalog, error, section->origin,
                        "a name has small letters, digits and _, at most 40");
    }
    section->name = name;
    section->driver = "";
    if (driver != NULL && strcmp(driver, "(pgsql)") == 0) {
        section->driver = "pgsql";
    }
    else if (driver != NULL && strcmp(driver, "(sqlite3)") == 0) {
        section->driver = "sqlite3";
    }
    else if (driver != NULL) {
        return complain(catalog, error, section->origin,
                        "a driver is (pgsql) or (sqlite3)");
    }
    if (apr_strtok(NULL, " \t\r", &rest) != NULL) {
        return complain(catalog, error, section->origin,
                        "there is something after the name");
    }
    return APR_SUCCESS;
}

/* Only comments and blank lines may come before the first name. */
static int is_preamble(const char *line, apr_size_t len)
{
    apr_size_t i = 0;

    while (i < len && apr_isspace(line[i])) {
        i++;
    }
    return i == len || strncmp(line + i, "--", 2) == 0;
}

/* text is at the start of a line. */
static const char *end_of_section(const char *text)
{
    const char *header = strstr(text, "\n" HEADER);

    if (strncmp(text, HEADER, strlen(HEADER)) == 0) {
        return text;
    }
    return header == NULL ? text + strlen(text) : header + 1;
}

static apr_status_t read_text(cp_catalog_t *catalog, const char *text,
                              const char *path, const char **error)
{
    section_t section = {NULL, NULL, NULL, NULL};
    apr_pool_t *p = catalog->pool;
    const char *line = text;
    int number = 1;

    for (; *line != '\0'; number++) {
        apr_size_t len = strcspn(line, "\n");
        int is_header = strncmp(line, HEADER, strlen(HEADER)) == 0;
        const char *next = line + len + (line[len] == '\n');

        if (is_header) {
            char *words =
                apr_pstrmemdup(p, line + strlen(HEADER), len - strlen(HEADER));

            section.origin = apr_psprintf(p, "%s:%d", path, number);
            section.text = apr_pstrmemdup(
                p, next, (apr_size_t)(end_of_section(next) - next));
            if (read_header(catalog, &section, words, error) != APR_SUCCESS ||
                add_section(catalog, &section, error) != APR_SUCCESS) {
                return CP_EINPUT;
            }
        }
        else if (section.name == NULL && !is_preamble(line, len)) {
            return complain(catalog, error,
                            apr_psprintf(p, "%s:%d", path, number),
                            "there is text before the first name");
        }
        line = next;
    }
    return APR_SUCCESS;
}

apr_status_t cp_catalog_read(cp_catalog_t *catalog, const char *directory,
                             const char **error, apr_pool_t *p)
{
    apr_array_header_t *names;
    apr_status_t rv = cp_sqlfile_list(&names, directory, p);
    int i;

    if (rv != APR_SUCCESS) {
        *error = apr_psprintf(p, "%s cannot be read: %s", directory,
                              cp_status_text(rv));
        return rv;
    }
    if (names->nelts == 0) {
        return complain(catalog, error, directory, "there is no *.sql file");
    }
    for (i = 0; i < names->nelts && rv == APR_SUCCESS; i++) {
        const char *path =
            apr_pstrcat(catalog->pool, directory, "/",
                        APR_ARRAY_IDX(names, i, const char *), NULL);
        const char *text;

        rv = cp_sqlfile_read(&text, path, error, p);
        if (rv == APR_SUCCESS) {
            rv = read_text(catalog, text, path, error);
        }
    }
    return rv;
}

/* The rules bind values of the shipped statement's parameters and no others. */
static int has_param(const cp_statement_t *statement,
                     const cp_sql_param_t *param)
{
    int i;

    for (i = 0; i < statement->param_count; i++) {
        if (strcmp(statement->params[i].name, param->name) == 0 &&
            statement->params[i].type == param->type) {
            return 1;
        }
    }
    return 0;
}

apr_status_t cp_catalog_override(cp_catalog_t *catalog, const char *name,
                                 const char *sql, const char *origin,
                                 const char **error)
{
    apr_pool_t *p = catalog->pool;
    entry_t *old = apr_hash_get(catalog->entries, name, APR_HASH_KEY_STRING);
    entry_t *entry = apr_pcalloc(p, sizeof(*entry));
    const char *why = NULL;
    int i;

    if (old == NULL) {
        return complain(catalog, error, origin,
                        apr_pstrcat(p, "there is no statement ", name, NULL));
    }
    if (cp_sqltext_translate(&entry->statement, sql, catalog->driver, &why,
                             p) != APR_SUCCESS) {
        return complain(catalog, error, origin,
                        apr_pstrcat(p, name, ": ", why, NULL));
    }
    for (i = 0; i < entry->statement.param_count; i++) {
        const cp_sql_param_t *param = &entry->statement.params[i];

        if (!has_param(old->shipped, param)) {
            return complain(catalog, error, origin,
                            apr_pstrcat(p, name, ": the shipped statement has ",
                                        "no parameter :", param->name,
                                        param->type == CP_SQL_INT ? ":int" : "",
                                        NULL));
        }
    }
    entry->statement.name = old->statement.name;
    entry->statement.origin = apr_pstrdup(p, origin);
    entry->shipped = old->shipped;
    entry->is_for_driver = old->is_for_driver;
    apr_hash_set(catalog->entries, entry->statement.name, APR_HASH_KEY_STRING,
                 entry);
    return APR_SUCCESS;
}

const cp_statement_t *cp_catalog_find(const cp_catalog_t *catalog,
                                      const char *name)
{
    entry_t *entry = apr_hash_get(catalog->entries, name, APR_HASH_KEY_STRING);

    return entry == NULL ? NULL : &entry->statement;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

apr_array_header_t *cp_catalog_names(const cp_catalog_t *catalog, apr_pool_t *p)
{
    apr_array_header_t *names = apr_array_make(p, 64, sizeof(const char *));
    apr_hash_index_t *index;

    for (index = apr_hash_first(p, catalog->entries); index != NULL;
         index = apr_hash_next(index)) {
        APR_ARRAY_PUSH(names, const char *) = apr_hash_this_key(index);
    }
    qsort(names->elts, (size_t)names->nelts, sizeof(const char *),
          compare_names);
    return names;
}

const char *cp_catalog_driver(const cp_catalog_t *catalog)
{
    return catalog->driver;
}
