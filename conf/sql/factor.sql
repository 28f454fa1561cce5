-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Second factors of accounts.

-- name: factor_find
SELECT a.factor_method AS "method", a.factor_required AS "is_required:bool",
       a.otp_secret, a.otp_pending,
       a.otp_pending_until AS "otp_pending_until:int", a.email,
       (SELECT COUNT(*) FROM recovery_code r
         WHERE r.clinic_id = a.clinic_id AND r.account_id = a.account_id)
           AS "recovery_left:int"
  FROM account a
 WHERE a.clinic_id = :clinic_id AND a.account_id = :account_id

-- name: factor_set_required
UPDATE account SET factor_required = :is_required:int
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND factor_required <> :is_required:int

-- name: factor_set_pending
UPDATE account
   SET otp_pending = :otp_pending, otp_pending_until = :until:int
 WHERE clinic_id = :clinic_id AND account_id = :account_id

-- Nothing changes if another secret is waiting meanwhile.
-- name: factor_set_otp
UPDATE account
   SET factor_method = 'otp', otp_secret = :otp_secret, otp_pending = '',
       otp_pending_until = 0, otp_last_step = :step:int
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND otp_pending = :otp_pending

-- Without an authenticator: mail, or none.
-- name: factor_set_method
UPDATE account
   SET factor_method = :method, otp_secret = '', otp_pending = '',
       otp_pending_until = 0, otp_last_step = 0
 WHERE clinic_id = :clinic_id AND account_id = :account_id

-- A code works once, and none before it does any more.
-- name: factor_spend_step
UPDATE account SET otp_last_step = :step:int
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND otp_last_step < :step:int

-- name: factor_add_recovery
INSERT INTO recovery_code (clinic_id, account_id, code_hash, created_at)
VALUES (:clinic_id, :account_id, :code_hash, :now:int)

-- name: factor_spend_recovery
DELETE FROM recovery_code
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND code_hash = :code_hash

-- name: factor_drop_recovery
DELETE FROM recovery_code
 WHERE clinic_id = :clinic_id AND account_id = :account_id

-- name: factor_spend_mail
DELETE FROM mail_token
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND token_hash = :token_hash AND purpose = 'code' AND expires_at > :now:int

-- Secrets that were sealed, to be sealed anew under another key.
-- name: factor_sealed
SELECT account_id, otp_secret FROM account
 WHERE clinic_id = :clinic_id AND otp_secret <> ''

-- name: factor_reseal
UPDATE account SET otp_secret = :otp_secret
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND otp_secret = :old_secret
