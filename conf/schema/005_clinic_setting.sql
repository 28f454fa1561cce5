-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- What a clinic has decided about sign-in, where it is not the default: the
-- names and values are those of src/clinic/policy.

CREATE TABLE clinic_setting (
    clinic_id TEXT NOT NULL REFERENCES clinic (clinic_id),
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (clinic_id, name)
);
