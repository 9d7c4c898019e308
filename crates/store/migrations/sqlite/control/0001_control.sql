-- What belongs to no tenant.

CREATE TABLE tenants (
  id           BLOB PRIMARY KEY NOT NULL,
  slug         TEXT NOT NULL UNIQUE,
  name         TEXT NOT NULL,
  locale       TEXT NOT NULL,
  accent_color TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('creating', 'active', 'suspended', 'erasing')),
  created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where an address may sign in. A hint: the tenant's own users decide.
CREATE TABLE directory (
  email     TEXT NOT NULL,
  tenant_id BLOB NOT NULL,
  PRIMARY KEY (email, tenant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_by_tenant ON directory (tenant_id);

-- Whose shared secret it is, by SHA-256. A hint: the tenant's own endpoints decide.
CREATE TABLE secrets (
  hash        BLOB PRIMARY KEY NOT NULL,
  tenant_id   BLOB NOT NULL,
  endpoint_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX secrets_by_tenant ON secrets (tenant_id);
CREATE INDEX secrets_by_endpoint ON secrets (endpoint_id);

CREATE TABLE signing_keys (
  kid        TEXT PRIMARY KEY NOT NULL,
  pkcs8      BLOB NOT NULL,
  public     BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
