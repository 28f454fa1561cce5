-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Browsers that accounts have signed in from.

-- A browser keeps a few tokens, one for each account it was used for.
-- name: device_find
SELECT d.device_id, d.account_id
  FROM account a
  JOIN device d
    ON d.clinic_id = a.clinic_id AND d.account_id = a.account_id
 WHERE a.clinic_id = :clinic_id AND a.kind = :kind
   AND a.username_key = :username_key
   AND d.token_hash IN (:token_1, :token_2, :token_3, :token_4)
   AND d.last_used_at > :since:int

-- name: device_factor_until
SELECT factor_until AS "factor_until:int" FROM device
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND device_id = :device_id

-- name: device_add
INSERT INTO device (clinic_id, account_id, device_id, token_hash, created_at,
                    last_used_at, factor_until, address, user_agent)
VALUES (:clinic_id, :account_id, :device_id, :token_hash, :now:int, :now:int,
        :factor_until:int, :address, :user_agent)

-- name: device_use
UPDATE device
   SET last_used_at = :now:int, address = :address, user_agent = :user_agent,
       factor_until = CASE WHEN :factor_until:int > factor_until
                           THEN :factor_until:int ELSE factor_until END
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND device_id = :device_id

-- name: device_list
SELECT device_id, created_at AS "created_at:int",
       last_used_at AS "last_used_at:int",
       factor_until AS "factor_until:int", address, user_agent
  FROM device
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND last_used_at > :since:int
 ORDER BY last_used_at DESC, device_id

-- name: device_remove
DELETE FROM device
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND device_id = :device_id

-- name: device_remove_all
DELETE FROM device WHERE clinic_id = :clinic_id AND account_id = :account_id

-- name: device_distrust
UPDATE device SET factor_until = 0
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND factor_until <> 0

-- As session_prune.
-- name: device_prune (pgsql)
DELETE FROM device
 WHERE (clinic_id, account_id, device_id) IN
       (SELECT clinic_id, account_id, device_id FROM device
         WHERE last_used_at < :before:int
         ORDER BY last_used_at LIMIT 100 FOR UPDATE SKIP LOCKED)

-- name: device_prune
DELETE FROM device
 WHERE (clinic_id, account_id, device_id) IN
       (SELECT clinic_id, account_id, device_id FROM device
         WHERE last_used_at < :before:int
         ORDER BY last_used_at LIMIT 100)
