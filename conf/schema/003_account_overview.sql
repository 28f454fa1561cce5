-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Accounts with their person, roles and permissions: what those who
-- administer them look at. Words are sorted and parted by one space.

-- only: pgsql
CREATE VIEW account_overview AS
SELECT a.clinic_id, a.account_id, a.kind, a.username, a.username_key,
       a.person_id, a.email, a.status, a.created_at, a.last_login_at,
       COALESCE(pr.display_name, pt.display_name, '') AS display_name,
       COALESCE((SELECT string_agg(r.role, ' ' ORDER BY r.role)
                   FROM account_role r
                  WHERE r.clinic_id = a.clinic_id
                    AND r.account_id = a.account_id), '') AS roles,
       COALESCE((SELECT string_agg(p.permission, ' ' ORDER BY p.permission)
                   FROM account_permission p
                  WHERE p.clinic_id = a.clinic_id
                    AND p.account_id = a.account_id), '') AS permissions,
       CASE WHEN a.password_hash IS NULL THEN 0 ELSE 1 END AS has_password
  FROM account a
  LEFT JOIN practitioner pr
    ON a.kind = 'staff' AND pr.clinic_id = a.clinic_id
   AND pr.practitioner_id = a.person_id
  LEFT JOIN patient pt
    ON a.kind = 'patient' AND pt.clinic_id = a.clinic_id
   AND pt.patient_id = a.person_id;

-- only: sqlite3
CREATE VIEW account_overview AS
SELECT a.clinic_id, a.account_id, a.kind, a.username, a.username_key,
       a.person_id, a.email, a.status, a.created_at, a.last_login_at,
       COALESCE(pr.display_name, pt.display_name, '') AS display_name,
       COALESCE((SELECT group_concat(role, ' ')
                   FROM (SELECT r.role
                           FROM account_role r
                          WHERE r.clinic_id = a.clinic_id
                            AND r.account_id = a.account_id
                          ORDER BY r.role)), '') AS roles,
       COALESCE((SELECT group_concat(permission, ' ')
                   FROM (SELECT p.permission
                           FROM account_permission p
                          WHERE p.clinic_id = a.clinic_id
                            AND p.account_id = a.account_id
                          ORDER BY p.permission)), '') AS permissions,
       CASE WHEN a.password_hash IS NULL THEN 0 ELSE 1 END AS has_password
  FROM account a
  LEFT JOIN practitioner pr
    ON a.kind = 'staff' AND pr.clinic_id = a.clinic_id
   AND pr.practitioner_id = a.person_id
  LEFT JOIN patient pt
    ON a.kind = 'patient' AND pt.clinic_id = a.clinic_id
   AND pt.patient_id = a.person_id;
