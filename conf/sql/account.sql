-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Administering accounts and the people behind them.

-- name: account_find
SELECT clinic_id, account_id, kind, username, person_id, display_name,
       email, status, roles, permissions, has_password AS "has_password:bool",
       created_at AS "created_at:int", last_login_at AS "last_login_at:int"
  FROM account_overview
 WHERE clinic_id = :clinic_id AND kind = :kind AND username_key = :username_key

-- Of staff and patients together.
-- name: account_count_of_name
SELECT COUNT(*) AS "count:int" FROM account
 WHERE clinic_id = :clinic_id AND kind IN ('staff', 'patient')
   AND username_key = :username_key

-- name: account_list
SELECT clinic_id, account_id, kind, username, person_id, display_name,
       email, status, roles, permissions, has_password AS "has_password:bool",
       created_at AS "created_at:int", last_login_at AS "last_login_at:int"
  FROM account_overview
 WHERE clinic_id = :clinic_id AND kind = :kind
 ORDER BY username_key

-- No row is added when the name is taken.
-- name: account_add
INSERT INTO account (clinic_id, account_id, kind, username, username_key,
                     person_id, email, status, created_at)
VALUES (:clinic_id, :account_id, :kind, :username, :username_key,
        :person_id, :email, :status, :now:int)
ON CONFLICT (clinic_id, kind, username_key) DO NOTHING

-- NULL: it stays as it is by then, whatever it was when somebody looked.
-- name: account_set
UPDATE account
   SET person_id = COALESCE(:person_id, person_id),
       email = COALESCE(:email, email), status = COALESCE(:status, status)
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND (person_id <> COALESCE(:person_id, person_id)
        OR email <> COALESCE(:email, email)
        OR status <> COALESCE(:status, status))

-- name: account_add_role
INSERT INTO account_role (clinic_id, account_id, role)
VALUES (:clinic_id, :account_id, :word)
ON CONFLICT (clinic_id, account_id, role) DO NOTHING

-- What is not among :words (each with a space on both sides) goes.
-- name: account_drop_roles
DELETE FROM account_role
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND replace(:words, ' ' || role || ' ', '') = :words

-- name: account_add_permission
INSERT INTO account_permission (clinic_id, account_id, permission)
VALUES (:clinic_id, :account_id, :word)
ON CONFLICT (clinic_id, account_id, permission) DO NOTHING

-- name: account_drop_permissions
DELETE FROM account_permission
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND replace(:words, ' ' || permission || ' ', '') = :words

-- name: account_add_practitioner
INSERT INTO practitioner (clinic_id, practitioner_id, display_name)
VALUES (:clinic_id, :person_id, :display_name)

-- name: account_add_patient
INSERT INTO patient (clinic_id, patient_id, display_name)
VALUES (:clinic_id, :person_id, :display_name)

-- name: account_name_practitioner
UPDATE practitioner SET display_name = :display_name
 WHERE clinic_id = :clinic_id AND practitioner_id = :person_id
   AND display_name <> :display_name

-- name: account_name_patient
UPDATE patient SET display_name = :display_name
 WHERE clinic_id = :clinic_id AND patient_id = :person_id
   AND display_name <> :display_name

-- A name has changed, which anybody of the clinic may see.
-- name: account_note_clinic
INSERT INTO account_change (clinic_id, account_id, version)
SELECT clinic_id, account_id, 1 FROM account WHERE clinic_id = :clinic_id
 ORDER BY account_id
ON CONFLICT (clinic_id, account_id) DO UPDATE
   SET version = account_change.version + 1
