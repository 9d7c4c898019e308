-- What the company keeps of files: each content once, by its hash; the bytes stand elsewhere, under its id.
-- `loose_at`: since when it has been waiting for somebody who refers to it, 0 once somebody has ceased to; NULL:
-- somebody does. Condemned: its bytes are being removed, and nobody refers to it again.
CREATE TABLE contents (
  id        BLOB PRIMARY KEY NOT NULL,
  sha256    BLOB NOT NULL,
  size      INTEGER NOT NULL CHECK (size >= 0),
  loose_at  INTEGER,
  condemned INTEGER NOT NULL CHECK (condemned IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX contents_by_hash ON contents (sha256) WHERE NOT condemned;
CREATE INDEX contents_loose ON contents (loose_at) WHERE loose_at IS NOT NULL;

-- How much that is, kept by the engine, whoever adds or removes some.
CREATE TABLE content_usage (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  bytes INTEGER NOT NULL
) STRICT;
CREATE TRIGGER contents_counted AFTER INSERT ON contents
  BEGIN
    INSERT INTO content_usage (one, bytes) VALUES (1, new.size)
      ON CONFLICT (one) DO UPDATE SET bytes = bytes + new.size;
  END;
CREATE TRIGGER contents_uncounted AFTER DELETE ON contents
  BEGIN
    UPDATE content_usage SET bytes = bytes - old.size;
  END;

-- Files of messages (`ordinal`) and descriptions (0); of no ticket yet: not sent, its uploader's alone. A deleted
-- ticket may come back, and finds them here.
CREATE TABLE attachments (
  id            BLOB PRIMARY KEY NOT NULL,
  content_id    BLOB NOT NULL REFERENCES contents (id),
  uploader_id   BLOB NOT NULL,
  uploader_name TEXT NOT NULL,
  name          TEXT NOT NULL,
  media_type    TEXT NOT NULL,
  size          INTEGER NOT NULL,
  ticket_id     BLOB,
  ordinal       INTEGER,
  internal      INTEGER NOT NULL CHECK (internal IN (0, 1)),
  created_at    INTEGER NOT NULL,
  CHECK ((ticket_id IS NULL) = (ordinal IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_by_ticket ON attachments (ticket_id, ordinal, id) WHERE ticket_id IS NOT NULL;
CREATE INDEX attachments_by_content ON attachments (content_id);
CREATE INDEX attachments_by_uploader ON attachments (uploader_id);
CREATE INDEX attachments_unsent ON attachments (created_at) WHERE ticket_id IS NULL;
CREATE TRIGGER attachments_gone AFTER DELETE ON attachments
  BEGIN
    UPDATE contents SET loose_at = 0 WHERE id = old.content_id;
  END;
