-- One tenant's desk. The file is the tenant: nothing here names it.
-- Ids are 16-byte blobs, times UTC milliseconds, JSON is text.

CREATE TABLE head (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  seq         INTEGER NOT NULL,
  hash        BLOB NOT NULL,
  last_number INTEGER NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0, zeroblob(32), 0);

CREATE TABLE events (
  seq          INTEGER PRIMARY KEY,
  id           BLOB NOT NULL,
  at           INTEGER NOT NULL,
  action       TEXT NOT NULL,
  actor_kind   TEXT NOT NULL,
  actor_id     BLOB,
  actor_name   TEXT NOT NULL,
  ticket_id    BLOB,
  requester_id BLOB,
  audience     INTEGER NOT NULL,
  ip           TEXT,
  request_id   TEXT,
  data         TEXT NOT NULL,
  data_hash    BLOB NOT NULL,
  prev_hash    BLOB NOT NULL,
  hash         BLOB NOT NULL
) STRICT;
CREATE INDEX events_by_id ON events (id);
CREATE INDEX events_by_ticket ON events (ticket_id, seq) WHERE ticket_id IS NOT NULL;
CREATE INDEX events_by_requester ON events (requester_id, seq) WHERE requester_id IS NOT NULL;
CREATE INDEX events_by_action ON events (action, seq);
CREATE INDEX events_by_actor ON events (actor_id, seq) WHERE actor_id IS NOT NULL;

-- Append-only, by the engine. INSERT OR REPLACE fires the DELETE trigger (recursive_triggers is on).
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER events_no_gap BEFORE INSERT ON events
  WHEN new.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)
  BEGIN SELECT RAISE(ABORT, 'the ledger has no gaps'); END;

CREATE TABLE users (
  id             BLOB PRIMARY KEY NOT NULL,
  email          TEXT NOT NULL UNIQUE,
  name           TEXT NOT NULL,
  folded         TEXT NOT NULL, -- name and address in lower case, for finding people by a few letters
  role           TEXT NOT NULL CHECK (role IN ('user', 'agent', 'admin')),
  active         INTEGER NOT NULL,
  password_hash  TEXT,
  invitation_id  BLOB,
  invited_until  INTEGER,
  last_login_at  INTEGER,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX users_by_name ON users (name, id);

CREATE TABLE sessions (
  id           BLOB PRIMARY KEY NOT NULL,
  user_id      BLOB NOT NULL REFERENCES users (id),
  refresh_id   BLOB NOT NULL,
  user_agent   TEXT,
  ip           TEXT,
  created_at   INTEGER NOT NULL,
  used_at      INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  revoked_at   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE tickets (
  number         INTEGER PRIMARY KEY,
  id             BLOB NOT NULL UNIQUE,
  title          TEXT NOT NULL,
  description    TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN ('open', 'in_progress', 'waiting', 'resolved', 'closed')),
  priority       INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3),
  tags           TEXT NOT NULL,
  custom_fields  TEXT NOT NULL,
  requester_id   BLOB NOT NULL REFERENCES users (id),
  assignee_id    BLOB REFERENCES users (id),
  workflow_state TEXT CHECK (workflow_state IN ('pending', 'running', 'done', 'failed', 'overdue')),
  workflow_at    INTEGER,
  workflow_delivery_id BLOB,
  message_count  INTEGER NOT NULL,
  public_count   INTEGER NOT NULL,
  version        INTEGER NOT NULL,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  resolved_at    INTEGER
) STRICT;
CREATE INDEX tickets_by_updated ON tickets (updated_at, number);
CREATE INDEX tickets_by_created ON tickets (created_at, number);
CREATE INDEX tickets_by_status ON tickets (status, updated_at, number);
CREATE INDEX tickets_by_assignee ON tickets (assignee_id, updated_at, number);
CREATE INDEX tickets_by_requester ON tickets (requester_id, updated_at, number);
CREATE INDEX tickets_by_priority ON tickets (priority, updated_at, number);
-- What is left to do, by who has it: small, and all that the counters of views need.
CREATE INDEX tickets_live_by_assignee ON tickets (assignee_id, updated_at, number)
  WHERE status IN ('open', 'in_progress', 'waiting');
CREATE INDEX tickets_by_workflow ON tickets (workflow_state, updated_at, number) WHERE workflow_state IS NOT NULL;

CREATE TABLE ticket_tags (
  tag       TEXT NOT NULL,
  ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  PRIMARY KEY (tag, ticket_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_tags_by_ticket ON ticket_tags (ticket_id);

CREATE TABLE messages (
  ticket_id   BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  ordinal     INTEGER NOT NULL,
  id          BLOB NOT NULL,
  author_kind TEXT NOT NULL,
  author_id   BLOB,
  author_name TEXT NOT NULL,
  body        TEXT NOT NULL,
  internal    INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (ticket_id, ordinal)
) STRICT, WITHOUT ROWID;

-- A document is a ticket's own text (part 0) or one message (part = ordinal); rowid = number << 20 | part.
CREATE VIRTUAL TABLE search USING fts5 (
  ticket_text, public_text, internal_text,
  content = '', contentless_delete = 1, prefix = '2 3', tokenize = "unicode61 remove_diacritics 2"
);

CREATE TABLE idempotency (
  user_id     BLOB NOT NULL,
  operation   TEXT NOT NULL,
  key         TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  response    TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (user_id, operation, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE endpoints (
  id                   BLOB PRIMARY KEY NOT NULL,
  url                  TEXT NOT NULL,
  description          TEXT NOT NULL,
  events               TEXT NOT NULL,
  active               INTEGER NOT NULL,
  deadline_seconds     INTEGER,
  secret               TEXT NOT NULL,
  shared_secret        TEXT NOT NULL,
  old_secret           TEXT,
  old_shared_secret    TEXT,
  old_secrets_until    INTEGER,
  consecutive_failures INTEGER NOT NULL,
  breaker_until        INTEGER,
  probe_at             INTEGER,
  last_success_at      INTEGER,
  created_at           INTEGER NOT NULL,
  updated_at           INTEGER NOT NULL,
  deleted_at           INTEGER
) STRICT, WITHOUT ROWID;

-- Which events an endpoint wants; kept beside `endpoints.events` so that a create finds them by index.
CREATE TABLE endpoint_events (
  action      TEXT NOT NULL,
  endpoint_id BLOB NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
  PRIMARY KEY (action, endpoint_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
  id              BLOB PRIMARY KEY NOT NULL,
  endpoint_id     BLOB NOT NULL REFERENCES endpoints (id),
  event_id        BLOB NOT NULL,
  event_type      TEXT NOT NULL,
  ticket_id       BLOB,
  state           TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'delivered', 'dead')),
  attempt_count   INTEGER NOT NULL,
  cycle_attempts  INTEGER NOT NULL,
  due_at          INTEGER,
  lease_until     INTEGER,
  last_status     INTEGER,
  last_error      TEXT,
  expected_status TEXT,
  deadline_at     INTEGER,
  overdue_at      INTEGER,
  callback_at     INTEGER,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_by_due ON deliveries (endpoint_id, due_at) WHERE state = 'pending';
CREATE INDEX deliveries_by_lease ON deliveries (endpoint_id, lease_until) WHERE state = 'sending';
CREATE INDEX deliveries_by_deadline ON deliveries (deadline_at) WHERE deadline_at IS NOT NULL AND overdue_at IS NULL AND callback_at IS NULL;
CREATE INDEX deliveries_by_age ON deliveries (created_at, id);
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, created_at, id);
CREATE INDEX deliveries_by_ticket ON deliveries (ticket_id, created_at, id) WHERE ticket_id IS NOT NULL;
CREATE INDEX deliveries_by_state ON deliveries (state, created_at, id);

CREATE TABLE delivery_attempts (
  delivery_id   BLOB NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
  number        INTEGER NOT NULL,
  at            INTEGER NOT NULL,
  duration_ms   INTEGER,
  status        INTEGER,
  error         TEXT,
  response_body TEXT,
  PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE callbacks (
  delivery_id BLOB NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
  digest      BLOB NOT NULL,
  applied_at  INTEGER NOT NULL,
  PRIMARY KEY (delivery_id, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE screen_settings (
  screen_id TEXT PRIMARY KEY NOT NULL,
  position  INTEGER NOT NULL,
  enabled   INTEGER NOT NULL,
  roles     TEXT
) STRICT, WITHOUT ROWID;
