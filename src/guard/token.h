/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A short-lived signed token about the person, for an application that verifies
 * what it is told (ClinicPortalToken). */
#ifndef CP_GUARD_TOKEN_H
#define CP_GUARD_TOKEN_H

#include "clinic/session.h"

#include <httpd.h>

/* In the request's pool; NULL: this location asks for none, or it could not be
 * made (logged). */
const char *cp_guard_token(request_rec *r, const cp_session_t *session);

#endif
