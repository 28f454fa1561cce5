-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- What was typed when a session ended.

-- In a conversation that the account takes part in, so that nobody has more of
-- them than conversations.
-- name: draft_save
INSERT INTO draft (clinic_id, account_id, place, saved_at, body)
SELECT a.clinic_id, a.account_id, :place, :now:int, :body
  FROM account a
  JOIN mailbox b
    ON b.clinic_id = a.clinic_id AND b.owner_kind = a.kind
   AND b.owner_id = a.person_id
 WHERE a.clinic_id = :clinic_id AND a.account_id = :account_id
   AND 'messages/' || b.thread_id = :place
ON CONFLICT (clinic_id, account_id, place) DO UPDATE
   SET saved_at = excluded.saved_at, body = excluded.body

-- name: draft_find
SELECT body FROM draft
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND place = :place AND saved_at > :since:int

-- name: draft_remove
DELETE FROM draft
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND place = :place

-- As session_prune.
-- name: draft_prune (pgsql)
DELETE FROM draft
 WHERE (clinic_id, account_id, place) IN
       (SELECT clinic_id, account_id, place FROM draft
         WHERE saved_at < :before:int
         ORDER BY saved_at LIMIT 100 FOR UPDATE SKIP LOCKED)

-- name: draft_prune
DELETE FROM draft
 WHERE (clinic_id, account_id, place) IN
       (SELECT clinic_id, account_id, place FROM draft
         WHERE saved_at < :before:int
         ORDER BY saved_at LIMIT 100)
