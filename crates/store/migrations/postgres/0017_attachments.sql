-- What the company keeps of files: each content once, by its hash; the bytes stand elsewhere, under its id.
-- `loose_at`: since when it has been waiting for somebody who refers to it, 0 once somebody has ceased to; NULL:
-- somebody does. Condemned: its bytes are being removed, and nobody refers to it again.
CREATE TABLE flowbit.contents (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id        uuid NOT NULL,
  sha256    bytea NOT NULL,
  size      bigint NOT NULL CHECK (size >= 0),
  loose_at  bigint,
  condemned boolean NOT NULL,
  CONSTRAINT contents_pkey PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX contents_by_hash ON flowbit.contents (tenant_id, sha256) WHERE NOT condemned;
CREATE INDEX contents_loose ON flowbit.contents (tenant_id, loose_at) WHERE loose_at IS NOT NULL;

-- How much that is, kept by the engine, whoever adds or removes some.
CREATE TABLE flowbit.content_usage (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  bytes     bigint NOT NULL,
  CONSTRAINT content_usage_pkey PRIMARY KEY (tenant_id)
);
CREATE FUNCTION flowbit.count_contents() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO flowbit.content_usage AS u (tenant_id, bytes) VALUES (NEW.tenant_id, NEW.size)
      ON CONFLICT (tenant_id) DO UPDATE SET bytes = u.bytes + NEW.size;
  ELSE
    UPDATE flowbit.content_usage u SET bytes = u.bytes - OLD.size WHERE u.tenant_id = OLD.tenant_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER contents_counted AFTER INSERT OR DELETE ON flowbit.contents
  FOR EACH ROW EXECUTE FUNCTION flowbit.count_contents();

-- Files of messages (`ordinal`) and descriptions (0); of no ticket yet: not sent, its uploader's alone. A deleted
-- ticket may come back, and finds them here.
CREATE TABLE flowbit.attachments (
  tenant_id     uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id            uuid NOT NULL,
  content_id    uuid NOT NULL,
  uploader_id   uuid NOT NULL,
  uploader_name text NOT NULL,
  name          text NOT NULL,
  media_type    text NOT NULL,
  size          bigint NOT NULL,
  ticket_id     uuid,
  ordinal       bigint,
  internal      boolean NOT NULL,
  created_at    bigint NOT NULL,
  CONSTRAINT attachments_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT attachments_content_fkey FOREIGN KEY (tenant_id, content_id)
    REFERENCES flowbit.contents (tenant_id, id),
  CONSTRAINT attachments_sent CHECK ((ticket_id IS NULL) = (ordinal IS NULL))
);
CREATE INDEX attachments_by_ticket ON flowbit.attachments (tenant_id, ticket_id, ordinal, id)
  WHERE ticket_id IS NOT NULL;
CREATE INDEX attachments_by_content ON flowbit.attachments (tenant_id, content_id);
CREATE INDEX attachments_by_uploader ON flowbit.attachments (tenant_id, uploader_id);
CREATE INDEX attachments_unsent ON flowbit.attachments (tenant_id, created_at) WHERE ticket_id IS NULL;
CREATE FUNCTION flowbit.loosen_contents() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE flowbit.contents c SET loose_at = 0 WHERE c.tenant_id = OLD.tenant_id AND c.id = OLD.content_id;
  RETURN NULL;
END $$;
CREATE TRIGGER attachments_gone AFTER DELETE ON flowbit.attachments
  FOR EACH ROW EXECUTE FUNCTION flowbit.loosen_contents();
