/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mail as configured. */
#include "web/build_mail.h"

#include "base/secret.h"
#include "base/status.h"
#include "web/build_views.h"
#include "web/watchdog.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#define TIMEOUT_MS 30000

static const char *complaint(const cp_portal_t *portal,
                             const cp_smtp_server_t *server, apr_pool_t *p)
{
    apr_file_t *file;

    if (portal->origin == NULL) {
        return "ClinicPortalMail needs ClinicPortalOrigin, for the addresses "
               "in mails";
    }
    if (!cp_watchdog_is_loaded()) {
        return "ClinicPortalMail needs mod_watchdog";
    }
    if (!cp_smtp_is_address(server->from)) {
        return apr_psprintf(p, "ClinicPortalMail: \"%s\" is no mail address",
                            server->from);
    }
    if (server->ca_file == NULL) {
        return NULL;
    }
    if (apr_file_open(&file, server->ca_file, APR_READ, APR_OS_DEFAULT, p) !=
        APR_SUCCESS) {
        return apr_psprintf(p, "ClinicPortalMailCAFile \"%s\" cannot be read",
                            server->ca_file);
    }
    (void)apr_file_close(file);
    return NULL;
}

apr_status_t cp_build_mail(cp_portal_t *portal, const cp_config_t *cfg,
                           const char **error, apr_pool_t *p)
{
    cp_mail_sender_t *sender;
    apr_status_t rv = APR_SUCCESS;

    if (cp_config_mail_url(cfg) == NULL) {
        return APR_SUCCESS;
    }
    sender = apr_pcalloc(p, sizeof(*sender));
    sender->server.url = cp_config_mail_url(cfg);
    sender->server.from = cp_config_mail_from(cfg);
    sender->server.user = cp_config_mail_user(cfg);
    sender->server.ca_file = cp_config_mail_ca_file(cfg);
    sender->server.timeout_ms = TIMEOUT_MS;
    *error = complaint(portal, &sender->server, p);
    if (*error != NULL) {
        return CP_EINPUT;
    }
    sender->address = apr_pstrcat(p, portal->origin, portal->base, NULL);
    if (sender->server.user != NULL) {
        rv = cp_secret_read_password(&sender->server.password,
                                     cp_config_mail_password(cfg), error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_build_mail_templates(&sender->templates, cfg, error, p);
    }
    portal->mail = sender;
    portal->options.sends_mail = 1;
    return rv;
}
