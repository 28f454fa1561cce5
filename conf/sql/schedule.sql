-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- One person's appointments of one day: a row for each name of the other side
-- (one with NULL when there is none), in the order they are shown. The two
-- differ in more than names: a patient never gets the comment, and never sees
-- who else takes part in a group. The names are sorted by the caller: here it
-- would cost a table in between.

-- name: schedule_staff
SELECT a.appointment_id AS "id", a.status AS "status",
       a.starts_at AS "starts_at:int", a.ends_at AS "ends_at:int",
       a.service_type AS "service_type", a.description AS "description",
       a.location AS "location",
       a.patient_instruction AS "patient_instruction",
       a.comment AS "comment", p.display_name AS "name"
  FROM appointment_participant m
  JOIN appointment a
    ON a.clinic_id = m.clinic_id AND a.appointment_id = m.appointment_id
  LEFT JOIN appointment_participant o
    ON o.clinic_id = m.clinic_id AND o.appointment_id = m.appointment_id
   AND o.actor_kind = 'patient'
  LEFT JOIN patient p
    ON p.clinic_id = o.clinic_id AND p.patient_id = o.actor_id
 WHERE m.clinic_id = :clinic_id AND m.actor_kind = 'staff'
   AND m.actor_id = :person_id
   AND m.starts_at >= :start:int AND m.starts_at < :end:int
   AND a.status <> 'entered-in-error'
 ORDER BY m.starts_at, m.appointment_id, o.actor_id
 LIMIT :limit:int

-- name: schedule_patient
SELECT a.appointment_id AS "id", a.status AS "status",
       a.starts_at AS "starts_at:int", a.ends_at AS "ends_at:int",
       a.service_type AS "service_type", a.description AS "description",
       a.location AS "location",
       a.patient_instruction AS "patient_instruction",
       s.display_name AS "name"
  FROM appointment_participant m
  JOIN appointment a
    ON a.clinic_id = m.clinic_id AND a.appointment_id = m.appointment_id
  LEFT JOIN appointment_participant o
    ON o.clinic_id = m.clinic_id AND o.appointment_id = m.appointment_id
   AND o.actor_kind = 'staff'
  LEFT JOIN practitioner s
    ON s.clinic_id = o.clinic_id AND s.practitioner_id = o.actor_id
 WHERE m.clinic_id = :clinic_id AND m.actor_kind = 'patient'
   AND m.actor_id = :person_id
   AND m.starts_at >= :start:int AND m.starts_at < :end:int
   AND a.status <> 'entered-in-error'
 ORDER BY m.starts_at, m.appointment_id, o.actor_id
 LIMIT :limit:int
