-- Tags that have a colour.
CREATE TABLE flowbit.tags (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  name      text COLLATE "C" NOT NULL,
  color     text NOT NULL,
  CONSTRAINT tags_pkey PRIMARY KEY (tenant_id, name)
);

-- How many tickets have a tag: kept by the engine, whoever gives or takes it.
CREATE TABLE flowbit.tag_counts (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  tag       text COLLATE "C" NOT NULL,
  tickets   bigint NOT NULL,
  CONSTRAINT tag_counts_pkey PRIMARY KEY (tenant_id, tag)
);
CREATE INDEX tag_counts_by_use ON flowbit.tag_counts (tenant_id, tickets, tag);
CREATE FUNCTION flowbit.count_tags() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO flowbit.tag_counts AS c (tenant_id, tag, tickets) VALUES (NEW.tenant_id, NEW.tag, 1)
      ON CONFLICT (tenant_id, tag) DO UPDATE SET tickets = c.tickets + 1;
  ELSE
    UPDATE flowbit.tag_counts c SET tickets = c.tickets - 1 WHERE c.tenant_id = OLD.tenant_id AND c.tag = OLD.tag;
    DELETE FROM flowbit.tag_counts c WHERE c.tenant_id = OLD.tenant_id AND c.tag = OLD.tag AND c.tickets = 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ticket_tags_counted AFTER INSERT OR DELETE ON flowbit.ticket_tags
  FOR EACH ROW EXECUTE FUNCTION flowbit.count_tags();
-- Nobody's rows are seen by the owner either: for what is there already, while nobody else can write.
ALTER TABLE flowbit.ticket_tags NO FORCE ROW LEVEL SECURITY;
INSERT INTO flowbit.tag_counts SELECT tenant_id, tag, count(*) FROM flowbit.ticket_tags GROUP BY tenant_id, tag;
ALTER TABLE flowbit.ticket_tags FORCE ROW LEVEL SECURITY;

-- Tags whose tickets are being given another tag, or (to_tag is NULL) lose it.
CREATE TABLE flowbit.tag_moves (
  tenant_id  uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  from_tag   text COLLATE "C" NOT NULL,
  to_tag     text COLLATE "C",
  started_at bigint NOT NULL,
  CONSTRAINT tag_moves_pkey PRIMARY KEY (tenant_id, from_tag)
);
