-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- CAPTCHA answers already used.

-- No row changed: it was spent before.
-- name: captcha_spend
INSERT INTO captcha_spent (clinic_id, nonce, expires_at)
VALUES (:clinic_id, :nonce, :expires_at:int)
ON CONFLICT (clinic_id, nonce) DO NOTHING

-- As session_prune.
-- name: captcha_prune (pgsql)
DELETE FROM captcha_spent
 WHERE (clinic_id, nonce) IN
       (SELECT clinic_id, nonce FROM captcha_spent
         WHERE expires_at < :before:int
         ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)

-- name: captcha_prune
DELETE FROM captcha_spent
 WHERE (clinic_id, nonce) IN
       (SELECT clinic_id, nonce FROM captcha_spent
         WHERE expires_at < :before:int
         ORDER BY expires_at LIMIT 100)
