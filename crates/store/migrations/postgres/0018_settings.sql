-- What a company has decided for all of its desk: one row at most. Who has none has what is usual.
CREATE TABLE flowbit.settings (
  tenant_id   uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id          bigint NOT NULL CHECK (id = 1),
  reopen_days bigint CHECK (reopen_days BETWEEN 0 AND 365), -- NULL: without limit
  version     bigint NOT NULL,
  updated_at  bigint NOT NULL,
  CONSTRAINT settings_pkey PRIMARY KEY (tenant_id, id)
);

-- Tickets show until when they are opened again as they show people's names.
CREATE TRIGGER settings_changed AFTER INSERT OR UPDATE ON flowbit.settings
  FOR EACH ROW EXECUTE FUNCTION flowbit.mark_names();
