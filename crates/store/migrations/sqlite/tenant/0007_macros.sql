-- Answers that are written once and used often. Without an owner they are shared.
CREATE TABLE macros (
  id           BLOB PRIMARY KEY NOT NULL,
  owner_id     BLOB REFERENCES users (id),
  name         TEXT NOT NULL,
  body         TEXT NOT NULL,
  internal     INTEGER NOT NULL,
  actions      TEXT NOT NULL,
  usage_count  INTEGER NOT NULL,
  last_used_at INTEGER,
  version      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX macros_by_owner ON macros (owner_id, name, id);
