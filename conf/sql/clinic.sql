-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Clinics: the tenants.

-- name: clinic_find
SELECT clinic_id, code, name, time_zone, locale, default_tab,
       support_contact, crisis_text
  FROM clinic
 WHERE clinic_id = :clinic_id AND active = 1
