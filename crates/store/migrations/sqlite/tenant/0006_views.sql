-- Saved views: a person's own, or shared by all who work on tickets (no owner).
CREATE TABLE views (
  id         BLOB PRIMARY KEY NOT NULL,
  owner_id   BLOB REFERENCES users (id),
  name       TEXT NOT NULL,
  filter     TEXT NOT NULL,
  sort       TEXT NOT NULL,
  columns    TEXT NOT NULL,
  position   INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX views_by_owner ON views (owner_id, position);

-- What was resolved lately.
CREATE INDEX tickets_by_resolved ON tickets (resolved_at, number) WHERE resolved_at IS NOT NULL;

-- What a deleted ticket consisted of, for a day: its rows as lines of an archive, by table.
CREATE TABLE deleted_tickets (
  id           BLOB PRIMARY KEY NOT NULL,
  requester_id BLOB NOT NULL,
  lines        TEXT NOT NULL,
  deleted_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deleted_tickets_by_age ON deleted_tickets (deleted_at);
