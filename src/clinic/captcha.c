/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The "I'm not a robot" box: ALTCHA answers are judged and spent here, those
 * of a remote provider by the provider. Whatever cannot be judged is refused.
 */
#include "clinic/captcha.h"

#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

#define ALTCHA_FIELD "altcha"
#define CONNECT_TIMEOUT_MS_MAX 2000
#define UUID_BYTES 16

const char *cp_captcha_field(const cp_captcha_options_t *options)
{
    switch (options->mode) {
    case CP_CAPTCHA_ALTCHA:
        return ALTCHA_FIELD;
    case CP_CAPTCHA_REMOTE:
        return options->provider->form_field;
    default:
        return NULL;
    }
}

static cp_altcha_scope_t login_scope(const cp_clinic_t *clinic,
                                     const char *visit)
{
    cp_altcha_scope_t scope = {clinic->clinic_id, CP_CAPTCHA_FORM, visit};

    return scope;
}

apr_status_t cp_captcha_challenge(cp_ctx_t *cx, const cp_clinic_t *clinic,
                                  const char *visit, json_t **challenge)
{
    const cp_captcha_options_t *options = &cx->options->captcha;
    cp_altcha_scope_t scope = login_scope(clinic, visit);
    cp_altcha_terms_t terms = {&options->altcha, &scope, &cx->options->keys};

    *challenge = NULL;
    if (options->mode != CP_CAPTCHA_ALTCHA) {
        return APR_ENOENT;
    }
    if (visit == NULL || visit[0] == '\0') {
        return CP_EINPUT;
    }
    return cp_altcha_issue(challenge, &terms, cx->port, cx->pool);
}

static apr_status_t judge_altcha(cp_ctx_t *cx, const cp_clinic_t *clinic,
                                 const char *visit, const char *answer,
                                 cp_captcha_pass_t *pass)
{
    cp_altcha_scope_t scope = login_scope(clinic, visit);
    cp_altcha_terms_t terms = {&cx->options->captcha.altcha, &scope,
                               &cx->options->keys};
    cp_altcha_proof_t proof;
    apr_status_t rv;

    if (visit == NULL || visit[0] == '\0') {
        return CP_EDENIED;
    }
    rv = cp_altcha_verify(&proof, answer, &terms, cp_now(cx->port), cx->pool);
    if (rv != APR_SUCCESS) {
        return rv == CP_EDENIED || rv == CP_EEXPIRED ? CP_EDENIED
                                                     : CP_EUNAVAILABLE;
    }
    pass->clinic_id = clinic->clinic_id;
    pass->nonce = proof.nonce;
    pass->expires_at = proof.expires_at;
    return APR_SUCCESS;
}

/* A random UUID (RFC 9562, version 4), by which the provider knows a second
 * post of the same answer. */
static apr_status_t make_uuid(const char **uuid, cp_ctx_t *cx)
{
    unsigned char b[UUID_BYTES];
    apr_status_t rv = cp_random(cx->port, b, sizeof(b));

    if (rv != APR_SUCCESS) {
        return rv;
    }
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    *uuid = apr_psprintf(cx->pool,
                         "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                         "%02x%02x%02x%02x%02x%02x",
                         b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8],
                         b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return APR_SUCCESS;
}

static void add_field(apr_array_header_t *list, const char *name,
                      const char *value)
{
    cp_http_field_t field = {name, value};

    APR_ARRAY_PUSH(list, cp_http_field_t) = field;
}

/* The fields of the post, ended by an empty one. */
static apr_status_t make_fields(const cp_http_field_t **fields, cp_ctx_t *cx,
                                const char *answer)
{
    const cp_captcha_options_t *options = &cx->options->captcha;
    apr_array_header_t *list =
        apr_array_make(cx->pool, 6, sizeof(cp_http_field_t));
    const char *uuid = NULL;
    apr_status_t rv = APR_SUCCESS;

    add_field(list, "secret", options->secret);
    add_field(list, "response", answer);
    add_field(list, "remoteip", cx->address);
    if (options->provider->sends_sitekey) {
        add_field(list, "sitekey", options->site_key);
    }
    if (options->provider->may_retry) {
        rv = make_uuid(&uuid, cx);
        add_field(list, "idempotency_key", uuid);
    }
    add_field(list, NULL, NULL);
    *fields = (const cp_http_field_t *)list->elts;
    return rv;
}

/* APR_EAGAIN: the same question may have an answer later. */
static apr_status_t read_verdict(cp_ctx_t *cx, const cp_http_answer_t *answer)
{
    const cp_captcha_options_t *options = &cx->options->captcha;
    cp_siteverify_answer_t said = {answer->status, answer->body, answer->len};
    cp_siteverify_expect_t expect = {options->hosts, CP_CAPTCHA_FORM,
                                     cp_now(cx->port)};
    const char *why;

    switch (cp_siteverify_judge(options->provider, &said, &expect, &why,
                                cx->pool)) {
    case CP_SITEVERIFY_PASS:
        return APR_SUCCESS;
    case CP_SITEVERIFY_REFUSED:
        return CP_EDENIED;
    case CP_SITEVERIFY_MISCONFIGURED:
        cp_log(cx->port, CP_LOG_ERROR, CP_EUNAVAILABLE,
               CP_TAG(0511) "CAPTCHA provider %s: check the keys and"
                            " ClinicPortalCaptchaHost: %s",
               options->provider->name, why);
        return CP_EUNAVAILABLE;
    default:
        cp_log(cx->port, CP_LOG_WARNING, CP_EUNAVAILABLE,
               CP_TAG(0512) "CAPTCHA provider %s gave no verdict: %s",
               options->provider->name, why);
        return APR_EAGAIN;
    }
}

static apr_status_t ask(cp_ctx_t *cx, const cp_http_post_t *post)
{
    cp_http_answer_t answer;
    apr_status_t rv =
        cp_http_post(cx->options->captcha.http, post, &answer, cx->pool);

    if (rv == APR_SUCCESS) {
        return read_verdict(cx, &answer);
    }
    cp_log(cx->port, CP_LOG_WARNING, rv,
           CP_TAG(0513) "CAPTCHA provider %s cannot be asked: %s",
           cx->options->captcha.provider->name, answer.error);
    return APR_EAGAIN;
}

static apr_status_t judge_remote(cp_ctx_t *cx, const char *answer)
{
    const cp_captcha_options_t *options = &cx->options->captcha;
    cp_http_post_t post = {
        .url = options->verify_url,
        .ca_file = options->ca_file,
        .connect_timeout_ms = options->timeout_ms,
        .total_timeout_ms = options->timeout_ms,
        .answer_max_bytes = CP_SITEVERIFY_ANSWER_MAX,
    };
    apr_status_t rv;

    if (strlen(answer) > options->provider->token_max_bytes) {
        return CP_EDENIED;
    }
    if (post.url == NULL) {
        post.url = options->provider->verify_url;
    }
    if (post.connect_timeout_ms > CONNECT_TIMEOUT_MS_MAX) {
        post.connect_timeout_ms = CONNECT_TIMEOUT_MS_MAX;
    }
    if (make_fields(&post.fields, cx, answer) != APR_SUCCESS) {
        return CP_EUNAVAILABLE;
    }
    rv = ask(cx, &post);
    if (rv == APR_EAGAIN && options->provider->may_retry) {
        rv = ask(cx, &post);
    }
    return rv == APR_EAGAIN ? CP_EUNAVAILABLE : rv;
}

static const char *verdict_word(apr_status_t rv)
{
    if (rv == APR_SUCCESS) {
        return "passed";
    }
    return rv == CP_EDENIED ? "refused" : "unavailable";
}

static void count(cp_ctx_t *cx, apr_status_t rv)
{
    cp_meter_count(cx->port->meter, CP_METER_CAPTCHAS, verdict_word(rv));
}

apr_status_t cp_captcha_judge(cp_ctx_t *cx, const cp_clinic_t *clinic,
                              const char *visit, const char *answer,
                              cp_captcha_pass_t *pass)
{
    cp_captcha_mode_t mode = cx->options->captcha.mode;
    apr_time_t since = cp_now(cx->port);
    apr_status_t rv;

    memset(pass, 0, sizeof(*pass));
    if (mode == CP_CAPTCHA_OFF) {
        return APR_SUCCESS;
    }
    if (answer == NULL || answer[0] == '\0') {
        return CP_EDENIED;
    }
    rv = mode == CP_CAPTCHA_REMOTE
             ? judge_remote(cx, answer)
             : judge_altcha(cx, clinic, visit, answer, pass);
    cp_meter_time(cx->port->meter, CP_METER_CAPTCHA_TIME,
                  cp_now(cx->port) - since);
    if (rv != APR_SUCCESS || pass->nonce == NULL) {
        count(cx, rv);
    }
    return rv;
}

/* The row's key decides: of two answers at once one inserts it. */
apr_status_t cp_captcha_spend(cp_ctx_t *cx, const cp_captcha_pass_t *pass)
{
    int added = 0;
    apr_status_t rv;

    if (pass->nonce == NULL) {
        return APR_SUCCESS;
    }
    rv = cp_db_execute(cx->db, "captcha_spend",
                       json_pack("{s:s, s:s, s:I}", "clinic_id",
                                 pass->clinic_id, "nonce", pass->nonce,
                                 "expires_at", (json_int_t)pass->expires_at),
                       &added);
    if (rv == APR_SUCCESS && added == 0) {
        rv = CP_EDENIED;
    }
    count(cx, rv);
    return rv;
}
