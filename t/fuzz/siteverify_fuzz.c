/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any bytes as the answer of each CAPTCHA provider: no crash, a text fit for
 * the log, and no pass without a reason to. */
#include "base/siteverify.h"

#include "fuzz.h"

#include "base/json.h"

#define WHY_LETTERS                                                            \
    "abcdefghijklmnopqrstuvwxyz"                                               \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:?-, "
#define WHY_MAX 400

/* What every provider's pass must say, whatever else stands there. */
static int says_success(const cp_siteverify_answer_t *answer)
{
    json_t *said =
        json_loadb(answer->json, answer->len, JSON_REJECT_DUPLICATES, NULL);
    const char *host = json_string_value(json_object_get(said, "hostname"));
    int is_said = json_is_true(json_object_get(said, "success")) &&
                  host != NULL && strcasecmp(host, "portal.example") == 0;

    json_decref(said);
    return is_said;
}

static void judge(const char *provider, const cp_siteverify_answer_t *answer,
                  apr_pool_t *p)
{
    apr_array_header_t *hosts = apr_array_make(p, 1, sizeof(const char *));
    cp_siteverify_expect_t expect = {hosts, "login",
                                     apr_time_from_sec(1800000000)};
    const char *why = NULL;
    cp_siteverify_verdict_t verdict;

    APR_ARRAY_PUSH(hosts, const char *) = "portal.example";
    verdict = cp_siteverify_judge(cp_siteverify_find(provider), answer, &expect,
                                  &why, p);
    demand(verdict <= CP_SITEVERIFY_PASS);
    demand(why != NULL && strlen(why) <= WHY_MAX);
    demand(why[strspn(why, WHY_LETTERS)] == '\0');
    demand((verdict == CP_SITEVERIFY_PASS) == (*why == '\0'));
    demand(verdict != CP_SITEVERIFY_PASS ||
           (answer->status == 200 && says_success(answer)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cp_siteverify_answer_t answer = {200, (const char *)data, size};
    apr_pool_t *p = fuzz_pool();

    judge("recaptcha", &answer, p);
    judge("hcaptcha", &answer, p);
    judge("turnstile", &answer, p);
    answer.status = 503;
    judge("turnstile", &answer, p);
    apr_pool_destroy(p);
    return 0;
}
