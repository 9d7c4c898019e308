-- What came from elsewhere, by its id there: what is remembered here is not taken a second time. One that has been
-- deleted since stays remembered. A duplicate of a person is remembered as the person that it was taken for.

CREATE TABLE imported (
  source    TEXT NOT NULL,
  kind      TEXT NOT NULL CHECK (kind IN ('company', 'person', 'ticket', 'message', 'entry', 'end')),
  source_id TEXT NOT NULL,
  id        BLOB NOT NULL, -- of a message that of its ticket, of an entry of the history that of its event
  PRIMARY KEY (source, kind, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX imported_by_id ON imported (id);
