/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The ids of an import: which there are, and the public ids they become. */
#include "clinic/import_impl.h"

#include "base/encode.h"
#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "base/token.h"

#include <apr_strings.h>
#include <string.h>

/* No part holds a newline: ids have no control characters. */
static const char *join(cp_import_t *import, const char *type, const char *id,
                        apr_pool_t *p)
{
    return apr_pstrcat(p, import->clinic_id, "\n", type, "\n", id, NULL);
}

int cp_import_note_id(cp_import_t *import, const char *type, const char *id)
{
    const char *key = join(import, type, id, import->pool);

    if (apr_hash_get(import->ids, key, APR_HASH_KEY_STRING) != NULL) {
        return 0;
    }
    apr_hash_set(import->ids, key, APR_HASH_KEY_STRING, "");
    return 1;
}

const char *cp_import_public_id(cp_import_t *import, const char *type,
                                const char *id)
{
    const char *text = join(import, type, id, import->scratch);
    unsigned char mac[CP_MAC_BYTES];

    cp_token_mac(mac, (const unsigned char *)import->key, strlen(import->key),
                 text, strlen(text));
    return cp_encode_base64url(mac, CP_PUBLIC_ID_BYTES, import->scratch);
}

static int is_in_database(cp_import_t *import, const char *type, const char *id)
{
    json_t *row;
    apr_status_t rv = APR_SUCCESS;

    if (import->key == NULL) {
        rv = cp_import_find_key(import);
    }
    if (rv == APR_SUCCESS && import->key == NULL) {
        return 0;
    }
    if (rv == APR_SUCCESS) {
        rv = cp_db_find(import->cx->db,
                        apr_pstrcat(import->scratch, "import_has_", type, NULL),
                        json_pack("{s:s, s:s}", "clinic_id", import->clinic_id,
                                  "id", cp_import_public_id(import, type, id)),
                        &row, import->scratch);
    }
    if (rv != APR_SUCCESS && rv != APR_ENOENT) {
        import->failure = rv;
    }
    return rv != APR_ENOENT;
}

int cp_import_has_id(cp_import_t *import, const char *type, const char *id)
{
    const char *key = join(import, type, id, import->scratch);
    int is_known = apr_hash_get(import->ids, key, APR_HASH_KEY_STRING) != NULL;

    if (!is_known && import->cx != NULL) {
        is_known = is_in_database(import, type, id) &&
                   cp_import_note_id(import, type, id);
    }
    apr_pool_clear(import->scratch);
    return is_known;
}

static apr_status_t read_key(cp_import_t *import, const char *statement)
{
    json_t *row;
    apr_status_t rv = cp_db_find(
        import->cx->db, statement,
        json_pack("{s:s}", "clinic_id", import->clinic_id), &row, import->pool);

    import->key = rv == APR_SUCCESS ? cp_json_string(row, "key", NULL) : NULL;
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

apr_status_t cp_import_find_key(cp_import_t *import)
{
    return read_key(import, "import_find_key");
}

apr_status_t cp_import_make_key(cp_import_t *import)
{
    const char *key;
    apr_status_t rv = cp_token_make(&key, import->cx->port, import->pool);

    if (rv == APR_SUCCESS) {
        rv = cp_db_execute(import->cx->db, "import_add_key",
                           json_pack("{s:s, s:s, s:I}", "clinic_id",
                                     import->clinic_id, "key", key, "now",
                                     (json_int_t)import->now),
                           NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = read_key(import, "import_lock_key");
    }
    return rv == APR_SUCCESS && import->key == NULL ? APR_ENOENT : rv;
}
