-- The company's own fields. Their values stand in tickets.custom_fields, by their keys.
CREATE TABLE flowbit.fields (
  tenant_id           uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id                  uuid NOT NULL,
  key                 text COLLATE "C" NOT NULL,
  label               text NOT NULL,
  kind                text COLLATE "C" NOT NULL CONSTRAINT fields_kind_check
    CHECK (kind IN ('text', 'number', 'choice', 'choices', 'date', 'boolean', 'url')),
  options             text NOT NULL,
  required            text COLLATE "C" NOT NULL CONSTRAINT fields_required_check
    CHECK (required IN ('never', 'create', 'solve')),
  shown_to_requesters boolean NOT NULL,
  position            bigint NOT NULL,
  active              boolean NOT NULL,
  version             bigint NOT NULL,
  created_at          bigint NOT NULL,
  updated_at          bigint NOT NULL,
  CONSTRAINT fields_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT fields_key_key UNIQUE (tenant_id, key)
);
