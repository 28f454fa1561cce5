/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Rows of the audit trail as FHIR R4 AuditEvent resources
 * (hl7.org/fhir/R4/auditevent.html), with the codes of DICOM PS3.16 (DCM) and
 * of the FHIR code systems. */
#ifndef CP_AUDIT_FHIR_H
#define CP_AUDIT_FHIR_H

#include "clinic/context.h"

/* The resource of a row (an object with the columns of the statement
 * audit_chain); a new reference, NULL for want of memory. An id is the row's
 * with "." for "_", which FHIR's ids do not have; the place in the chain and
 * the hash are extensions. */
json_t *cp_audit_fhir(const json_t *row, apr_pool_t *p);

#endif
