/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mail as configured. */
#ifndef CP_WEB_BUILD_MAIL_H
#define CP_WEB_BUILD_MAIL_H

#include "config/config.h"
#include "web/portal.h"

/* Fill in portal->mail, which stays NULL without ClinicPortalMail. Refused:
 * no ClinicPortalOrigin for the links, no mod_watchdog, a sender that is no
 * address, a file that cannot be read, a template that does not compile. */
apr_status_t cp_build_mail(cp_portal_t *portal, const cp_config_t *cfg,
                           const char **error, apr_pool_t *p);

#endif
