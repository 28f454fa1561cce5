/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Loads a checked import: clinics, people and appointments, and the order of
 * everything else. */
#include "clinic/import_impl.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"

#include <apr_strings.h>
#include <string.h>

typedef apr_status_t (*loader_t)(cp_import_t *import, json_t *object,
                                 int *count);

/* What a clinic has, in the order in which it is loaded. */
typedef struct section_t {
    const char *name;
    loader_t load;
} section_t;

static apr_status_t put_person(cp_import_t *import, const char *statement,
                               const cp_import_element_t *element,
                               const json_t *object, int *count)
{
    apr_status_t rv = cp_import_execute(
        import, statement, cp_import_args(import, element, object), count);

    if (rv == APR_SUCCESS && *count > 0) {
        cp_import_touch(import, CP_IMPORT_EVERYBODY, "");
    }
    return rv;
}

static apr_status_t load_practitioner(cp_import_t *import, json_t *object,
                                      int *count)
{
    return put_person(import, "import_practitioner", &cp_import_practitioner,
                      object, count);
}

static apr_status_t load_patient(cp_import_t *import, json_t *object,
                                 int *count)
{
    return put_person(import, "import_patient", &cp_import_patient, object,
                      count);
}

static apr_status_t load_care(cp_import_t *import, json_t *object, int *count)
{
    json_t *args = cp_import_args(import, &cp_import_care, object);
    int is_active = json_is_true(json_object_get(args, "active"));
    const char *person =
        apr_pstrdup(import->scratch, cp_json_string(args, "practitioner", ""));
    apr_status_t rv = cp_import_execute(
        import, is_active ? "import_care" : "import_drop_care", args, count);

    if (rv == APR_SUCCESS && *count > 0) {
        cp_import_touch(import, "staff", person);
    }
    return rv;
}

/* Add the participants; *list is them all as " kind:person kind:person ". */
static apr_status_t add_participants(cp_import_t *import, const json_t *object,
                                     json_t *args, const char **list,
                                     int *count)
{
    apr_status_t rv = APR_SUCCESS;
    json_t *actor;
    size_t i;

    *list = " ";
    json_array_foreach(json_object_get(object, "participant"), i, actor)
    {
        cp_import_person_t person = cp_import_person(import, actor);
        int added = 0;

        rv = cp_import_execute(
            import, "import_participant",
            json_pack("{s:s, s:O, s:O, s:s, s:s}", "clinic_id",
                      import->clinic_id, "id", json_object_get(args, "id"),
                      "starts_at", json_object_get(args, "starts_at"), "kind",
                      person.kind, "person", person.person),
            &added);
        if (rv != APR_SUCCESS) {
            break;
        }
        *count += added;
        if (*count > 0) {
            cp_import_touch(import, person.kind, person.person);
        }
        *list = apr_pstrcat(import->scratch, *list, person.kind, ":",
                            person.person, " ", NULL);
    }
    return rv;
}

static apr_status_t drop_participants(cp_import_t *import, const json_t *args,
                                      const char *list, int *count)
{
    json_t *rows;
    apr_status_t rv = cp_db_select(
        import->cx->db, "import_drop_participants",
        json_pack("{s:s, s:O, s:O, s:s}", "clinic_id", import->clinic_id, "id",
                  json_object_get(args, "id"), "starts_at",
                  json_object_get(args, "starts_at"), "participants", list),
        &rows, import->scratch);

    if (rv == APR_SUCCESS) {
        *count += (int)json_array_size(rows);
        cp_import_touch_rows(import, rows);
    }
    return rv;
}

apr_status_t cp_import_load_appointment(cp_import_t *import, json_t *object,
                                        int *count)
{
    json_t *args =
        cp_json_own(cp_import_args(import, &cp_import_appointment, object),
                    import->scratch);
    const char *list;
    apr_status_t rv = cp_import_execute(import, "import_appointment",
                                        json_incref(args), count);

    if (rv == APR_SUCCESS) {
        rv = add_participants(import, object, args, &list, count);
    }
    return rv == APR_SUCCESS ? drop_participants(import, args, list, count)
                             : rv;
}

/* {"read": n, "changed": n} of a section, over all clinics. */
static apr_status_t add_counts(cp_import_t *import, const char *name,
                               size_t read, json_int_t changed)
{
    json_t *counts = import->report->counts;
    const json_t *old = json_object_get(counts, name);

    return json_object_set_new(
               counts, name,
               json_pack("{s:I, s:I}", "read",
                         (json_int_t)read + cp_json_integer(old, "read", 0),
                         "changed",
                         changed + cp_json_integer(old, "changed", 0))) == 0
               ? APR_SUCCESS
               : APR_ENOMEM;
}

static apr_status_t load_section(cp_import_t *import, const json_t *clinic,
                                 const section_t *section)
{
    const json_t *list = json_object_get(clinic, section->name);
    json_int_t changed = 0;
    json_t *object;
    size_t i;

    json_array_foreach(list, i, object)
    {
        int count = 0;
        apr_status_t rv = section->load(import, object, &count);

        apr_pool_clear(import->scratch);
        if (rv != APR_SUCCESS) {
            return rv;
        }
        changed += count > 0;
    }
    return add_counts(import, section->name, json_array_size(list), changed);
}

static apr_status_t note_person(cp_import_t *import, const char *key)
{
    const char *colon = strchr(key, ':');
    const char *kind =
        apr_pstrmemdup(import->pool, key, (apr_size_t)(colon - key));
    const char *statement = "import_note_person";

    if (strcmp(kind, CP_IMPORT_EVERYBODY) == 0) {
        statement = "account_note_clinic";
    }
    else if (strcmp(kind, CP_IMPORT_READERS) == 0) {
        statement = "import_note_permission";
    }
    return cp_import_execute(import, statement,
                             json_pack("{s:s, s:s, s:s, s:s}", "clinic_id",
                                       import->clinic_id, "kind", kind,
                                       "person", colon + 1, "permission",
                                       CP_PERMISSION_DOCUMENTS_ALL),
                             NULL);
}

/* All are locked first, in the order in which everybody does it. */
static apr_status_t note_people(cp_import_t *import)
{
    apr_hash_index_t *index = apr_hash_first(import->pool, import->touched);
    apr_status_t rv = APR_SUCCESS;

    if (index != NULL) {
        rv = cp_import_execute(
            import, "import_hold_changes",
            json_pack("{s:s}", "clinic_id", import->clinic_id), NULL);
    }
    for (; index != NULL && rv == APR_SUCCESS; index = apr_hash_next(index)) {
        rv = note_person(import, apr_hash_this_key(index));
    }
    return rv;
}

static apr_status_t audit(cp_import_t *import)
{
    cp_audit_event_t event = {
        .clinic_id = import->clinic_id,
        .event = "import",
        .outcome = CP_AUDIT_SUCCESS,
    };

    return cp_audit_write(import->cx, &event);
}

static apr_status_t load_clinic_row(cp_import_t *import, const json_t *clinic)
{
    int count = 0;
    apr_status_t rv =
        put_person(import, "import_clinic", &cp_import_clinic, clinic, &count);

    if (rv == APR_SUCCESS) {
        rv = cp_import_make_key(import);
    }
    return rv == APR_SUCCESS ? add_counts(import, "clinics", 1, count > 0) : rv;
}

static apr_status_t load_clinic(cp_import_t *import, const json_t *clinic)
{
    static const section_t sections[] = {
        {"practitioners", load_practitioner},
        {"patients", load_patient},
        {"care_team", load_care},
        {"appointments", cp_import_load_appointment},
        {"documents", cp_import_load_document},
        {"threads", cp_import_load_thread},
        {"staff", cp_import_load_staff},
        {"patient_accounts", cp_import_load_patient_account},
    };
    apr_status_t rv;
    apr_size_t i;

    cp_import_clinic.enter(import, clinic, NULL);
    rv = load_clinic_row(import, clinic);
    for (i = 0; i < sizeof(sections) / sizeof(sections[0]) && rv == APR_SUCCESS;
         i++) {
        rv = load_section(import, clinic, &sections[i]);
    }
    return rv == APR_SUCCESS ? audit(import) : rv;
}

/* What the people of a clinic wait for comes last: who reads a message locks
 * the counter of their pages and then the end of the audit trail. */
static apr_status_t load_all(cp_import_t *import)
{
    const json_t *clinics = json_object_get(import->document, "clinics");
    size_t count = json_array_size(clinics);
    apr_hash_t **touched = apr_pcalloc(import->pool, sizeof(void *) * count);
    apr_status_t rv = APR_SUCCESS;
    size_t i;

    for (i = 0; i < count && rv == APR_SUCCESS; i++) {
        import->touched = touched[i] = apr_hash_make(import->pool);
        rv = load_clinic(import, json_array_get(clinics, i));
    }
    for (i = 0; i < count && rv == APR_SUCCESS; i++) {
        cp_import_clinic.enter(import, json_array_get(clinics, i), NULL);
        import->touched = touched[i];
        rv = note_people(import);
    }
    return rv == APR_SUCCESS ? cp_audit_write_kept(import->cx) : rv;
}

apr_status_t cp_import_load(cp_db_t *db, void *baton)
{
    cp_import_t *import = baton;
    apr_status_t rv;

    cp_audit_keep(import->cx, import->pool);
    rv = load_all(import);
    cp_audit_forget_kept(import->cx);
    if (rv == APR_SUCCESS) {
        rv = cp_import_write_retired(import);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_import_name_copies(import);
    }
    import->is_loaded = rv == APR_SUCCESS;
    return rv;
}
