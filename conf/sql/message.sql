-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- Conversations of one person. The row in that person's mailbox is the right
-- to read them: every statement starts from it. Only messages that were sent
-- (status completed) are shown; drafts and errors are not.

-- One page of a folder, newest first. :at and :id are where the page before
-- ended.
-- name: message_threads
SELECT b.thread_id AS "id", t.topic AS "topic",
       b.last_message_at AS "last_message_at:int",
       b.unread AS "unread:int", m.priority AS "priority",
       SUBSTR(m.payload, 1, 400) AS "payload",
       COALESCE(s.display_name, p.display_name, '') AS "from"
  FROM mailbox b
  JOIN thread t
    ON t.clinic_id = b.clinic_id AND t.thread_id = b.thread_id
  LEFT JOIN message m
    ON m.clinic_id = b.clinic_id
   AND m.message_id = (SELECT n.message_id
                         FROM message n
                        WHERE n.clinic_id = b.clinic_id
                          AND n.thread_id = b.thread_id
                          AND n.status = 'completed'
                        ORDER BY n.sent_at DESC, n.message_id DESC
                        LIMIT 1)
  LEFT JOIN practitioner s
    ON m.sender_kind = 'staff' AND s.clinic_id = m.clinic_id
   AND s.practitioner_id = m.sender_id
  LEFT JOIN patient p
    ON m.sender_kind = 'patient' AND p.clinic_id = m.clinic_id
   AND p.patient_id = m.sender_id
 WHERE b.clinic_id = :clinic_id AND b.owner_kind = :kind
   AND b.owner_id = :person_id AND b.folder = :folder
   AND (b.last_message_at, b.thread_id) < (:at:int, :id)
 ORDER BY b.last_message_at DESC, b.thread_id DESC
 LIMIT :limit:int

-- The newest unread ones, and how many messages are unread in all; the limit
-- keeps the cost constant however much lies unread.
-- name: message_unread
SELECT b.thread_id AS "id", t.topic AS "topic",
       b.last_message_at AS "last_message_at:int",
       b.unread AS "unread:int", m.priority AS "priority",
       SUBSTR(m.payload, 1, 400) AS "payload",
       COALESCE(s.display_name, p.display_name, '') AS "from",
       (SELECT SUM(unread)
          FROM (SELECT unread
                  FROM mailbox
                 WHERE clinic_id = :clinic_id AND owner_kind = :kind
                   AND owner_id = :person_id AND folder = :folder
                   AND unread > 0
                 LIMIT 500) AS unread_ones) AS "count:int"
  FROM mailbox b
  JOIN thread t
    ON t.clinic_id = b.clinic_id AND t.thread_id = b.thread_id
  LEFT JOIN message m
    ON m.clinic_id = b.clinic_id
   AND m.message_id = (SELECT n.message_id
                         FROM message n
                        WHERE n.clinic_id = b.clinic_id
                          AND n.thread_id = b.thread_id
                          AND n.status = 'completed'
                        ORDER BY n.sent_at DESC, n.message_id DESC
                        LIMIT 1)
  LEFT JOIN practitioner s
    ON m.sender_kind = 'staff' AND s.clinic_id = m.clinic_id
   AND s.practitioner_id = m.sender_id
  LEFT JOIN patient p
    ON m.sender_kind = 'patient' AND p.clinic_id = m.clinic_id
   AND p.patient_id = m.sender_id
 WHERE b.clinic_id = :clinic_id AND b.owner_kind = :kind
   AND b.owner_id = :person_id AND b.folder = :folder
   AND b.unread > 0
 ORDER BY b.last_message_at DESC, b.thread_id DESC
 LIMIT :limit:int

-- name: message_find_thread
SELECT b.thread_id AS "id", t.topic AS "topic",
       COALESCE(p.display_name, '') AS "patient"
  FROM mailbox b
  JOIN thread t ON t.clinic_id = b.clinic_id AND t.thread_id = b.thread_id
  LEFT JOIN patient p
    ON p.clinic_id = t.clinic_id AND p.patient_id = t.patient_id
 WHERE b.clinic_id = :clinic_id AND b.owner_kind = :kind
   AND b.owner_id = :person_id AND b.thread_id = :thread_id

-- name: message_mark_read
UPDATE mailbox SET unread = 0
 WHERE clinic_id = :clinic_id AND owner_kind = :kind
   AND owner_id = :person_id AND thread_id = :thread_id AND unread > 0

-- name: message_list
WITH newest AS (
    SELECT m.*
      FROM mailbox b
      JOIN message m
        ON m.clinic_id = b.clinic_id AND m.thread_id = b.thread_id
     WHERE b.clinic_id = :clinic_id AND b.owner_kind = :kind
       AND b.owner_id = :person_id AND b.thread_id = :thread_id
       AND m.status = 'completed'
     ORDER BY m.sent_at DESC, m.message_id DESC
     LIMIT :limit:int)
SELECT newest.message_id AS "id", newest.sent_at AS "sent_at:int",
       newest.priority AS "priority", newest.payload AS "payload",
       CASE WHEN newest.sender_kind = :kind AND newest.sender_id = :person_id
            THEN 1 ELSE 0 END AS "is_mine:bool",
       COALESCE(s.display_name, p.display_name, '') AS "from"
  FROM newest
  LEFT JOIN practitioner s
    ON newest.sender_kind = 'staff' AND s.clinic_id = newest.clinic_id
   AND s.practitioner_id = newest.sender_id
  LEFT JOIN patient p
    ON newest.sender_kind = 'patient' AND p.clinic_id = newest.clinic_id
   AND p.patient_id = newest.sender_id
 ORDER BY newest.sent_at, newest.message_id

-- Nothing is added twice: the form brings the message's id.
-- name: message_add_reply
INSERT INTO message (clinic_id, thread_id, sent_at, message_id, status,
                     priority, sender_kind, sender_id, payload)
SELECT b.clinic_id, b.thread_id, :now:int, :message_id, 'completed',
       'routine', b.owner_kind, b.owner_id, :payload
  FROM mailbox b
 WHERE b.clinic_id = :clinic_id AND b.owner_kind = :kind
   AND b.owner_id = :person_id AND b.thread_id = :thread_id
ON CONFLICT (clinic_id, message_id) DO NOTHING

-- name: message_note_reply
UPDATE mailbox
   SET last_message_at = :now:int,
       unread = CASE WHEN owner_kind = :kind AND owner_id = :person_id
                     THEN unread ELSE unread + 1 END
 WHERE clinic_id = :clinic_id AND thread_id = :thread_id

-- Everybody in the conversation sees something new. (To SQLite "CROSS JOIN" says
-- that the mailboxes come first.)
-- name: message_change_reply
INSERT INTO account_change (clinic_id, account_id, version)
SELECT a.clinic_id, a.account_id, 1
  FROM mailbox b
 CROSS JOIN account a
 WHERE b.clinic_id = :clinic_id AND b.thread_id = :thread_id
   AND a.clinic_id = b.clinic_id AND a.kind = b.owner_kind
   AND a.person_id = b.owner_id
 ORDER BY a.account_id
ON CONFLICT (clinic_id, account_id) DO UPDATE
   SET version = account_change.version + 1
