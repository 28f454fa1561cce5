-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- What signing in reads and writes of accounts.

-- The accounts a user name can mean: none, one, or one of either kind. The
-- kinds are listed so that the unique index answers.
-- name: signin_accounts
SELECT a.kind AS "kind", a.account_id AS "account_id",
       a.username AS "username", a.password_hash AS "password_hash",
       a.password_changed_at AS "password_changed_at:int",
       CASE WHEN a.status = 'active' THEN 1 ELSE 0 END AS "is_active:bool",
       CASE WHEN EXISTS (SELECT 1 FROM account_permission p
                          WHERE p.clinic_id = a.clinic_id
                            AND p.account_id = a.account_id
                            AND p.permission =
                                CASE a.kind WHEN 'staff'
                                            THEN :staff_permission
                                            ELSE :patient_permission END)
            THEN 1 ELSE 0 END AS "has_portal:bool"
  FROM account a
 WHERE a.clinic_id = :clinic_id AND a.kind IN ('staff', 'patient')
   AND a.username_key = :username_key

-- name: signin_note_login
UPDATE account SET last_login_at = :now:int
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND status = 'active'

-- The same password in today's format; a password changed meanwhile stays.
-- name: signin_rehash
UPDATE account SET password_hash = :new_hash
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND password_hash = :old_hash
