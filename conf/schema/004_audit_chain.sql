-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- The audit trail becomes a chain for each clinic: a row's hash covers the row
-- and the hash before it. Rows from before have no place in it (seq NULL).

ALTER TABLE audit_event ADD COLUMN seq BIGINT;
ALTER TABLE audit_event ADD COLUMN hash TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX audit_event_seq ON audit_event (clinic_id, seq);

-- Where a clinic's chain ends. Whoever adds a row holds this one meanwhile.
CREATE TABLE audit_head (
    clinic_id TEXT   NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    hash      TEXT   NOT NULL
);
