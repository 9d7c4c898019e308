-- Answers that are written once and used often. Without an owner they are shared.
CREATE TABLE flowbit.macros (
  tenant_id    uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id           uuid NOT NULL,
  owner_id     uuid,
  name         text COLLATE "C" NOT NULL,
  body         text NOT NULL,
  internal     boolean NOT NULL,
  actions      text NOT NULL,
  usage_count  bigint NOT NULL,
  last_used_at bigint,
  version      bigint NOT NULL,
  created_at   bigint NOT NULL,
  updated_at   bigint NOT NULL,
  CONSTRAINT macros_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT macros_owner_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES flowbit.users (tenant_id, id)
);
CREATE INDEX macros_by_owner ON flowbit.macros (tenant_id, owner_id, name, id);
