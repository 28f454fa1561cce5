-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Counters of failed tries; the rules are in src/clinic/throttle.

-- Count one try at two keys, or at one if the second has no kind; the first of
-- them is locked first. While a key is locked the try is no failure. ends_at is
-- when the count starts anew: a window after its first failure, or, of an
-- account and its second factor, after the last one (a lock moves it to a
-- window after its end). It also starts anew if it began later than now, by a
-- clock that was ahead.
-- name: throttle_count
INSERT INTO throttle (clinic_id, key_kind, key, place, tries, failures,
                      window_at, locked_until, ends_at)
SELECT clinic_id, key_kind, key, place, 1, 1, :now:int, 0, :now:int + window_us
  FROM (SELECT 1 AS turn, :clinic_id AS clinic_id, :key_kind AS key_kind,
               :key AS key, :place AS place, :window_us:int AS window_us
        UNION ALL
        SELECT 2, :second_clinic_id, :second_kind, :second_key, :second_place,
               :second_window_us:int) AS counted
 WHERE key_kind <> ''
 ORDER BY turn
ON CONFLICT (clinic_id, key_kind, key, place) DO UPDATE
   SET tries = CASE WHEN throttle.ends_at <= :now:int
                      OR throttle.window_at > :latest:int
                    THEN 1 ELSE throttle.tries + 1 END,
       failures = CASE WHEN throttle.locked_until > :now:int
                       THEN throttle.failures
                       WHEN throttle.ends_at <= :now:int
                         OR throttle.window_at > :latest:int
                       THEN 1 ELSE throttle.failures + 1 END,
       window_at = CASE WHEN throttle.ends_at <= :now:int
                          OR throttle.window_at > :latest:int
                        THEN :now:int ELSE throttle.window_at END,
       ends_at = CASE WHEN throttle.locked_until > :now:int
                      THEN throttle.ends_at
                      WHEN throttle.ends_at <= :now:int
                        OR throttle.window_at > :latest:int
                        OR throttle.key_kind IN ('account', 'factor')
                      THEN excluded.ends_at ELSE throttle.ends_at END
RETURNING key_kind AS "key_kind", place AS "place",
          tries AS "tries:int", failures AS "failures:int",
          locked_until AS "locked_until:int", ends_at AS "ends_at:int"

-- The other of the two refused the try, so that it is none here.
-- name: throttle_undo
UPDATE throttle
   SET tries = tries - 1,
       failures = CASE WHEN locked_until > :now:int
                       THEN failures ELSE failures - 1 END
 WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key
   AND place = :place

-- Tries beyond the failures are those that this lock refuses.
-- name: throttle_lock
UPDATE throttle SET tries = failures, locked_until = :locked_until:int,
                    ends_at = :ends_at:int
 WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key
   AND place = :place

-- Of the address and of the clinic; locked in the order in which all others
-- lock them.
-- name: throttle_forgive (pgsql)
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

-- name: throttle_forgive
UPDATE throttle SET failures = failures - 1, tries = tries - 1
 WHERE ((clinic_id = '*' AND key_kind = 'address' AND key = :network)
        OR (clinic_id = :clinic_id AND key_kind = 'clinic' AND key = ''))
   AND place = '' AND failures > 0

-- A lock that such a try meets was set by itself: else it had been refused.
-- name: throttle_take_back (pgsql)
UPDATE throttle
   SET failures = throttle.failures - 1, tries = throttle.tries - 1,
       locked_until = 0, ends_at = LEAST(throttle.ends_at, :latest_end:int)
  FROM (SELECT clinic_id, key_kind, key, place FROM throttle
         WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key
           AND place IN (:place, :other_place) AND failures > 0
         ORDER BY place DESC FOR UPDATE) AS counted
 WHERE throttle.clinic_id = counted.clinic_id
   AND throttle.key_kind = counted.key_kind
   AND throttle.key = counted.key AND throttle.place = counted.place

-- name: throttle_take_back
UPDATE throttle
   SET failures = failures - 1, tries = tries - 1, locked_until = 0,
       ends_at = MIN(ends_at, :latest_end:int)
 WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key
   AND place IN (:place, :other_place) AND failures > 0

-- name: throttle_forget
DELETE FROM throttle
 WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key
   AND place IN (:place, :other_place)

-- In the order in which throttle_count locks them.
-- name: throttle_forget_all (pgsql)
DELETE FROM throttle
 WHERE (clinic_id, key_kind, key, place) IN
       (SELECT clinic_id, key_kind, key, place FROM throttle
         WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key
         ORDER BY place DESC FOR UPDATE)

-- name: throttle_forget_all
DELETE FROM throttle
 WHERE clinic_id = :clinic_id AND key_kind = :key_kind AND key = :key

-- As session_prune. While nodes are upgraded one after the other, an older one
-- writes rows without an end, which are kept for a day, and locks that end
-- after their rows.
-- name: throttle_prune (pgsql)
DELETE FROM throttle
 WHERE (clinic_id, key_kind, key, place) IN
       (SELECT clinic_id, key_kind, key, place FROM throttle
         WHERE ends_at < :before:int AND locked_until < :before:int
           AND (ends_at > 0 OR window_at < :before:int - 86400000000)
         ORDER BY ends_at LIMIT 100 FOR UPDATE SKIP LOCKED)

-- name: throttle_prune
DELETE FROM throttle
 WHERE (clinic_id, key_kind, key, place) IN
       (SELECT clinic_id, key_kind, key, place FROM throttle
         WHERE ends_at < :before:int AND locked_until < :before:int
           AND (ends_at > 0 OR window_at < :before:int - 86400000000)
         ORDER BY ends_at LIMIT 100)
