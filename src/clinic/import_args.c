/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* From the elements of a checked import to the arguments of statements. */
#include "clinic/import_impl.h"

#include "base/json.h"
#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

static json_t *id_value(cp_import_t *import, const char *type,
                        const json_t *value)
{
    return json_string(
        cp_import_public_id(import, type, json_string_value(value)));
}

static json_t *absent_value(const cp_import_field_t *field)
{
    if (field->type == CP_IMPORT_FLAG) {
        return json_boolean(field->otherwise != NULL);
    }
    return field->otherwise == NULL ? json_null()
                                    : json_string(field->otherwise);
}

static json_t *field_value(cp_import_t *import, const cp_import_field_t *field,
                           json_t *value)
{
    if (value == NULL || json_is_null(value)) {
        return absent_value(field);
    }
    if (field->type == CP_IMPORT_ID || field->type == CP_IMPORT_REF) {
        return id_value(import, field->of, value);
    }
    return json_incref(value);
}

json_t *cp_import_args(cp_import_t *import, const cp_import_element_t *element,
                       const json_t *object)
{
    json_t *args = json_pack("{s:s}", "clinic_id", import->clinic_id);
    const cp_import_field_t *field;

    for (field = element->fields; field->name != NULL; field++) {
        if (field->param != NULL &&
            json_object_set_new(
                args, field->param,
                field_value(import, field,
                            json_object_get(object, field->name))) != 0) {
            json_decref(args);
            return NULL;
        }
    }
    return args;
}

apr_status_t cp_import_execute(cp_import_t *import, const char *statement,
                               json_t *args, int *count)
{
    return cp_db_execute(import->cx->db, statement, args, count);
}

void cp_import_touch(cp_import_t *import, const char *kind, const char *person)
{
    const char *key = apr_pstrcat(import->scratch, kind, ":", person, NULL);

    if (apr_hash_get(import->touched, key, APR_HASH_KEY_STRING) == NULL) {
        key = apr_pstrdup(import->pool, key);
        apr_hash_set(import->touched, key, APR_HASH_KEY_STRING, key);
    }
}

void cp_import_touch_rows(cp_import_t *import, const json_t *rows)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        cp_import_touch(import, cp_json_string(row, "kind", "staff"),
                        cp_json_string(row, "person", ""));
    }
}

cp_import_person_t cp_import_person(cp_import_t *import, const json_t *actor)
{
    cp_import_person_t person = {.kind = cp_kind_word(CP_KIND_STAFF)};
    const char *type = "practitioner";
    const char *id = cp_json_string(actor, type, NULL);

    if (id == NULL) {
        type = "patient";
        person.kind = cp_kind_word(CP_KIND_PATIENT);
        id = cp_json_string(actor, type, "");
    }
    person.person = cp_import_public_id(import, type, id);
    return person;
}
