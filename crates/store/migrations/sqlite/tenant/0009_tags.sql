-- Tags that have a colour.
CREATE TABLE tags (
  name  TEXT PRIMARY KEY NOT NULL,
  color TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How many tickets have a tag: kept by the engine, whoever gives or takes it.
CREATE TABLE tag_counts (
  tag     TEXT PRIMARY KEY NOT NULL,
  tickets INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_counts_by_use ON tag_counts (tickets, tag);
INSERT INTO tag_counts SELECT tag, count(*) FROM ticket_tags GROUP BY tag;
CREATE TRIGGER ticket_tags_counted AFTER INSERT ON ticket_tags
  BEGIN
    INSERT INTO tag_counts (tag, tickets) VALUES (new.tag, 1) ON CONFLICT (tag) DO UPDATE SET tickets = tickets + 1;
  END;
CREATE TRIGGER ticket_tags_uncounted AFTER DELETE ON ticket_tags
  BEGIN
    UPDATE tag_counts SET tickets = tickets - 1 WHERE tag = old.tag;
    DELETE FROM tag_counts WHERE tag = old.tag AND tickets = 0;
  END;

-- Tags whose tickets are being given another tag, or (to_tag is NULL) lose it.
CREATE TABLE tag_moves (
  from_tag   TEXT PRIMARY KEY NOT NULL,
  to_tag     TEXT,
  started_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
