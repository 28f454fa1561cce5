/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* AuthType ClinicPortal: any location is guarded by the clinic's own sign-in.
 */
#ifndef CP_GUARD_H
#define CP_GUARD_H

#include <httpd.h>

/* Is it, by the settings that it has by now, a guarded application's? The
 * portal's own pages are not. */
int cp_guard_is_on(request_rec *r);

void cp_guard_register(apr_pool_t *p);

#endif
