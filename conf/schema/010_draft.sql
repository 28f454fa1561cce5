-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- What was typed when a session ended, sealed (src/base/sealed), for whoever
-- typed it. place: where it belongs, such as messages/ID.

CREATE TABLE draft (
    clinic_id  TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    place      TEXT   NOT NULL,
    saved_at   BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    PRIMARY KEY (clinic_id, account_id, place),
    FOREIGN KEY (clinic_id, account_id)
        REFERENCES account (clinic_id, account_id)
);
CREATE INDEX draft_age ON draft (saved_at);
