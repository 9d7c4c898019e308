-- What nodes must know of each other.

-- How far each tenant's ledger is, so that a node finds with one question which have moved since it last asked,
-- also those whose commit took longer than that of a later one: the number of the transaction says it.
-- identity_seq is the last event that may have changed who is signed in or what they may do.
CREATE TABLE flowbit_control.ledgers (
  tenant       uuid NOT NULL CONSTRAINT ledgers_pkey PRIMARY KEY
               REFERENCES flowbit_control.tenants (id) ON DELETE CASCADE,
  seq          bigint NOT NULL,
  identity_seq bigint NOT NULL,
  moved        xid8 NOT NULL
);
CREATE INDEX ledgers_by_moved ON flowbit_control.ledgers (moved);

-- Attempts to sign in, over all nodes: by a hash of what is limited, the moment (in milliseconds) at which all
-- of its attempts will be free again. Not logged: nobody waits for a disk, and a crash forgives.
CREATE UNLOGGED TABLE flowbit_control.attempts (
  key     bytea NOT NULL CONSTRAINT attempts_pkey PRIMARY KEY,
  free_at bigint NOT NULL
);
