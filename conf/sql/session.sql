-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Sessions: who is signed in. A moment equal to a limit is past it.

-- name: session_find (pgsql)
SELECT c.clinic_id AS "clinic_id", c.code AS "code", c.name AS "name",
       c.time_zone AS "time_zone", c.locale AS "locale",
       c.default_tab AS "default_tab",
       c.support_contact AS "support_contact",
       c.crisis_text AS "crisis_text",
       s.session_id AS "session_id",
       s.last_seen_at AS "last_seen_at:int", s.idle_us AS "idle_us:int",
       s.expires_at AS "expires_at:int", s.step AS "step",
       s.factor AS "factor",
       s.authenticated_at AS "authenticated_at:int",
       s.previous_login_at AS "previous_login_at:int",
       a.account_id AS "account_id", a.person_id AS "person_id",
       a.username AS "username",
       COALESCE(pr.display_name, pt.display_name, a.username)
           AS "display_name",
       COALESCE((SELECT string_agg(r.role, ' ' ORDER BY r.role)
                   FROM account_role r
                  WHERE r.clinic_id = a.clinic_id
                    AND r.account_id = a.account_id), '') AS "roles",
       COALESCE((SELECT string_agg(p.permission, ' ' ORDER BY p.permission)
                   FROM account_permission p
                  WHERE p.clinic_id = a.clinic_id
                    AND p.account_id = a.account_id), '') AS "permissions"
  FROM session s
  JOIN account a
    ON a.clinic_id = s.clinic_id AND a.account_id = s.account_id
  JOIN clinic c ON c.clinic_id = s.clinic_id
  LEFT JOIN practitioner pr
    ON a.kind = 'staff' AND pr.clinic_id = a.clinic_id
   AND pr.practitioner_id = a.person_id
  LEFT JOIN patient pt
    ON a.kind = 'patient' AND pt.clinic_id = a.clinic_id
   AND pt.patient_id = a.person_id
 WHERE s.clinic_id = :clinic_id AND s.token_hash = :token_hash
   AND s.expires_at > :now:int AND s.last_seen_at + s.idle_us > :now:int
   AND a.kind = :kind AND a.status = 'active' AND c.active = 1

-- name: session_find
SELECT c.clinic_id AS "clinic_id", c.code AS "code", c.name AS "name",
       c.time_zone AS "time_zone", c.locale AS "locale",
       c.default_tab AS "default_tab",
       c.support_contact AS "support_contact",
       c.crisis_text AS "crisis_text",
       s.session_id AS "session_id",
       s.last_seen_at AS "last_seen_at:int", s.idle_us AS "idle_us:int",
       s.expires_at AS "expires_at:int", s.step AS "step",
       s.factor AS "factor",
       s.authenticated_at AS "authenticated_at:int",
       s.previous_login_at AS "previous_login_at:int",
       a.account_id AS "account_id", a.person_id AS "person_id",
       a.username AS "username",
       COALESCE(pr.display_name, pt.display_name, a.username)
           AS "display_name",
       COALESCE((SELECT group_concat(r.role, ' ')
                   FROM account_role r
                  WHERE r.clinic_id = a.clinic_id
                    AND r.account_id = a.account_id), '') AS "roles",
       COALESCE((SELECT group_concat(p.permission, ' ')
                   FROM account_permission p
                  WHERE p.clinic_id = a.clinic_id
                    AND p.account_id = a.account_id), '') AS "permissions"
  FROM session s
  JOIN account a
    ON a.clinic_id = s.clinic_id AND a.account_id = s.account_id
  JOIN clinic c ON c.clinic_id = s.clinic_id
  LEFT JOIN practitioner pr
    ON a.kind = 'staff' AND pr.clinic_id = a.clinic_id
   AND pr.practitioner_id = a.person_id
  LEFT JOIN patient pt
    ON a.kind = 'patient' AND pt.clinic_id = a.clinic_id
   AND pt.patient_id = a.person_id
 WHERE s.clinic_id = :clinic_id AND s.token_hash = :token_hash
   AND s.expires_at > :now:int AND s.last_seen_at + s.idle_us > :now:int
   AND a.kind = :kind AND a.status = 'active' AND c.active = 1

-- The limit that came first is the reason; a live row that session_find did
-- not give has lost its account, its clinic or its permission.
-- name: session_why
SELECT CASE WHEN s.last_seen_at + s.idle_us <= :now:int
             AND s.last_seen_at + s.idle_us <= s.expires_at THEN 'idle'
            WHEN s.expires_at <= :now:int THEN 'expired'
            ELSE 'disabled' END AS "why"
  FROM session s
  JOIN account a
    ON a.clinic_id = s.clinic_id AND a.account_id = s.account_id
 WHERE s.clinic_id = :clinic_id AND s.token_hash = :token_hash
   AND a.kind = :kind

-- One that has run out, but was signed in for good.
-- name: session_ended
SELECT s.account_id
  FROM session s
  JOIN account a
    ON a.clinic_id = s.clinic_id AND a.account_id = s.account_id
 WHERE s.clinic_id = :clinic_id AND s.token_hash = :token_hash
   AND (s.expires_at <= :now:int OR s.last_seen_at + s.idle_us <= :now:int)
   AND a.kind = :kind AND a.status = 'active' AND s.step = ''

-- The old value guards against moving it twice, or back.
-- name: session_touch
UPDATE session SET last_seen_at = :now:int
 WHERE clinic_id = :clinic_id AND token_hash = :token_hash
   AND last_seen_at = :last_seen_at:int

-- name: session_add
INSERT INTO session (clinic_id, token_hash, session_id, account_id,
                     created_at, last_seen_at, idle_us, expires_at,
                     address, user_agent, step, factor, authenticated_at,
                     previous_login_at)
VALUES (:clinic_id, :token_hash, :session_id, :account_id,
        :now:int, :now:int, :idle_us:int, :expires_at:int,
        :address, :user_agent, :step, :factor, :now:int,
        :previous_login_at:int)

-- To the next step, under a new token.
-- name: session_move
UPDATE session
   SET token_hash = :token_hash, step = :step, factor = :factor,
       last_seen_at = :now:int, idle_us = :idle_us:int,
       expires_at = :expires_at:int, authenticated_at = :now:int
 WHERE clinic_id = :clinic_id AND token_hash = :old_token_hash
   AND step <> ''

-- Password or second factor once more, under a new token.
-- name: session_confirm
UPDATE session
   SET token_hash = :token_hash, factor = :factor, last_seen_at = :now:int,
       authenticated_at = :now:int
 WHERE clinic_id = :clinic_id AND token_hash = :old_token_hash
   AND step = ''

-- The row is locked, so that nobody disables the account meanwhile.
-- name: session_account (pgsql)
SELECT kind, username, last_login_at AS "last_login_at:int",
       password_must_change AS "password_must_change:bool",
       password_changed_at AS "password_changed_at:int",
       factor_required AS "factor_required:bool",
       factor_method AS "factor_method"
  FROM account
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND status = 'active'
   FOR UPDATE

-- name: session_account
SELECT kind, username, last_login_at AS "last_login_at:int",
       password_must_change AS "password_must_change:bool",
       password_changed_at AS "password_changed_at:int",
       factor_required AS "factor_required:bool",
       factor_method AS "factor_method"
  FROM account
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND status = 'active'

-- name: session_remove
DELETE FROM session
 WHERE clinic_id = :clinic_id AND token_hash = :token_hash

-- name: session_list
SELECT session_id, created_at AS "created_at:int",
       last_seen_at AS "last_seen_at:int", address, user_agent
  FROM session
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND expires_at > :now:int AND last_seen_at + idle_us > :now:int
 ORDER BY created_at DESC, session_id

-- name: session_remove_listed
DELETE FROM session
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND session_id = :session_id

-- name: session_remove_others
DELETE FROM session
 WHERE clinic_id = :clinic_id AND account_id = :account_id
   AND session_id <> :session_id

-- name: session_remove_account
DELETE FROM session
 WHERE clinic_id = :clinic_id AND account_id = :account_id

-- Pruning takes a bounded bite, so that no sign-in pays for a long backlog;
-- rows another transaction holds are left to the next one, so that two
-- prunings cannot wait for each other.
-- name: session_prune (pgsql)
DELETE FROM session
 WHERE (clinic_id, token_hash) IN
       (SELECT clinic_id, token_hash FROM session
         WHERE expires_at < :before:int
         ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)

-- name: session_prune
DELETE FROM session
 WHERE (clinic_id, token_hash) IN
       (SELECT clinic_id, token_hash FROM session
         WHERE expires_at < :before:int
         ORDER BY expires_at LIMIT 100)
