-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Counters of failed tries; the rules are in src/clinic/throttle.

-- Count one try. While the key is locked it is no failure. The count starts
-- anew when a window has passed since its first failure and since the end of
-- its last lock; also when it began later than now, by a clock that was ahead.
-- name: throttle_count
INSERT INTO throttle (clinic_id, key_kind, key, place, tries, failures,
                      window_at, locked_until)
VALUES (:clinic_id, :key_kind, :key, :place, 1, 1, :now:int, 0)
ON CONFLICT (clinic_id, key_kind, key, place) DO UPDATE
   SET tries = CASE WHEN throttle.window_at > :latest:int
                      OR (throttle.window_at <= :window_start:int
                          AND throttle.locked_until <= :window_start:int)
                    THEN 1 ELSE throttle.tries + 1 END,
       failures = CASE WHEN throttle.locked_until > :now:int
                       THEN throttle.failures
                       WHEN throttle.window_at > :latest:int
                         OR (throttle.window_at <= :window_start:int
                             AND throttle.locked_until <= :window_start:int)
                       THEN 1 ELSE throttle.failures + 1 END,
       window_at = CASE WHEN throttle.window_at > :latest:int
                          OR (throttle.window_at <= :window_start:int
                              AND throttle.locked_until <= :window_start:int)
                        THEN :now:int ELSE throttle.window_at END
RETURNING failures AS "failures:int", window_at AS "window_at:int",
          locked_until AS "locked_until:int"

-- name: throttle_lock
UPDATE throttle SET locked_until = :locked_until:int
 WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key
   AND place = :place

-- Of the address and of the clinic; locked in the order in which all others
-- lock them.
-- name: throttle_take_back (pgsql)
UPDATE throttle
   SET failures = throttle.failures - 1, tries = throttle.tries - 1
  FROM (SELECT clinic_id, key_kind, key, place FROM throttle
         WHERE ((clinic_id = '*' AND key_kind = 'address' AND key = :network)
                OR (clinic_id = :clinic_id AND key_kind = 'clinic'
                    AND key = ''))
           AND place = '' AND failures > 0
         ORDER BY key_kind FOR UPDATE) AS counted
 WHERE throttle.clinic_id = counted.clinic_id
   AND throttle.key_kind = counted.key_kind
   AND throttle.key = counted.key AND throttle.place = counted.place

-- name: throttle_take_back
UPDATE throttle SET failures = failures - 1, tries = tries - 1
 WHERE ((clinic_id = '*' AND key_kind = 'address' AND key = :network)
        OR (clinic_id = :clinic_id AND key_kind = 'clinic' AND key = ''))
   AND place = '' AND failures > 0

-- name: throttle_forget
DELETE FROM throttle
 WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key
   AND place IN (:place, :other_place)

-- name: throttle_forget_all
DELETE FROM throttle
 WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key

-- As session_prune.
-- name: throttle_prune (pgsql)
DELETE FROM throttle
 WHERE (clinic_id, key_kind, key, place) IN
       (SELECT clinic_id, key_kind, key, place FROM throttle
         WHERE window_at < :before:int AND locked_until < :before:int
         ORDER BY window_at LIMIT 100 FOR UPDATE SKIP LOCKED)

-- name: throttle_prune
DELETE FROM throttle
 WHERE (clinic_id, key_kind, key, place) IN
       (SELECT clinic_id, key_kind, key, place FROM throttle
         WHERE window_at < :before:int AND locked_until < :before:int
         ORDER BY window_at LIMIT 100)
