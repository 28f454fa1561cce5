/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Clinics: the tenants of the portal. */
#include "clinic/clinic.h"

#include "base/ident.h"
#include "base/status.h"

const cp_clinic_t *cp_clinic_from_row(cp_row_t row, apr_pool_t *p)
{
    cp_clinic_t *clinic = apr_pcalloc(p, sizeof(*clinic));

    clinic->clinic_id = cp_row_text(row, "clinic_id");
    clinic->code = cp_row_text(row, "code");
    clinic->name = cp_row_text(row, "name");
    clinic->time_zone = cp_row_text(row, "time_zone");
    clinic->locale = cp_row_text(row, "locale");
    clinic->support_contact = cp_row_text(row, "support_contact");
    clinic->crisis_text = cp_row_text(row, "crisis_text");
    if (cp_kind_parse(cp_row_text(row, "default_tab"), &clinic->default_tab) !=
        APR_SUCCESS) {
        clinic->default_tab = CP_KIND_PATIENT;
    }
    return clinic;
}

apr_status_t cp_clinic_find(cp_ctx_t *cx, const char *code,
                            const cp_clinic_t **clinic)
{
    cp_row_t row;
    apr_status_t rv;

    *clinic = NULL;
    if (code == NULL || !cp_ident_is_clinic_code(code)) {
        return CP_EINPUT;
    }
    rv = cp_db_row(
        cx->db, "clinic_find",
        CP_ARGS(CP_TEXT("clinic_id", cp_ident_clinic_id(code, cx->pool))), &row,
        cx->pool);
    if (rv == APR_SUCCESS) {
        *clinic = cp_clinic_from_row(row, cx->pool);
    }
    return rv;
}

apr_status_t cp_clinic_calendar(cp_ctx_t *cx, const cp_clinic_t *clinic,
                                cp_calendar_t **calendar)
{
    return cp_calendar_borrow(calendar, cx->options->calendars,
                              clinic->time_zone, clinic->locale, cx->pool);
}
