/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Giving a second factor. */
#include "clinic/factor_impl.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/mail.h"
#include "clinic/throttle.h"

#include <apr_escape.h>
#include <apr_strings.h>
#include <openssl/crypto.h>
#include <string.h>

#define CODES_KIND "factor-mail"

static const cp_limit_t code_limit = {5, 3600 * APR_USEC_PER_SEC};

apr_status_t cp_factor_find(cp_ctx_t *cx, const char *clinic_id,
                            const char *account_id, cp_factor_t *factor)
{
    cp_row_t row;
    apr_status_t rv = cp_db_row(cx->db, "factor_find",
                                CP_ARGS(CP_TEXT("clinic_id", clinic_id),
                                        CP_TEXT("account_id", account_id)),
                                &row, cx->pool);

    memset(factor, 0, sizeof(*factor));
    if (rv == APR_SUCCESS) {
        factor->method = cp_row_text(row, "method");
        factor->is_required = cp_row_is_true(row, "is_required");
        factor->otp_secret = cp_row_text(row, "otp_secret");
        factor->otp_pending =
            cp_row_integer(row, "otp_pending_until") > cp_now(cx->port)
                ? cp_row_text(row, "otp_pending")
                : "";
        factor->email = cp_row_text(row, "email");
        factor->recovery_left = (int)cp_row_integer(row, "recovery_left");
    }
    return rv;
}

/* What cannot be opened is no wrong code. */
static apr_status_t open_secret(cp_ctx_t *cx, const cp_session_t *session,
                                const cp_factor_t *factor,
                                unsigned char secret[CP_OTP_SECRET_BYTES])
{
    cp_seal_t seal =
        cp_factor_seal(cx, session->clinic->clinic_id, session->account_id);
    apr_status_t rv = cp_factor_open(cx, &seal, factor->otp_secret, secret);

    if (rv != CP_EDENIED) {
        return rv;
    }
    cp_log(cx->port, CP_LOG_ERROR, rv,
           CP_TAG(0551) "an authenticator's secret cannot be opened: it was "
                        "sealed with another ClinicPortalSecret");
    return CP_EUNAVAILABLE;
}

static apr_status_t check_otp(cp_ctx_t *cx, const cp_session_t *session,
                              const cp_factor_t *factor, const char *code)
{
    unsigned char secret[CP_OTP_SECRET_BYTES];
    apr_int64_t step;
    json_t *args;
    apr_status_t rv = open_secret(cx, session, factor, secret);

    if (rv == APR_SUCCESS) {
        rv = cp_otp_check(secret, code, cp_now(cx->port), &step);
    }
    OPENSSL_cleanse(secret, sizeof(secret));
    if (rv != APR_SUCCESS) {
        return rv;
    }
    args = cp_factor_key_of(session);
    cp_json_put(args, "step", json_integer(step));
    return cp_factor_spend(cx, "factor_spend_step", args);
}

apr_status_t cp_factor_code_hash(cp_ctx_t *cx, const char *account_id,
                                 const char *code, const char **hash)
{
    unsigned char mac[CP_MAC_BYTES];
    apr_status_t rv =
        cp_keys_mac(&cx->options->keys, 0, "mail-code",
                    apr_pstrcat(cx->pool, account_id, " ", code, NULL), mac);

    if (rv == APR_SUCCESS) {
        *hash = apr_pescape_hex(cx->pool, mac, sizeof(mac), 0);
    }
    return rv;
}

static apr_status_t check_mail(cp_ctx_t *cx, const cp_session_t *session,
                               const char *code)
{
    const char *hash;
    json_t *args;
    apr_status_t rv = cp_factor_code_hash(cx, session->account_id, code, &hash);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    args = cp_factor_key_of(session);
    cp_json_put_text(args, "token_hash", hash);
    cp_json_put(args, "now", json_integer(cp_now(cx->port)));
    return cp_factor_spend(cx, "factor_spend_mail", args);
}

static apr_status_t check_recovery(cp_ctx_t *cx, const cp_session_t *session,
                                   const char *code)
{
    json_t *args = cp_factor_key_of(session);

    cp_json_put_text(args, "code_hash", cp_token_digest(code, cx->pool));
    return cp_factor_spend(cx, "factor_spend_recovery", args);
}

static apr_status_t check_any(cp_ctx_t *cx, const cp_session_t *session,
                              const char *code, const char **word)
{
    const char *tidied = cp_factor_tidy(code, cx->pool);
    cp_factor_t factor;
    apr_status_t rv = cp_factor_find(cx, session->clinic->clinic_id,
                                     session->account_id, &factor);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (strlen(tidied) == CP_RECOVERY_GROUPS * 4) {
        *word = CP_FACTOR_RECOVERY;
        return check_recovery(cx, session, tidied);
    }
    *word = factor.method;
    if (strcmp(factor.method, CP_FACTOR_OTP) == 0) {
        return check_otp(cx, session, &factor, tidied);
    }
    return strcmp(factor.method, CP_FACTOR_MAIL) == 0
               ? check_mail(cx, session, tidied)
               : CP_EDENIED;
}

apr_status_t cp_factor_forgive(cp_ctx_t *cx, const char *clinic_id,
                               const char *account_id, int *count)
{
    cp_throttle_key_t key = {clinic_id, CODES_KIND, account_id};
    int codes = 0;
    apr_status_t rv =
        cp_throttle_factor_clear(cx, clinic_id, account_id, count);

    if (rv == APR_SUCCESS) {
        rv = cp_throttle_forget(cx, &key, &codes);
    }
    *count += codes;
    return rv;
}

/* Each lock has one row, however many tries it refuses. */
static apr_status_t note_refusal(cp_ctx_t *cx, const cp_session_t *session,
                                 const cp_throttle_verdict_t *verdict)
{
    apr_status_t rv;

    if (verdict->is_locked_still) {
        return APR_SUCCESS;
    }
    rv = cp_factor_audit(cx, session, "second-factor",
                         verdict->is_account_locked ? "locked" : "wrong-code",
                         CP_AUDIT_REFUSED);
    return rv == APR_SUCCESS && verdict->is_last && cx->options->sends_mail
               ? cp_mail_add(cx, session->clinic->clinic_id,
                             session->account_id, CP_MAIL_FACTOR_LOCKED)
               : rv;
}

static apr_status_t check(cp_ctx_t *cx, const cp_session_t *session,
                          const char *code, const char **word)
{
    const char *clinic_id = session->clinic->clinic_id;
    cp_throttle_verdict_t verdict;
    apr_status_t noted;
    int unused;
    apr_status_t rv =
        cp_throttle_factor(cx, clinic_id, session->account_id, &verdict);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = verdict.is_account_locked
             ? CP_ETOOMANY
             : check_any(cx, session, code == NULL ? "" : code, word);
    switch (rv) {
    case APR_SUCCESS:
        return cp_factor_forgive(cx, clinic_id, session->account_id, &unused);
    case CP_EDENIED:
    case CP_ETOOMANY:
        noted = note_refusal(cx, session, &verdict);
        return noted == APR_SUCCESS ? rv : noted;
    default: /* else it stays counted */
        (void)cp_throttle_factor_take_back(cx, clinic_id, session->account_id);
        return rv;
    }
}

static const char *outcome_word(apr_status_t rv)
{
    switch (rv) {
    case APR_SUCCESS:
        return "done";
    case CP_EDENIED:
        return "wrong";
    case CP_ETOOMANY:
        return "locked";
    default:
        return "failed";
    }
}

apr_status_t cp_factor_check(cp_ctx_t *cx, const cp_session_t *session,
                             const char *code, const char **word)
{
    apr_status_t rv = check(cx, session, code, word);

    cp_meter_count(cx->port->meter, CP_METER_FACTORS, outcome_word(rv));
    return rv;
}

apr_status_t cp_factor_mail_code(cp_ctx_t *cx, const char *clinic_id,
                                 const char *account_id, int *is_over)
{
    cp_throttle_key_t key = {clinic_id, CODES_KIND, account_id};
    cp_throttle_verdict_t verdict;
    apr_status_t rv = cp_throttle_count(cx, &key, &code_limit, &verdict);

    *is_over = verdict.is_busy;
    return rv == APR_SUCCESS && !*is_over
               ? cp_mail_add(cx, clinic_id, account_id, CP_MAIL_CODE)
               : rv;
}

typedef struct send_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
    int is_over;
} send_t;

static apr_status_t send_work(cp_db_t *db, void *baton)
{
    send_t *send = baton;

    return cp_factor_mail_code(send->cx, send->session->clinic->clinic_id,
                               send->session->account_id, &send->is_over);
}

apr_status_t cp_factor_send_code(cp_ctx_t *cx, const cp_session_t *session)
{
    send_t send = {.cx = cx, .session = session};
    apr_status_t rv = cp_db_transaction(cx->db, send_work, &send);

    return rv == APR_SUCCESS && send.is_over ? CP_ETOOMANY : rv;
}
