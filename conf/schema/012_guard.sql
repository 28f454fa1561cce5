-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Guarded locations. session.authenticated_at: when password or second factor
-- were last given. kept_request: a form that was sent to a guarded location by
-- somebody who had to sign in first, sealed (src/base/sealed), once. clinic_id
-- and account_id say whose it is, '' where that is not known: then visit_hash,
-- the SHA-256 of the visit cookie, does.

ALTER TABLE session ADD COLUMN authenticated_at BIGINT NOT NULL DEFAULT 0;

CREATE TABLE kept_request (
    kept_id    TEXT   NOT NULL,
    clinic_id  TEXT   NOT NULL DEFAULT '',
    account_id TEXT   NOT NULL DEFAULT '',
    visit_hash TEXT   NOT NULL DEFAULT '',
    address    TEXT   NOT NULL,
    kept_at    BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    PRIMARY KEY (kept_id)
);
CREATE INDEX kept_request_age ON kept_request (kept_at);
CREATE INDEX kept_request_address ON kept_request (address, kept_at);
