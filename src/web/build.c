/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Build a portal from its configuration. */
#include "web/build.h"

#include "base/secret.h"
#include "base/status.h"
#include "web/build_captcha.h"
#include "web/build_database.h"
#include "web/build_mail.h"
#include "web/build_views.h"
#include "web/csrf.h"
#include "web/dbd.h"
#include "web/headers.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

APLOG_USE_MODULE(clinicportal);

#define PASSWORD_WAIT apr_time_from_sec(3)
#define WAITERS_PER_SLOT 8
#define CONNECTION_WAIT apr_time_from_sec(3)
#define IDLE_WISE_MAX_S 1800

extern module AP_MODULE_DECLARE_DATA clinicportal_module;

const cp_config_t *cp_build_config(server_rec *s, const cp_mount_t *mount,
                                   apr_pool_t *p)
{
    return cp_config_merge(
        p, ap_get_module_config(s->lookup_defaults, &clinicportal_module),
        mount->own);
}

static apr_status_t read_secrets(cp_keys_t *keys, const cp_config_t *cfg,
                                 const char **error, apr_pool_t *p)
{
    apr_status_t rv;

    if (cp_config_secret(cfg) == NULL) {
        *error = "needs ClinicPortalSecret; \"clinicportalctl secret new "
                 "FILE\" makes one";
        return CP_EINPUT;
    }
    rv = cp_secret_read(&keys->current, &keys->current_len,
                        cp_config_secret(cfg), error, p);
    if (rv == APR_SUCCESS && cp_config_previous_secret(cfg)[0] != '\0') {
        rv = cp_secret_read(&keys->previous, &keys->previous_len,
                            cp_config_previous_secret(cfg), error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_keys_draw(keys, CP_CSRF_PURPOSE, p);
    }
    return rv;
}

/* The installed assets: <data>/assets/current names the hashed directory. */
static apr_status_t find_assets(cp_portal_t *portal, const cp_config_t *cfg,
                                const char **error, apr_pool_t *p)
{
    const char *dir = apr_pstrcat(p, cp_config_data_dir(cfg), "/assets", NULL);
    const char *name = apr_pstrcat(p, dir, "/current", NULL);
    char hash[64] = "";
    apr_file_t *file;
    apr_status_t rv = apr_file_open(&file, name, APR_READ, 0, p);

    if (rv == APR_SUCCESS) {
        rv = apr_file_gets(hash, sizeof(hash), file);
        (void)apr_file_close(file);
    }
    hash[strcspn(hash, "\r\n")] = '\0';
    if (rv != APR_SUCCESS || hash[0] == '\0') {
        *error = apr_psprintf(p,
                              "cannot read %s: is the package installed "
                              "whole, and does ClinicPortalData name it?",
                              name);
        return rv == APR_SUCCESS ? CP_EINPUT : rv;
    }
    portal->assets_dir = dir;
    portal->assets_url = apr_pstrcat(p, portal->base, "/assets/", hash, NULL);
    return APR_SUCCESS;
}

static void set_limits(cp_options_t *options, const cp_config_t *cfg)
{
    options->session_idle = apr_time_from_sec(cp_config_session_idle_s(cfg));
    options->session_max = apr_time_from_sec(cp_config_session_max_s(cfg));
    options->limits.account.tries = cp_config_account_tries(cfg);
    options->limits.account.window =
        apr_time_from_sec(cp_config_account_window_s(cfg));
    options->limits.address.tries = cp_config_address_tries(cfg);
    options->limits.address.window =
        apr_time_from_sec(cp_config_address_window_s(cfg));
    options->limits.clinic.tries = cp_config_clinic_tries(cfg);
    options->limits.clinic.window =
        apr_time_from_sec(cp_config_clinic_window_s(cfg));
}

static apr_status_t read_blocklist(cp_options_t *options,
                                   const cp_config_t *cfg, const char **error,
                                   apr_pool_t *p)
{
    const char *path =
        apr_pstrcat(p, cp_config_data_dir(cfg), "/common-passwords.txt", NULL);
    cp_blocklist_t *list = NULL;
    apr_status_t rv = cp_blocklist_read(&list, path, error, p);

    options->blocklist = list;
    return rv;
}

static apr_status_t check_documents(cp_options_t *options,
                                    const cp_config_t *cfg, const char **error,
                                    apr_pool_t *p)
{
    apr_finfo_t info;

    options->documents_dir = cp_config_documents_dir(cfg);
    if (options->documents_dir == NULL) {
        return APR_SUCCESS;
    }
    if (apr_stat(&info, options->documents_dir, APR_FINFO_TYPE, p) !=
            APR_SUCCESS ||
        info.filetype != APR_DIR) {
        *error = apr_psprintf(p, "ClinicPortalDocuments \"%s\" is no directory",
                              options->documents_dir);
        return CP_EINPUT;
    }
    return APR_SUCCESS;
}

static const char *if_https(const char *origin)
{
    return origin != NULL && strncmp(origin, "https:", 6) == 0 ? origin : NULL;
}

static void warn_of_unwise(const cp_portal_t *portal, const cp_mount_t *mount,
                           const cp_config_t *cfg)
{
    server_rec *s = portal->server;

    if (cp_config_session_idle_s(cfg) > IDLE_WISE_MAX_S) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     CP_TAG(0110) "[%s] ClinicPortalSessionIdle over 30 "
                                  "minutes leaves health records open on "
                                  "unattended screens",
                     mount->origin);
    }
    if (cp_config_session_max_s(cfg) < cp_config_session_idle_s(cfg)) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     CP_TAG(0113) "[%s] ClinicPortalSessionMax is below "
                                  "ClinicPortalSessionIdle, which never comes "
                                  "to bear",
                     mount->origin);
    }
    if (strcmp(cp_config_captcha(cfg), "off") == 0) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     CP_TAG(0111) "[%s] ClinicPortalCaptcha off lets programs "
                                  "guess passwords as fast as the limits allow",
                     mount->origin);
    }
    if (cp_config_captcha_test_keys(cfg)) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     CP_TAG(0114) "[%s] ClinicPortalCaptchaTestKeys On lets "
                                  "everybody pass the CAPTCHA; only for tests",
                     mount->origin);
    }
    if (cp_config_requires_tls(cfg) && portal->secure_origin == NULL) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     CP_TAG(0115) "[%s] plain HTTP is refused, and not led to "
                                  "the portal, until ClinicPortalOrigin says "
                                  "where that is (https://...)",
                     mount->origin);
    }
    if (!cp_config_requires_tls(cfg)) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     CP_TAG(0112) "[%s] ClinicPortalRequireTLS Off sends "
                                  "passwords and health records unencrypted; "
                                  "only for a demo on this machine",
                     mount->origin);
    }
}

apr_status_t cp_build_portal(cp_portal_t **result, server_rec *s,
                             const cp_mount_t *mount, const char **error,
                             apr_pool_t *p)
{
    const cp_config_t *cfg = cp_build_config(s, mount, p);
    cp_portal_t *portal = apr_pcalloc(p, sizeof(*portal));
    apr_status_t rv;

    portal->server = s;
    portal->path = mount->path;
    portal->base = strcmp(mount->path, "/") == 0 ? "" : mount->path;
    portal->origin = cp_config_origin(cfg);
    portal->secure_origin = if_https(portal->origin);
    portal->support = cp_config_support(cfg);
    portal->requires_tls = cp_config_requires_tls(cfg);
    set_limits(&portal->options, cfg);
    rv = read_secrets(&portal->options.keys, cfg, error, p);
    if (rv == APR_SUCCESS) {
        rv = cp_jwt_key_make(&portal->token_key, &portal->options.keys, p);
    }
    if (rv == APR_SUCCESS) {
        rv = find_assets(portal, cfg, error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = read_blocklist(&portal->options, cfg, error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = check_documents(&portal->options, cfg, error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_build_captcha(&portal->options.captcha, cfg, s, error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_build_views(&portal->views, cfg, error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_build_mail(portal, cfg, error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_build_database(portal, cfg, s, error, p);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    portal->csp = cp_headers_csp(0, NULL, p);
    portal->csp_captcha =
        cp_headers_csp(1, portal->options.captcha.provider, p);
    warn_of_unwise(portal, mount, cfg);
    *result = portal;
    return APR_SUCCESS;
}

static int default_slots(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 1 ? 1 : (int)cores;
}

/* Each pool of mod_dbd has one gate, whoever comes to it. */
static apr_status_t find_gate(cp_gate_t **gate, const cp_portal_t *portal,
                              apr_hash_t *gates)
{
    apr_status_t rv = APR_SUCCESS;

    *gate = apr_hash_get(gates, portal->database_pool, APR_HASH_KEY_STRING);
    if (*gate == NULL) {
        rv = cp_gate_make(gate, cp_dbd_seats(portal), INT_MAX, CONNECTION_WAIT,
                          apr_hash_pool_get(gates));
        apr_hash_set(gates, portal->database_pool, APR_HASH_KEY_STRING,
                     rv == APR_SUCCESS ? *gate : NULL);
    }
    return rv;
}

apr_status_t cp_build_in_child(cp_portal_t *portal, const server_rec *s,
                               const cp_config_t *cfg, apr_hash_t *gates)
{
    apr_pool_t *p = apr_hash_pool_get(gates);
    int slots = cp_config_password_slots(cfg);
    cp_password_limits_t limits = {
        .passes = cp_config_password_passes(cfg),
        .slots = slots == 0 ? default_slots() : slots,
        .wait_for = PASSWORD_WAIT,
    };
    cp_gate_t *connections = NULL;
    apr_status_t rv;

    limits.waiters = limits.slots * WAITERS_PER_SLOT;
    rv = cp_password_gate_make(&portal->options.gate, &limits, p);
    if (rv == APR_SUCCESS) {
        cp_password_gate_count_in(portal->options.gate,
                                  cp_server_config_of(s)->meter);
        rv = cp_calendar_pool_make(&portal->options.calendars, p);
    }
    if (rv == APR_SUCCESS) {
        rv = find_gate(&connections, portal, gates);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_deadlines_make(&portal->deadlines, p);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_build_captcha_in_child(&portal->options.captcha, p);
    }
    /* Last: where something is missing nobody comes to a database. */
    if (rv == APR_SUCCESS) {
        portal->connections = connections;
    }
    return rv;
}
