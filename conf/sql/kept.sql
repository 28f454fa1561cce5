-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Forms that came to a guarded location before their sender had signed in.

-- Nobody fills the table: so many from one network, so many of people who are
-- known, and as many of those who are not.
-- name: kept_add
INSERT INTO kept_request (kept_id, clinic_id, account_id, visit_hash,
                          address, kept_at, body)
SELECT :kept_id, :clinic_id, :account_id, :visit_hash, :address, :now:int,
       :body
 WHERE (SELECT COUNT(*) FROM kept_request
         WHERE address = :address AND kept_at > :since:int)
       < :address_max:int
   AND (SELECT COUNT(*) FROM kept_request
         WHERE kept_at > :since:int
           AND (clinic_id = '') = (:clinic_id = ''))
       < :all_max:int

-- It is that account's, or nobody's and of this browser.
-- name: kept_find
SELECT body FROM kept_request
 WHERE kept_id = :kept_id AND kept_at > :since:int
   AND ((clinic_id = :clinic_id AND account_id = :account_id)
        OR (clinic_id = '' AND visit_hash = :visit_hash))

-- name: kept_remove
DELETE FROM kept_request
 WHERE kept_id = :kept_id
   AND ((clinic_id = :clinic_id AND account_id = :account_id)
        OR (clinic_id = '' AND visit_hash = :visit_hash))

-- Two nodes do not wait for each other.
-- name: kept_prune (pgsql)
DELETE FROM kept_request
 WHERE kept_id IN (SELECT kept_id FROM kept_request
                    WHERE kept_at < :before:int
                      FOR UPDATE SKIP LOCKED)

-- name: kept_prune
DELETE FROM kept_request WHERE kept_at < :before:int
