-- The roles, the schemas, and what both need before the first migration. Run by an admin, again and again.

SELECT pg_advisory_xact_lock(4779183641523302004);
-- Whoever waits for a table lets all others wait behind: better to give up and be run again.
SET LOCAL lock_timeout = '10s';

-- Roles belong to the whole cluster: another database may be making them at this moment.
DO $flowbit$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['flowbit_owner', 'flowbit_search'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
    -- The admin who makes things on their behalf must be able to become them, unless that is a superuser.
    IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
    END IF;
  END LOOP;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {app_text}) THEN
    BEGIN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION', {app_text});
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  -- Where unqualified names are looked for; what is temporary last, so that it hides nothing.
  IF NOT EXISTS (
    SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
    WHERE r.rolname = {app_text} AND s.setdatabase = 0 AND 'search_path=flowbit, pg_temp' = ANY (s.setconfig)
  ) THEN
    EXECUTE format('ALTER ROLE %I SET search_path = flowbit, pg_temp', {app_text});
  END IF;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), {app_text});
END $flowbit$;

CREATE SCHEMA IF NOT EXISTS flowbit AUTHORIZATION flowbit_owner;
CREATE SCHEMA IF NOT EXISTS flowbit_control AUTHORIZATION flowbit_owner;
GRANT USAGE ON SCHEMA flowbit TO flowbit_search, {app};
GRANT USAGE ON SCHEMA flowbit_control TO {app};

SET LOCAL ROLE flowbit_owner;

CREATE TABLE IF NOT EXISTS flowbit_control.migrations (
  number     bigint PRIMARY KEY,
  name       text NOT NULL,
  checksum   text NOT NULL,
  contracts  boolean NOT NULL, -- programs that do not know it can't work with the schema any more
  applied_at timestamptz NOT NULL DEFAULT now()
);
