-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- One person's appointments of one day, in the order they are shown, with the
-- names of the other side. The two differ in more than names: a patient never
-- gets the comment, and never sees who else takes part in a group. The names
-- are lines of one text, sorted by the caller: SQLite's sorter costs more than
-- all the rest.

-- name: schedule_staff (pgsql)
SELECT a.appointment_id AS "id", a.status AS "status",
       a.starts_at AS "starts_at:int", a.ends_at AS "ends_at:int",
       a.service_type AS "service_type", a.description AS "description",
       a.location AS "location",
       a.patient_instruction AS "patient_instruction",
       a.comment AS "comment",
       COALESCE((SELECT string_agg(n.display_name, chr(10))
                   FROM appointment_participant o
                   JOIN patient n
                     ON n.clinic_id = o.clinic_id
                    AND n.patient_id = o.actor_id
                  WHERE o.clinic_id = m.clinic_id
                    AND o.appointment_id = m.appointment_id
                    AND o.actor_kind = 'patient'), '') AS "names"
  FROM appointment_participant m
  JOIN appointment a
    ON a.clinic_id = m.clinic_id AND a.appointment_id = m.appointment_id
 WHERE m.clinic_id = :clinic_id AND m.actor_kind = 'staff'
   AND m.actor_id = :person_id
   AND m.starts_at >= :start:int AND m.starts_at < :end:int
   AND a.status <> 'entered-in-error'
 ORDER BY m.starts_at, m.appointment_id
 LIMIT :limit:int

-- name: schedule_staff
SELECT a.appointment_id AS "id", a.status AS "status",
       a.starts_at AS "starts_at:int", a.ends_at AS "ends_at:int",
       a.service_type AS "service_type", a.description AS "description",
       a.location AS "location",
       a.patient_instruction AS "patient_instruction",
       a.comment AS "comment",
       COALESCE((SELECT group_concat(n.display_name, char(10))
                   FROM appointment_participant o
                   JOIN patient n
                     ON n.clinic_id = o.clinic_id
                    AND n.patient_id = o.actor_id
                  WHERE o.clinic_id = m.clinic_id
                    AND o.appointment_id = m.appointment_id
                    AND o.actor_kind = 'patient'), '') AS "names"
  FROM appointment_participant m
  JOIN appointment a
    ON a.clinic_id = m.clinic_id AND a.appointment_id = m.appointment_id
 WHERE m.clinic_id = :clinic_id AND m.actor_kind = 'staff'
   AND m.actor_id = :person_id
   AND m.starts_at >= :start:int AND m.starts_at < :end:int
   AND a.status <> 'entered-in-error'
 ORDER BY m.starts_at, m.appointment_id
 LIMIT :limit:int

-- name: schedule_patient (pgsql)
SELECT a.appointment_id AS "id", a.status AS "status",
       a.starts_at AS "starts_at:int", a.ends_at AS "ends_at:int",
       a.service_type AS "service_type", a.description AS "description",
       a.location AS "location",
       a.patient_instruction AS "patient_instruction",
       COALESCE((SELECT string_agg(n.display_name, chr(10))
                   FROM appointment_participant o
                   JOIN practitioner n
                     ON n.clinic_id = o.clinic_id
                    AND n.practitioner_id = o.actor_id
                  WHERE o.clinic_id = m.clinic_id
                    AND o.appointment_id = m.appointment_id
                    AND o.actor_kind = 'staff'), '') AS "names"
  FROM appointment_participant m
  JOIN appointment a
    ON a.clinic_id = m.clinic_id AND a.appointment_id = m.appointment_id
 WHERE m.clinic_id = :clinic_id AND m.actor_kind = 'patient'
   AND m.actor_id = :person_id
   AND m.starts_at >= :start:int AND m.starts_at < :end:int
   AND a.status <> 'entered-in-error'
 ORDER BY m.starts_at, m.appointment_id
 LIMIT :limit:int

-- name: schedule_patient
SELECT a.appointment_id AS "id", a.status AS "status",
       a.starts_at AS "starts_at:int", a.ends_at AS "ends_at:int",
       a.service_type AS "service_type", a.description AS "description",
       a.location AS "location",
       a.patient_instruction AS "patient_instruction",
       COALESCE((SELECT group_concat(n.display_name, char(10))
                   FROM appointment_participant o
                   JOIN practitioner n
                     ON n.clinic_id = o.clinic_id
                    AND n.practitioner_id = o.actor_id
                  WHERE o.clinic_id = m.clinic_id
                    AND o.appointment_id = m.appointment_id
                    AND o.actor_kind = 'staff'), '') AS "names"
  FROM appointment_participant m
  JOIN appointment a
    ON a.clinic_id = m.clinic_id AND a.appointment_id = m.appointment_id
 WHERE m.clinic_id = :clinic_id AND m.actor_kind = 'patient'
   AND m.actor_id = :person_id
   AND m.starts_at >= :start:int AND m.starts_at < :end:int
   AND a.status <> 'entered-in-error'
 ORDER BY m.starts_at, m.appointment_id
 LIMIT :limit:int

-- Whose schedules there are.
-- name: schedule_practitioners
SELECT practitioner_id AS "id", display_name AS "name"
  FROM practitioner
 WHERE clinic_id = :clinic_id AND active = 1
 ORDER BY display_name, practitioner_id LIMIT 500

-- name: schedule_practitioner
SELECT display_name AS "name" FROM practitioner
 WHERE clinic_id = :clinic_id AND practitioner_id = :practitioner_id
   AND active = 1
