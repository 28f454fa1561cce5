-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Passwords of accounts, and those before them.

-- name: password_find
SELECT password_hash FROM account
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND status = 'active'

-- Nothing changes if it is another than :old_hash meanwhile; '' is any.
-- name: password_set
UPDATE account
   SET password_hash = :password_hash, password_changed_at = :now:int,
       password_must_change = :must_change:int
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND (:old_hash = '' OR password_hash = :old_hash)

-- The password of now, before it is replaced.
-- name: password_keep
INSERT INTO password_history (clinic_id, account_id, replaced_at,
                              password_hash)
SELECT clinic_id, account_id, :now:int, password_hash
  FROM account
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND password_hash IS NOT NULL
ON CONFLICT (clinic_id, account_id, replaced_at) DO NOTHING

-- More than any clinic may ask for are not kept.
-- name: password_forget
DELETE FROM password_history
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND replaced_at NOT IN
       (SELECT h.replaced_at FROM password_history h
         WHERE h.clinic_id = :clinic_id AND h.account_id = :account_id
         ORDER BY h.replaced_at DESC LIMIT 4)

-- name: password_former
SELECT password_hash FROM password_history
 WHERE clinic_id = :clinic_id AND account_id = :account_id
 ORDER BY replaced_at DESC LIMIT :limit:int
