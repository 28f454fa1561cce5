-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Second factors. factor_method: '' (none), otp or mail. Secrets are sealed
-- (src/base/sealed).

ALTER TABLE account ADD COLUMN factor_required SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN factor_method TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN otp_secret TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN otp_pending TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN otp_pending_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN otp_last_step BIGINT NOT NULL DEFAULT 0;

CREATE TABLE recovery_code (
    clinic_id  TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    code_hash  TEXT   NOT NULL,                     -- SHA-256
    created_at BIGINT NOT NULL,
    PRIMARY KEY (clinic_id, account_id, code_hash),
    FOREIGN KEY (clinic_id, account_id)
        REFERENCES account (clinic_id, account_id)
);
