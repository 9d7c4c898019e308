-- The company's own fields. Their values stand in tickets.custom_fields, by their keys.
CREATE TABLE fields (
  id                  BLOB PRIMARY KEY NOT NULL,
  key                 TEXT NOT NULL UNIQUE,
  label               TEXT NOT NULL,
  kind                TEXT NOT NULL CHECK (kind IN ('text', 'number', 'choice', 'choices', 'date', 'boolean', 'url')),
  options             TEXT NOT NULL,
  required            TEXT NOT NULL CHECK (required IN ('never', 'create', 'solve')),
  shown_to_requesters INTEGER NOT NULL,
  position            INTEGER NOT NULL,
  active              INTEGER NOT NULL,
  version             INTEGER NOT NULL,
  created_at          INTEGER NOT NULL,
  updated_at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
