/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The CAPTCHA as configured. */
#include "web/build_captcha.h"

#include "base/secret.h"
#include "base/status.h"

#include <apr_strings.h>
#include <apr_uri.h>
#include <string.h>

#define ALTCHA_TTL_S 300
#define REMOTE_CALLS_MAX 8
#define REMOTE_WAIT apr_time_from_sec(1)

static void set_altcha(cp_captcha_options_t *captcha, const cp_config_t *cfg)
{
    captcha->mode = CP_CAPTCHA_ALTCHA;
    captcha->altcha.cost = cp_config_captcha_cost(cfg);
    captcha->altcha.counter_min = cp_config_captcha_counter_min(cfg);
    captcha->altcha.counter_max = cp_config_captcha_counter_max(cfg);
    captcha->altcha.ttl_s = ALTCHA_TTL_S;
}

/* The host names an answer may have been given under: as configured, else the
 * portal's own. */
static const apr_array_header_t *hosts_of(const cp_config_t *cfg,
                                          const server_rec *s, apr_pool_t *p)
{
    apr_array_header_t *hosts;
    apr_uri_t origin;

    if (cfg->captcha_hosts != NULL) {
        return cfg->captcha_hosts;
    }
    hosts = apr_array_make(p, 1, sizeof(const char *));
    if (cp_config_origin(cfg) != NULL &&
        apr_uri_parse(p, cp_config_origin(cfg), &origin) == APR_SUCCESS) {
        APR_ARRAY_PUSH(hosts, const char *) = origin.hostname;
    }
    else if (s->server_hostname != NULL) {
        APR_ARRAY_PUSH(hosts, const char *) = s->server_hostname;
    }
    return hosts;
}

static const char *complaint(const cp_captcha_options_t *captcha,
                             const cp_config_t *cfg, apr_pool_t *p)
{
    const char *name = captcha->provider->name;

    if (captcha->site_key == NULL) {
        return apr_psprintf(p,
                            "ClinicPortalCaptcha \"%s\" needs "
                            "ClinicPortalCaptchaSiteKey",
                            name);
    }
    if (cp_config_captcha_secret(cfg) == NULL) {
        return apr_psprintf(p,
                            "ClinicPortalCaptcha \"%s\" needs "
                            "ClinicPortalCaptchaSecret",
                            name);
    }
    if (strncmp(captcha->verify_url, "https://", 8) != 0) {
        return "ClinicPortalCaptchaVerifyURL must start with https://";
    }
    if (captcha->hosts->nelts == 0) {
        return apr_psprintf(p,
                            "ClinicPortalCaptcha \"%s\" needs "
                            "ClinicPortalOrigin or ClinicPortalCaptchaHost",
                            name);
    }
    return NULL;
}

static const char *ca_complaint(const char *path, apr_pool_t *p)
{
    apr_file_t *file;
    apr_status_t rv;

    if (path == NULL) {
        return NULL;
    }
    rv = apr_file_open(&file, path, APR_READ, APR_OS_DEFAULT, p);
    if (rv != APR_SUCCESS) {
        return apr_psprintf(
            p, "ClinicPortalCaptchaCAFile \"%s\" cannot be read: %s", path,
            cp_status_text(rv));
    }
    (void)apr_file_close(file);
    return NULL;
}

/* Every provider's secret is longer than the 32 bytes that a key file must
 * have at least. */
static apr_status_t read_provider_secret(cp_captcha_options_t *captcha,
                                         const cp_config_t *cfg,
                                         const char **error, apr_pool_t *p)
{
    const unsigned char *bytes;
    apr_size_t len;
    apr_status_t rv =
        cp_secret_read(&bytes, &len, cp_config_captcha_secret(cfg), error, p);

    if (rv == APR_SUCCESS) {
        captcha->secret = apr_pstrmemdup(p, (const char *)bytes, len);
    }
    return rv;
}

static apr_status_t set_remote(cp_captcha_options_t *captcha,
                               const cp_config_t *cfg, const server_rec *s,
                               const char **error, apr_pool_t *p)
{
    apr_status_t rv;

    captcha->mode = CP_CAPTCHA_REMOTE;
    captcha->provider = cp_siteverify_find(cp_config_captcha(cfg));
    captcha->site_key = cp_config_captcha_site_key(cfg);
    captcha->verify_url = cp_config_captcha_verify_url(cfg) == NULL
                              ? captcha->provider->verify_url
                              : cp_config_captcha_verify_url(cfg);
    captcha->ca_file = cp_config_captcha_ca_file(cfg);
    captcha->timeout_ms = cp_config_captcha_timeout_s(cfg) * 1000;
    captcha->hosts = hosts_of(cfg, s, p);
    *error = complaint(captcha, cfg, p);
    if (*error == NULL) {
        *error = ca_complaint(captcha->ca_file, p);
    }
    if (*error != NULL) {
        return CP_EINPUT;
    }
    rv = read_provider_secret(captcha, cfg, error, p);
    if (rv == APR_SUCCESS && !cp_config_captcha_test_keys(cfg) &&
        (cp_siteverify_is_test_key(captcha->provider, captcha->site_key) ||
         cp_siteverify_is_test_key(captcha->provider, captcha->secret))) {
        *error = "the CAPTCHA keys are the provider's public test keys, with "
                 "which everybody passes";
        rv = CP_EINPUT;
    }
    return rv;
}

apr_status_t cp_build_captcha(cp_captcha_options_t *captcha,
                              const cp_config_t *cfg, const server_rec *s,
                              const char **error, apr_pool_t *p)
{
    const char *word = cp_config_captcha(cfg);

    if (strcmp(word, "off") == 0) {
        captcha->mode = CP_CAPTCHA_OFF;
        return APR_SUCCESS;
    }
    if (strcmp(word, "altcha") == 0) {
        set_altcha(captcha, cfg);
        return APR_SUCCESS;
    }
    return set_remote(captcha, cfg, s, error, p);
}

apr_status_t cp_build_captcha_in_child(cp_captcha_options_t *captcha,
                                       apr_pool_t *p)
{
    if (captcha->mode != CP_CAPTCHA_REMOTE) {
        return APR_SUCCESS;
    }
    return cp_http_pool_make(&captcha->http, REMOTE_CALLS_MAX, REMOTE_WAIT, p);
}
