-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The mod_clinicportal authors
--
-- ends_at: when a count is forgotten (conf/sql/throttle.sql). What was counted
-- before: of second factors for thirty days, of accounts for one, of all else
-- for an hour.

ALTER TABLE throttle ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0;
UPDATE throttle
   SET ends_at = CASE WHEN locked_until > 9000000000000000000 THEN locked_until
                      WHEN key_kind NOT IN ('account', 'factor')
                      THEN window_at + 3600000000
                      ELSE CASE WHEN locked_until > window_at
                                THEN locked_until ELSE window_at END
                         + CASE key_kind WHEN 'factor'
                                THEN 2592000000000 ELSE 86400000000 END
                 END;
DROP INDEX throttle_window;
CREATE INDEX throttle_end ON throttle (ends_at);
