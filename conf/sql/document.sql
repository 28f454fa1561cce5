-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Documents one account may see, by the rule that holds for it:
--   clinic   staff who see every document of the clinic
--   care     staff: what they wrote, have to review, or of their care team
--   patient  one's own, current and released
-- A rule has statements of its own, so that each is answered in order by an
-- index of its own. Staff learn what they have to review (is_to_review), a
-- patient what was opened before (is_seen).

-- One page, newest first. :at and :id are where the page before ended.
-- name: document_list_clinic
SELECT d.document_id AS "id", d.title AS "title", d.category AS "category",
       d.status AS "status", d.doc_status AS "doc_status",
       p.display_name AS "patient", a.display_name AS "author",
       d.created_at AS "created_at:int", d.content_type AS "content_type",
       d.size_bytes AS "size_bytes:int",
       CASE WHEN d.reviewer_id = :person_id THEN d.is_waiting ELSE 0 END
           AS "is_to_review:bool"
  FROM document d
  JOIN patient p
    ON p.clinic_id = d.clinic_id AND p.patient_id = d.patient_id
  JOIN practitioner a
    ON a.clinic_id = d.clinic_id AND a.practitioner_id = d.author_id
 WHERE d.clinic_id = :clinic_id
   AND (d.created_at, d.document_id) < (:at:int, :id)
   AND d.status <> 'entered-in-error' AND d.doc_status <> 'entered-in-error'
 ORDER BY d.created_at DESC, d.document_id DESC
 LIMIT :limit:int

-- name: document_list_patient
SELECT d.document_id AS "id", d.title AS "title", d.category AS "category",
       d.status AS "status", d.doc_status AS "doc_status",
       p.display_name AS "patient", a.display_name AS "author",
       d.created_at AS "created_at:int", d.content_type AS "content_type",
       d.size_bytes AS "size_bytes:int",
       CASE WHEN s.seen_at IS NULL THEN 0 ELSE 1 END AS "is_seen:bool"
  FROM document d
  JOIN patient p
    ON p.clinic_id = d.clinic_id AND p.patient_id = d.patient_id
  JOIN practitioner a
    ON a.clinic_id = d.clinic_id AND a.practitioner_id = d.author_id
  LEFT JOIN document_seen s
    ON s.clinic_id = d.clinic_id AND s.account_id = :account_id
   AND s.document_id = d.document_id
 WHERE d.clinic_id = :clinic_id AND d.patient_id = :person_id
   AND (d.created_at, d.document_id) < (:at:int, :id)
   AND d.status = 'current' AND d.doc_status <> 'entered-in-error'
   AND d.released_at <= :now:int
 ORDER BY d.created_at DESC, d.document_id DESC
 LIMIT :limit:int

-- Here each part of the union has. Of each patient of the care team only what
-- can still be on this page is looked at; CROSS JOIN keeps SQLite from starting
-- with the documents.
-- name: document_list_care
WITH candidate AS (
    SELECT * FROM (
        SELECT created_at, document_id
          FROM document
         WHERE clinic_id = :clinic_id
           AND author_id = :person_id
           AND (created_at, document_id) < (:at:int, :id)
           AND status <> 'entered-in-error'
           AND doc_status <> 'entered-in-error'
         ORDER BY created_at DESC, document_id DESC
         LIMIT :limit:int) AS written
    UNION
    SELECT * FROM (
        SELECT created_at, document_id
          FROM document
         WHERE clinic_id = :clinic_id
           AND reviewer_id = :person_id AND is_waiting = 1
           AND (created_at, document_id) < (:at:int, :id)
           AND status <> 'entered-in-error'
           AND doc_status <> 'entered-in-error'
         ORDER BY created_at DESC, document_id DESC
         LIMIT :limit:int) AS to_review
    UNION
    SELECT * FROM (
        SELECT created_at, document_id
          FROM document
         WHERE clinic_id = :clinic_id
           AND reviewer_id = :person_id AND is_waiting = 0
           AND (created_at, document_id) < (:at:int, :id)
           AND status <> 'entered-in-error'
           AND doc_status <> 'entered-in-error'
         ORDER BY created_at DESC, document_id DESC
         LIMIT :limit:int) AS reviewed
    UNION
    SELECT d.created_at, d.document_id
      FROM care_team c
     CROSS JOIN document d
     WHERE c.clinic_id = :clinic_id
       AND c.practitioner_id = :person_id
       AND d.clinic_id = c.clinic_id AND d.patient_id = c.patient_id
       AND (d.created_at, d.document_id) < (:at:int, :id)
       AND d.created_at >=
           COALESCE((SELECT n.created_at
                       FROM document n
                      WHERE n.clinic_id = c.clinic_id
                        AND n.patient_id = c.patient_id
                        AND (n.created_at, n.document_id) < (:at:int, :id)
                        AND n.status <> 'entered-in-error'
                        AND n.doc_status <> 'entered-in-error'
                      ORDER BY n.created_at DESC, n.document_id DESC
                      LIMIT 1 OFFSET :limit:int), -9000000000000000000)
       AND d.status <> 'entered-in-error'
       AND d.doc_status <> 'entered-in-error'),
page AS (
    SELECT document_id
      FROM candidate
     ORDER BY created_at DESC, document_id DESC
     LIMIT :limit:int)
SELECT d.document_id AS "id", d.title AS "title", d.category AS "category",
       d.status AS "status", d.doc_status AS "doc_status",
       p.display_name AS "patient", a.display_name AS "author",
       d.created_at AS "created_at:int", d.content_type AS "content_type",
       d.size_bytes AS "size_bytes:int",
       CASE WHEN d.reviewer_id = :person_id THEN d.is_waiting ELSE 0 END
           AS "is_to_review:bool"
  FROM page
  JOIN document d
    ON d.clinic_id = :clinic_id AND d.document_id = page.document_id
  JOIN patient p
    ON p.clinic_id = d.clinic_id AND p.patient_id = d.patient_id
  JOIN practitioner a
    ON a.clinic_id = d.clinic_id AND a.practitioner_id = d.author_id
 ORDER BY d.created_at DESC, d.document_id DESC

-- Those waiting for this person: to be reviewed, or not opened yet. :limit are
-- shown, all are counted, up to 500, so that the cost stays bounded; for the
-- same reason a patient's unopened ones are sought among the newest 500.
-- name: document_waiting_staff
SELECT d.document_id AS "id", d.title AS "title", d.category AS "category",
       d.status AS "status", d.doc_status AS "doc_status",
       p.display_name AS "patient", a.display_name AS "author",
       d.created_at AS "created_at:int", d.content_type AS "content_type",
       d.size_bytes AS "size_bytes:int",
       CASE WHEN d.reviewer_id = :person_id THEN d.is_waiting ELSE 0 END
           AS "is_to_review:bool",
       (SELECT COUNT(*)
          FROM (SELECT 1
                  FROM document
                 WHERE clinic_id = :clinic_id AND reviewer_id = :person_id
                   AND is_waiting = 1 AND status <> 'entered-in-error'
                   AND doc_status <> 'entered-in-error'
                 LIMIT 500) AS to_review) AS "count:int"
  FROM document d
  JOIN patient p
    ON p.clinic_id = d.clinic_id AND p.patient_id = d.patient_id
  JOIN practitioner a
    ON a.clinic_id = d.clinic_id AND a.practitioner_id = d.author_id
 WHERE d.clinic_id = :clinic_id AND d.reviewer_id = :person_id
   AND d.is_waiting = 1
   AND d.status <> 'entered-in-error' AND d.doc_status <> 'entered-in-error'
 ORDER BY d.created_at DESC, d.document_id DESC
 LIMIT :limit:int

-- name: document_waiting_patient
WITH waiting AS MATERIALIZED (
    SELECT created_at, document_id
      FROM (SELECT created_at, document_id
              FROM document
             WHERE clinic_id = :clinic_id
               AND patient_id = :person_id
               AND status = 'current' AND doc_status <> 'entered-in-error'
               AND released_at <= :now:int
             ORDER BY created_at DESC, document_id DESC
             LIMIT 500) AS released
     WHERE NOT EXISTS (SELECT 1
                         FROM document_seen s
                        WHERE s.clinic_id = :clinic_id
                          AND s.account_id = :account_id
                          AND s.document_id = released.document_id)),
page AS (
    SELECT document_id
      FROM waiting
     ORDER BY created_at DESC, document_id DESC
     LIMIT :limit:int)
SELECT d.document_id AS "id", d.title AS "title", d.category AS "category",
       d.status AS "status", d.doc_status AS "doc_status",
       p.display_name AS "patient", a.display_name AS "author",
       d.created_at AS "created_at:int", d.content_type AS "content_type",
       d.size_bytes AS "size_bytes:int",
       0 AS "is_seen:bool",
       (SELECT COUNT(*) FROM waiting) AS "count:int"
  FROM page
  JOIN document d
    ON d.clinic_id = :clinic_id AND d.document_id = page.document_id
  JOIN patient p
    ON p.clinic_id = d.clinic_id AND p.patient_id = d.patient_id
  JOIN practitioner a
    ON a.clinic_id = d.clinic_id AND a.practitioner_id = d.author_id
 ORDER BY d.created_at DESC, d.document_id DESC

-- The same rule for a single one, and where its bytes are.
-- name: document_find
SELECT d.document_id AS "id", d.title AS "title", d.category AS "category",
       d.status AS "status", d.doc_status AS "doc_status",
       p.display_name AS "patient", a.display_name AS "author",
       d.created_at AS "created_at:int", d.content_type AS "content_type",
       d.size_bytes AS "size_bytes:int",
       CASE WHEN d.reviewer_id = :person_id THEN d.is_waiting ELSE 0 END
           AS "is_to_review:bool",
       CASE WHEN s.seen_at IS NULL THEN 0 ELSE 1 END AS "is_seen:bool",
       d.file_name AS "file_name", d.sha256 AS "sha256",
       d.storage_key AS "storage_key"
  FROM document d
  JOIN patient p
    ON p.clinic_id = d.clinic_id AND p.patient_id = d.patient_id
  JOIN practitioner a
    ON a.clinic_id = d.clinic_id AND a.practitioner_id = d.author_id
  LEFT JOIN document_seen s
    ON s.clinic_id = d.clinic_id AND s.account_id = :account_id
   AND s.document_id = d.document_id
 WHERE d.clinic_id = :clinic_id AND d.document_id = :document_id
   AND d.status <> 'entered-in-error' AND d.doc_status <> 'entered-in-error'
   AND (:scope = 'clinic'
        OR (:scope = 'care'
            AND (d.author_id = :person_id OR d.reviewer_id = :person_id
                 OR EXISTS (SELECT 1
                              FROM care_team c
                             WHERE c.clinic_id = d.clinic_id
                               AND c.practitioner_id = :person_id
                               AND c.patient_id = d.patient_id)))
        OR (:scope = 'patient' AND d.patient_id = :person_id
            AND d.status = 'current' AND d.released_at <= :now:int))

-- No row changed: it was seen before.
-- name: document_note_seen
INSERT INTO document_seen (clinic_id, account_id, document_id, seen_at)
VALUES (:clinic_id, :account_id, :document_id, :now:int)
ON CONFLICT (clinic_id, account_id, document_id) DO NOTHING
