-- What belongs to no tenant (schema flowbit_control), and one desk for each tenant (schema flowbit).
-- Run by the owner role. Which tables are protected how is not said here: after the last migration every
-- table of the schema flowbit gets its row level security and its grants (see protection.sql).
-- Each such table leads its primary, unique and foreign keys with tenant_id, and so do its indexes.
-- Text sorts by its bytes (COLLATE "C"), as in the embedded engine, whatever the database's locale.

CREATE TABLE flowbit_control.tenants (
  id           uuid PRIMARY KEY,
  slug         text COLLATE "C" NOT NULL UNIQUE,
  name         text NOT NULL,
  locale       text NOT NULL,
  accent_color text NOT NULL,
  state        text NOT NULL CHECK (state IN ('active', 'suspended', 'erasing')),
  created_at   bigint NOT NULL
);

-- Goes up with each change of the tenants, so that other nodes notice it.
CREATE TABLE flowbit_control.revision (
  one    bigint PRIMARY KEY CHECK (one = 1),
  number bigint NOT NULL
);
INSERT INTO flowbit_control.revision VALUES (1, 0);

-- Where an address may sign in. A hint: the tenant's own users decide.
CREATE TABLE flowbit_control.directory (
  email  text COLLATE "C" NOT NULL,
  tenant uuid NOT NULL,
  PRIMARY KEY (email, tenant)
);
CREATE INDEX directory_by_tenant ON flowbit_control.directory (tenant);

-- Whose shared secret it is, by SHA-256. A hint: the tenant's own endpoints decide.
CREATE TABLE flowbit_control.secrets (
  hash     bytea PRIMARY KEY,
  tenant   uuid NOT NULL,
  endpoint uuid NOT NULL
);
CREATE INDEX secrets_by_tenant ON flowbit_control.secrets (tenant);
CREATE INDEX secrets_by_endpoint ON flowbit_control.secrets (endpoint);

CREATE TABLE flowbit_control.signing_keys (
  kid        text COLLATE "C" PRIMARY KEY,
  pkcs8      bytea NOT NULL,
  public     bytea NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE flowbit.head (
  tenant_id   uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid PRIMARY KEY,
  seq         bigint NOT NULL,
  hash        bytea NOT NULL,
  last_number bigint NOT NULL
);

CREATE TABLE flowbit.events (
  tenant_id    uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  seq          bigint NOT NULL,
  id           uuid NOT NULL,
  at           bigint NOT NULL,
  action       text COLLATE "C" NOT NULL,
  actor_kind   text NOT NULL,
  actor_id     uuid,
  actor_name   text NOT NULL,
  ticket_id    uuid,
  requester_id uuid,
  audience     bigint NOT NULL,
  ip           text,
  request_id   text,
  data         text NOT NULL,
  data_hash    bytea NOT NULL,
  prev_hash    bytea NOT NULL,
  hash         bytea NOT NULL,
  PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX events_by_id ON flowbit.events (tenant_id, id);
CREATE INDEX events_by_ticket ON flowbit.events (tenant_id, ticket_id, seq) WHERE ticket_id IS NOT NULL;
CREATE INDEX events_by_requester ON flowbit.events (tenant_id, requester_id, seq) WHERE requester_id IS NOT NULL;
CREATE INDEX events_by_action ON flowbit.events (tenant_id, action, seq);
CREATE INDEX events_by_actor ON flowbit.events (tenant_id, actor_id, seq) WHERE actor_id IS NOT NULL;

-- Append-only, whoever asks: the grants say it to the server's role, these triggers to every other.
-- Only a tenant that is being erased as a whole lets its events go.
CREATE FUNCTION flowbit.keep_events() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (
    SELECT FROM flowbit_control.tenants t WHERE t.id = OLD.tenant_id AND t.state = 'erasing'
  ) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the ledger is append-only';
END $$;
CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE ON flowbit.events
  FOR EACH ROW EXECUTE FUNCTION flowbit.keep_events();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON flowbit.events
  FOR EACH STATEMENT EXECUTE FUNCTION flowbit.keep_events();

CREATE FUNCTION flowbit.follow_events() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.seq <> 1 + coalesce(
    (SELECT max(e.seq) FROM flowbit.events e WHERE e.tenant_id = NEW.tenant_id), 0
  ) THEN
    RAISE EXCEPTION 'the ledger has no gaps';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER events_no_gap BEFORE INSERT ON flowbit.events
  FOR EACH ROW EXECUTE FUNCTION flowbit.follow_events();

CREATE TABLE flowbit.users (
  tenant_id      uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id             uuid NOT NULL,
  email          text COLLATE "C" NOT NULL,
  name           text COLLATE "C" NOT NULL,
  folded         text COLLATE "C" NOT NULL, -- name and address in lower case, for finding people by a few letters
  role           text NOT NULL CHECK (role IN ('user', 'agent', 'admin')),
  active         boolean NOT NULL,
  password_hash  text,
  invitation_id  uuid,
  invited_until  bigint,
  last_login_at  bigint,
  created_at     bigint NOT NULL,
  updated_at     bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email)
);
CREATE INDEX users_by_name ON flowbit.users (tenant_id, name, id);

CREATE TABLE flowbit.sessions (
  tenant_id    uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id           uuid NOT NULL,
  user_id      uuid NOT NULL,
  refresh_id   uuid NOT NULL,
  user_agent   text,
  ip           text,
  created_at   bigint NOT NULL,
  used_at      bigint NOT NULL,
  expires_at   bigint NOT NULL,
  revoked_at   bigint,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES flowbit.users (tenant_id, id)
);
CREATE INDEX sessions_by_user ON flowbit.sessions (tenant_id, user_id);
CREATE INDEX sessions_by_expiry ON flowbit.sessions (tenant_id, expires_at);

CREATE TABLE flowbit.tickets (
  tenant_id      uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  number         bigint NOT NULL,
  id             uuid NOT NULL,
  title          text NOT NULL,
  description    text NOT NULL,
  status         text COLLATE "C" NOT NULL CHECK (status IN ('open', 'in_progress', 'waiting', 'resolved', 'closed')),
  priority       bigint NOT NULL CHECK (priority BETWEEN 0 AND 3),
  tags           text NOT NULL,
  custom_fields  text NOT NULL,
  requester_id   uuid NOT NULL,
  assignee_id    uuid,
  workflow_state text COLLATE "C" CHECK (workflow_state IN ('pending', 'running', 'done', 'failed', 'overdue')),
  workflow_at    bigint,
  workflow_delivery_id uuid,
  message_count  bigint NOT NULL,
  public_count   bigint NOT NULL,
  version        bigint NOT NULL,
  created_at     bigint NOT NULL,
  updated_at     bigint NOT NULL,
  resolved_at    bigint,
  PRIMARY KEY (tenant_id, number),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, requester_id) REFERENCES flowbit.users (tenant_id, id),
  FOREIGN KEY (tenant_id, assignee_id) REFERENCES flowbit.users (tenant_id, id)
);
CREATE INDEX tickets_by_updated ON flowbit.tickets (tenant_id, updated_at, number);
CREATE INDEX tickets_by_created ON flowbit.tickets (tenant_id, created_at, number);
CREATE INDEX tickets_by_status ON flowbit.tickets (tenant_id, status, updated_at, number);
CREATE INDEX tickets_by_assignee ON flowbit.tickets (tenant_id, assignee_id, updated_at, number);
CREATE INDEX tickets_by_requester ON flowbit.tickets (tenant_id, requester_id, updated_at, number);
CREATE INDEX tickets_by_priority ON flowbit.tickets (tenant_id, priority, updated_at, number);
-- What is left to do, by who has it: small, and all that the counters of views need.
CREATE INDEX tickets_live_by_assignee ON flowbit.tickets (tenant_id, assignee_id, updated_at, number)
  WHERE status IN ('open', 'in_progress', 'waiting');
CREATE INDEX tickets_by_workflow ON flowbit.tickets (tenant_id, workflow_state, updated_at, number)
  WHERE workflow_state IS NOT NULL;

CREATE TABLE flowbit.ticket_tags (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  tag       text COLLATE "C" NOT NULL,
  ticket_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, tag, ticket_id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES flowbit.tickets (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ticket_tags_by_ticket ON flowbit.ticket_tags (tenant_id, ticket_id);

CREATE TABLE flowbit.messages (
  tenant_id   uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  ticket_id   uuid NOT NULL,
  ordinal     bigint NOT NULL,
  id          uuid NOT NULL,
  author_kind text NOT NULL,
  author_id   uuid,
  author_name text NOT NULL,
  body        text NOT NULL,
  internal    boolean NOT NULL,
  created_at  bigint NOT NULL,
  PRIMARY KEY (tenant_id, ticket_id, ordinal),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES flowbit.tickets (tenant_id, id) ON DELETE CASCADE
);

-- A document is a ticket's own text (part 0) or one message (part = ordinal): its words, folded, each behind
-- the last letters of its tenant's id, so that no tenant's search goes through what others have written.
CREATE TABLE flowbit.search (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  number    bigint NOT NULL,
  part      bigint NOT NULL,
  internal  boolean NOT NULL,
  words     tsvector NOT NULL,
  PRIMARY KEY (tenant_id, number, part)
);
CREATE INDEX search_by_words ON flowbit.search USING gin (words);

CREATE TABLE flowbit.idempotency (
  tenant_id   uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  user_id     uuid NOT NULL,
  operation   text COLLATE "C" NOT NULL,
  key         text COLLATE "C" NOT NULL,
  fingerprint bytea NOT NULL,
  response    text NOT NULL,
  created_at  bigint NOT NULL,
  PRIMARY KEY (tenant_id, user_id, operation, key)
);
CREATE INDEX idempotency_by_age ON flowbit.idempotency (tenant_id, created_at);

CREATE TABLE flowbit.endpoints (
  tenant_id            uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id                   uuid NOT NULL,
  url                  text NOT NULL,
  description          text NOT NULL,
  events               text NOT NULL,
  active               boolean NOT NULL,
  deadline_seconds     bigint,
  secret               text NOT NULL,
  shared_secret        text NOT NULL,
  old_secret           text,
  old_shared_secret    text,
  old_secrets_until    bigint,
  consecutive_failures bigint NOT NULL,
  breaker_until        bigint,
  probe_at             bigint,
  last_success_at      bigint,
  created_at           bigint NOT NULL,
  updated_at           bigint NOT NULL,
  deleted_at           bigint,
  PRIMARY KEY (tenant_id, id)
);

-- Which events an endpoint wants; kept beside endpoints.events so that a create finds them by index.
CREATE TABLE flowbit.endpoint_events (
  tenant_id   uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  action      text COLLATE "C" NOT NULL,
  endpoint_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, action, endpoint_id),
  FOREIGN KEY (tenant_id, endpoint_id) REFERENCES flowbit.endpoints (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE flowbit.deliveries (
  tenant_id       uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id              uuid NOT NULL,
  endpoint_id     uuid NOT NULL,
  event_id        uuid NOT NULL,
  event_type      text NOT NULL,
  ticket_id       uuid,
  state           text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'sending', 'delivered', 'dead')),
  attempt_count   bigint NOT NULL,
  cycle_attempts  bigint NOT NULL,
  due_at          bigint,
  lease_until     bigint,
  last_status     bigint,
  last_error      text,
  expected_status text,
  deadline_at     bigint,
  overdue_at      bigint,
  callback_at     bigint,
  created_at      bigint NOT NULL,
  updated_at      bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, endpoint_id) REFERENCES flowbit.endpoints (tenant_id, id)
);
CREATE INDEX deliveries_by_due ON flowbit.deliveries (tenant_id, endpoint_id, due_at) WHERE state = 'pending';
CREATE INDEX deliveries_by_lease ON flowbit.deliveries (tenant_id, endpoint_id, lease_until) WHERE state = 'sending';
CREATE INDEX deliveries_by_deadline ON flowbit.deliveries (tenant_id, deadline_at)
  WHERE deadline_at IS NOT NULL AND overdue_at IS NULL AND callback_at IS NULL;
CREATE INDEX deliveries_by_age ON flowbit.deliveries (tenant_id, created_at, id);
CREATE INDEX deliveries_by_endpoint ON flowbit.deliveries (tenant_id, endpoint_id, created_at, id);
CREATE INDEX deliveries_by_ticket ON flowbit.deliveries (tenant_id, ticket_id, created_at, id)
  WHERE ticket_id IS NOT NULL;
CREATE INDEX deliveries_by_state ON flowbit.deliveries (tenant_id, state, created_at, id);

CREATE TABLE flowbit.delivery_attempts (
  tenant_id     uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  delivery_id   uuid NOT NULL,
  number        bigint NOT NULL,
  at            bigint NOT NULL,
  duration_ms   bigint,
  status        bigint,
  error         text,
  response_body text,
  PRIMARY KEY (tenant_id, delivery_id, number),
  FOREIGN KEY (tenant_id, delivery_id) REFERENCES flowbit.deliveries (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE flowbit.callbacks (
  tenant_id   uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  delivery_id uuid NOT NULL,
  digest      bytea NOT NULL,
  applied_at  bigint NOT NULL,
  PRIMARY KEY (tenant_id, delivery_id, digest),
  FOREIGN KEY (tenant_id, delivery_id) REFERENCES flowbit.deliveries (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE flowbit.screen_settings (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  screen_id text COLLATE "C" NOT NULL,
  position  bigint NOT NULL,
  enabled   boolean NOT NULL,
  roles     text,
  PRIMARY KEY (tenant_id, screen_id)
);

-- Lets go of some of the events of a tenant that is being erased; the server itself may delete none.
-- Answers how many.
CREATE FUNCTION flowbit.erase_events(most bigint) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH gone AS (
    DELETE FROM flowbit.events e WHERE (e.tenant_id, e.seq) IN (
      SELECT o.tenant_id, o.seq FROM flowbit.events o
      WHERE o.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid ORDER BY o.seq LIMIT most
    ) RETURNING 1
  ) SELECT count(*) FROM gone
$$;
