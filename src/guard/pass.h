/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What the application behind a guarded location learns of the person: the
 * user, variables (CLINICPORTAL_CLINIC ...) and, if asked for, request headers.
 * What a client sent under those names is taken away first, and the portal's
 * own cookies are hidden. */
#ifndef CP_GUARD_PASS_H
#define CP_GUARD_PASS_H

#include <httpd.h>

/* REMOTE_USER for the location's session; sets r->user and r->ap_auth_type, or
 * leaves them NULL when nobody is signed in. */
void cp_pass_user(request_rec *r);

/* Take away what a client must not say: all there is to do where nobody was
 * looked for. */
void cp_pass_nothing(request_rec *r);

/* The same, and say it ourselves. After the request was let through; also for
 * a sub-request or redirect that inherits that. */
void cp_pass_facts(request_rec *r);

#endif
