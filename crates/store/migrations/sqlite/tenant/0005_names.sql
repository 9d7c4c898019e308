-- A mark that is another one whenever somebody has been renamed: who keeps what was made of a name compares it
-- instead of reading each name again. Random, so that no two histories of one file share it by chance.
ALTER TABLE head ADD COLUMN names INTEGER NOT NULL DEFAULT 0;
UPDATE head SET names = random();
CREATE TRIGGER users_renamed AFTER UPDATE OF name ON users WHEN new.name IS NOT old.name
  BEGIN UPDATE head SET names = random(); END;
