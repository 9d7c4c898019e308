-- Whom a message names; the name as it stands there.
CREATE TABLE message_mentions (
  ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  ordinal   INTEGER NOT NULL,
  user_id   BLOB NOT NULL,
  name      TEXT NOT NULL,
  internal  INTEGER NOT NULL,
  PRIMARY KEY (ticket_id, ordinal, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_mentions_by_user ON message_mentions (user_id, ticket_id, internal);

-- Who hears what happens to a ticket without working on it.
CREATE TABLE ticket_watchers (
  ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  user_id   BLOB NOT NULL,
  since     INTEGER NOT NULL,
  PRIMARY KEY (ticket_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_watchers_by_user ON ticket_watchers (user_id);

-- What a person is told of an event: at most once.
CREATE TABLE notices (
  user_id    BLOB NOT NULL,
  event_id   BLOB NOT NULL,
  ticket_id  BLOB NOT NULL,
  kind       TEXT NOT NULL,
  audience   INTEGER NOT NULL,
  actor_id   BLOB,
  actor_name TEXT NOT NULL,
  at         INTEGER NOT NULL,
  read_at    INTEGER,
  PRIMARY KEY (user_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_unread ON notices (user_id, event_id) WHERE read_at IS NULL;
CREATE INDEX notices_by_ticket ON notices (ticket_id);
CREATE INDEX notices_by_age ON notices (at);

-- What a person wants to be told. Who has no row wants all of it.
CREATE TABLE notice_settings (
  user_id     BLOB PRIMARY KEY NOT NULL,
  muted       TEXT NOT NULL,
  quiet_hours TEXT,
  updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
