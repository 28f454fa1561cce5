/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Clinics: the tenants of the portal. */
#ifndef CP_CLINIC_H
#define CP_CLINIC_H

#include "base/calendar.h"
#include "clinic/context.h"

typedef struct cp_clinic_t {
    const char *clinic_id; /* the code in lower case: the key of everything */
    const char *code;      /* as shown and as in clinicID= */
    const char *name;
    const char *time_zone; /* IANA */
    const char *locale;    /* BCP 47 */
    cp_kind_t default_tab;
    const char *support_contact; /* whom to ask; "" if not set */
    const char *crisis_text;
} cp_clinic_t;

/* The active clinic of that code, ignoring case. APR_ENOENT: unknown or
 * inactive (one answer for both); CP_EINPUT: no clinic code; CP_EDB. *clinic
 * lives in cx->pool. */
apr_status_t cp_clinic_find(cp_ctx_t *cx, const char *code,
                            const cp_clinic_t **clinic);

/* The clinic from a row with the columns of the statement clinic_find (others
 * are ignored). Borrows the row's strings. */
const cp_clinic_t *cp_clinic_from_row(cp_row_t row, apr_pool_t *p);

/* The clinic's calendar. A clinic whose zone ICU does not know is CP_EINPUT. */
apr_status_t cp_clinic_calendar(cp_ctx_t *cx, const cp_clinic_t *clinic,
                                cp_calendar_t **calendar);

#endif
