-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- The key that turns the ids of a clinic's other system into public ids: the
-- same id gives the same public id at every import, and nobody outside can
-- compute one.

CREATE TABLE import_key (
    clinic_id  TEXT   NOT NULL PRIMARY KEY REFERENCES clinic (clinic_id),
    key        TEXT   NOT NULL,                     -- 256 bits, base64url
    created_at BIGINT NOT NULL
);

-- Who takes part in a conversation, and who looks after a patient.
CREATE INDEX mailbox_thread ON mailbox
    (clinic_id, thread_id, owner_kind, owner_id);
CREATE INDEX care_team_patient ON care_team
    (clinic_id, patient_id, practitioner_id);

-- Who takes part in an appointment, at what time. With starts_at in it SQLite
-- needs not the table, and so does not prefer to walk the whole clinic.
DROP INDEX appointment_participant_of;
CREATE INDEX appointment_participant_of ON appointment_participant
    (clinic_id, appointment_id, actor_kind, actor_id, starts_at);
