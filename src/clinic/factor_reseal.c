/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Secrets of authenticators under another key. */
#include "clinic/factor_impl.h"

#include "base/json.h"
#include "base/sealed.h"

static apr_status_t reseal_one(cp_ctx_t *cx, const char *clinic_id,
                               cp_row_t row, int *count)
{
    const char *account_id = cp_row_text(row, "account_id");
    cp_seal_t seal = cp_factor_seal(cx, clinic_id, account_id);
    const char *old = cp_row_text(row, "otp_secret");
    const char *sealed;
    cp_unsealed_t unsealed;
    json_t *args;
    apr_status_t rv = cp_sealed_open(&unsealed, &seal, old, cx->pool);

    if (rv != APR_SUCCESS || !unsealed.is_old) {
        return rv;
    }
    rv = cp_sealed_make(&sealed, &seal, unsealed.bytes, unsealed.len, cx->pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    args = cp_factor_key(clinic_id, account_id);
    cp_json_put_text(args, "otp_secret", sealed);
    cp_json_put_text(args, "old_secret", old);
    ++*count;
    return cp_db_execute(cx->db, "factor_reseal", args, NULL);
}

apr_status_t cp_factor_reseal(cp_ctx_t *cx, const char *clinic_id, int *count)
{
    cp_rows_t *rows;
    cp_row_t row;
    apr_status_t rv =
        cp_db_rows(cx->db, "factor_sealed",
                   CP_ARGS(CP_TEXT("clinic_id", clinic_id)), &rows, cx->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    for (row = cp_rows_first(rows);
         rv == APR_SUCCESS && row.index < rows->count; row.index++) {
        rv = reseal_one(cx, clinic_id, row, count);
    }
    return rv;
}
