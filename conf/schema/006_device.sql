-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Failed tries by place as well, and the browsers an account has signed in
-- from. Counters are of the moment, so the table is made anew.

DROP TABLE throttle;

-- By address ('*', 'address', network), by clinic (clinic, 'clinic', ''), by
-- account and place (clinic, 'account', user name key, network or device), and
-- by account from all unknown devices together (place '').
CREATE TABLE throttle (
    clinic_id    TEXT   NOT NULL,
    key_kind     TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    place        TEXT   NOT NULL DEFAULT '',
    tries        BIGINT NOT NULL,                   -- locked or not
    failures     BIGINT NOT NULL,                   -- that were looked at
    window_at    BIGINT NOT NULL,                   -- first of these failures
    locked_until BIGINT NOT NULL,
    PRIMARY KEY (clinic_id, key_kind, key, place)
);
CREATE INDEX throttle_window ON throttle (window_at);

CREATE TABLE device (
    clinic_id    TEXT   NOT NULL,
    account_id   TEXT   NOT NULL,
    device_id    TEXT   NOT NULL,                   -- public, for lists
    token_hash   TEXT   NOT NULL,                   -- SHA-256 of the cookie's
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    factor_until BIGINT NOT NULL DEFAULT 0,         -- no second factor asked
    address      TEXT   NOT NULL,
    user_agent   TEXT   NOT NULL,
    PRIMARY KEY (clinic_id, account_id, device_id),
    FOREIGN KEY (clinic_id, account_id)
        REFERENCES account (clinic_id, account_id)
);
CREATE UNIQUE INDEX device_token ON device (clinic_id, token_hash);
CREATE INDEX device_use ON device (last_used_at);
