-- What came from elsewhere, by its id there: what is remembered here is not taken a second time. One that has been
-- deleted since stays remembered. A duplicate of a person is remembered as the person that it was taken for.
CREATE TABLE flowbit.imported (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  source    text COLLATE "C" NOT NULL,
  kind      text COLLATE "C" NOT NULL CONSTRAINT imported_kind_check
    CHECK (kind IN ('company', 'person', 'ticket', 'message', 'entry', 'end')),
  source_id text COLLATE "C" NOT NULL,
  id        uuid NOT NULL, -- of a message that of its ticket, of an entry of the history that of its event
  CONSTRAINT imported_pkey PRIMARY KEY (tenant_id, source, kind, source_id)
);
CREATE INDEX imported_by_id ON flowbit.imported (tenant_id, id);
