/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Loads the documents of an import. */
#include "clinic/import_impl.h"

#include "base/json.h"
#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

/* The arguments, with what is known of the file. */
static json_t *document_args(cp_import_t *import, const json_t *object)
{
    static const char *const names[] = {"content_type", "file_name",
                                        "size_bytes", "sha256", "storage_key"};
    json_t *args = cp_import_args(import, &cp_import_document, object);
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (json_object_set(args, names[i],
                            json_object_get(object, names[i])) != 0) {
            json_decref(args);
            return NULL;
        }
    }
    return args;
}

static apr_status_t find_old(cp_import_t *import, const json_t *args,
                             const json_t **old)
{
    json_t *row;
    apr_status_t rv =
        cp_db_find(import->cx->db, "import_find_document",
                   json_incref((json_t *)args), &row, import->scratch);

    *old = rv == APR_SUCCESS ? row : NULL;
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

/* The COMMIT decides which of the two files the document has: the one that held
 * the bytes until now, or the new one. */
static apr_status_t list_files(cp_import_t *import, const json_t *old,
                               const json_t *args)
{
    const char *id = cp_json_string(args, "id", "");
    const char *old_name = cp_json_string(old, "storage_key", "");
    const char *new_name = cp_json_string(args, "storage_key", "");
    apr_status_t rv;

    if (strcmp(old_name, new_name) == 0) {
        return APR_SUCCESS;
    }
    rv = cp_import_retire(import, old_name, id);
    return rv == APR_SUCCESS ? cp_import_retire(import, new_name, id) : rv;
}

static apr_status_t touch_readers(cp_import_t *import, const json_t *document)
{
    static const char *const staff[] = {"author", "reviewer"};
    const char *patient = cp_json_string(document, "patient", "");
    json_t *rows;
    apr_size_t i;
    apr_status_t rv;

    for (i = 0; i < sizeof(staff) / sizeof(staff[0]); i++) {
        const char *person = cp_json_string(document, staff[i], NULL);

        if (person != NULL) {
            cp_import_touch(import, "staff", person);
        }
    }
    cp_import_touch(import, "patient", patient);
    rv = cp_db_select(import->cx->db, "import_care_team_of",
                      json_pack("{s:s, s:s}", "clinic_id", import->clinic_id,
                                "patient", patient),
                      &rows, import->scratch);
    if (rv == APR_SUCCESS) {
        cp_import_touch_rows(import, rows);
    }
    return rv;
}

apr_status_t cp_import_load_document(cp_import_t *import, json_t *object,
                                     int *count)
{
    json_t *args = cp_json_own(document_args(import, object), import->scratch);
    const json_t *old;
    apr_status_t rv = find_old(import, args, &old);

    if (rv == APR_SUCCESS) {
        rv = cp_import_execute(import, "import_document", json_incref(args),
                               count);
    }
    if (rv != APR_SUCCESS || *count == 0) {
        return rv;
    }
    cp_import_touch(import, CP_IMPORT_READERS, "");
    rv = list_files(import, old, args);
    if (rv == APR_SUCCESS) {
        rv = touch_readers(import, args);
    }
    return rv == APR_SUCCESS && old != NULL ? touch_readers(import, old) : rv;
}
