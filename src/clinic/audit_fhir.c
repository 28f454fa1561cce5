/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* AuditEvent resources. */
#include "clinic/audit_fhir.h"

#include "base/json.h"

#include <apr_strings.h>
#include <string.h>
#include <time.h>

#define DCM "http://dicom.nema.org/resources/ontology/DCM"
#define EVENT_TYPE "http://terminology.hl7.org/CodeSystem/audit-event-type"
#define INTERACTION "http://hl7.org/fhir/restful-interaction"
#define SOURCE_TYPE "http://terminology.hl7.org/CodeSystem/security-source-type"
#define EXTENSION "urn:clinicportal:audit-"

typedef struct coding_t {
    const char *system;
    const char *code;
    const char *display;
} coding_t;

static const coding_t authentication = {DCM, "110114", "User Authentication"};
static const coding_t alert = {DCM, "110113", "Security Alert"};
static const coding_t attributes = {DCM, "110137",
                                    "User Security Attributes Changed"};
static const coding_t configuration = {DCM, "110131", "Software Configuration"};
static const coding_t login = {DCM, "110122", "Login"};
static const coding_t logout = {DCM, "110123", "Logout"};
static const coding_t import = {DCM, "110107", "Import"};
static const coding_t rest = {EVENT_TYPE, "rest", "RESTful Operation"};
static const coding_t read_one = {INTERACTION, "read", "read"};

typedef struct kind_t {
    const char *event;
    const coding_t *type;
    const coding_t *subtype; /* NULL: none */
    const char *action;      /* C, R, U, D or E */
} kind_t;

/* The last is every other change of an account. */
static const kind_t kinds[] = {
    {"sign-in", &authentication, &login, "E"},
    {"sign-out", &authentication, &logout, "E"},
    {"read", &rest, &read_one, "R"},
    {"import", &import, NULL, "C"},
    {"message-sent", &rest, NULL, "C"},
    {"mail-retried", &rest, NULL, "U"},
    {"sign-in-step", &authentication, &login, "E"},
    {"second-factor", &authentication, &login, "E"},
    {"reauthentication", &authentication, &login, "E"},
    {"clinic-added", &alert, &configuration, "C"},
    {"clinic-changed", &alert, &configuration, "U"},
    {"policy-changed", &alert, &configuration, "U"},
    {"secrets-renewed", &alert, &configuration, "U"},
    {"account-added", &alert, &attributes, "C"},
    {"session-ended", &alert, &attributes, "D"},
    {NULL, &alert, &attributes, "U"},
};

static const kind_t *kind_of(const char *event)
{
    const kind_t *kind = kinds;

    while (kind->event != NULL && strcmp(kind->event, event) != 0) {
        kind++;
    }
    return kind;
}

static json_t *coding(const coding_t *from)
{
    return json_pack("{s:s, s:s, s:s}", "system", from->system, "code",
                     from->code, "display", from->display);
}

static const char *id_of(const json_t *row, apr_pool_t *p)
{
    char *id = apr_pstrdup(p, cp_json_string(row, "audit_id", ""));
    char *c;

    for (c = id; *c != '\0'; c++) {
        *c = *c == '_' ? '.' : *c;
    }
    return id;
}

/* An instant, in UTC, with milliseconds. */
static const char *instant(apr_time_t at, apr_pool_t *p)
{
    apr_time_exp_t utc;

    if (apr_time_exp_gmt(&utc, at) != APR_SUCCESS) {
        return "1970-01-01T00:00:00.000Z";
    }
    return apr_psprintf(p, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                        utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                        utc.tm_hour, utc.tm_min, utc.tm_sec,
                        utc.tm_usec / 1000);
}

static int has(const json_t *row, const char *column)
{
    return cp_json_string(row, column, "")[0] != '\0';
}

/* Without an address it was done on the command line; the account, if there is
 * one, is then what it was done to. */
static json_t *agent(const json_t *row)
{
    json_t *made = json_object();

    cp_json_put(made, "requestor", json_true());
    if (!has(row, "address")) {
        cp_json_put_text(made, "name", "clinicportalctl");
        return made;
    }
    cp_json_put(made, "network",
                json_pack("{s:s, s:s}", "address",
                          cp_json_string(row, "address", ""), "type", "2"));
    if (has(row, "username")) {
        cp_json_put_text(made, "name", cp_json_string(row, "username", ""));
    }
    if (has(row, "account_id")) {
        cp_json_put_text(made, "altId", cp_json_string(row, "account_id", ""));
    }
    return made;
}

static json_t *entity(const char *type, const char *id, const char *name)
{
    json_t *made = json_pack("{s:{s:s, s:{s:s}}}", "what", "type", type,
                             "identifier", "value", id);

    if (name != NULL && name[0] != '\0') {
        cp_json_put_text(made, "name", name);
    }
    return made;
}

/* A login is no FHIR resource; its person is. */
static const char *person_type(const json_t *row)
{
    return strcmp(cp_json_string(row, "kind", ""), "patient") == 0
               ? "Patient"
               : "Practitioner";
}

static void put_entities(json_t *event, const json_t *row)
{
    json_t *entities = json_array();

    if (has(row, "entity_type")) {
        (void)json_array_append_new(
            entities, entity(cp_json_string(row, "entity_type", ""),
                             cp_json_string(row, "entity_id", ""), NULL));
    }
    if (has(row, "account_id") && !has(row, "address")) {
        (void)json_array_append_new(
            entities,
            entity(person_type(row), cp_json_string(row, "account_id", ""),
                   cp_json_string(row, "username", "")));
    }
    if (json_array_size(entities) > 0) {
        cp_json_put(event, "entity", entities);
    }
    else {
        json_decref(entities);
    }
}

static void put_chain(json_t *event, const json_t *row)
{
    json_int_t seq = cp_json_integer(row, "seq", 0);
    json_t *extensions = json_array();

    if (seq > 0) {
        (void)json_array_append_new(extensions,
                                    json_pack("{s:s, s:s}", "url",
                                              EXTENSION "hash", "valueString",
                                              cp_json_string(row, "hash", "")));
        (void)json_array_append_new(extensions, json_pack("{s:s, s:I}", "url",
                                                          EXTENSION "sequence",
                                                          "valueDecimal", seq));
    }
    if (has(row, "reference")) {
        (void)json_array_append_new(
            extensions,
            json_pack("{s:s, s:s}", "url", EXTENSION "reference", "valueString",
                      cp_json_string(row, "reference", "")));
    }
    if (json_array_size(extensions) > 0) {
        cp_json_put(event, "extension", extensions);
    }
    else {
        json_decref(extensions);
    }
}

json_t *cp_audit_fhir(const json_t *row, apr_pool_t *p)
{
    const kind_t *kind = kind_of(cp_json_string(row, "event", ""));
    json_t *event = json_pack(
        "{s:s, s:s, s:o, s:s, s:s, s:s, s:[o], s:{s:s, s:{s:s}, s:[{s:s, s:s, "
        "s:s}]}}",
        "resourceType", "AuditEvent", "id", id_of(row, p), "type",
        coding(kind->type), "action", kind->action, "recorded",
        instant(cp_json_integer(row, "recorded_at", 0), p), "outcome",
        cp_json_string(row, "outcome", ""), "agent", agent(row), "source",
        "site", cp_json_string(row, "clinic_id", ""), "observer", "display",
        "mod_clinicportal", "type", "system", SOURCE_TYPE, "code", "4",
        "display", "Application Server");

    if (event == NULL) {
        return NULL;
    }
    if (kind->subtype != NULL) {
        cp_json_put(event, "subtype", json_pack("[o]", coding(kind->subtype)));
    }
    if (has(row, "reason")) {
        cp_json_put_text(event, "outcomeDesc",
                         cp_json_string(row, "reason", ""));
    }
    put_entities(event, row);
    put_chain(event, row);
    return event;
}
