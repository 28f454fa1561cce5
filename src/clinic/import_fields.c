/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The format of an import as a table, and what its elements must keep to as a
 * whole. docs/import.md says the same in words. */
#include "clinic/import_impl.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "clinic/message_reply.h"

#include <apr_strings.h>
#include <string.h>

#define MANY 1000000 /* elements of a clinic */
#define NAME_MAX_BYTES 200
#define NOTE_MAX 4000 /* bytes */

static const char practitioner_type[] = "practitioner";
static const char patient_type[] = "patient";

static const char *const kinds[] = {"staff", "patient", NULL};
static const char *const account_statuses[] = {"active", "disabled", NULL};
static const char *const appointment_statuses[] = {
    "proposed",   "pending",   "booked", "arrived",
    "fulfilled",  "cancelled", "noshow", "entered-in-error",
    "checked-in", "waitlist",  NULL};
static const char *const document_statuses[] = {"current", "superseded",
                                                "entered-in-error", NULL};
static const char *const doc_statuses[] = {"preliminary", "final", "amended",
                                           "entered-in-error", NULL};
static const char *const message_statuses[] = {
    "preparation", "in-progress",      "not-done", "on-hold", "stopped",
    "completed",   "entered-in-error", "unknown",  NULL};
static const char *const priorities[] = {"routine", "urgent", "asap", "stat",
                                         NULL};
static const char *const folders[] = {"inbox", NULL};

/* ---- what fields cannot say ------------------------------------------------
 */

static void open_calendar(cp_import_t *import, const json_t *clinic,
                          const cp_import_path_t *path)
{
    const char *zone = cp_json_string(clinic, "time_zone", "UTC");
    const char *locale = cp_json_string(clinic, "locale", "en-US");

    if (cp_calendar_open(&import->calendar, zone, "en-US", import->pool) !=
        APR_SUCCESS) {
        cp_import_fail_at(import, path, "time_zone",
                          "must be a zone such as America/New_York");
        zone = "UTC";
    }
    else if (cp_calendar_open(&import->calendar, zone, locale, import->pool) !=
             APR_SUCCESS) {
        cp_import_fail_at(import, path, "locale",
                          "must be a language such as en-US");
    }
    else {
        return;
    }
    (void)cp_calendar_open(&import->calendar, zone, "en-US", import->pool);
}

/* The clinic whose elements come next. */
static void enter_clinic(cp_import_t *import, const json_t *clinic,
                         const cp_import_path_t *path)
{
    const char *code = cp_json_string(clinic, "code", "");

    import->clinic_id = cp_ident_clinic_id(code, import->pool);
    import->key = NULL;
    if (import->is_second_pass) {
        return;
    }
    open_calendar(import, clinic, path);
    if (!cp_ident_is_clinic_code(code)) {
        cp_import_fail_at(
            import, path, "code",
            "must be 1 to 32 letters, digits, _ and -, with a letter or "
            "digit first");
    }
    else if (!cp_import_note_id(import, "clinic", "")) {
        cp_import_fail_at(import, path, "code", "is there already");
    }
}

/* Either a practitioner or a patient. */
static void check_actor(cp_import_t *import, const json_t *actor,
                        const cp_import_path_t *path)
{
    int count = (cp_json_string(actor, practitioner_type, NULL) != NULL) +
                (cp_json_string(actor, patient_type, NULL) != NULL);

    if (count != 1) {
        cp_import_fail(import, path,
                       "must have either practitioner or patient");
    }
}

/* Actor names are ids: a repeated one would be stored once. */
static void check_no_twins(cp_import_t *import, const json_t *list,
                           const cp_import_path_t *path)
{
    apr_hash_t *seen = apr_hash_make(import->scratch);
    json_t *actor;
    size_t i;

    json_array_foreach(list, i, actor)
    {
        cp_import_path_t at = {path, NULL, (int)i};
        const char *key = apr_pstrcat(
            import->scratch, cp_json_string(actor, practitioner_type, ""), "\n",
            cp_json_string(actor, patient_type, ""), NULL);

        if (apr_hash_get(seen, key, APR_HASH_KEY_STRING) != NULL) {
            cp_import_fail(import, &at, "is there already");
        }
        apr_hash_set(seen, key, APR_HASH_KEY_STRING, "");
    }
    apr_pool_clear(import->scratch);
}

static void check_appointment(cp_import_t *import, const json_t *appointment,
                              const cp_import_path_t *path)
{
    const json_t *start = json_object_get(appointment, "start");
    const json_t *end = json_object_get(appointment, "end");
    cp_import_path_t at = {path, "participant", -1};

    if (json_is_integer(start) && json_is_integer(end) &&
        json_integer_value(end) <= json_integer_value(start)) {
        cp_import_fail_at(import, path, "end", "must be after start");
    }
    check_no_twins(import, json_object_get(appointment, "participant"), &at);
}

static void check_document(cp_import_t *import, const json_t *document,
                           const cp_import_path_t *path)
{
    if (cp_json_is_true(document, "waiting") &&
        cp_json_string(document, "reviewer", NULL) == NULL) {
        cp_import_fail_at(import, path, "waiting", "needs a reviewer");
    }
}

static int is_same_actor(const json_t *a, const json_t *b)
{
    static const char *const types[] = {practitioner_type, patient_type};
    int i;

    for (i = 0; i < 2; i++) {
        const char *id = cp_json_string(a, types[i], NULL);
        const char *other = cp_json_string(b, types[i], NULL);

        if (id != NULL && other != NULL && strcmp(id, other) == 0) {
            return 1;
        }
    }
    return 0;
}

static void check_sender(cp_import_t *import, const json_t *participants,
                         const json_t *message, const cp_import_path_t *path)
{
    json_t *participant;
    size_t i;

    json_array_foreach(participants, i, participant)
    {
        if (is_same_actor(participant, json_object_get(message, "sender"))) {
            return;
        }
    }
    cp_import_fail_at(import, path, "sender",
                      "is not a participant of the thread");
}

static void check_thread(cp_import_t *import, const json_t *thread,
                         const cp_import_path_t *path)
{
    const json_t *participants = json_object_get(thread, "participant");
    cp_import_path_t at = {path, "participant", -1};
    json_t *message;
    size_t i;

    check_no_twins(import, participants, &at);
    at.name = "messages";
    json_array_foreach(json_object_get(thread, "messages"), i, message)
    {
        cp_import_path_t here = {&at, NULL, (int)i};

        check_sender(import, participants, message, &here);
    }
}

/* ---- the table -------------------------------------------------------------
 * member, parameter, type, required, max, of, otherwise */

static const cp_import_field_t practitioner_fields[] = {
    {"id", "id", CP_IMPORT_ID, 1, 0, practitioner_type},
    {"name", "name", CP_IMPORT_LINE, 1, NAME_MAX_BYTES},
    {"active", "active", CP_IMPORT_FLAG, 0, 0, NULL, "true"},
    {NULL}};
const cp_import_element_t cp_import_practitioner = {practitioner_fields};

static const cp_import_field_t patient_fields[] = {
    {"id", "id", CP_IMPORT_ID, 1, 0, patient_type},
    {"name", "name", CP_IMPORT_LINE, 1, NAME_MAX_BYTES},
    {"mrn", "mrn", CP_IMPORT_LINE, 0, 64, NULL, ""},
    {"birthDate", "birth_date", CP_IMPORT_DATE, 0, 0, NULL, ""},
    {"active", "active", CP_IMPORT_FLAG, 0, 0, NULL, "true"},
    {NULL}};
const cp_import_element_t cp_import_patient = {patient_fields};

static const cp_import_field_t care_fields[] = {
    {"practitioner", "practitioner", CP_IMPORT_REF, 1, 0, practitioner_type},
    {"patient", "patient", CP_IMPORT_REF, 1, 0, patient_type},
    {"active", "active", CP_IMPORT_FLAG, 0, 0, NULL, "true"},
    {NULL}};
const cp_import_element_t cp_import_care = {care_fields};

#define ACCOUNT_FIELDS                                                         \
    {"username", NULL, CP_IMPORT_LINE, 1, CP_USERNAME_MAX},                    \
        {"email", NULL, CP_IMPORT_LINE, 0, 254},                               \
        {"password", NULL, CP_IMPORT_LINE, 0, CP_PASSWORD_MAX},                \
        {"password_hash", NULL, CP_IMPORT_LINE, 0, 127},                       \
        {"status", NULL, CP_IMPORT_WORD, 0, 0, account_statuses},              \
        {"roles", NULL, CP_IMPORT_WORDS, 0, 32},                               \
        {"permissions", NULL, CP_IMPORT_WORDS, 0, 32},                         \
    {                                                                          \
        NULL                                                                   \
    }

static const cp_import_field_t staff_fields[] = {
    {"practitioner", "person_id", CP_IMPORT_REF, 1, 0, practitioner_type},
    ACCOUNT_FIELDS};
const cp_import_element_t cp_import_staff = {staff_fields, NULL,
                                             cp_import_check_staff};

static const cp_import_field_t patient_account_fields[] = {
    {"patient", "person_id", CP_IMPORT_REF, 1, 0, patient_type},
    ACCOUNT_FIELDS};
const cp_import_element_t cp_import_patient_account = {
    patient_account_fields, NULL, cp_import_check_patient_account};

static const cp_import_field_t actor_fields[] = {
    {"practitioner", "practitioner", CP_IMPORT_REF, 0, 0, practitioner_type},
    {"patient", "patient", CP_IMPORT_REF, 0, 0, patient_type},
    {NULL}};
const cp_import_element_t cp_import_actor = {actor_fields, NULL, check_actor};

static const cp_import_field_t appointment_fields[] = {
    {"id", "id", CP_IMPORT_ID, 1, 0, "appointment"},
    {"status", "status", CP_IMPORT_WORD, 1, 0, appointment_statuses},
    {"start", "starts_at", CP_IMPORT_MOMENT, 1},
    {"end", "ends_at", CP_IMPORT_MOMENT, 1},
    {"serviceType", "service_type", CP_IMPORT_LINE, 0, NAME_MAX_BYTES, NULL,
     ""},
    {"description", "description", CP_IMPORT_LINE, 0, NAME_MAX_BYTES, NULL, ""},
    {"location", "location", CP_IMPORT_LINE, 0, NAME_MAX_BYTES, NULL, ""},
    {"comment", "comment", CP_IMPORT_TEXT, 0, NOTE_MAX, NULL, ""},
    {"patientInstruction", "patient_instruction", CP_IMPORT_TEXT, 0, NOTE_MAX,
     NULL, ""},
    {"participant", NULL, CP_IMPORT_LIST, 1, 200, &cp_import_actor},
    {NULL}};
const cp_import_element_t cp_import_appointment = {appointment_fields, NULL,
                                                   check_appointment};

static const cp_import_field_t document_fields[] = {
    {"id", "id", CP_IMPORT_ID, 1, 0, "document"},
    {"status", "status", CP_IMPORT_WORD, 0, 0, document_statuses, "current"},
    {"docStatus", "doc_status", CP_IMPORT_WORD, 1, 0, doc_statuses},
    {"category", "category", CP_IMPORT_LINE, 0, NAME_MAX_BYTES, NULL, ""},
    {"title", "title", CP_IMPORT_LINE, 1, NAME_MAX_BYTES},
    {"patient", "patient", CP_IMPORT_REF, 1, 0, patient_type},
    {"author", "author", CP_IMPORT_REF, 1, 0, practitioner_type},
    {"reviewer", "reviewer", CP_IMPORT_REF, 0, 0, practitioner_type},
    {"waiting", "is_waiting", CP_IMPORT_FLAG},
    {"date", "created_at", CP_IMPORT_MOMENT, 1},
    {"released", "released_at", CP_IMPORT_MOMENT},
    {"file", NULL, CP_IMPORT_LINE, 1, 1000},
    {"file_name", "file_name", CP_IMPORT_LINE, 0, NAME_MAX_BYTES},
    {NULL}};
const cp_import_element_t cp_import_document = {document_fields, NULL,
                                                check_document};

static const cp_import_field_t member_fields[] = {
    {"practitioner", "practitioner", CP_IMPORT_REF, 0, 0, practitioner_type},
    {"patient", "patient", CP_IMPORT_REF, 0, 0, patient_type},
    {"folder", "folder", CP_IMPORT_WORD, 0, 0, folders, "inbox"},
    {"unread", NULL, CP_IMPORT_COUNT, 0, 10000},
    {NULL}};
const cp_import_element_t cp_import_member = {member_fields, NULL, check_actor};

static const cp_import_field_t message_fields[] = {
    {"id", "id", CP_IMPORT_ID, 1, 0, "message"},
    {"status", "status", CP_IMPORT_WORD, 0, 0, message_statuses, "completed"},
    {"priority", "priority", CP_IMPORT_WORD, 0, 0, priorities, "routine"},
    {"sent", "sent_at", CP_IMPORT_MOMENT, 1},
    {"sender", NULL, CP_IMPORT_OBJECT, 1, 0, &cp_import_actor},
    {"payload", "payload", CP_IMPORT_TEXT, 1, CP_MESSAGE_BYTES_MAX},
    {NULL}};
const cp_import_element_t cp_import_message = {message_fields};

static const cp_import_field_t thread_fields[] = {
    {"id", "id", CP_IMPORT_ID, 1, 0, "thread"},
    {"topic", "topic", CP_IMPORT_LINE, 1, NAME_MAX_BYTES},
    {"patient", "patient", CP_IMPORT_REF, 0, 0, patient_type},
    {"participant", NULL, CP_IMPORT_LIST, 1, 200, &cp_import_member},
    {"messages", NULL, CP_IMPORT_LIST, 1, 10000, &cp_import_message},
    {NULL}};
const cp_import_element_t cp_import_thread = {thread_fields, NULL,
                                              check_thread};

static const cp_import_field_t clinic_fields[] = {
    {"code", "code", CP_IMPORT_LINE, 1, CP_CLINIC_CODE_MAX},
    {"name", "name", CP_IMPORT_LINE, 1, NAME_MAX_BYTES},
    {"time_zone", "time_zone", CP_IMPORT_LINE, 1, 64},
    {"locale", "locale", CP_IMPORT_LINE, 0, 64, NULL, "en-US"},
    {"default_tab", "default_tab", CP_IMPORT_WORD, 0, 0, kinds, "patient"},
    {"support_contact", "support_contact", CP_IMPORT_LINE, 0, 500, NULL, ""},
    {"crisis_text", "crisis_text", CP_IMPORT_LINE, 0, 500, NULL, ""},
    {"practitioners", NULL, CP_IMPORT_LIST, 0, MANY, &cp_import_practitioner},
    {"patients", NULL, CP_IMPORT_LIST, 0, MANY, &cp_import_patient},
    {"care_team", NULL, CP_IMPORT_LIST, 0, MANY, &cp_import_care},
    {"staff", NULL, CP_IMPORT_LIST, 0, MANY, &cp_import_staff},
    {"patient_accounts", NULL, CP_IMPORT_LIST, 0, MANY,
     &cp_import_patient_account},
    {"appointments", NULL, CP_IMPORT_LIST, 0, MANY, &cp_import_appointment},
    {"documents", NULL, CP_IMPORT_LIST, 0, MANY, &cp_import_document},
    {"threads", NULL, CP_IMPORT_LIST, 0, MANY, &cp_import_thread},
    {NULL}};
const cp_import_element_t cp_import_clinic = {clinic_fields, enter_clinic};

static const cp_import_field_t root_fields[] = {
    {"clinics", NULL, CP_IMPORT_LIST, 1, 10000, &cp_import_clinic}, {NULL}};
const cp_import_element_t cp_import_root = {root_fields};
