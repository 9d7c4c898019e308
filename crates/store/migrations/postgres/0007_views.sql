-- Saved views: a person's own, or shared by all who work on tickets (no owner).
CREATE TABLE flowbit.views (
  tenant_id  uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id         uuid NOT NULL,
  owner_id   uuid,
  name       text COLLATE "C" NOT NULL,
  filter     text NOT NULL,
  sort       text COLLATE "C" NOT NULL,
  columns    text NOT NULL,
  position   bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, owner_id) REFERENCES flowbit.users (tenant_id, id)
);
CREATE INDEX views_by_owner ON flowbit.views (tenant_id, owner_id, position);

-- What was resolved lately. Who changes tickets waits while it is made: half a second for a million of them.
-- squawk-ignore require-concurrent-index-creation -- a migration is one transaction, and short
CREATE INDEX tickets_by_resolved ON flowbit.tickets (tenant_id, resolved_at, number) WHERE resolved_at IS NOT NULL;

-- What a deleted ticket consisted of, for a day: its rows as lines of an archive, by table.
CREATE TABLE flowbit.deleted_tickets (
  tenant_id    uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id           uuid NOT NULL,
  requester_id uuid NOT NULL,
  lines        text NOT NULL,
  deleted_at   bigint NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX deleted_tickets_by_age ON flowbit.deleted_tickets (tenant_id, deleted_at);
