/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Setting up a second factor, and taking it away. */
#include "clinic/factor_impl.h"

#include "base/json.h"
#include "base/sealed.h"
#include "base/status.h"
#include "clinic/device.h"
#include "clinic/mail.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <string.h>

#define PENDING_FOR apr_time_from_sec(30 * 60)

/* Something done to one account in one transaction. */
typedef struct change_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
    const char *pending; /* the waiting secret, sealed for the session */
    const char *sealed;  /* and for the account */
    apr_int64_t step;
    const char *method;
    json_t *codes;
} change_t;

/* Another session of the account can neither read nor confirm it. */
static cp_seal_t pending_seal(const cp_ctx_t *cx, const cp_session_t *session)
{
    return cp_ctx_seal(cx, apr_pstrcat(cx->pool, "otp-pending ",
                                       session->clinic->clinic_id, " ",
                                       session->account_id, " ",
                                       session->session_id, NULL));
}

apr_status_t cp_factor_begin_otp(cp_ctx_t *cx, const cp_session_t *session)
{
    unsigned char secret[CP_OTP_SECRET_BYTES];
    cp_seal_t seal = pending_seal(cx, session);
    const char *sealed = "";
    json_t *args;
    apr_status_t rv = cp_random(cx->port, secret, sizeof(secret));

    if (rv == APR_SUCCESS) {
        rv = cp_sealed_make(&sealed, &seal, secret, sizeof(secret), cx->pool);
    }
    OPENSSL_cleanse(secret, sizeof(secret));
    if (rv != APR_SUCCESS) {
        return rv;
    }
    args = cp_factor_key_of(session);
    cp_json_put_text(args, "otp_pending", sealed);
    cp_json_put(args, "until", json_integer(cp_now(cx->port) + PENDING_FOR));
    return cp_db_execute(cx->db, "factor_set_pending", args, NULL);
}

static apr_status_t find_pending(cp_ctx_t *cx, const cp_session_t *session,
                                 const char **sealed,
                                 unsigned char secret[CP_OTP_SECRET_BYTES])
{
    cp_seal_t seal = pending_seal(cx, session);
    cp_factor_t factor;
    apr_status_t rv = cp_factor_find(cx, session->clinic->clinic_id,
                                     session->account_id, &factor);

    *sealed = factor.otp_pending;
    if (rv == APR_SUCCESS) {
        rv = cp_factor_open(cx, &seal, *sealed, secret);
    }
    return rv == CP_EDENIED ? APR_ENOENT : rv;
}

apr_status_t cp_factor_pending(cp_ctx_t *cx, const cp_session_t *session,
                               unsigned char secret[CP_OTP_SECRET_BYTES])
{
    const char *unused;

    return find_pending(cx, session, &unused, secret);
}

/* Crockford's base32, which a person can read out: five bits a character. */
static apr_status_t make_code(cp_ctx_t *cx, const char **shown,
                              const char **plain)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char bytes[CP_RECOVERY_GROUPS * 4];
    char text[CP_RECOVERY_GROUPS * 4 + 1];
    apr_size_t i;
    apr_status_t rv = cp_random(cx->port, bytes, sizeof(bytes));

    if (rv != APR_SUCCESS) {
        return rv;
    }
    for (i = 0; i < sizeof(bytes); i++) {
        text[i] = alphabet[bytes[i] % 32];
    }
    text[sizeof(bytes)] = '\0';
    *plain = apr_pstrdup(cx->pool, text);
    *shown = apr_psprintf(cx->pool, "%.4s-%.4s-%.4s", text, text + 4, text + 8);
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return APR_SUCCESS;
}

static apr_status_t renew_codes(change_t *change)
{
    cp_ctx_t *cx = change->cx;
    apr_status_t rv = cp_db_execute(cx->db, "factor_drop_recovery",
                                    cp_factor_key_of(change->session), NULL);
    int i;

    change->codes = cp_json_own(json_array(), cx->pool);
    for (i = 0; rv == APR_SUCCESS && i < CP_RECOVERY_CODES; i++) {
        const char *shown;
        const char *plain;
        json_t *args;

        rv = make_code(cx, &shown, &plain);
        if (rv != APR_SUCCESS) {
            break;
        }
        (void)json_array_append_new(change->codes, json_string(shown));
        args = cp_factor_key_of(change->session);
        cp_json_put_text(args, "code_hash", cp_token_digest(plain, cx->pool));
        cp_json_put(args, "now", json_integer(cp_now(cx->port)));
        rv = cp_db_execute(cx->db, "factor_add_recovery", args, NULL);
    }
    return rv;
}

/* The account's owner is told: OWASP ASVS 5.0 6.3.7. */
static apr_status_t tell(cp_ctx_t *cx, const char *clinic_id,
                         const char *account_id)
{
    return cx->options->sends_mail
               ? cp_mail_add(cx, clinic_id, account_id, CP_MAIL_FACTOR_CHANGED)
               : APR_SUCCESS;
}

static apr_status_t tell_and_audit(const change_t *change, const char *event,
                                   const char *reason)
{
    const cp_session_t *session = change->session;
    apr_status_t rv =
        tell(change->cx, session->clinic->clinic_id, session->account_id);

    return rv == APR_SUCCESS ? cp_factor_audit(change->cx, session, event,
                                               reason, CP_AUDIT_SUCCESS)
                             : rv;
}

/* Whoever came in without it is out. */
static apr_status_t close_doors(const change_t *change)
{
    const cp_session_t *session = change->session;
    apr_status_t rv = cp_session_end_others(change->cx, session, NULL);

    return rv == APR_SUCCESS
               ? cp_device_distrust(change->cx, session->clinic->clinic_id,
                                    session->account_id)
               : rv;
}

static apr_status_t confirm_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;
    json_t *args = cp_factor_key_of(change->session);
    apr_status_t rv;

    cp_json_put_text(args, "otp_secret", change->sealed);
    cp_json_put_text(args, "otp_pending", change->pending);
    cp_json_put(args, "step", json_integer(change->step));
    rv = cp_factor_spend(change->cx, "factor_set_otp", args);
    if (rv == APR_SUCCESS) {
        rv = renew_codes(change);
    }
    if (rv == APR_SUCCESS) {
        rv = close_doors(change);
    }
    return rv == APR_SUCCESS
               ? tell_and_audit(change, "second-factor-enrolled", CP_FACTOR_OTP)
               : rv;
}

apr_status_t cp_factor_confirm_otp(cp_ctx_t *cx, const cp_session_t *session,
                                   const char *code, json_t **codes)
{
    change_t change = {.cx = cx, .session = session};
    cp_seal_t seal =
        cp_factor_seal(cx, session->clinic->clinic_id, session->account_id);
    unsigned char secret[CP_OTP_SECRET_BYTES];
    apr_status_t rv = find_pending(cx, session, &change.pending, secret);

    if (rv == APR_SUCCESS) {
        rv = cp_otp_check(secret,
                          cp_factor_tidy(code == NULL ? "" : code, cx->pool),
                          cp_now(cx->port), &change.step);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_sealed_make(&change.sealed, &seal, secret, sizeof(secret),
                            cx->pool);
    }
    OPENSSL_cleanse(secret, sizeof(secret));
    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(cx->db, confirm_work, &change);
    }
    *codes = change.codes;
    return rv;
}

static apr_status_t method_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;
    json_t *args = cp_factor_key_of(change->session);
    apr_status_t rv;

    cp_json_put_text(args, "method", change->method);
    rv = cp_db_execute(db, "factor_set_method", args, NULL);
    if (rv == APR_SUCCESS) {
        rv = close_doors(change);
    }
    return rv == APR_SUCCESS ? tell_and_audit(change, "second-factor-enrolled",
                                              change->method)
                             : rv;
}

apr_status_t cp_factor_choose_mail(cp_ctx_t *cx, const cp_session_t *session)
{
    change_t change = {.cx = cx, .session = session, .method = CP_FACTOR_MAIL};
    cp_factor_t factor;
    apr_status_t rv = cp_factor_find(cx, session->clinic->clinic_id,
                                     session->account_id, &factor);

    if (rv == APR_SUCCESS &&
        (!cx->options->sends_mail || factor.email[0] == '\0')) {
        return CP_EINPUT;
    }
    return rv == APR_SUCCESS ? cp_db_transaction(cx->db, method_work, &change)
                             : rv;
}

static apr_status_t codes_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;
    apr_status_t rv = renew_codes(change);

    return rv == APR_SUCCESS
               ? tell_and_audit(change, "recovery-codes-renewed", NULL)
               : rv;
}

apr_status_t cp_factor_renew_codes(cp_ctx_t *cx, const cp_session_t *session,
                                   json_t **codes)
{
    change_t change = {.cx = cx, .session = session};
    apr_status_t rv = cp_db_transaction(cx->db, codes_work, &change);

    *codes = change.codes;
    return rv;
}

apr_status_t cp_factor_remove(cp_ctx_t *cx, const char *clinic_id,
                              const char *account_id)
{
    json_t *args = cp_factor_key(clinic_id, account_id);
    cp_audit_event_t row = {
        .clinic_id = clinic_id,
        .event = "second-factor-removed",
        .outcome = CP_AUDIT_SUCCESS,
        .account_id = account_id,
    };
    int unused;
    apr_status_t rv;

    cp_json_put_text(args, "method", "");
    rv = cp_db_execute(cx->db, "factor_set_method", args, NULL);
    if (rv == APR_SUCCESS) {
        rv = cp_db_execute(cx->db, "factor_drop_recovery",
                           cp_factor_key(clinic_id, account_id), NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_device_remove(cx, clinic_id, account_id, NULL, NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_factor_forgive(cx, clinic_id, account_id, &unused);
    }
    if (rv == APR_SUCCESS) {
        rv = tell(cx, clinic_id, account_id);
    }
    return rv == APR_SUCCESS ? cp_audit_write(cx, &row) : rv;
}
