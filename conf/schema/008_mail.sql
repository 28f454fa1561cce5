-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Mail to be sent, and the tokens in it. What is waiting holds nothing secret:
-- tokens are made when the mail is, and only their digests are stored.

CREATE TABLE mail (
    clinic_id  TEXT   NOT NULL REFERENCES clinic (clinic_id),
    mail_id    TEXT   NOT NULL,
    template   TEXT   NOT NULL,
    account_id TEXT   NOT NULL,                     -- '': for nobody
    status     TEXT   NOT NULL CHECK (status IN
        ('waiting', 'sent', 'dead', 'void')),
    attempts   BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    next_at    BIGINT NOT NULL,                     -- not before
    last_error TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (clinic_id, mail_id)
);
CREATE INDEX mail_due ON mail (status, next_at);

-- SHA-256 of what stands in the mail. No account: for nobody.
CREATE TABLE mail_token (
    clinic_id  TEXT   NOT NULL,
    token_hash TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    purpose    TEXT   NOT NULL,                     -- reset, invitation, code
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (clinic_id, token_hash)
);
CREATE INDEX mail_token_account ON mail_token (clinic_id, account_id, purpose);
CREATE INDEX mail_token_expiry ON mail_token (expires_at);
