/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Files that documents no longer use. They stay for a week, so that a copy of
 * the directory has every file that an earlier dump of the database names, and
 * then go with the next import.
 *
 * They stand in a list in the directory itself, each with its document and the
 * moment. It is written before the COMMIT and says only which files to look at
 * again: whether one goes is for the document's row to say then. So the new
 * files stand there too, until the COMMIT has worked. */
#include "clinic/import_impl.h"

#include "base/json.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LIST ".retired"
#define LIST_MAX (256 * 1024 * 1024) /* a million files */
#define KEPT_FOR apr_time_from_sec(7 * 24 * 3600)
#define NAME_LENGTH 64

/* Whether an import has given the name: SHA-256 in hexadecimal. */
static int is_name(const char *name)
{
    return strlen(name) == NAME_LENGTH &&
           strspn(name, "0123456789abcdef") == NAME_LENGTH;
}

/* An entry with less than that tells of no file. */
static int is_complete(const char *name, const json_t *entry)
{
    return is_name(name) && cp_json_string(entry, "clinic_id", NULL) != NULL &&
           cp_json_string(entry, "document_id", NULL) != NULL &&
           json_is_integer(json_object_get(entry, "retired_at"));
}

static apr_status_t read_list(const cp_import_t *import,
                              cp_import_content_t *content)
{
    int file = openat(import->directory, LIST,
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    apr_status_t rv;

    if (file < 0) {
        return errno == ENOENT ? APR_SUCCESS : cp_status_of_errno();
    }
    rv = cp_import_read_all(file, LIST_MAX, content, import->scratch);
    (void)close(file);
    return rv;
}

static apr_status_t parse(cp_import_t *import,
                          const cp_import_content_t *content)
{
    const char *name;
    json_t *entry;
    void *next;

    import->retired = cp_json_own(
        json_loadb(content->bytes, content->len, JSON_REJECT_DUPLICATES, NULL),
        import->pool);
    if (!json_is_object(import->retired)) {
        return APR_EGENERAL;
    }
    json_object_foreach_safe(import->retired, next, name, entry)
    {
        if (!is_complete(name, entry)) {
            (void)json_object_del(import->retired, name); /* it is there */
        }
    }
    return APR_SUCCESS;
}

apr_status_t cp_import_read_retired(cp_import_t *import)
{
    cp_import_content_t content = {"{}", 2};
    apr_status_t rv;

    if (import->directory < 0) {
        return APR_SUCCESS;
    }
    rv = read_list(import, &content);
    if (rv == APR_SUCCESS) {
        rv = parse(import, &content);
    }
    if (rv != APR_SUCCESS) {
        cp_log(import->cx->port, CP_LOG_ERROR, rv,
               CP_TAG(0565) "the list of old files (" LIST
                            " in the directory of documents) cannot be read, "
                            "or is damaged");
    }
    return rv;
}

apr_status_t cp_import_retire(cp_import_t *import, const char *name,
                              const char *document_id)
{
    apr_time_t now = cp_now(import->cx->port); /* the import may be old */

    if (!is_name(name)) {
        return APR_SUCCESS; /* not of an import: not ours to remove */
    }
    import->has_new_retired = 1;
    return json_object_set_new(import->retired, name,
                               json_pack("{s:s, s:s, s:I}", "clinic_id",
                                         import->clinic_id, "document_id",
                                         document_id, "retired_at",
                                         (json_int_t)now)) == 0
               ? APR_SUCCESS
               : APR_ENOMEM;
}

/* jansson's length of a failure is 0. */
static apr_status_t write_list(const cp_import_t *import)
{
    apr_size_t len = json_dumpb(import->retired, NULL, 0, JSON_COMPACT);
    cp_import_content_t content = {NULL, len};
    char *bytes;

    if (len > LIST_MAX) {
        return CP_ETOOLARGE;
    }
    content.bytes = bytes = apr_palloc(import->scratch, len);
    if (len == 0 ||
        json_dumpb(import->retired, bytes, len, JSON_COMPACT) != len) {
        return APR_ENOMEM;
    }
    return cp_import_write_file(import, LIST, &content);
}

static void complain(const cp_import_t *import, apr_status_t rv)
{
    if (rv == CP_ETOOLARGE) {
        cp_log(import->cx->port, CP_LOG_ERROR, rv,
               CP_TAG(0568) "the list of old files of documents (" LIST
                            " in their directory) is full: too many have "
                            "become old within seven days");
    }
    else {
        cp_log(import->cx->port, CP_LOG_ERROR, rv,
               CP_TAG(0566) "the list of old files of documents (" LIST
                            " in their directory) cannot be written");
    }
}

apr_status_t cp_import_write_retired(cp_import_t *import)
{
    apr_status_t rv;

    if (!import->has_new_retired) {
        return APR_SUCCESS;
    }
    rv = write_list(import);
    if (rv == APR_SUCCESS) {
        return cp_import_sync_directory(import);
    }
    complain(import, rv);
    return rv;
}

/* Whether the document has this file again, or still: its import may have
 * failed, and a dump may have been put back. */
static apr_status_t is_used(const cp_import_t *import, const char *name,
                            const json_t *entry, int *result)
{
    json_t *row = NULL;
    apr_status_t rv =
        cp_db_find(import->cx->db, "import_find_document",
                   json_pack("{s:s, s:s}", "clinic_id",
                             cp_json_string(entry, "clinic_id", ""), "id",
                             cp_json_string(entry, "document_id", "")),
                   &row, import->scratch);

    *result = rv == APR_SUCCESS &&
              strcmp(cp_json_string(row, "storage_key", ""), name) == 0;
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

static apr_status_t remove_unused(const cp_import_t *import, const char *name,
                                  const json_t *entry)
{
    int is_in_use;
    apr_status_t rv = is_used(import, name, entry, &is_in_use);

    if (rv != APR_SUCCESS || is_in_use) {
        return rv;
    }
    return unlinkat(import->directory, name, 0) == 0 || errno == ENOENT
               ? APR_SUCCESS
               : cp_status_of_errno();
}

static apr_status_t remove_due(cp_import_t *import)
{
    apr_time_t before = import->now - KEPT_FOR;
    apr_status_t result = APR_SUCCESS;
    const char *name;
    json_t *entry;
    void *next;

    json_object_foreach_safe(import->retired, next, name, entry)
    {
        apr_status_t rv;

        if (cp_json_integer(entry, "retired_at", 0) > before) {
            continue;
        }
        rv = remove_unused(import, name, entry);
        apr_pool_clear(import->scratch);
        if (rv != APR_SUCCESS) {
            result = rv;
            continue;
        }
        import->has_new_retired = 1;
        (void)json_object_del(import->retired, name); /* it is there */
    }
    return result;
}

static void unlist_copies(cp_import_t *import)
{
    int i;

    for (i = 0; i < import->copied->nelts; i++) {
        const char *name = APR_ARRAY_IDX(import->copied, i, const char *);

        if (json_object_del(import->retired, name) == 0) {
            import->has_new_retired = 1;
        }
    }
}

void cp_import_remove_retired(cp_import_t *import)
{
    apr_status_t rv;
    apr_status_t written;

    import->has_new_retired = 0;
    unlist_copies(import);
    rv = remove_due(import);
    written = cp_import_write_retired(import);
    if (rv != APR_SUCCESS || written != APR_SUCCESS) {
        cp_log(import->cx->port, CP_LOG_WARNING,
               rv == APR_SUCCESS ? written : rv,
               CP_TAG(0567) "not all old files of documents could be removed; "
                            "the next import tries again");
    }
}
