/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What src/clinic/factor*.c share. */
#include "clinic/factor_impl.h"

#include "base/sealed.h"
#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

json_t *cp_factor_key(const char *clinic_id, const char *account_id)
{
    return json_pack("{s:s, s:s}", "clinic_id", clinic_id, "account_id",
                     account_id);
}

json_t *cp_factor_key_of(const cp_session_t *session)
{
    return cp_factor_key(session->clinic->clinic_id, session->account_id);
}

cp_seal_t cp_factor_seal(const cp_ctx_t *cx, const char *clinic_id,
                         const char *account_id)
{
    return cp_ctx_seal(
        cx, apr_pstrcat(cx->pool, "otp ", clinic_id, " ", account_id, NULL));
}

apr_status_t cp_factor_audit(cp_ctx_t *cx, const cp_session_t *session,
                             const char *event, const char *reason,
                             cp_audit_outcome_t outcome)
{
    cp_audit_event_t row = {
        .clinic_id = session->clinic->clinic_id,
        .event = event,
        .outcome = outcome,
        .reason = reason,
        .account_id = session->account_id,
        .kind = cp_kind_word(session->kind),
        .username = session->username,
    };

    return cp_audit_write(cx, &row);
}

apr_status_t cp_factor_open(cp_ctx_t *cx, const cp_seal_t *seal,
                            const char *sealed,
                            unsigned char secret[CP_OTP_SECRET_BYTES])
{
    cp_unsealed_t unsealed;
    apr_status_t rv;

    if (sealed[0] == '\0') {
        return APR_ENOENT;
    }
    rv = cp_sealed_open(&unsealed, seal, sealed, cx->pool);
    if (rv == APR_SUCCESS && unsealed.len != CP_OTP_SECRET_BYTES) {
        rv = CP_EDENIED;
    }
    if (rv == APR_SUCCESS) {
        memcpy(secret, unsealed.bytes, CP_OTP_SECRET_BYTES);
    }
    return rv;
}

apr_status_t cp_factor_spend(cp_ctx_t *cx, const char *statement, json_t *args)
{
    int count = 0;
    apr_status_t rv = cp_db_execute(cx->db, statement, args, &count);

    return rv == APR_SUCCESS && count == 0 ? CP_EDENIED : rv;
}

const char *cp_factor_tidy(const char *code, apr_pool_t *p)
{
    char *tidied = apr_palloc(p, strlen(code) + 1);
    char *to = tidied;

    for (; *code != '\0'; code++) {
        if (*code == ' ' || *code == '-') {
            continue;
        }
        *to = *code;
        if (*to >= 'a' && *to <= 'z') {
            *to = (char)(*to - 'a' + 'A');
        }
        *to = *to == 'O' ? '0' : *to;
        *to = *to == 'I' || *to == 'L' ? '1' : *to;
        to++;
    }
    *to = '\0';
    return tidied;
}
