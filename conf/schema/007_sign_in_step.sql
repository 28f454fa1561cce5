-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Passwords that have to be changed, those that may not come back, and
-- sessions between the steps of a sign-in.

ALTER TABLE account ADD COLUMN password_must_change SMALLINT NOT NULL DEFAULT 0;

CREATE TABLE password_history (
    clinic_id     TEXT   NOT NULL,
    account_id    TEXT   NOT NULL,
    replaced_at   BIGINT NOT NULL,
    password_hash TEXT   NOT NULL,
    PRIMARY KEY (clinic_id, account_id, replaced_at),
    FOREIGN KEY (clinic_id, account_id)
        REFERENCES account (clinic_id, account_id)
);

-- step: what is still to be done before the session opens anything ('': it
-- does). factor: the second factor given. previous_login_at: of the account,
-- before this one.
ALTER TABLE session ADD COLUMN step TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN factor TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN previous_login_at BIGINT;
