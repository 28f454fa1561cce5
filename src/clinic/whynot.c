/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Why somebody cannot sign in. */
#include "clinic/whynot.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "clinic/accounts.h"
#include "clinic/clinics.h"
#include "clinic/throttle.h"

#include <apr_strings.h>
#include <string.h>

#define CTL "clinicportalctl "

typedef struct question_t {
    cp_ctx_t *cx;
    const char *code; /* as stored, once the clinic is known */
    cp_account_name_t name;
    const char *word; /* of the kind */
    json_t *clinic;
    json_t *account;
    cp_whynot_t *answer;
} question_t;

/* 1: this gate refuses, and the answer is complete. */
static int refuse(question_t *q, const char *gate, const char *why,
                  const char *remedy)
{
    q->answer->gate = gate;
    q->answer->why = why;
    q->answer->remedy = remedy;
    return 1;
}

/* A word of a command line as a shell reads it. */
static const char *quote(const question_t *q, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz"
                                "0123456789._@-";
    const char *quoted = "'";

    if (word[0] != '\0' && word[0] != '-' &&
        strspn(word, plain) == strlen(word)) {
        return word;
    }
    for (;;) {
        apr_size_t len = strcspn(word, "'");

        quoted = apr_pstrcat(q->cx->pool, quoted,
                             apr_pstrmemdup(q->cx->pool, word, len), NULL);
        if (word[len] == '\0') {
            return apr_pstrcat(q->cx->pool, quoted, "'", NULL);
        }
        quoted = apr_pstrcat(q->cx->pool, quoted, "'\\''", NULL);
        word += len + 1;
    }
}

/* "clinicportalctl VERB CLINIC staff USER" */
static const char *account_command(const question_t *q, const char *verb)
{
    return apr_pstrcat(q->cx->pool, CTL, verb, " ", q->code, " ", q->word, " ",
                       quote(q, q->name.username), NULL);
}

static apr_status_t stop_at_clinic(question_t *q, int *has_stopped)
{
    apr_pool_t *p = q->cx->pool;
    apr_status_t rv = cp_clinics_find(q->cx, q->code, &q->clinic);

    if (rv == APR_ENOENT) {
        *has_stopped = refuse(
            q, "clinic", apr_pstrcat(p, "there is no clinic ", q->code, NULL),
            apr_pstrcat(p, CTL "clinic add ", quote(q, q->code),
                        " --name NAME --time-zone ZONE", NULL));
        return APR_SUCCESS;
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    q->code = cp_json_string(q->clinic, "code", q->code);
    q->name.clinic_id = cp_json_string(q->clinic, "clinic_id", "");
    if (!cp_json_is_true(q->clinic, "active")) {
        *has_stopped = refuse(
            q, "clinic-active",
            apr_pstrcat(p, "the clinic ", q->code, " is not active", NULL),
            apr_pstrcat(p, CTL "clinic set ", q->code, " --active on", NULL));
    }
    return APR_SUCCESS;
}

static apr_status_t stop_at_missing(question_t *q, int *has_stopped)
{
    cp_account_name_t other = q->name;
    apr_pool_t *p = q->cx->pool;
    json_t *account;
    apr_status_t rv;

    other.kind = cp_kind_other(q->name.kind);
    rv = cp_accounts_find(q->cx, &other, &account);
    if (rv == APR_SUCCESS) {
        *has_stopped =
            refuse(q, "kind",
                   apr_psprintf(p,
                                "the account is a %s account: its tab is \"%s "
                                "Login\"; there is no %s account of that name",
                                cp_kind_word(other.kind),
                                cp_kind_label(other.kind), q->word),
                   apr_pstrcat(p, CTL, q->word, " add ", q->code, " ",
                               quote(q, q->name.username), NULL));
    }
    else if (rv == APR_ENOENT) {
        *has_stopped =
            refuse(q, "account",
                   apr_pstrcat(p, "there is no ", q->word,
                               " account of that name at ", q->code, NULL),
                   apr_pstrcat(p, CTL, q->word, " add ", q->code, " ",
                               quote(q, q->name.username), NULL));
        rv = APR_SUCCESS;
    }
    return rv;
}

static apr_status_t stop_at_account(question_t *q, int *has_stopped)
{
    const char *portal = cp_access_portal_permission(q->name.kind);
    const char *permissions;
    apr_pool_t *p = q->cx->pool;
    apr_status_t rv = cp_accounts_find(q->cx, &q->name, &q->account);

    if (rv != APR_SUCCESS) {
        return rv == APR_ENOENT ? stop_at_missing(q, has_stopped) : rv;
    }
    permissions = cp_json_string(q->account, "permissions", "");
    if (strcmp(cp_json_string(q->account, "status", ""), "active") != 0) {
        *has_stopped = refuse(q, "status", "the account is disabled",
                              account_command(q, "enable"));
    }
    else if (!cp_access_has(permissions, portal)) {
        *has_stopped = refuse(
            q, "permission",
            apr_pstrcat(p, "the account lacks the permission ", portal, NULL),
            apr_pstrcat(p, CTL, q->word, " set ", q->code, " ",
                        quote(q, q->name.username), " --permissions \"", portal,
                        permissions[0] == '\0' ? "" : " ", permissions, "\"",
                        NULL));
    }
    return rv;
}

/* A moment on the clinic's clocks. */
static const char *moment_text(const question_t *q, apr_time_t at)
{
    cp_calendar_t *calendar;
    cp_clinic_t clinic = {
        .time_zone = cp_json_string(q->clinic, "time_zone", ""),
        .locale = cp_json_string(q->clinic, "locale", ""),
    };

    return cp_clinic_calendar(q->cx, &clinic, &calendar) == APR_SUCCESS
               ? cp_calendar_rfc3339(calendar, at, q->cx->pool)
               : "later";
}

static const char *end_text(const question_t *q, const json_t *row)
{
    apr_time_t until = cp_json_integer(row, "locked_until", 0);

    return until == CP_LOCKED_FOR_GOOD
               ? "until an administrator unlocks it"
               : apr_pstrcat(q->cx->pool, "until ", moment_text(q, until),
                             NULL);
}

/* Until when, and for whom: a device is told by no number. */
static const char *lock_text(const question_t *q, const json_t *row)
{
    const char *place = cp_json_string(row, "place", "");
    const char *whom = strpbrk(place, ".:") == NULL
                           ? "a device that is known"
                           : apr_pstrcat(q->cx->pool, place, NULL);

    return apr_pstrcat(q->cx->pool, "too many tries failed: locked ",
                       place[0] == '\0' ? "" : "for ",
                       place[0] == '\0' ? "" : whom,
                       place[0] == '\0' ? "" : " ", end_text(q, row), NULL);
}

static apr_status_t stop_at_lock(question_t *q, int *has_stopped)
{
    apr_pool_t *p = q->cx->pool;
    const char *key = cp_ident_username_key(q->name.username, p);
    json_t *row;
    apr_status_t rv = cp_db_find(
        q->cx->db, "whynot_lock",
        json_pack("{s:s, s:s, s:I}", "clinic_id", q->name.clinic_id,
                  "username_key", key, "now", (json_int_t)cp_now(q->cx->port)),
        &row, p);

    if (rv == APR_SUCCESS) {
        *has_stopped = refuse(q, "lock", lock_text(q, row),
                              apr_pstrcat(p, CTL "unlock ", q->code, " ",
                                          quote(q, q->name.username), NULL));
    }
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

static apr_status_t stop_at_password(question_t *q, int *has_stopped)
{
    if (!cp_json_is_true(q->account, "has_password")) {
        *has_stopped = refuse(q, "password", "the account has no password yet",
                              account_command(q, "passwd"));
    }
    return APR_SUCCESS;
}

/* Too many wrong codes. */
static apr_status_t stop_at_factor(question_t *q, int *has_stopped)
{
    apr_pool_t *p = q->cx->pool;
    json_t *row;
    apr_status_t rv = cp_db_find(
        q->cx->db, "whynot_factor_lock",
        json_pack("{s:s, s:O?, s:I}", "clinic_id", q->name.clinic_id,
                  "account_id", json_object_get(q->account, "account_id"),
                  "now", (json_int_t)cp_now(q->cx->port)),
        &row, p);

    if (rv == APR_SUCCESS) {
        *has_stopped = refuse(
            q, "factor-lock",
            apr_pstrcat(p, "too many wrong codes of the second factor: locked ",
                        end_text(q, row), NULL),
            apr_pstrcat(p, CTL "unlock ", q->code, " ",
                        quote(q, q->name.username), NULL));
    }
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

/* What comes after the password. */
static apr_status_t find_step(question_t *q, cp_step_t *step)
{
    cp_step_facts_t facts;
    cp_policy_t policy;
    apr_status_t rv = cp_policy_load(q->cx, q->name.clinic_id, &policy);

    if (rv == APR_SUCCESS) {
        rv = cp_session_facts(q->cx, q->name.clinic_id,
                              cp_json_string(q->account, "account_id", ""),
                              &facts);
    }
    *step = rv == APR_SUCCESS
                ? cp_step_next(&policy, &facts, cp_now(q->cx->port))
                : CP_STEP_NONE;
    return rv;
}

static apr_status_t say_nothing_refuses(question_t *q)
{
    static const char *const then[] = {
        [CP_STEP_NONE] = "",
        [CP_STEP_FACTOR] = "; then the second factor is asked for",
        [CP_STEP_ENROL] = "; then a second factor has to be set up",
        [CP_STEP_PASSWORD] = "; then the password has to be changed",
    };
    cp_step_t step;
    apr_status_t rv = find_step(q, &step);

    q->answer->why = apr_psprintf(
        q->cx->pool,
        "nothing refuses: %s %s %s can sign in if the password is right%s",
        q->code, q->word, q->name.username, then[step]);
    return rv;
}

apr_status_t cp_whynot(cp_ctx_t *cx, const char *code, cp_kind_t kind,
                       const char *username, cp_whynot_t *answer)
{
    static apr_status_t (*const gates[])(question_t *, int *) = {
        stop_at_clinic, stop_at_account, stop_at_lock, stop_at_password,
        stop_at_factor};
    question_t q = {.cx = cx,
                    .code = code,
                    .name = {"", kind, username},
                    .word = cp_kind_word(kind),
                    .answer = answer};
    int has_stopped = 0;
    apr_status_t rv = APR_SUCCESS;
    apr_size_t i;

    memset(answer, 0, sizeof(*answer));
    for (i = 0; i < sizeof(gates) / sizeof(gates[0]) && !has_stopped; i++) {
        rv = gates[i](&q, &has_stopped);
        if (rv != APR_SUCCESS) {
            return rv;
        }
    }
    return has_stopped ? rv : say_nothing_refuses(&q);
}
