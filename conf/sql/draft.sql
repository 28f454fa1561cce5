-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- What was typed when a session ended.

-- name: draft_save
INSERT INTO draft (clinic_id, account_id, place, saved_at, body)
VALUES (:clinic_id, :account_id, :place, :now:int, :body)
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
