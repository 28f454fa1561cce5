/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Administering clinics. The calls that change something run inside a
 * transaction of the caller and write the audit row of what they did. A clinic
 * is a JSON object with the columns of the statement clinics_find. */
#ifndef CP_CLINICS_H
#define CP_CLINICS_H

#include "clinic/clinic.h"

/* What is NULL stays as it is; a new clinic gets what each line says. */
typedef struct cp_clinic_fields_t {
    const char *name;            /* must be given */
    const char *active;          /* "on", else "off" */
    const char *time_zone;       /* must be given */
    const char *locale;          /* "en-US" */
    const char *default_tab;     /* "patient" */
    const char *support_contact; /* "" */
    const char *crisis_text;     /* "" */
} cp_clinic_fields_t;

/* Why a clinic cannot have these fields; NULL: it can. */
const char *cp_clinics_refuse(const cp_clinic_fields_t *fields, apr_pool_t *p);

/* All, by code. */
apr_status_t cp_clinics_list(cp_ctx_t *cx, json_t **clinics);

/* APR_ENOENT: no such clinic; what is no clinic code is none either. */
apr_status_t cp_clinics_find(cp_ctx_t *cx, const char *code, json_t **clinic);

/* APR_EEXIST: the code is taken; CP_EINPUT: it is no clinic code. */
apr_status_t cp_clinics_add(cp_ctx_t *cx, const char *code,
                            const cp_clinic_fields_t *fields);

/* *is_changed: something was not as asked already. A clinic that is switched
 * off loses its sessions. */
apr_status_t cp_clinics_set(cp_ctx_t *cx, const json_t *clinic,
                            const cp_clinic_fields_t *fields, int *is_changed);

#endif
