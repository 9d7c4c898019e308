-- A mark that is another one whenever a person or a team has been renamed: who keeps what was made of a name compares
-- it instead of reading each name again. Random, so that no two histories of one company share it by chance.
-- squawk-ignore adding-field-with-default -- one short row for each company: a million take seconds
ALTER TABLE flowbit.head ADD COLUMN names bigint NOT NULL DEFAULT (random() * 9e18)::bigint;
CREATE FUNCTION flowbit.mark_names() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE flowbit.head h SET names = (random() * 9e18)::bigint WHERE h.tenant_id = NEW.tenant_id;
  RETURN NULL;
END $$;
CREATE TRIGGER users_renamed AFTER UPDATE OF name ON flowbit.users
  FOR EACH ROW WHEN (NEW.name IS DISTINCT FROM OLD.name) EXECUTE FUNCTION flowbit.mark_names();
CREATE TRIGGER teams_renamed AFTER UPDATE OF name ON flowbit.teams
  FOR EACH ROW WHEN (NEW.name IS DISTINCT FROM OLD.name) EXECUTE FUNCTION flowbit.mark_names();
