/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Administering clinics. */
#include "clinic/clinics.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/line.h"

#include <string.h>

#define NAME_MAX_BYTES 200
#define NOTE_MAX 500

/* A text of one line that may be left out. */
static int is_line(const char *text, apr_size_t max)
{
    return text == NULL || cp_line_is_valid(text, max);
}

static const char *or_else(const char *text, const char *otherwise)
{
    return text == NULL ? otherwise : text;
}

static const char *refuse_calendar(const cp_clinic_fields_t *fields,
                                   apr_pool_t *p)
{
    cp_calendar_t *calendar;

    if (cp_calendar_open(&calendar, or_else(fields->time_zone, "UTC"), "en-US",
                         p) != APR_SUCCESS) {
        return "the time zone is not one such as America/New_York";
    }
    return cp_calendar_open(&calendar, "UTC", or_else(fields->locale, "en-US"),
                            p) == APR_SUCCESS
               ? NULL
               : "the locale is not one such as en-US";
}

const char *cp_clinics_refuse(const cp_clinic_fields_t *fields, apr_pool_t *p)
{
    cp_kind_t kind;

    if (!is_line(fields->name, NAME_MAX_BYTES) ||
        (fields->name != NULL && fields->name[0] == '\0')) {
        return "the name is not one line of 1 to 200 bytes";
    }
    if (!is_line(fields->support_contact, NOTE_MAX) ||
        !is_line(fields->crisis_text, NOTE_MAX)) {
        return "a text is not one line of at most 500 bytes";
    }
    if (fields->default_tab != NULL &&
        cp_kind_parse(fields->default_tab, &kind) != APR_SUCCESS) {
        return "the default tab is neither staff nor patient";
    }
    return refuse_calendar(fields, p);
}

apr_status_t cp_clinics_list(cp_ctx_t *cx, json_t **clinics)
{
    return cp_db_select(cx->db, "clinics_list", json_object(), clinics,
                        cx->pool);
}

apr_status_t cp_clinics_find(cp_ctx_t *cx, const char *code, json_t **clinic)
{
    if (!cp_ident_is_clinic_code(code)) {
        return APR_ENOENT;
    }
    return cp_db_find(
        cx->db, "clinics_find",
        json_pack("{s:s}", "clinic_id", cp_ident_clinic_id(code, cx->pool)),
        clinic, cx->pool);
}

static apr_status_t audit(cp_ctx_t *cx, const char *clinic_id,
                          const char *event)
{
    cp_audit_event_t row = {
        .clinic_id = clinic_id,
        .event = event,
        .outcome = CP_AUDIT_SUCCESS,
        .entity_type = "Organization",
        .entity_id = clinic_id,
    };

    return cp_audit_write(cx, &row);
}

/* The arguments of clinics_add and clinics_set. */
static json_t *field_args(const char *clinic_id,
                          const cp_clinic_fields_t *fields)
{
    json_t *active = fields->active == NULL
                         ? json_null()
                         : json_integer(strcmp(fields->active, "on") == 0);

    return json_pack("{s:s, s:s?, s:o, s:s?, s:s?, s:s?, s:s?, s:s?}",
                     "clinic_id", clinic_id, "name", fields->name, "active",
                     active, "time_zone", fields->time_zone, "locale",
                     fields->locale, "default_tab", fields->default_tab,
                     "support_contact", fields->support_contact, "crisis_text",
                     fields->crisis_text);
}

static cp_clinic_fields_t with_defaults(const cp_clinic_fields_t *fields)
{
    cp_clinic_fields_t all = {
        .name = or_else(fields->name, ""),
        .active = or_else(fields->active, "on"),
        .time_zone = or_else(fields->time_zone, ""),
        .locale = or_else(fields->locale, "en-US"),
        .default_tab = or_else(fields->default_tab, "patient"),
        .support_contact = or_else(fields->support_contact, ""),
        .crisis_text = or_else(fields->crisis_text, ""),
    };

    return all;
}

apr_status_t cp_clinics_add(cp_ctx_t *cx, const char *code,
                            const cp_clinic_fields_t *fields)
{
    cp_clinic_fields_t all = with_defaults(fields);
    const char *clinic_id;
    json_t *args;
    int count = 0;
    apr_status_t rv;

    if (!cp_ident_is_clinic_code(code)) {
        return CP_EINPUT;
    }
    clinic_id = cp_ident_clinic_id(code, cx->pool);
    args = field_args(clinic_id, &all);
    if (json_object_set_new(args, "code", json_string(code)) != 0) {
        json_decref(args);
        return APR_ENOMEM;
    }
    rv = cp_db_execute(cx->db, "clinics_add", args, &count);
    if (rv == APR_SUCCESS && count == 0) {
        rv = APR_EEXIST;
    }
    return rv == APR_SUCCESS ? audit(cx, clinic_id, "clinic-added") : rv;
}

apr_status_t cp_clinics_set(cp_ctx_t *cx, const json_t *clinic,
                            const cp_clinic_fields_t *fields, int *is_changed)
{
    const char *clinic_id = cp_json_string(clinic, "clinic_id", "");
    apr_status_t rv = cp_db_execute(cx->db, "clinics_set",
                                    field_args(clinic_id, fields), is_changed);

    if (rv == APR_SUCCESS && fields->active != NULL &&
        strcmp(fields->active, "off") == 0) {
        rv = cp_db_execute(cx->db, "clinics_end_sessions",
                           json_pack("{s:s}", "clinic_id", clinic_id), NULL);
    }
    if (rv != APR_SUCCESS || !*is_changed) {
        return rv;
    }
    rv = cp_db_execute(cx->db, "account_note_clinic",
                       json_pack("{s:s}", "clinic_id", clinic_id), NULL);
    return rv == APR_SUCCESS ? audit(cx, clinic_id, "clinic-changed") : rv;
}
