-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Why somebody cannot sign in. (The rest is read by the statements of
-- clinics.sql and account.sql.)

-- name: whynot_lock
SELECT locked_until AS "locked_until:int"
  FROM throttle
 WHERE clinic_id = :clinic_id AND key_kind = 'account' AND key = :username_key
