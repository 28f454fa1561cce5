-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- The audit trail: rows are added, never changed.

-- name: audit_add
INSERT INTO audit_event (clinic_id, audit_id, recorded_at, event, outcome,
                         reason, reference, account_id, kind, username,
                         address, entity_type, entity_id)
VALUES (:clinic_id, :audit_id, :recorded_at:int, :event, :outcome,
        :reason, :reference, :account_id, :kind, :username,
        :address, :entity_type, :entity_id)

-- name: audit_list
SELECT audit_id, recorded_at AS "recorded_at:int", event, outcome, reason,
       reference, account_id, kind, username, address, entity_type, entity_id
  FROM audit_event
 WHERE clinic_id = :clinic_id
 ORDER BY recorded_at DESC, audit_id DESC
 LIMIT :limit:int
