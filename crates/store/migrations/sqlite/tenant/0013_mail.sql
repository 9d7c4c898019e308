-- When it went out by e-mail, or was not to. NULL: it is to be.
ALTER TABLE notices ADD COLUMN mailed_at INTEGER;
CREATE INDEX notices_unmailed ON notices (at) WHERE mailed_at IS NULL AND read_at IS NULL;

-- How often a person wants to be told by e-mail, and when they were last.
ALTER TABLE notice_settings ADD COLUMN email TEXT NOT NULL DEFAULT 'instant';
ALTER TABLE notice_settings ADD COLUMN email_at INTEGER;
