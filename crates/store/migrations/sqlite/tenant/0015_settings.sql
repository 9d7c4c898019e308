-- What a company has decided for all of its desk: one row at most. Who has none has what is usual.
CREATE TABLE settings (
  id          INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  reopen_days INTEGER CHECK (reopen_days BETWEEN 0 AND 365), -- NULL: without limit
  version     INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;

-- Tickets show until when they are opened again as they show people's names.
CREATE TRIGGER settings_made AFTER INSERT ON settings
  BEGIN UPDATE head SET names = random(); END;
CREATE TRIGGER settings_changed AFTER UPDATE ON settings
  BEGIN UPDATE head SET names = random(); END;
