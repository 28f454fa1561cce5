-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Mail to an address that an account no longer has: "it was changed".

ALTER TABLE mail ADD COLUMN recipient TEXT NOT NULL DEFAULT '';
