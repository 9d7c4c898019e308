-- Companies that come and go, and people who are forgotten.

-- Companies that are being brought in. Nobody sees one before it is whole; whoever begins the same anew takes a new
-- token, and the one before can write nothing more.
CREATE TABLE flowbit_control.imports (
  tenant   uuid NOT NULL CONSTRAINT imports_pkey PRIMARY KEY,
  token    uuid NOT NULL,
  slug     text COLLATE "C" NOT NULL,
  begun_at bigint NOT NULL
);

-- The proof of companies that were erased: which, when, and where their ledgers ended. The checkpoint is signed.
CREATE TABLE flowbit_control.erasures (
  tenant      uuid NOT NULL,
  begun_at    bigint NOT NULL,
  slug        text COLLATE "C" NOT NULL,
  counts      text NOT NULL,
  seq         bigint,
  hash        bytea,
  finished_at bigint,
  checkpoint  text,
  CONSTRAINT erasures_pkey PRIMARY KEY (tenant, begun_at)
);

-- Append-only, as before, but for two: what an import that broke off has left may go, and of an event what is
-- personal may be taken out. The chain covers the hash of that, and the event that is named says that it was done.
CREATE OR REPLACE FUNCTION flowbit.keep_events() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND (
    EXISTS (SELECT FROM flowbit_control.tenants t WHERE t.id = OLD.tenant_id AND t.state = 'erasing')
    OR EXISTS (SELECT FROM flowbit_control.imports i WHERE i.tenant = OLD.tenant_id)
  ) THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.ip IS NULL AND NEW.actor_name = '(erased)'
    AND NEW.data ~ '^[{]"erasedBy":"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"[}]$'
    AND (NEW.tenant_id, NEW.seq, NEW.id, NEW.at, NEW.action, NEW.actor_kind, NEW.actor_id, NEW.ticket_id,
      NEW.requester_id, NEW.audience, NEW.request_id, NEW.data_hash, NEW.prev_hash, NEW.hash)
    IS NOT DISTINCT FROM (OLD.tenant_id, OLD.seq, OLD.id, OLD.at, OLD.action, OLD.actor_kind, OLD.actor_id,
      OLD.ticket_id, OLD.requester_id, OLD.audience, OLD.request_id, OLD.data_hash, OLD.prev_hash, OLD.hash)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the ledger is append-only';
END $$;
