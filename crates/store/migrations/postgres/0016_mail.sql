-- When it went out by e-mail, or was not to. NULL: it is to be.
ALTER TABLE flowbit.notices ADD COLUMN mailed_at bigint;
-- squawk-ignore require-concurrent-index-creation -- a migration is one transaction, and short
CREATE INDEX notices_unmailed ON flowbit.notices (tenant_id, at) WHERE mailed_at IS NULL AND read_at IS NULL;

-- How often a person wants to be told by e-mail, and when they were last.
ALTER TABLE flowbit.notice_settings ADD COLUMN email text COLLATE "C" NOT NULL DEFAULT 'instant';
ALTER TABLE flowbit.notice_settings ADD COLUMN email_at bigint;
