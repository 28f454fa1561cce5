-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Administering clinics: active or not.

-- name: clinics_find
SELECT clinic_id, code, name, active AS "active:bool", time_zone, locale,
       default_tab, support_contact, crisis_text
  FROM clinic
 WHERE clinic_id = :clinic_id

-- name: clinics_list
SELECT clinic_id, code, name, active AS "active:bool", time_zone, locale,
       default_tab, support_contact, crisis_text
  FROM clinic
 ORDER BY clinic_id

-- No row is added when the code is taken.
-- name: clinics_add
INSERT INTO clinic (clinic_id, code, name, active, time_zone, locale,
                    default_tab, support_contact, crisis_text)
VALUES (:clinic_id, :code, :name, :active:int, :time_zone, :locale,
        :default_tab, :support_contact, :crisis_text)
ON CONFLICT (clinic_id) DO NOTHING

-- As account_set.
-- name: clinics_set
UPDATE clinic
   SET name = COALESCE(:name, name),
       active = COALESCE(:active:int, active),
       time_zone = COALESCE(:time_zone, time_zone),
       locale = COALESCE(:locale, locale),
       default_tab = COALESCE(:default_tab, default_tab),
       support_contact = COALESCE(:support_contact, support_contact),
       crisis_text = COALESCE(:crisis_text, crisis_text)
 WHERE clinic_id = :clinic_id
   AND (name <> COALESCE(:name, name)
        OR active <> COALESCE(:active:int, active)
        OR time_zone <> COALESCE(:time_zone, time_zone)
        OR locale <> COALESCE(:locale, locale)
        OR default_tab <> COALESCE(:default_tab, default_tab)
        OR support_contact <> COALESCE(:support_contact, support_contact)
        OR crisis_text <> COALESCE(:crisis_text, crisis_text))

-- name: clinics_end_sessions
DELETE FROM session WHERE clinic_id = :clinic_id
