-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Over all clinics: what an operator looks at.

-- Is the database there, with our tables, and of which version are they?
-- name: monitor_look
SELECT max(version) AS "version:int" FROM schema_version

-- name: monitor_figures
SELECT count(CASE WHEN a.kind = 'staff' THEN 1 END) AS "staff_sessions:int",
       count(CASE WHEN a.kind = 'patient' THEN 1 END)
           AS "patient_sessions:int",
       (SELECT count(*) FROM mail WHERE status = 'waiting')
           AS "mails_waiting:int",
       (SELECT count(*) FROM mail WHERE status = 'dead') AS "mails_dead:int"
  FROM session s
  JOIN account a
    ON a.clinic_id = s.clinic_id AND a.account_id = s.account_id
 WHERE s.expires_at > :now:int AND s.last_seen_at + s.idle_us > :now:int
   AND s.step = ''
