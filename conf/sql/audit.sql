-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- The audit trail: rows are added to a chain, never changed.

-- The next place in the chain, and the hash before it. The row stays locked
-- until the transaction ends, so that writers come one after the other.
-- name: audit_take_place
INSERT INTO audit_head (clinic_id, seq, hash)
VALUES (:clinic_id, 1, '')
ON CONFLICT (clinic_id) DO UPDATE SET seq = audit_head.seq + 1
RETURNING seq AS "seq:int", hash AS "hash"

-- name: audit_move_head
UPDATE audit_head SET hash = :hash WHERE clinic_id = :clinic_id

-- name: audit_add
INSERT INTO audit_event (clinic_id, audit_id, recorded_at, event, outcome,
                         reason, reference, account_id, kind, username,
                         address, entity_type, entity_id, seq, hash)
VALUES (:clinic_id, :audit_id, :recorded_at:int, :event, :outcome,
        :reason, :reference, :account_id, :kind, :username,
        :address, :entity_type, :entity_id, :seq:int, :hash)

-- name: audit_list
SELECT audit_id, recorded_at AS "recorded_at:int", event, outcome, reason,
       reference, account_id, kind, username, address, entity_type, entity_id
  FROM audit_event
 WHERE clinic_id = :clinic_id
 ORDER BY recorded_at DESC, audit_id DESC
 LIMIT :limit:int

-- The chain from behind a place on.
-- name: audit_chain
SELECT clinic_id, audit_id, recorded_at AS "recorded_at:int", event, outcome,
       reason, reference, account_id, kind, username, address, entity_type,
       entity_id, seq AS "seq:int", hash
  FROM audit_event
 WHERE clinic_id = :clinic_id AND seq > :after:int
 ORDER BY seq
 LIMIT :limit:int

-- name: audit_head
SELECT seq AS "seq:int", hash FROM audit_head WHERE clinic_id = :clinic_id

-- Rows without a place that are younger than the chain.
-- name: audit_outside
SELECT audit_id
  FROM audit_event
 WHERE clinic_id = :clinic_id AND seq IS NULL
   AND recorded_at > (SELECT MIN(recorded_at) FROM audit_event
                       WHERE clinic_id = :clinic_id AND seq IS NOT NULL)
 ORDER BY recorded_at, audit_id
 LIMIT 1

-- Rows from before the chain, oldest first, from behind one on.
-- name: audit_unchained
SELECT clinic_id, audit_id, recorded_at AS "recorded_at:int", event, outcome,
       reason, reference, account_id, kind, username, address, entity_type,
       entity_id
  FROM audit_event
 WHERE clinic_id = :clinic_id AND seq IS NULL
   AND (recorded_at, audit_id) > (:at:int, :id)
 ORDER BY recorded_at, audit_id
 LIMIT :limit:int
