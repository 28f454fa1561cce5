/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The accounts of an import: checked and loaded. A password is only ever the
 * first one: an account that has one keeps it, whoever chose it. */
#include "clinic/import_impl.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/password.h"
#include "base/password_format.h"
#include "base/status.h"
#include "clinic/account_rules.h"

#include <apr_strings.h>

/* The context with the pool of this one element. */
static cp_ctx_t context_of(const cp_import_t *import)
{
    cp_ctx_t cx = *import->cx;

    cx.pool = import->scratch;
    return cx;
}

static cp_account_name_t name_of(cp_import_t *import, const json_t *object,
                                 cp_kind_t kind)
{
    cp_account_name_t name = {import->clinic_id, kind,
                              cp_json_string(object, "username", "")};

    return name;
}

/* The words of an array, parted by spaces; NULL when it is absent. */
static const char *words_of(const json_t *object, const char *member,
                            apr_pool_t *p)
{
    const json_t *list = json_object_get(object, member);
    const char *words = "";
    json_t *word;
    size_t i;

    if (!json_is_array(list)) {
        return NULL;
    }
    json_array_foreach(list, i, word)
    {
        const char *text = json_string_value(word);

        words = apr_pstrcat(p, words, " ", text == NULL ? "" : text, NULL);
    }
    return words;
}

static void check_password(cp_import_t *import, const json_t *account,
                           const cp_import_path_t *path)
{
    const char *password = cp_json_string(account, "password", NULL);
    const char *hash = cp_json_string(account, "password_hash", NULL);
    const char *why =
        password == NULL ? NULL : cp_account_refuse_password(password);

    if (why != NULL) {
        cp_import_fail_at(import, path, "password", why);
    }
    if (hash != NULL && !cp_format_is_known(hash)) {
        cp_import_fail_at(
            import, path, "password_hash",
            "must be a whole hash of argon2id (at most 1 GiB and 1000 passes), "
            "bcrypt, SHA-crypt, yescrypt or apr1");
    }
    if (password != NULL && hash != NULL) {
        cp_import_fail(import, path, "has both a password and a password_hash");
    }
}

static void check_account(cp_import_t *import, const json_t *account,
                          const cp_import_path_t *path, cp_kind_t kind)
{
    const char *username = cp_json_string(account, "username", "");
    const char *key = cp_ident_username_key(username, import->scratch);
    cp_account_fields_t fields = {
        .email = cp_json_string(account, "email", NULL),
        .roles = words_of(account, "roles", import->scratch),
        .permissions = words_of(account, "permissions", import->scratch),
    };
    const char *why = cp_account_refuse_fields(&fields, kind, import->scratch);

    if (why != NULL) {
        cp_import_fail(import, path, "%s", why);
    }
    if (key == NULL) {
        cp_import_fail_at(
            import, path, "username",
            "must be 1 to 128 bytes, without a space at either end");
    }
    else if (!cp_import_note_id(import, cp_kind_label(kind), key)) {
        cp_import_fail_at(import, path, "username", "is there already");
    }
    check_password(import, account, path);
    apr_pool_clear(import->scratch);
}

void cp_import_check_staff(cp_import_t *import, const json_t *account,
                           const cp_import_path_t *path)
{
    check_account(import, account, path, CP_KIND_STAFF);
}

void cp_import_check_patient_account(cp_import_t *import, const json_t *account,
                                     const cp_import_path_t *path)
{
    check_account(import, account, path, CP_KIND_PATIENT);
}

static apr_status_t hash_password(cp_import_t *import, json_t *object,
                                  cp_kind_t kind)
{
    cp_ctx_t cx = context_of(import);
    cp_account_name_t name = name_of(import, object, kind);
    const char *password = cp_json_string(object, "password", NULL);
    const char *hash = NULL;
    json_t *account = NULL;
    apr_status_t rv;

    if (password == NULL) {
        return APR_SUCCESS;
    }
    rv = cp_accounts_find(&cx, &name, &account);
    if (rv != APR_SUCCESS && rv != APR_ENOENT) {
        return rv;
    }
    if (rv == APR_SUCCESS && cp_json_is_true(account, "has_password")) {
        return APR_SUCCESS;
    }
    rv = cp_password_hash(&hash, cx.options->gate, password, cx.pool);
    if (rv == APR_SUCCESS &&
        json_object_set_new(object, "password_hash", json_string(hash)) != 0) {
        rv = APR_ENOMEM;
    }
    return rv;
}

static apr_status_t hash_list(cp_import_t *import, const json_t *clinic,
                              const char *member, cp_kind_t kind)
{
    apr_status_t rv = APR_SUCCESS;
    json_t *object;
    size_t i;

    json_array_foreach(json_object_get(clinic, member), i, object)
    {
        rv = hash_password(import, object, kind);
        apr_pool_clear(import->scratch);
        if (rv != APR_SUCCESS) {
            break;
        }
    }
    return rv;
}

apr_status_t cp_import_hash_passwords(cp_import_t *import)
{
    apr_status_t rv = APR_SUCCESS;
    json_t *clinic;
    size_t i;

    json_array_foreach(json_object_get(import->document, "clinics"), i, clinic)
    {
        cp_import_clinic.enter(import, clinic, NULL);
        rv = hash_list(import, clinic, "staff", CP_KIND_STAFF);
        if (rv == APR_SUCCESS) {
            rv = hash_list(import, clinic, "patient_accounts", CP_KIND_PATIENT);
        }
        if (rv != APR_SUCCESS) {
            break;
        }
    }
    return rv;
}

/* A hash of a password that was typed is in object by now. */
static apr_status_t set_first_password(cp_ctx_t *cx, const json_t *account,
                                       const json_t *object, int *count)
{
    const char *hash = cp_json_string(object, "password_hash", NULL);

    if (hash == NULL || cp_json_is_true(account, "has_password")) {
        return APR_SUCCESS;
    }
    *count = 1;
    return cp_accounts_set_password(cx, account, hash, 0);
}

static apr_status_t load(cp_import_t *import, json_t *object, cp_kind_t kind,
                         int *count)
{
    cp_ctx_t cx = context_of(import);
    cp_account_name_t name = name_of(import, object, kind);
    const char *type = kind == CP_KIND_STAFF ? "practitioner" : "patient";
    cp_account_fields_t fields = {
        .email = cp_json_string(object, "email", NULL),
        .status = cp_json_string(object, "status", NULL),
        .roles = words_of(object, "roles", import->scratch),
        .permissions = words_of(object, "permissions", import->scratch),
        .person_id =
            cp_import_public_id(import, type, cp_json_string(object, type, "")),
    };
    json_t *account;
    apr_status_t rv = cp_accounts_find(&cx, &name, &account);

    if (rv == APR_ENOENT) {
        *count = 1;
        rv = cp_accounts_add(&cx, &name, &fields, &account);
    }
    else if (rv == APR_SUCCESS) {
        rv = cp_accounts_set(&cx, account, &fields, count);
    }
    if (rv == APR_SUCCESS && *count > 0) {
        cp_import_touch(import, cp_kind_word(kind), fields.person_id);
    }
    return rv == APR_SUCCESS ? set_first_password(&cx, account, object, count)
                             : rv;
}

apr_status_t cp_import_load_staff(cp_import_t *import, json_t *object,
                                  int *count)
{
    return load(import, object, CP_KIND_STAFF, count);
}

apr_status_t cp_import_load_patient_account(cp_import_t *import, json_t *object,
                                            int *count)
{
    return load(import, object, CP_KIND_PATIENT, count);
}
