/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The version counter of an account. */
#include "clinic/changes.h"

#include "base/json.h"

#include <apr_strings.h>

static json_t *args_of(const cp_session_t *session)
{
    return json_pack("{s:s, s:s}", "clinic_id", session->clinic->clinic_id,
                     "account_id", session->account_id);
}

apr_status_t cp_changes_version(cp_ctx_t *cx, const cp_session_t *session,
                                json_int_t *version)
{
    json_t *row;
    apr_status_t rv =
        cp_db_find(cx->db, "change_find", args_of(session), &row, cx->pool);

    *version = rv == APR_SUCCESS ? cp_json_integer(row, "version", 0) : 0;
    return APR_STATUS_IS_ENOENT(rv) ? APR_SUCCESS : rv;
}

apr_status_t cp_changes_look(cp_ctx_t *cx, const cp_session_t *session)
{
    json_int_t version;
    apr_status_t rv = cp_changes_version(cx, session, &version);

    cx->version =
        rv != APR_SUCCESS
            ? NULL
            : apr_psprintf(cx->pool, "%" APR_INT64_T_FMT, (apr_int64_t)version);
    return rv;
}

apr_status_t cp_changes_note(cp_ctx_t *cx, const cp_session_t *session)
{
    return cp_db_execute(cx->db, "change_note", args_of(session), NULL);
}
