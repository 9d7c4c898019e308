-- Put aside by somebody until a time, or (NULL) until the requester replies.
ALTER TABLE tickets ADD COLUMN snoozed_at INTEGER;
ALTER TABLE tickets ADD COLUMN snoozed_until INTEGER;
CREATE INDEX tickets_snoozed ON tickets (updated_at, number) WHERE snoozed_at IS NOT NULL;
CREATE INDEX tickets_waking ON tickets (snoozed_until) WHERE snoozed_until IS NOT NULL;

-- Into which ticket it was merged, that one's number, and where it stood before. It may have been deleted since.
ALTER TABLE tickets ADD COLUMN merged_into_id BLOB;
ALTER TABLE tickets ADD COLUMN merged_into_number INTEGER;
ALTER TABLE tickets ADD COLUMN merged_status TEXT;

-- Tickets that have to do with each other, each pair once: the smaller id first. A deleted ticket may come back.
CREATE TABLE ticket_links (
  one_id    BLOB NOT NULL,
  other_id  BLOB NOT NULL CHECK (one_id < other_id),
  linked_at INTEGER NOT NULL,
  PRIMARY KEY (one_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_links_by_other ON ticket_links (other_id, one_id);

-- What a person is writing and has not sent: a reply or a note for each ticket.
CREATE TABLE drafts (
  user_id    BLOB NOT NULL,
  ticket_id  BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  internal   INTEGER NOT NULL CHECK (internal IN (0, 1)),
  body       TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, ticket_id, internal)
) STRICT, WITHOUT ROWID;
CREATE INDEX drafts_by_ticket ON drafts (ticket_id);
CREATE INDEX drafts_by_age ON drafts (updated_at);
