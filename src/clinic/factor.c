/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Second factors. */
#include "clinic/factor.h"

#include "base/json.h"
#include "base/sealed.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/mail.h"
#include "clinic/throttle.h"

#include <apr_escape.h>
#include <apr_strings.h>
#include <openssl/crypto.h>
#include <string.h>

#define PENDING_FOR apr_time_from_sec(30 * 60)
#define RECOVERY_GROUPS 3 /* of four characters: 60 bits */

static const cp_limit_t code_limit = {5, 3600 * APR_USEC_PER_SEC};

/* Something done to one account in one transaction. */
typedef struct change_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
    const char *sealed; /* the waiting secret */
    apr_int64_t step;
    const char *method;
    json_t *codes;
    int is_over;
} change_t;

static json_t *key_of(const char *clinic_id, const char *account_id)
{
    return json_pack("{s:s, s:s}", "clinic_id", clinic_id, "account_id",
                     account_id);
}

static json_t *key_of_session(const cp_session_t *session)
{
    return key_of(session->clinic->clinic_id, session->account_id);
}

static const char *context_of(const char *clinic_id, const char *account_id,
                              apr_pool_t *p)
{
    return apr_pstrcat(p, "otp ", clinic_id, " ", account_id, NULL);
}

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

static apr_status_t audit(cp_ctx_t *cx, const cp_session_t *session,
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

static apr_status_t open_secret(cp_ctx_t *cx, const cp_session_t *session,
                                const char *sealed,
                                unsigned char secret[CP_OTP_SECRET_BYTES])
{
    const char *bytes;
    apr_size_t len;
    int is_old;
    apr_status_t rv;

    if (sealed[0] == '\0') {
        return APR_ENOENT;
    }
    rv = cp_sealed_open(
        &bytes, &len, &is_old, &cx->options->keys,
        context_of(session->clinic->clinic_id, session->account_id, cx->pool),
        sealed, cx->pool);
    if (rv == APR_SUCCESS && len != CP_OTP_SECRET_BYTES) {
        rv = CP_EDENIED;
    }
    if (rv != APR_SUCCESS) {
        cp_log(cx->port, CP_LOG_ERROR, rv,
               CP_TAG(0551) "an authenticator's secret cannot be opened: it "
                            "was sealed with another ClinicPortalSecret");
        return CP_EUNAVAILABLE;
    }
    memcpy(secret, bytes, CP_OTP_SECRET_BYTES);
    return APR_SUCCESS;
}

/* ---- codes ---- */

/* Changes say how many rows they touched: 1 spends, 0 finds nothing to. */
static apr_status_t spend(cp_ctx_t *cx, const char *statement, json_t *args)
{
    int count = 0;
    apr_status_t rv = cp_db_execute(cx->db, statement, args, &count);

    return rv == APR_SUCCESS && count == 0 ? CP_EDENIED : rv;
}

static apr_status_t check_otp(cp_ctx_t *cx, const cp_session_t *session,
                              const cp_factor_t *factor, const char *code)
{
    unsigned char secret[CP_OTP_SECRET_BYTES];
    apr_int64_t step;
    json_t *args;
    apr_status_t rv = open_secret(cx, session, factor->otp_secret, secret);

    if (rv == APR_SUCCESS) {
        rv = cp_otp_check(secret, code, cp_now(cx->port), &step);
    }
    OPENSSL_cleanse(secret, sizeof(secret));
    if (rv != APR_SUCCESS) {
        return rv;
    }
    args = key_of_session(session);
    cp_json_put(args, "step", json_integer(step));
    return spend(cx, "factor_spend_step", args);
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
    args = key_of_session(session);
    cp_json_put_text(args, "token_hash", hash);
    cp_json_put(args, "now", json_integer(cp_now(cx->port)));
    return spend(cx, "factor_spend_mail", args);
}

static apr_status_t check_recovery(cp_ctx_t *cx, const cp_session_t *session,
                                   const char *code)
{
    json_t *args = key_of_session(session);

    cp_json_put_text(args, "code_hash", cp_token_digest(code, cx->pool));
    return spend(cx, "factor_spend_recovery", args);
}

/* As it was meant: without spaces and dashes, capitals, and as Crockford's
 * base32 reads what looks alike. */
static const char *tidy(const char *code, apr_pool_t *p)
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

static apr_status_t check_any(cp_ctx_t *cx, const cp_session_t *session,
                              const char *code, const char **word)
{
    const char *tidied = tidy(code, cx->pool);
    cp_factor_t factor;
    apr_status_t rv = cp_factor_find(cx, session->clinic->clinic_id,
                                     session->account_id, &factor);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (strlen(tidied) == RECOVERY_GROUPS * 4) {
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

apr_status_t cp_factor_check(cp_ctx_t *cx, const cp_session_t *session,
                             const char *code, const char **word)
{
    const char *clinic_id = session->clinic->clinic_id;
    int is_locked;
    apr_status_t rv =
        cp_throttle_factor(cx, clinic_id, session->account_id, &is_locked);

    if (rv == APR_SUCCESS && is_locked) {
        rv = CP_ETOOMANY;
    }
    if (rv == APR_SUCCESS) {
        rv = check_any(cx, session, code == NULL ? "" : code, word);
    }
    if (rv == CP_EDENIED || rv == CP_ETOOMANY) {
        apr_status_t audited = audit(
            cx, session, "second-factor",
            rv == CP_ETOOMANY ? "locked" : "wrong-code", CP_AUDIT_REFUSED);

        return audited == APR_SUCCESS ? rv : audited;
    }
    return rv == APR_SUCCESS ? cp_throttle_factor_clear(
                                   cx, clinic_id, session->account_id, NULL)
                             : rv;
}

static apr_status_t send_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;
    const cp_session_t *session = change->session;
    const char *clinic_id = session->clinic->clinic_id;
    apr_status_t rv =
        cp_throttle_count(change->cx, clinic_id, "factor-mail",
                          session->account_id, &code_limit, &change->is_over);

    return rv == APR_SUCCESS && !change->is_over
               ? cp_mail_add(change->cx, clinic_id, session->account_id,
                             CP_MAIL_CODE)
               : rv;
}

apr_status_t cp_factor_send_code(cp_ctx_t *cx, const cp_session_t *session)
{
    change_t change = {.cx = cx, .session = session};
    apr_status_t rv = cp_db_transaction(cx->db, send_work, &change);

    return rv == APR_SUCCESS && change.is_over ? CP_ETOOMANY : rv;
}

/* ---- enrolment ---- */

apr_status_t cp_factor_begin_otp(cp_ctx_t *cx, const cp_session_t *session)
{
    unsigned char secret[CP_OTP_SECRET_BYTES];
    const char *sealed = "";
    json_t *args;
    apr_status_t rv = cp_random(cx->port, secret, sizeof(secret));

    if (rv == APR_SUCCESS) {
        rv = cp_sealed_make(&sealed, &cx->options->keys,
                            context_of(session->clinic->clinic_id,
                                       session->account_id, cx->pool),
                            secret, sizeof(secret), cx->port, cx->pool);
    }
    OPENSSL_cleanse(secret, sizeof(secret));
    if (rv != APR_SUCCESS) {
        return rv;
    }
    args = key_of_session(session);
    cp_json_put_text(args, "otp_pending", sealed);
    cp_json_put(args, "until", json_integer(cp_now(cx->port) + PENDING_FOR));
    return cp_db_execute(cx->db, "factor_set_pending", args, NULL);
}

static apr_status_t find_pending(cp_ctx_t *cx, const cp_session_t *session,
                                 const char **sealed,
                                 unsigned char secret[CP_OTP_SECRET_BYTES])
{
    cp_factor_t factor;
    apr_status_t rv = cp_factor_find(cx, session->clinic->clinic_id,
                                     session->account_id, &factor);

    *sealed = factor.otp_pending;
    return rv == APR_SUCCESS ? open_secret(cx, session, *sealed, secret) : rv;
}

apr_status_t cp_factor_pending(cp_ctx_t *cx, const cp_session_t *session,
                               unsigned char secret[CP_OTP_SECRET_BYTES])
{
    const char *unused;

    return find_pending(cx, session, &unused, secret);
}

/* Crockford's base32, which a person can read out: two of the references that
 * pages show are five bits for each of sixteen characters; twelve are used. */
static apr_status_t make_code(cp_ctx_t *cx, const char **shown,
                              const char **plain)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char bytes[RECOVERY_GROUPS * 4];
    char text[RECOVERY_GROUPS * 4 + 1];
    apr_size_t i;
    apr_status_t rv = cp_random(cx->port, bytes, sizeof(bytes));

    for (i = 0; i < sizeof(bytes); i++) {
        text[i] = alphabet[bytes[i] % 32];
    }
    text[sizeof(bytes)] = '\0';
    *plain = apr_pstrdup(cx->pool, text);
    *shown = apr_psprintf(cx->pool, "%.4s-%.4s-%.4s", text, text + 4, text + 8);
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return rv;
}

static apr_status_t renew_codes(change_t *change)
{
    cp_ctx_t *cx = change->cx;
    apr_status_t rv = cp_db_execute(cx->db, "factor_drop_recovery",
                                    key_of_session(change->session), NULL);
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
        args = key_of_session(change->session);
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
    return cx->options->sends_mail ? cp_mail_add(cx, clinic_id, account_id,
                                                 CP_MAIL_FACTOR_CHANGED)
                                   : APR_SUCCESS;
}

static apr_status_t tell_and_audit(const change_t *change, const char *event,
                                   const char *reason)
{
    const cp_session_t *session = change->session;
    apr_status_t rv =
        tell(change->cx, session->clinic->clinic_id, session->account_id);

    return rv == APR_SUCCESS
               ? audit(change->cx, session, event, reason, CP_AUDIT_SUCCESS)
               : rv;
}

static apr_status_t confirm_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;
    json_t *args = key_of_session(change->session);
    apr_status_t rv;

    cp_json_put_text(args, "otp_secret", change->sealed);
    cp_json_put_text(args, "otp_pending", change->sealed);
    cp_json_put(args, "step", json_integer(change->step));
    rv = spend(change->cx, "factor_set_otp", args);
    if (rv == APR_SUCCESS) {
        rv = renew_codes(change);
    }
    return rv == APR_SUCCESS
               ? tell_and_audit(change, "second-factor-enrolled", CP_FACTOR_OTP)
               : rv;
}

apr_status_t cp_factor_confirm_otp(cp_ctx_t *cx, const cp_session_t *session,
                                   const char *code, json_t **codes)
{
    change_t change = {.cx = cx, .session = session};
    unsigned char secret[CP_OTP_SECRET_BYTES];
    apr_status_t rv = find_pending(cx, session, &change.sealed, secret);

    if (rv == APR_SUCCESS) {
        rv = cp_otp_check(secret, tidy(code == NULL ? "" : code, cx->pool),
                          cp_now(cx->port), &change.step);
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
    json_t *args = key_of_session(change->session);
    apr_status_t rv;

    cp_json_put_text(args, "method", change->method);
    rv = cp_db_execute(db, "factor_set_method", args, NULL);
    return rv == APR_SUCCESS
               ? tell_and_audit(change, "second-factor-enrolled",
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
    json_t *args = key_of(clinic_id, account_id);
    cp_audit_event_t row = {
        .clinic_id = clinic_id,
        .event = "second-factor-removed",
        .outcome = CP_AUDIT_SUCCESS,
        .account_id = account_id,
    };
    apr_status_t rv;

    cp_json_put_text(args, "method", "");
    rv = cp_db_execute(cx->db, "factor_set_method", args, NULL);
    if (rv == APR_SUCCESS) {
        rv = cp_db_execute(cx->db, "factor_drop_recovery",
                           key_of(clinic_id, account_id), NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_device_remove(cx, clinic_id, account_id, NULL, NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = tell(cx, clinic_id, account_id);
    }
    return rv == APR_SUCCESS ? cp_audit_write(cx, &row) : rv;
}

/* ---- another key ---- */

static apr_status_t reseal_one(cp_ctx_t *cx, const char *clinic_id,
                               cp_row_t row, int *count)
{
    const char *account_id = cp_row_text(row, "account_id");
    const char *context = context_of(clinic_id, account_id, cx->pool);
    const char *old = cp_row_text(row, "otp_secret");
    const char *sealed;
    const char *bytes;
    apr_size_t len;
    int is_old;
    json_t *args;
    apr_status_t rv = cp_sealed_open(&bytes, &len, &is_old, &cx->options->keys,
                                     context, old, cx->pool);

    if (rv != APR_SUCCESS || !is_old) {
        return rv;
    }
    rv = cp_sealed_make(&sealed, &cx->options->keys, context, bytes, len,
                        cx->port, cx->pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    args = key_of(clinic_id, account_id);
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
