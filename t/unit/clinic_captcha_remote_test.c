/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The remote providers against the fake one that clinic_captcha_remote.t
 * starts; what is answered depends on the token. */
#include "clinic/captcha.h"

#include <apr_strings.h>
#include <stdlib.h>

#include "base/status.h"
#include "unit.h"

#define CLOSED_PORT_URL "https://127.0.0.1:1/siteverify"
#define LEVEL_NONE ((cp_log_level_t)-1)

typedef struct remote_t {
    cp_port_t port; /* the real clock: the fake stamps its answers by it */
    cp_options_t options;
    cp_ctx_t cx;
    cp_clinic_t clinic;
    cp_log_level_t level; /* of the last line logged */
    char text[256];       /* the line */
} remote_t;

static void note_line(void *ctx, cp_log_level_t level, apr_status_t rv,
                      const char *text)
{
    remote_t *remote = ctx;

    remote->level = level;
    apr_cpystrn(remote->text, text, sizeof(remote->text));
}

static int remote_setup(void **state)
{
    apr_pool_t *p;
    remote_t *remote;
    cp_captcha_options_t *captcha;
    apr_array_header_t *hosts;

    if (cp_http_init() != APR_SUCCESS ||
        apr_pool_create(&p, NULL) != APR_SUCCESS) {
        return 1;
    }
    remote = apr_pcalloc(p, sizeof(*remote));
    captcha = &remote->options.captcha;
    hosts = apr_array_make(p, 1, sizeof(const char *));
    APR_ARRAY_PUSH(hosts, const char *) = "localhost";
    captcha->mode = CP_CAPTCHA_REMOTE;
    captcha->site_key = "our-site";
    captcha->secret = "shibboleth";
    captcha->verify_url = getenv("CP_TEST_SITEVERIFY_URL");
    captcha->ca_file = getenv("CP_TEST_CA");
    captcha->hosts = hosts;
    captcha->timeout_ms = 20000;
    remote->port = cp_port_system;
    remote->port.log = note_line;
    remote->port.ctx = remote;
    remote->cx.pool = p;
    remote->cx.port = &remote->port;
    remote->cx.options = &remote->options;
    remote->cx.address = "192.0.2.7";
    remote->clinic.clinic_id = "riverside";
    *state = remote;
    return captcha->verify_url == NULL || captcha->ca_file == NULL ||
           cp_http_pool_make(&captcha->http, 2, apr_time_from_sec(1), p) !=
               APR_SUCCESS;
}

static int remote_teardown(void **state)
{
    apr_pool_destroy(((remote_t *)*state)->cx.pool);
    return 0;
}

static apr_status_t check(remote_t *remote, const char *provider,
                          const char *token)
{
    cp_captcha_pass_t pass;
    apr_status_t rv;

    remote->options.captcha.provider = cp_siteverify_find(provider);
    remote->level = LEVEL_NONE;
    remote->text[0] = '\0';
    rv = cp_captcha_judge(&remote->cx, &remote->clinic, "visit", token, &pass);
    /* The provider has spent it: no database is asked, there is none here. */
    return rv == APR_SUCCESS ? cp_captcha_spend(&remote->cx, &pass) : rv;
}

static void verdicts_become_statuses(void **state)
{
    static const struct {
        const char *token;
        apr_status_t expected;
        cp_log_level_t level;
        const char *tag;
    } cases[] = {
        {"pass", APR_SUCCESS, LEVEL_NONE, ""},
        {"", CP_EDENIED, LEVEL_NONE, ""},
        {NULL, CP_EDENIED, LEVEL_NONE, ""},
        {"nonsense", CP_EDENIED, LEVEL_NONE, ""},
        {"fail:timeout-or-duplicate", CP_EDENIED, LEVEL_NONE, ""},
        {"host:evil.example", CP_EDENIED, LEVEL_NONE, ""},
        {"old", CP_EDENIED, LEVEL_NONE, ""},
        {"fail:invalid-input-secret", CP_EUNAVAILABLE, CP_LOG_ERROR, "CP0511"},
        {"fail:internal-error", CP_EUNAVAILABLE, CP_LOG_WARNING, "CP0512"},
        {"not-json", CP_EUNAVAILABLE, CP_LOG_WARNING, "CP0512"},
        {"http-500", CP_EUNAVAILABLE, CP_LOG_WARNING, "CP0512"},
        {"truncated", CP_EUNAVAILABLE, CP_LOG_WARNING, "CP0513"},
        {"huge", CP_EUNAVAILABLE, CP_LOG_WARNING, "CP0513"},
        {"redirect", CP_EUNAVAILABLE, CP_LOG_WARNING, "CP0513"},
    };
    static const char *const providers[] = {"recaptcha", "hcaptcha",
                                            "turnstile"};
    remote_t *remote = *state;
    size_t i;
    size_t k;

    for (i = 0; i < ROWS(providers); i++) {
        for (k = 0; k < ROWS(cases); k++) {
            apr_status_t rv = check(remote, providers[i], cases[k].token);

            if (rv != cases[k].expected || remote->level != cases[k].level ||
                strncmp(remote->text, cases[k].tag, 6) != 0) {
                fail_msg("%s, %s: %d, \"%s\"", providers[i], cases[k].token,
                         (int)rv, remote->text);
            }
        }
    }
}

/* Only where data-action exists does it count. */
static void a_foreign_action_is_refused(void **state)
{
    assert_int_equal(check(*state, "turnstile", "action:comment"), CP_EDENIED);
    assert_int_equal(check(*state, "recaptcha", "action:comment"), APR_SUCCESS);
}

static void a_huge_token_is_not_sent(void **state)
{
    remote_t *remote = *state;
    char *token = apr_palloc(remote->cx.pool, 8194);

    memset(token, 'x', 8193);
    token[8193] = '\0';
    assert_int_equal(check(remote, "recaptcha", token), CP_EDENIED);
    assert_int_equal(check(remote, "turnstile", token), CP_EDENIED);
}

static void a_dead_provider_lets_nobody_in(void **state)
{
    remote_t *remote = *state;

    remote->options.captcha.verify_url = CLOSED_PORT_URL;
    assert_int_equal(check(remote, "hcaptcha", "pass"), CP_EUNAVAILABLE);
    assert_int_equal(remote->level, CP_LOG_WARNING);
    assert_null(strstr(remote->text, "shibboleth"));
}

static void the_field_is_the_providers(void **state)
{
    remote_t *remote = *state;

    remote->options.captcha.provider = cp_siteverify_find("hcaptcha");
    assert_string_equal(cp_captcha_field(&remote->options.captcha),
                        "h-captcha-response");
}

#define REMOTE_TEST(function)                                                  \
    cmocka_unit_test_setup_teardown(function, remote_setup, remote_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REMOTE_TEST(verdicts_become_statuses),
        REMOTE_TEST(a_foreign_action_is_refused),
        REMOTE_TEST(a_huge_token_is_not_sent),
        REMOTE_TEST(a_dead_provider_lets_nobody_in),
        REMOTE_TEST(the_field_is_the_providers),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
