-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Mail to be sent.

-- name: mail_add
INSERT INTO mail (clinic_id, mail_id, template, account_id, recipient,
                  status, created_at, next_at)
VALUES (:clinic_id, :mail_id, :template, :account_id, :recipient, :status,
        :now:int, :now:int)

-- Over all clinics: whose turn it is.
-- name: mail_due
SELECT m.clinic_id, m.mail_id, m.template, m.account_id,
       m.attempts AS "attempts:int", m.next_at AS "next_at:int",
       c.code, c.name, c.support_contact, a.kind, a.username, a.status,
       CASE WHEN m.recipient <> '' THEN m.recipient ELSE a.email END
           AS "email"
  FROM mail m
  JOIN clinic c ON c.clinic_id = m.clinic_id
  LEFT JOIN account a
    ON a.clinic_id = m.clinic_id AND a.account_id = m.account_id
 WHERE m.status = 'waiting' AND m.next_at <= :now:int
 ORDER BY m.next_at LIMIT 1

-- Taken by one process of one server; should that die, another takes it later.
-- name: mail_lease
UPDATE mail SET next_at = :next_at:int, attempts = attempts + 1
 WHERE clinic_id = :clinic_id AND mail_id = :mail_id
   AND status = 'waiting' AND next_at = :old_next_at:int

-- name: mail_settle
UPDATE mail
   SET status = :status, next_at = :next_at:int, last_error = :last_error
 WHERE clinic_id = :clinic_id AND mail_id = :mail_id

-- What is settled is kept for a while, for the list, and what was given up for
-- longer. Two nodes do not wait for each other.
-- name: mail_prune (pgsql)
DELETE FROM mail
 WHERE (clinic_id, mail_id) IN
       (SELECT clinic_id, mail_id FROM mail
         WHERE status IN ('sent', 'void') AND next_at < :before:int
            OR status = 'dead' AND next_at < :dead_before:int
           FOR UPDATE SKIP LOCKED)

-- name: mail_prune
DELETE FROM mail
 WHERE status IN ('sent', 'void') AND next_at < :before:int
    OR status = 'dead' AND next_at < :dead_before:int

-- What was given up first: somebody has to see to it.
-- name: mail_list
SELECT m.mail_id, m.template, m.status, m.attempts AS "attempts:int",
       m.created_at AS "created_at:int", m.next_at AS "next_at:int",
       m.last_error, COALESCE(a.username, '') AS "username"
  FROM mail m
  LEFT JOIN account a
    ON a.clinic_id = m.clinic_id AND a.account_id = m.account_id
 WHERE m.clinic_id = :clinic_id AND m.status <> 'void'
 ORDER BY CASE WHEN m.status = 'dead' THEN 0 ELSE 1 END,
          m.created_at DESC, m.mail_id
 LIMIT :limit:int

-- name: mail_retry
UPDATE mail SET status = 'waiting', next_at = :now:int, attempts = 0
 WHERE clinic_id = :clinic_id AND mail_id = :mail_id AND status = 'dead'

-- name: mail_token_add
INSERT INTO mail_token (clinic_id, token_hash, account_id, purpose,
                        created_at, expires_at)
VALUES (:clinic_id, :token_hash, :account_id, :purpose, :now:int,
        :expires_at:int)

-- name: mail_token_find
SELECT t.account_id, t.purpose, a.kind, a.username, a.status,
       COALESCE(pr.display_name, pt.display_name, a.username)
           AS "display_name"
  FROM mail_token t
  JOIN account a
    ON a.clinic_id = t.clinic_id AND a.account_id = t.account_id
  LEFT JOIN practitioner pr
    ON a.kind = 'staff' AND pr.clinic_id = a.clinic_id
   AND pr.practitioner_id = a.person_id
  LEFT JOIN patient pt
    ON a.kind = 'patient' AND pt.clinic_id = a.clinic_id
   AND pt.patient_id = a.person_id
 WHERE t.clinic_id = :clinic_id AND t.token_hash = :token_hash
   AND t.purpose IN ('reset', 'invitation') AND t.expires_at > :now:int
   AND a.status = 'active'

-- name: mail_token_spend
DELETE FROM mail_token
 WHERE clinic_id = :clinic_id AND token_hash = :token_hash

-- name: mail_token_forget
DELETE FROM mail_token
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND purpose = :purpose

-- name: mail_token_forget_all
DELETE FROM mail_token
 WHERE clinic_id = :clinic_id AND account_id = :account_id

-- name: mail_token_prune (pgsql)
DELETE FROM mail_token
 WHERE (clinic_id, token_hash) IN
       (SELECT clinic_id, token_hash FROM mail_token
         WHERE expires_at < :before:int
           FOR UPDATE SKIP LOCKED)

-- name: mail_token_prune
DELETE FROM mail_token WHERE expires_at < :before:int
