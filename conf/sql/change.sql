-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- The version counter of an account. No row yet is version 0.

-- name: change_find
SELECT version AS "version:int"
  FROM account_change
 WHERE clinic_id = :clinic_id AND account_id = :account_id

-- name: change_note
INSERT INTO account_change (clinic_id, account_id, version)
VALUES (:clinic_id, :account_id, 1)
ON CONFLICT (clinic_id, account_id) DO UPDATE
   SET version = account_change.version + 1
