-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- What a clinic has decided about sign-in; the rules are in
-- src/clinic/policy.

-- name: policy_settings
SELECT name, value FROM clinic_setting WHERE clinic_id = :clinic_id

-- name: policy_set
INSERT INTO clinic_setting (clinic_id, name, value)
VALUES (:clinic_id, :name, :value)
ON CONFLICT (clinic_id, name) DO UPDATE SET value = excluded.value
 WHERE clinic_setting.value <> excluded.value

-- name: policy_unset
DELETE FROM clinic_setting WHERE clinic_id = :clinic_id AND name = :name
