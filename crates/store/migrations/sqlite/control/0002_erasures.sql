-- The proof of companies that were erased: which, when, and where their ledgers ended. The checkpoint is signed.
CREATE TABLE erasures (
  tenant_id   BLOB NOT NULL,
  begun_at    INTEGER NOT NULL,
  slug        TEXT NOT NULL,
  counts      TEXT NOT NULL,
  seq         INTEGER,
  hash        BLOB,
  finished_at INTEGER,
  checkpoint  TEXT,
  PRIMARY KEY (tenant_id, begun_at)
) STRICT, WITHOUT ROWID;
