-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- The first schema. clinic_id leads every primary key and every index, so that
-- no query can forget it and a distributed PostgreSQL can spread clinics.
-- Public ids are 128 random bits in base64url; moments are microseconds UTC;
-- booleans are 0 or 1; status words are those of FHIR R4.

CREATE TABLE clinic (
    clinic_id       TEXT     NOT NULL PRIMARY KEY,  -- the code in lower case
    code            TEXT     NOT NULL,              -- as shown
    name            TEXT     NOT NULL,
    active          SMALLINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    time_zone       TEXT     NOT NULL,
    locale          TEXT     NOT NULL DEFAULT 'en-US',
    default_tab     TEXT     NOT NULL DEFAULT 'patient'
                             CHECK (default_tab IN ('staff', 'patient')),
    support_contact TEXT     NOT NULL DEFAULT '',
    crisis_text     TEXT     NOT NULL DEFAULT ''
);

CREATE TABLE practitioner (
    clinic_id       TEXT     NOT NULL REFERENCES clinic (clinic_id),
    practitioner_id TEXT     NOT NULL,
    display_name    TEXT     NOT NULL,              -- with credentials
    active          SMALLINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    PRIMARY KEY (clinic_id, practitioner_id)
);

CREATE TABLE patient (
    clinic_id    TEXT     NOT NULL REFERENCES clinic (clinic_id),
    patient_id   TEXT     NOT NULL,
    mrn          TEXT     NOT NULL DEFAULT '',
    display_name TEXT     NOT NULL,
    birth_date   TEXT     NOT NULL DEFAULT '',
    active       SMALLINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    PRIMARY KEY (clinic_id, patient_id)
);

-- Whose patients a practitioner looks after (FHIR CareTeam).
CREATE TABLE care_team (
    clinic_id       TEXT NOT NULL,
    practitioner_id TEXT NOT NULL,
    patient_id      TEXT NOT NULL,
    PRIMARY KEY (clinic_id, practitioner_id, patient_id),
    FOREIGN KEY (clinic_id, practitioner_id)
        REFERENCES practitioner (clinic_id, practitioner_id),
    FOREIGN KEY (clinic_id, patient_id)
        REFERENCES patient (clinic_id, patient_id)
);

-- A login. person_id is a practitioner_id or a patient_id, by kind.
CREATE TABLE account (
    clinic_id           TEXT     NOT NULL REFERENCES clinic (clinic_id),
    account_id          TEXT     NOT NULL,
    kind                TEXT     NOT NULL CHECK (kind IN ('staff', 'patient')),
    username            TEXT     NOT NULL,          -- as shown
    username_key        TEXT     NOT NULL,          -- as compared
    person_id           TEXT     NOT NULL,
    email               TEXT     NOT NULL DEFAULT '',
    status              TEXT     NOT NULL DEFAULT 'active'
                                 CHECK (status IN ('active', 'disabled')),
    password_hash       TEXT,
    password_changed_at BIGINT,
    created_at          BIGINT   NOT NULL,
    last_login_at       BIGINT,
    PRIMARY KEY (clinic_id, account_id)
);
CREATE UNIQUE INDEX account_username
    ON account (clinic_id, kind, username_key);
CREATE INDEX account_person ON account (clinic_id, kind, person_id);

CREATE TABLE account_role (
    clinic_id  TEXT NOT NULL,
    account_id TEXT NOT NULL,
    role       TEXT NOT NULL,
    PRIMARY KEY (clinic_id, account_id, role),
    FOREIGN KEY (clinic_id, account_id)
        REFERENCES account (clinic_id, account_id)
);

CREATE TABLE account_permission (
    clinic_id  TEXT NOT NULL,
    account_id TEXT NOT NULL,
    permission TEXT NOT NULL,
    PRIMARY KEY (clinic_id, account_id, permission),
    FOREIGN KEY (clinic_id, account_id)
        REFERENCES account (clinic_id, account_id)
);

-- Goes up with every change of what the account sees.
CREATE TABLE account_change (
    clinic_id  TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    version    BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (clinic_id, account_id),
    FOREIGN KEY (clinic_id, account_id)
        REFERENCES account (clinic_id, account_id)
);

CREATE TABLE session (
    clinic_id    TEXT   NOT NULL,
    token_hash   TEXT   NOT NULL,                   -- SHA-256 of the cookie
    session_id   TEXT   NOT NULL,                   -- public, for lists
    account_id   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    idle_us      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    address      TEXT   NOT NULL,
    user_agent   TEXT   NOT NULL,
    PRIMARY KEY (clinic_id, token_hash),
    FOREIGN KEY (clinic_id, account_id)
        REFERENCES account (clinic_id, account_id)
);
CREATE INDEX session_account ON session (clinic_id, account_id);
CREATE INDEX session_expiry ON session (expires_at);

-- Failed tries by account (clinic, 'account', user name key), by address
-- ('*', 'address', network) and by clinic (clinic, 'clinic', '').
CREATE TABLE throttle (
    clinic_id    TEXT   NOT NULL,
    key_kind     TEXT   NOT NULL
                        CHECK (key_kind IN ('account', 'address', 'clinic')),
    key          TEXT   NOT NULL,
    failures     BIGINT NOT NULL,
    window_at    BIGINT NOT NULL,                   -- first of these failures
    locked_until BIGINT NOT NULL,
    PRIMARY KEY (clinic_id, key_kind, key)
);
CREATE INDEX throttle_window ON throttle (window_at);

-- CAPTCHA answers already used.
CREATE TABLE captcha_spent (
    clinic_id  TEXT   NOT NULL,
    nonce      TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (clinic_id, nonce)
);
CREATE INDEX captcha_spent_expiry ON captcha_spent (expires_at);

-- FHIR AuditEvent. Rows are only ever added.
CREATE TABLE audit_event (
    clinic_id   TEXT   NOT NULL,
    audit_id    TEXT   NOT NULL,
    recorded_at BIGINT NOT NULL,
    event       TEXT   NOT NULL,                    -- sign-in, sign-out, read
    outcome     TEXT   NOT NULL,                    -- FHIR: 0, 4, 8, 12
    reason      TEXT   NOT NULL DEFAULT '',         -- code of a refusal
    reference   TEXT   NOT NULL DEFAULT '',         -- as shown on the page
    account_id  TEXT,
    kind        TEXT   NOT NULL DEFAULT '',         -- staff, patient, ''
    username    TEXT   NOT NULL DEFAULT '',         -- as stored; '' if unknown
    address     TEXT   NOT NULL DEFAULT '',
    entity_type TEXT   NOT NULL DEFAULT '',         -- FHIR resource type
    entity_id   TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (clinic_id, audit_id)
);
CREATE INDEX audit_event_time ON audit_event (clinic_id, recorded_at);

-- FHIR Appointment.
CREATE TABLE appointment (
    clinic_id           TEXT   NOT NULL REFERENCES clinic (clinic_id),
    appointment_id      TEXT   NOT NULL,
    status              TEXT   NOT NULL CHECK (status IN
        ('proposed', 'pending', 'booked', 'arrived', 'fulfilled', 'cancelled',
         'noshow', 'entered-in-error', 'checked-in', 'waitlist')),
    service_type        TEXT   NOT NULL DEFAULT '',
    description         TEXT   NOT NULL DEFAULT '',
    starts_at           BIGINT NOT NULL,
    ends_at             BIGINT NOT NULL,
    location            TEXT   NOT NULL DEFAULT '',
    comment             TEXT   NOT NULL DEFAULT '', -- staff only
    patient_instruction TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (clinic_id, appointment_id),
    CHECK (ends_at > starts_at)
);

-- starts_at is repeated here so that one index answers "this person's day".
CREATE TABLE appointment_participant (
    clinic_id      TEXT   NOT NULL,
    actor_kind     TEXT   NOT NULL CHECK (actor_kind IN ('staff', 'patient')),
    actor_id       TEXT   NOT NULL,
    starts_at      BIGINT NOT NULL,
    appointment_id TEXT   NOT NULL,
    PRIMARY KEY (clinic_id, actor_kind, actor_id, starts_at, appointment_id),
    FOREIGN KEY (clinic_id, appointment_id)
        REFERENCES appointment (clinic_id, appointment_id)
);
CREATE INDEX appointment_participant_of ON appointment_participant
    (clinic_id, appointment_id, actor_kind, actor_id);

-- FHIR DocumentReference; the bytes are a file named storage_key.
CREATE TABLE document (
    clinic_id    TEXT     NOT NULL REFERENCES clinic (clinic_id),
    document_id  TEXT     NOT NULL,
    status       TEXT     NOT NULL CHECK (status IN
        ('current', 'superseded', 'entered-in-error')),
    doc_status   TEXT     NOT NULL CHECK (doc_status IN
        ('preliminary', 'final', 'amended', 'entered-in-error')),
    category     TEXT     NOT NULL DEFAULT '',
    title        TEXT     NOT NULL,
    patient_id   TEXT     NOT NULL,
    author_id    TEXT     NOT NULL,                 -- a practitioner
    reviewer_id  TEXT,                              -- who has to look at it
    is_waiting   SMALLINT NOT NULL DEFAULT 0 CHECK (is_waiting IN (0, 1)),
    created_at   BIGINT   NOT NULL,
    released_at  BIGINT,                            -- to the patient; NULL: not
    content_type TEXT     NOT NULL,
    file_name    TEXT     NOT NULL,
    size_bytes   BIGINT   NOT NULL,
    sha256       TEXT     NOT NULL,
    storage_key  TEXT     NOT NULL,
    PRIMARY KEY (clinic_id, document_id),
    FOREIGN KEY (clinic_id, patient_id)
        REFERENCES patient (clinic_id, patient_id),
    FOREIGN KEY (clinic_id, author_id)
        REFERENCES practitioner (clinic_id, practitioner_id)
);
CREATE INDEX document_patient
    ON document (clinic_id, patient_id, created_at, document_id);
CREATE INDEX document_author
    ON document (clinic_id, author_id, created_at, document_id);
CREATE INDEX document_time ON document (clinic_id, created_at, document_id);
CREATE INDEX document_reviewer ON document
    (clinic_id, reviewer_id, is_waiting, created_at, document_id);

-- When a person first opened a document.
CREATE TABLE document_seen (
    clinic_id   TEXT   NOT NULL,
    account_id  TEXT   NOT NULL,
    document_id TEXT   NOT NULL,
    seen_at     BIGINT NOT NULL,
    PRIMARY KEY (clinic_id, account_id, document_id),
    FOREIGN KEY (clinic_id, account_id)
        REFERENCES account (clinic_id, account_id),
    FOREIGN KEY (clinic_id, document_id)
        REFERENCES document (clinic_id, document_id)
);

-- Conversations; each message is a FHIR Communication.
CREATE TABLE thread (
    clinic_id  TEXT   NOT NULL REFERENCES clinic (clinic_id),
    thread_id  TEXT   NOT NULL,
    topic      TEXT   NOT NULL,
    patient_id TEXT,                                -- whom it is about
    PRIMARY KEY (clinic_id, thread_id)
);

CREATE TABLE message (
    clinic_id   TEXT   NOT NULL,
    thread_id   TEXT   NOT NULL,
    sent_at     BIGINT NOT NULL,
    message_id  TEXT   NOT NULL,
    status      TEXT   NOT NULL DEFAULT 'completed' CHECK (status IN
        ('preparation', 'in-progress', 'not-done', 'on-hold', 'stopped',
         'completed', 'entered-in-error', 'unknown')),
    priority    TEXT   NOT NULL DEFAULT 'routine' CHECK (priority IN
        ('routine', 'urgent', 'asap', 'stat')),
    sender_kind TEXT   NOT NULL CHECK (sender_kind IN ('staff', 'patient')),
    sender_id   TEXT   NOT NULL,
    payload     TEXT   NOT NULL,
    PRIMARY KEY (clinic_id, thread_id, sent_at, message_id),
    FOREIGN KEY (clinic_id, thread_id) REFERENCES thread (clinic_id, thread_id)
);
CREATE UNIQUE INDEX message_identity ON message (clinic_id, message_id);

-- A conversation in one person's folder. last_message_at is repeated here so
-- that one index answers "this person's inbox, newest first".
CREATE TABLE mailbox (
    clinic_id       TEXT   NOT NULL,
    owner_kind      TEXT   NOT NULL CHECK (owner_kind IN ('staff', 'patient')),
    owner_id        TEXT   NOT NULL,
    thread_id       TEXT   NOT NULL,
    folder          TEXT   NOT NULL DEFAULT 'inbox',
    last_message_at BIGINT NOT NULL,
    unread          BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (clinic_id, owner_kind, owner_id, thread_id),
    FOREIGN KEY (clinic_id, thread_id) REFERENCES thread (clinic_id, thread_id)
);
CREATE INDEX mailbox_folder ON mailbox
    (clinic_id, owner_kind, owner_id, folder, last_message_at, thread_id);
CREATE INDEX mailbox_unread ON mailbox
    (clinic_id, owner_kind, owner_id, folder, last_message_at, thread_id,
     unread)
    WHERE unread > 0;
