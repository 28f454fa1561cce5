/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Rows that have run out go away. */
#ifndef CP_HOUSEKEEPING_H
#define CP_HOUSEKEEPING_H

#include "clinic/clinic.h"

/* Take away, of all clinics, at most a hundred each of the sessions, spent
 * CAPTCHA answers, counters of tries, devices and drafts that are over. What
 * another is taking away at the same time is left to it. */
apr_status_t cp_housekeeping(cp_ctx_t *cx);

#endif
