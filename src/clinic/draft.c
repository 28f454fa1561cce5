/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What somebody typed when the session ended. */
#include "clinic/draft.h"

#include "base/json.h"
#include "base/sealed.h"
#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

#define KEPT_FOR apr_time_from_sec(7 * 86400)

static json_t *key_of(const cp_session_t *session, const char *place)
{
    return json_pack("{s:s, s:s, s:s}", "clinic_id", session->clinic->clinic_id,
                     "account_id", session->account_id, "place", place);
}

static cp_seal_t seal_of(const cp_ctx_t *cx, const cp_session_t *session,
                         const char *place)
{
    return cp_ctx_seal(cx, apr_pstrcat(cx->pool, "draft ",
                                       session->clinic->clinic_id, " ",
                                       session->account_id, " ", place, NULL));
}

apr_status_t cp_draft_save(cp_ctx_t *cx, const cp_session_t *session,
                           const char *place, const char *text)
{
    cp_seal_t seal = seal_of(cx, session, place);
    const char *sealed;
    json_t *args;
    apr_status_t rv;

    if (text == NULL || text[0] == '\0') {
        return APR_SUCCESS;
    }
    rv = cp_sealed_make(&sealed, &seal, text, strlen(text), cx->pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    args = key_of(session, place);
    cp_json_put(args, "now", json_integer(cp_now(cx->port)));
    cp_json_put_text(args, "body", sealed);
    return cp_db_execute(cx->db, "draft_save", args, NULL);
}

apr_status_t cp_draft_find(cp_ctx_t *cx, const cp_session_t *session,
                           const char *place, const char **text)
{
    cp_seal_t seal = seal_of(cx, session, place);
    cp_unsealed_t unsealed;
    cp_row_t row;
    apr_status_t rv =
        cp_db_row(cx->db, "draft_find",
                  CP_ARGS(CP_TEXT("clinic_id", session->clinic->clinic_id),
                          CP_TEXT("account_id", session->account_id),
                          CP_TEXT("place", place),
                          CP_INT("since", cp_now(cx->port) - KEPT_FOR)),
                  &row, cx->pool);

    *text = NULL;
    if (rv == APR_SUCCESS &&
        cp_sealed_open(&unsealed, &seal, cp_row_text(row, "body"), cx->pool) ==
            APR_SUCCESS) {
        *text = unsealed.bytes;
    }
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

apr_status_t cp_draft_remove(cp_ctx_t *cx, const cp_session_t *session,
                             const char *place)
{
    return cp_db_execute(cx->db, "draft_remove", key_of(session, place), NULL);
}

apr_status_t cp_draft_prune(cp_ctx_t *cx)
{
    return cp_db_execute(
        cx->db, "draft_prune",
        json_pack("{s:I}", "before", (json_int_t)(cp_now(cx->port) - KEPT_FOR)),
        NULL);
}
