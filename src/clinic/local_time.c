/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Moments in models: as the clinic's clocks and people say them. */
#include "clinic/local_time.h"

#include "base/json.h"

#include <apr_strings.h>

apr_status_t cp_local_time_calendar(cp_ctx_t *cx, const cp_session_t *session,
                                    cp_calendar_t **calendar)
{
    const char *key =
        apr_pstrcat(cx->pool, "cp-calendar ", session->clinic->clinic_id, NULL);
    void *known = NULL;
    apr_status_t rv = apr_pool_userdata_get(&known, key, cx->pool);

    if (rv == APR_SUCCESS && known != NULL) {
        *calendar = known;
        return APR_SUCCESS;
    }
    rv = cp_clinic_calendar(cx, session->clinic, calendar);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    return apr_pool_userdata_setn(*calendar, key, NULL, cx->pool);
}

apr_status_t cp_local_time_all(cp_ctx_t *cx, const cp_session_t *session,
                               const cp_rows_t *rows, cp_local_time_make_t make,
                               json_t **array)
{
    cp_calendar_t *calendar;
    cp_row_t row = {rows, 0};
    apr_status_t rv = cp_local_time_calendar(cx, session, &calendar);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    *array = json_array();
    for (; row.index < rows->count; row.index++) {
        if (json_array_append_new(
                *array, make(calendar, session, row, cx->pool)) != 0) {
            json_decref(*array);
            return APR_ENOMEM;
        }
    }
    return APR_SUCCESS;
}

void cp_local_time_put(json_t *object, const char *name,
                       cp_calendar_t *calendar, apr_time_t at, apr_pool_t *p)
{
    cp_json_put_text(object, apr_pstrcat(p, name, "_at", NULL),
                     cp_calendar_rfc3339(calendar, at, p));
    cp_json_put_text(object, apr_pstrcat(p, name, "_text", NULL),
                     cp_calendar_text(calendar, at, CP_CALENDAR_MOMENT, p));
}
