-- Which tenant each of the last revisions has changed, so that a node which knows the one before reads that tenant
-- alone. A revision that is not here, such as one by a node of the release before, makes it read all of them.
CREATE TABLE flowbit_control.changes (
  number bigint NOT NULL CONSTRAINT changes_pkey PRIMARY KEY,
  tenant uuid NOT NULL
);
