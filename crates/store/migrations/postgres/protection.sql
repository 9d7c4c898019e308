-- After the last migration: every table of a tenant is protected in the same way, also those still to come.

DO $flowbit$
DECLARE
  found record;
BEGIN
  FOR found IN
    SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'flowbit' AND c.relkind IN ('r', 'p')
  LOOP
    IF NOT (found.relrowsecurity AND found.relforcerowsecurity) THEN
      EXECUTE format('ALTER TABLE flowbit.%I ENABLE ROW LEVEL SECURITY', found.relname);
      EXECUTE format('ALTER TABLE flowbit.%I FORCE ROW LEVEL SECURITY', found.relname);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = found.oid AND p.polname = 'tenant') THEN
      EXECUTE format(
        'CREATE POLICY tenant ON flowbit.%I USING (%s) WITH CHECK (%2$s)', found.relname,
        'tenant_id = (SELECT nullif(current_setting(''app.tenant'', true), '''')::uuid)'
      );
    END IF;
  END LOOP;
  -- Words are looked up by the function alone. Its role sees all of them, and belongs to nobody.
  IF NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = 'flowbit.search'::regclass AND p.polname = 'lookup') THEN
    CREATE POLICY lookup ON flowbit.search FOR SELECT TO flowbit_search USING (true);
  END IF;
END $flowbit$;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA flowbit, flowbit_control TO {app};
REVOKE UPDATE, DELETE ON flowbit.events FROM {app};
-- What is personal may be taken out of an event; a trigger sees to it that nothing else is done.
GRANT UPDATE (data, ip, actor_name) ON flowbit.events TO {app};
REVOKE INSERT, UPDATE, DELETE ON flowbit_control.migrations FROM {app};
REVOKE INSERT, DELETE ON flowbit_control.revision FROM {app};
REVOKE UPDATE, DELETE ON flowbit_control.signing_keys FROM {app};
REVOKE DELETE ON flowbit_control.erasures FROM {app};
DO $flowbit$
DECLARE
  found regprocedure;
BEGIN
  FOR found IN
    SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'flowbit'::regnamespace AND p.proowner = 'flowbit_owner'::regrole
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', found);
  END LOOP;
END $flowbit$;
GRANT EXECUTE ON FUNCTION flowbit.erase_events(bigint) TO {app};
GRANT SELECT ON flowbit.search TO flowbit_search;

-- The numbers of the tickets of this tenant that a query finds. Its first letter says whether internal notes
-- are looked through (i) or not (p); in the rest each word stands behind a ~, which no word has in it.
-- Under row level security alone no index of words could be used: the operator is not leakproof.
GRANT CREATE ON SCHEMA flowbit TO flowbit_search;
RESET ROLE;
SET LOCAL ROLE flowbit_search;
CREATE OR REPLACE FUNCTION flowbit.search_tickets(query text) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
BEGIN
  RETURN QUERY SELECT s.number FROM flowbit.search s
    WHERE s.words @@ replace(substr(query, 2), '~', right(tenant::text, 5))::tsquery
      AND s.tenant_id = tenant AND (query LIKE 'i%' OR NOT s.internal);
END $$;
REVOKE ALL ON FUNCTION flowbit.search_tickets(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION flowbit.search_tickets(text) TO {app};
RESET ROLE;
REVOKE CREATE ON SCHEMA flowbit FROM flowbit_search;
