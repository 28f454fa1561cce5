/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The whole audit trail of a clinic, for another system. */
#ifndef CP_AUDIT_EXPORT_H
#define CP_AUDIT_EXPORT_H

#include "clinic/context.h"

/* Takes one line without its end; anything but APR_SUCCESS ends the export. */
typedef apr_status_t (*cp_audit_line_t)(const char *line, void *baton);

/* Give every row, oldest first, as the JSON of a FHIR R4 AuditEvent. Rows are
 * read a page at a time: memory does not grow with the trail. */
apr_status_t cp_audit_export(cp_ctx_t *cx, const char *clinic_id,
                             cp_audit_line_t line, void *baton);

#endif
