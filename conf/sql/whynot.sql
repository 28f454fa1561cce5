-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Why somebody cannot sign in. (The rest is read by the statements of
-- clinics.sql and account.sql.)

-- The lock that ends last, and of which place it is: "" for all that are not
-- known.
-- A session is locked out of confirming, not of signing in (src/clinic/reauth).
-- name: whynot_lock
SELECT place, locked_until AS "locked_until:int"
  FROM throttle
 WHERE clinic_id = :clinic_id AND key_kind = 'account' AND key = :username_key
   AND locked_until > :now:int AND place NOT LIKE 'session %'
 ORDER BY CASE WHEN place = '' THEN 0 ELSE 1 END, locked_until DESC, place
 LIMIT 1

-- name: whynot_factor_lock
SELECT locked_until AS "locked_until:int"
  FROM throttle
 WHERE clinic_id = :clinic_id AND key_kind = 'factor' AND key = :account_id
   AND locked_until > :now:int
