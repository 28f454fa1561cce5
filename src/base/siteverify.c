/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The remote CAPTCHA providers and the judge of their answers. */
#include "base/siteverify.h"

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define CODES_MAX 8
#define CODE_TEXT_MAX 40
#define CODE_LETTERS                                                           \
    "abcdefghijklmnopqrstuvwxyz"                                               \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define FUTURE_MAX apr_time_from_sec(60) /* clocks differ */

static const char *const recaptcha_test_keys[] = {
    "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI",
    "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe",
    NULL,
};

static const char *const hcaptcha_test_keys[] = {
    "10000000-ffff-ffff-ffff-000000000001",
    "20000000-ffff-ffff-ffff-000000000002",
    "30000000-ffff-ffff-ffff-000000000003",
    "0x0000000000000000000000000000000000000000",
    NULL,
};

static const char *const turnstile_test_keys[] = {
    "1x00000000000000000000AA",
    "2x00000000000000000000AB",
    "1x00000000000000000000BB",
    "2x00000000000000000000BB",
    "3x00000000000000000000FF",
    "1x0000000000000000000000000000000AA",
    "2x0000000000000000000000000000000AA",
    "3x0000000000000000000000000000000AA",
    NULL,
};

#define HCAPTCHA_SOURCES "https://hcaptcha.com https://*.hcaptcha.com"
#define TURNSTILE_SOURCES "https://challenges.cloudflare.com"

static const cp_siteverify_t providers[] = {
    {
        .name = "recaptcha",
        .form_field = "g-recaptcha-response",
        .verify_url = "https://www.google.com/recaptcha/api/siteverify",
        .script_url = "https://www.google.com/recaptcha/api.js",
        .widget_class = "g-recaptcha",
        .csp = {.script = "https://www.google.com/recaptcha/ "
                          "https://www.gstatic.com/recaptcha/",
                .frame = "https://www.google.com/recaptcha/ "
                         "https://recaptcha.google.com/recaptcha/",
                .style = "",
                .connect = "https://www.google.com/recaptcha/",
                .img = "https://www.gstatic.com/recaptcha/"},
        .token_max_bytes = 8192,
        .token_life_s = 120,
        .test_keys = recaptcha_test_keys,
    },
    {
        .name = "hcaptcha",
        .form_field = "h-captcha-response",
        .verify_url = "https://api.hcaptcha.com/siteverify",
        .script_url = "https://js.hcaptcha.com/1/api.js",
        .widget_class = "h-captcha",
        .csp = {.script = HCAPTCHA_SOURCES,
                .frame = HCAPTCHA_SOURCES,
                .style = HCAPTCHA_SOURCES,
                .connect = HCAPTCHA_SOURCES,
                .img = ""},
        .token_max_bytes = 8192,
        .token_life_s = 120,
        .sends_sitekey = 1,
        .test_keys = hcaptcha_test_keys,
    },
    {
        .name = "turnstile",
        .form_field = "cf-turnstile-response",
        .verify_url =
            "https://challenges.cloudflare.com/turnstile/v0/siteverify",
        .script_url = "https://challenges.cloudflare.com/turnstile/v0/api.js",
        .widget_class = "cf-turnstile",
        .csp = {.script = TURNSTILE_SOURCES,
                .frame = TURNSTILE_SOURCES,
                .style = "",
                .connect = "",
                .img = ""},
        .token_max_bytes = 2048,
        .token_life_s = 300,
        .expects_action = 1,
        .may_retry = 1,
        .test_keys = turnstile_test_keys,
    },
};

/* The error codes of all providers, present and past. */
static const struct {
    const char *code;
    cp_siteverify_verdict_t verdict;
} codes[] = {
    {"missing-input-response", CP_SITEVERIFY_REFUSED},
    {"invalid-input-response", CP_SITEVERIFY_REFUSED},
    {"timeout-or-duplicate", CP_SITEVERIFY_REFUSED},
    {"expired-input-response", CP_SITEVERIFY_REFUSED},
    {"already-seen-response", CP_SITEVERIFY_REFUSED},
    {"invalid-or-already-seen-response", CP_SITEVERIFY_REFUSED},
    {"bad-request", CP_SITEVERIFY_UNAVAILABLE},
    {"internal-error", CP_SITEVERIFY_UNAVAILABLE},
    {"missing-input-secret", CP_SITEVERIFY_MISCONFIGURED},
    {"invalid-input-secret", CP_SITEVERIFY_MISCONFIGURED},
    {"sitekey-secret-mismatch", CP_SITEVERIFY_MISCONFIGURED},
    {"not-using-dummy-passcode", CP_SITEVERIFY_MISCONFIGURED},
    {"not-using-dummy-secret", CP_SITEVERIFY_MISCONFIGURED},
    {"invalid-sitekey", CP_SITEVERIFY_MISCONFIGURED},
    {"missing-remoteip", CP_SITEVERIFY_MISCONFIGURED},
    {"invalid-remoteip", CP_SITEVERIFY_MISCONFIGURED},
};

typedef struct trial_t {
    const cp_siteverify_t *provider;
    const cp_siteverify_expect_t *expect;
    json_t *json;
} trial_t;

static cp_siteverify_verdict_t say(const char **why, const char *text,
                                   cp_siteverify_verdict_t verdict)
{
    *why = text;
    return verdict;
}

/* 1 to CODE_TEXT_MAX characters of text, all harmless in a log. */
static const char *sanitize(const char *text, apr_pool_t *p)
{
    char *clean = apr_pstrndup(p, *text == '\0' ? "?" : text, CODE_TEXT_MAX);
    char *c;

    for (c = clean; *c != '\0'; c++) {
        if (strchr(CODE_LETTERS, *c) == NULL) {
            *c = '?';
        }
    }
    return clean;
}

static cp_siteverify_verdict_t judge_code(const char *code)
{
    apr_size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (strcmp(codes[i].code, code) == 0) {
            return codes[i].verdict;
        }
    }
    return CP_SITEVERIFY_REFUSED;
}

/* The heaviest of all codes; PASS when there is none. */
static cp_siteverify_verdict_t judge_codes(const json_t *list, const char **why,
                                           apr_pool_t *p)
{
    cp_siteverify_verdict_t heaviest = CP_SITEVERIFY_REFUSED;
    const json_t *code;
    size_t i;

    *why = "";
    if (list == NULL || json_is_null(list)) {
        return CP_SITEVERIFY_PASS;
    }
    if (!json_is_array(list)) {
        return say(why, "codes-not-a-list", CP_SITEVERIFY_UNAVAILABLE);
    }
    if (json_array_size(list) > CODES_MAX) {
        return say(why, "too-many-codes", CP_SITEVERIFY_UNAVAILABLE);
    }
    json_array_foreach(list, i, code)
    {
        const char *text = json_is_string(code) ? json_string_value(code) : "?";
        cp_siteverify_verdict_t verdict = judge_code(text);

        heaviest = verdict > heaviest ? verdict : heaviest;
        *why =
            apr_pstrcat(p, *why, i == 0 ? "" : ", ", sanitize(text, p), NULL);
    }
    return i == 0 ? CP_SITEVERIFY_PASS : heaviest;
}

static int host_is_ours(const char *host, const apr_array_header_t *hosts)
{
    int i;

    for (i = 0; i < hosts->nelts; i++) {
        if (apr_cstr_casecmp(host, APR_ARRAY_IDX(hosts, i, const char *)) ==
            0) {
            return 1;
        }
    }
    return 0;
}

/* Does text begin with the pattern, where "0" stands for any digit? */
static int matches(const char *text, const char *pattern)
{
    for (; *pattern != '\0'; text++, pattern++) {
        if (*pattern == '0' ? !apr_isdigit(*text) : *text != *pattern) {
            return 0;
        }
    }
    return 1;
}

/* "Z" or "+00:00", in seconds. */
static int parse_offset(const char *text, apr_int32_t *offset_s)
{
    int hours = 0;
    int minutes = 0;

    if (strcmp(text, "Z") != 0) {
        if ((!matches(text, "+00:00") && !matches(text, "-00:00")) ||
            strlen(text) != 6 ||
            /* NOLINTNEXTLINE(cert-err34-c): the digits are counted above */
            sscanf(text + 1, "%2d:%2d", &hours, &minutes) != 2 || hours > 23 ||
            minutes > 59) {
            return 0;
        }
    }
    *offset_s = (*text == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return 1;
}

/* RFC 3339, to the second: the fraction is dropped. */
static int parse_time(const char *text, apr_time_t *at)
{
    apr_time_exp_t parts;
    apr_time_exp_t real;

    memset(&parts, 0, sizeof(parts));
    if (!matches(text, "0000-00-00T00:00:00") ||
        /* NOLINTNEXTLINE(cert-err34-c): the digits are counted above */
        sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &parts.tm_year, &parts.tm_mon,
               &parts.tm_mday, &parts.tm_hour, &parts.tm_min,
               &parts.tm_sec) != 6) {
        return 0;
    }
    text += strlen("0000-00-00T00:00:00");
    if (matches(text, ".0")) {
        text += 1 + strspn(text + 1, "0123456789");
    }
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    if (parts.tm_min > 59 || parts.tm_sec > 59 ||
        !parse_offset(text, &parts.tm_gmtoff) ||
        apr_time_exp_gmt_get(at, &parts) != APR_SUCCESS) {
        return 0;
    }
    /* APR refuses a 13th month, but counts the 30th of February into March
     * and the 24th hour into the next day. */
    return apr_time_exp_tz(&real, *at, parts.tm_gmtoff) == APR_SUCCESS &&
           real.tm_mday == parts.tm_mday;
}

static cp_siteverify_verdict_t judge_age(const trial_t *trial, const char **why)
{
    const char *text = cp_json_string(trial->json, "challenge_ts", NULL);
    apr_interval_time_t life = apr_time_from_sec(trial->provider->token_life_s);
    apr_time_t at;

    if (text == NULL || !parse_time(text, &at)) {
        return say(why, "no-challenge-time", CP_SITEVERIFY_UNAVAILABLE);
    }
    if (trial->expect->now - at > life) {
        return say(why, "challenge-too-old", CP_SITEVERIFY_REFUSED);
    }
    if (at - trial->expect->now > FUTURE_MAX) {
        return say(why, "challenge-in-the-future", CP_SITEVERIFY_REFUSED);
    }
    return CP_SITEVERIFY_PASS;
}

/* A success: is it one of our site, of our form, and of now? */
static cp_siteverify_verdict_t judge_success(const trial_t *trial,
                                             const char **why, apr_pool_t *p)
{
    const char *host = cp_json_string(trial->json, "hostname", NULL);
    const char *action = cp_json_string(trial->json, "action", "");

    if (host == NULL) {
        return say(why, "no-hostname", CP_SITEVERIFY_UNAVAILABLE);
    }
    if (!host_is_ours(host, trial->expect->hosts)) {
        return say(why,
                   apr_pstrcat(p, "foreign-hostname:", sanitize(host, p), NULL),
                   CP_SITEVERIFY_REFUSED);
    }
    if (trial->provider->expects_action &&
        strcmp(action, trial->expect->action) != 0) {
        return say(why, "foreign-action", CP_SITEVERIFY_REFUSED);
    }
    return judge_age(trial, why);
}

static cp_siteverify_verdict_t judge_object(const trial_t *trial,
                                            const char **why, apr_pool_t *p)
{
    const json_t *success = json_object_get(trial->json, "success");
    cp_siteverify_verdict_t verdict =
        judge_codes(json_object_get(trial->json, "error-codes"), why, p);

    if (verdict != CP_SITEVERIFY_PASS) {
        return verdict;
    }
    if (json_is_false(success)) {
        return say(why, "no-reason-given", CP_SITEVERIFY_REFUSED);
    }
    if (!json_is_true(success)) {
        return say(why, "no-verdict", CP_SITEVERIFY_UNAVAILABLE);
    }
    return judge_success(trial, why, p);
}

const cp_siteverify_t *cp_siteverify_find(const char *name)
{
    apr_size_t i;

    for (i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
        if (strcmp(providers[i].name, name) == 0) {
            return &providers[i];
        }
    }
    return NULL;
}

int cp_siteverify_is_test_key(const cp_siteverify_t *provider, const char *key)
{
    const char *const *known;

    for (known = provider->test_keys; *known != NULL; known++) {
        if (strcmp(*known, key) == 0) {
            return 1;
        }
    }
    return 0;
}

cp_siteverify_verdict_t cp_siteverify_judge(
    const cp_siteverify_t *provider, const cp_siteverify_answer_t *answer,
    const cp_siteverify_expect_t *expect, const char **why, apr_pool_t *p)
{
    trial_t trial = {provider, expect, NULL};
    cp_siteverify_verdict_t verdict;

    if (expect->hosts == NULL || expect->hosts->nelts == 0) {
        return say(why, "no-hostname-configured", CP_SITEVERIFY_MISCONFIGURED);
    }
    if (provider->expects_action &&
        (expect->action == NULL || *expect->action == '\0')) {
        return say(why, "no-action-configured", CP_SITEVERIFY_MISCONFIGURED);
    }
    if (answer->len > CP_SITEVERIFY_ANSWER_MAX) {
        return say(why, "answer-too-large", CP_SITEVERIFY_UNAVAILABLE);
    }
    trial.json = cp_json_own(
        json_loadb(answer->json, answer->len, JSON_REJECT_DUPLICATES, NULL), p);
    verdict = json_is_object(trial.json)
                  ? judge_object(&trial, why, p)
                  : say(why, "not-json", CP_SITEVERIFY_UNAVAILABLE);
    /* A refusal may come with any status, a pass only with 200. */
    if (answer->status != 200 && (verdict == CP_SITEVERIFY_PASS ||
                                  verdict == CP_SITEVERIFY_UNAVAILABLE)) {
        *why = apr_psprintf(p, "http-status:%ld%s%s", answer->status,
                            **why == '\0' ? "" : ", ", *why);
        return CP_SITEVERIFY_UNAVAILABLE;
    }
    return verdict;
}
