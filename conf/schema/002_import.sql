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
