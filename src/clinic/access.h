/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The permission model. Permissions are words in the database, one row each
 * (account_permission); what each allows is asked here and nowhere else.
 *
 *   staff-portal    staff may sign in to the portal
 *   patient-portal  a patient may sign in to the portal
 *   schedule-all    see the schedule of every practitioner of the clinic
 *   documents-all   see the documents of every patient of the clinic
 *   clinic-admin    administer the clinic's accounts
 *
 * Without the -all permissions staff see their own appointments, and documents
 * they wrote, have to review, or that belong to patients of their care team.
 * Patients see their own. Messages are seen by those in the conversation. */
#ifndef CP_ACCESS_H
#define CP_ACCESS_H

#include "clinic/session.h"

#define CP_PERMISSION_STAFF_PORTAL "staff-portal"
#define CP_PERMISSION_PATIENT_PORTAL "patient-portal"
#define CP_PERMISSION_SCHEDULE_ALL "schedule-all"
#define CP_PERMISSION_DOCUMENTS_ALL "documents-all"
#define CP_PERMISSION_CLINIC_ADMIN "clinic-admin"

/* Is word one of the five? */
int cp_access_is_permission(const char *word);

/* The permission an account of that kind needs to use the portal at all. */
const char *cp_access_portal_permission(cp_kind_t kind);

/* Does the list (words parted by spaces) hold the word? */
int cp_access_has(const char *words, const char *word);

#endif
