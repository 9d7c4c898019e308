-- Whom a message names; the name as it stands there.
CREATE TABLE flowbit.message_mentions (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  ticket_id uuid NOT NULL,
  ordinal   bigint NOT NULL,
  user_id   uuid NOT NULL,
  name      text NOT NULL,
  internal  boolean NOT NULL,
  CONSTRAINT message_mentions_pkey PRIMARY KEY (tenant_id, ticket_id, ordinal, user_id),
  CONSTRAINT message_mentions_ticket_fkey FOREIGN KEY (tenant_id, ticket_id)
    REFERENCES flowbit.tickets (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX message_mentions_by_user ON flowbit.message_mentions (tenant_id, user_id, ticket_id, internal);

-- Who hears what happens to a ticket without working on it.
CREATE TABLE flowbit.ticket_watchers (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  ticket_id uuid NOT NULL,
  user_id   uuid NOT NULL,
  since     bigint NOT NULL,
  CONSTRAINT ticket_watchers_pkey PRIMARY KEY (tenant_id, ticket_id, user_id),
  CONSTRAINT ticket_watchers_ticket_fkey FOREIGN KEY (tenant_id, ticket_id)
    REFERENCES flowbit.tickets (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ticket_watchers_by_user ON flowbit.ticket_watchers (tenant_id, user_id);

-- What a person is told of an event: at most once.
CREATE TABLE flowbit.notices (
  tenant_id  uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  user_id    uuid NOT NULL,
  event_id   uuid NOT NULL,
  ticket_id  uuid NOT NULL,
  kind       text COLLATE "C" NOT NULL,
  audience   bigint NOT NULL,
  actor_id   uuid,
  actor_name text NOT NULL,
  at         bigint NOT NULL,
  read_at    bigint,
  CONSTRAINT notices_pkey PRIMARY KEY (tenant_id, user_id, event_id)
);
CREATE INDEX notices_unread ON flowbit.notices (tenant_id, user_id, event_id) WHERE read_at IS NULL;
CREATE INDEX notices_by_ticket ON flowbit.notices (tenant_id, ticket_id);
CREATE INDEX notices_by_age ON flowbit.notices (tenant_id, at);

-- What a person wants to be told. Who has no row wants all of it.
CREATE TABLE flowbit.notice_settings (
  tenant_id   uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  user_id     uuid NOT NULL,
  muted       text NOT NULL,
  quiet_hours text,
  updated_at  bigint NOT NULL,
  CONSTRAINT notice_settings_pkey PRIMARY KEY (tenant_id, user_id)
);
