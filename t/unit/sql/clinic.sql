-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- What the tests of src/clinic do behind the back of the rules.

-- name: test_set_password
UPDATE account SET password_hash = :hash WHERE account_id = :account_id

-- name: test_find_password
SELECT password_hash FROM account WHERE account_id = :account_id

-- name: test_set_status
UPDATE account SET status = :status WHERE account_id = :account_id

-- name: test_set_active
UPDATE clinic SET active = :active:int WHERE clinic_id = :clinic_id

-- name: test_grant
INSERT INTO account_permission (clinic_id, account_id, permission)
VALUES (:clinic_id, :account_id, :permission)

-- name: test_revoke
DELETE FROM account_permission
 WHERE account_id = :account_id AND permission = :permission

-- name: test_last_login
SELECT last_login_at AS "last_login_at:int" FROM account
 WHERE account_id = :account_id

-- name: test_session
SELECT token_hash, address, user_agent, last_seen_at AS "last_seen_at:int"
  FROM session ORDER BY created_at DESC LIMIT 1

-- name: test_counts
SELECT (SELECT COUNT(*) FROM session) AS "session:int",
       (SELECT COUNT(*) FROM audit_event) AS "audit:int",
       (SELECT COUNT(*) FROM captcha_spent) AS "captcha:int",
       (SELECT COUNT(*) FROM throttle) AS "throttle:int"

-- name: test_throttle
SELECT failures AS "failures:int", locked_until AS "locked_until:int"
  FROM throttle
 WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key
