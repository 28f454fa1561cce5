-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- What an import writes. Each statement that puts a row counts 1 only when
-- the row is new or differs from what was there.

-- name: import_find_key
SELECT key FROM import_key WHERE clinic_id = :clinic_id

-- Two imports into one clinic take turns.
-- name: import_lock_key (pgsql)
SELECT key FROM import_key WHERE clinic_id = :clinic_id FOR UPDATE

-- name: import_lock_key
SELECT key FROM import_key WHERE clinic_id = :clinic_id

-- name: import_add_key
INSERT INTO import_key (clinic_id, key, created_at)
VALUES (:clinic_id, :key, :now:int)
ON CONFLICT (clinic_id) DO NOTHING

-- name: import_has_practitioner
SELECT practitioner_id FROM practitioner
 WHERE clinic_id = :clinic_id AND practitioner_id = :id

-- name: import_has_patient
SELECT patient_id FROM patient
 WHERE clinic_id = :clinic_id AND patient_id = :id

-- Whether a clinic is active is not for an import to say.
-- name: import_clinic
INSERT INTO clinic (clinic_id, code, name, time_zone, locale, default_tab,
                    support_contact, crisis_text)
VALUES (:clinic_id, :code, :name, :time_zone, :locale, :default_tab,
        :support_contact, :crisis_text)
ON CONFLICT (clinic_id) DO UPDATE
   SET code = excluded.code, name = excluded.name,
       time_zone = excluded.time_zone, locale = excluded.locale,
       default_tab = excluded.default_tab,
       support_contact = excluded.support_contact,
       crisis_text = excluded.crisis_text
 WHERE (clinic.code, clinic.name, clinic.time_zone, clinic.locale,
        clinic.default_tab, clinic.support_contact, clinic.crisis_text)
    IS DISTINCT FROM
       (excluded.code, excluded.name, excluded.time_zone, excluded.locale,
        excluded.default_tab, excluded.support_contact, excluded.crisis_text)

-- name: import_practitioner
INSERT INTO practitioner (clinic_id, practitioner_id, display_name, active)
VALUES (:clinic_id, :id, :name, :active:int)
ON CONFLICT (clinic_id, practitioner_id) DO UPDATE
   SET display_name = excluded.display_name, active = excluded.active
 WHERE practitioner.display_name <> excluded.display_name
    OR practitioner.active <> excluded.active

-- name: import_patient
INSERT INTO patient (clinic_id, patient_id, mrn, display_name, birth_date,
                     active)
VALUES (:clinic_id, :id, :mrn, :name, :birth_date, :active:int)
ON CONFLICT (clinic_id, patient_id) DO UPDATE
   SET mrn = excluded.mrn, display_name = excluded.display_name,
       birth_date = excluded.birth_date, active = excluded.active
 WHERE (patient.mrn, patient.display_name, patient.birth_date, patient.active)
    IS DISTINCT FROM
       (excluded.mrn, excluded.display_name, excluded.birth_date,
        excluded.active)

-- name: import_care
INSERT INTO care_team (clinic_id, practitioner_id, patient_id)
VALUES (:clinic_id, :practitioner, :patient)
ON CONFLICT (clinic_id, practitioner_id, patient_id) DO NOTHING

-- name: import_drop_care
DELETE FROM care_team
 WHERE clinic_id = :clinic_id AND practitioner_id = :practitioner
   AND patient_id = :patient

-- name: import_appointment
INSERT INTO appointment (clinic_id, appointment_id, status, service_type,
                         description, starts_at, ends_at, location, comment,
                         patient_instruction)
VALUES (:clinic_id, :id, :status, :service_type, :description,
        :starts_at:int, :ends_at:int, :location, :comment,
        :patient_instruction)
ON CONFLICT (clinic_id, appointment_id) DO UPDATE
   SET status = excluded.status, service_type = excluded.service_type,
       description = excluded.description, starts_at = excluded.starts_at,
       ends_at = excluded.ends_at, location = excluded.location,
       comment = excluded.comment,
       patient_instruction = excluded.patient_instruction
 WHERE (appointment.status, appointment.service_type, appointment.description,
        appointment.starts_at, appointment.ends_at, appointment.location,
        appointment.comment, appointment.patient_instruction)
    IS DISTINCT FROM
       (excluded.status, excluded.service_type, excluded.description,
        excluded.starts_at, excluded.ends_at, excluded.location,
        excluded.comment, excluded.patient_instruction)

-- name: import_participant
INSERT INTO appointment_participant (clinic_id, actor_kind, actor_id,
                                     starts_at, appointment_id)
VALUES (:clinic_id, :kind, :person, :starts_at:int, :id)
ON CONFLICT (clinic_id, actor_kind, actor_id, starts_at, appointment_id)
DO NOTHING

-- Who no longer takes part, or not at that time. Each of :participants has a
-- space on both sides.
-- name: import_drop_participants
DELETE FROM appointment_participant
 WHERE clinic_id = :clinic_id AND appointment_id = :id
   AND (starts_at <> :starts_at:int
        OR replace(:participants, ' ' || actor_kind || ':' || actor_id || ' ',
                   '') = :participants)
RETURNING actor_kind AS "kind", actor_id AS "person"

-- name: import_find_document
SELECT storage_key, patient_id AS "patient", author_id AS "author",
       reviewer_id AS "reviewer"
  FROM document WHERE clinic_id = :clinic_id AND document_id = :id

-- name: import_document
INSERT INTO document (clinic_id, document_id, status, doc_status, category,
                      title, patient_id, author_id, reviewer_id, is_waiting,
                      created_at, released_at, content_type, file_name,
                      size_bytes, sha256, storage_key)
VALUES (:clinic_id, :id, :status, :doc_status, :category, :title, :patient,
        :author, :reviewer, :is_waiting:int, :created_at:int,
        :released_at:int, :content_type, :file_name, :size_bytes:int, :sha256,
        :storage_key)
ON CONFLICT (clinic_id, document_id) DO UPDATE
   SET status = excluded.status, doc_status = excluded.doc_status,
       category = excluded.category, title = excluded.title,
       patient_id = excluded.patient_id, author_id = excluded.author_id,
       reviewer_id = excluded.reviewer_id, is_waiting = excluded.is_waiting,
       created_at = excluded.created_at, released_at = excluded.released_at,
       content_type = excluded.content_type, file_name = excluded.file_name,
       size_bytes = excluded.size_bytes, sha256 = excluded.sha256,
       storage_key = excluded.storage_key
 WHERE (document.status, document.doc_status, document.category,
        document.title, document.patient_id, document.author_id,
        document.reviewer_id, document.is_waiting, document.created_at,
        document.released_at, document.content_type, document.file_name,
        document.size_bytes, document.sha256, document.storage_key)
    IS DISTINCT FROM
       (excluded.status, excluded.doc_status, excluded.category,
        excluded.title, excluded.patient_id, excluded.author_id,
        excluded.reviewer_id, excluded.is_waiting, excluded.created_at,
        excluded.released_at, excluded.content_type, excluded.file_name,
        excluded.size_bytes, excluded.sha256, excluded.storage_key)

-- name: import_care_team_of
SELECT practitioner_id AS "person" FROM care_team
 WHERE clinic_id = :clinic_id AND patient_id = :patient

-- name: import_thread
INSERT INTO thread (clinic_id, thread_id, topic, patient_id)
VALUES (:clinic_id, :id, :topic, :patient)
ON CONFLICT (clinic_id, thread_id) DO UPDATE
   SET topic = excluded.topic, patient_id = excluded.patient_id
 WHERE thread.topic <> excluded.topic
    OR thread.patient_id IS DISTINCT FROM excluded.patient_id

-- A message that is there already is for import_set_message.
-- name: import_add_message
INSERT INTO message (clinic_id, thread_id, sent_at, message_id, status,
                     priority, sender_kind, sender_id, payload)
VALUES (:clinic_id, :thread_id, :sent_at:int, :id, :status, :priority,
        :sender_kind, :sender_id, :payload)
ON CONFLICT (clinic_id, message_id) DO NOTHING

-- name: import_set_message
UPDATE message
   SET thread_id = :thread_id, sent_at = :sent_at:int, status = :status,
       priority = :priority, sender_kind = :sender_kind,
       sender_id = :sender_id, payload = :payload
 WHERE clinic_id = :clinic_id AND message_id = :id
   AND (thread_id <> :thread_id OR sent_at <> :sent_at:int
        OR status <> :status OR priority <> :priority
        OR sender_kind <> :sender_kind OR sender_id <> :sender_id
        OR payload <> :payload)

-- A conversation that is in a folder already is for import_set_mailbox.
-- name: import_add_mailbox
INSERT INTO mailbox (clinic_id, owner_kind, owner_id, thread_id, folder,
                     last_message_at, unread)
VALUES (:clinic_id, :kind, :person, :thread_id, :folder,
        (SELECT COALESCE(MAX(CASE WHEN m.status = 'completed'
                                  THEN m.sent_at END), MAX(m.sent_at))
           FROM message m
          WHERE m.clinic_id = :clinic_id AND m.thread_id = :thread_id),
        :unread:int)
ON CONFLICT (clinic_id, owner_kind, owner_id, thread_id) DO NOTHING

-- It stays there, and only what is new in it is unread. (A row that does not
-- change is not locked, which ON CONFLICT DO UPDATE would do.)
-- name: import_set_mailbox
UPDATE mailbox
   SET last_message_at = latest.sent_at, unread = unread + :fresh:int
  FROM (SELECT COALESCE(MAX(CASE WHEN m.status = 'completed'
                                 THEN m.sent_at END),
                        MAX(m.sent_at)) AS sent_at
          FROM message m
         WHERE m.clinic_id = :clinic_id AND m.thread_id = :thread_id) latest
 WHERE clinic_id = :clinic_id AND owner_kind = :kind AND owner_id = :person
   AND thread_id = :thread_id
   AND (:fresh:int > 0 OR last_message_at <> latest.sent_at)

-- Who no longer takes part.
-- name: import_drop_mailboxes
DELETE FROM mailbox
 WHERE clinic_id = :clinic_id AND thread_id = :thread_id
   AND replace(:participants, ' ' || owner_kind || ':' || owner_id || ' ',
               '') = :participants
RETURNING owner_kind AS "kind", owner_id AS "person"

-- Whoever locks several of a clinic's counters does it in this order, so that
-- no two transactions wait for each other.
-- name: import_hold_changes
INSERT INTO account_change (clinic_id, account_id, version)
SELECT clinic_id, account_id, 0 FROM account
 WHERE clinic_id = :clinic_id
 ORDER BY account_id
ON CONFLICT (clinic_id, account_id) DO UPDATE
   SET version = account_change.version

-- The accounts of a person see a change.
-- name: import_note_person
INSERT INTO account_change (clinic_id, account_id, version)
SELECT clinic_id, account_id, 1 FROM account
 WHERE clinic_id = :clinic_id AND kind = :kind AND person_id = :person
ON CONFLICT (clinic_id, account_id) DO UPDATE
   SET version = account_change.version + 1

-- Likewise those who may see all of a kind.
-- name: import_note_permission
INSERT INTO account_change (clinic_id, account_id, version)
SELECT clinic_id, account_id, 1 FROM account_permission
 WHERE clinic_id = :clinic_id AND permission = :permission
ON CONFLICT (clinic_id, account_id) DO UPDATE
   SET version = account_change.version + 1
