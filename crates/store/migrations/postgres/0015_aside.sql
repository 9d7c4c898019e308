-- Put aside by somebody until a time, or (NULL) until the requester replies.
ALTER TABLE flowbit.tickets ADD COLUMN snoozed_at bigint;
ALTER TABLE flowbit.tickets ADD COLUMN snoozed_until bigint;
-- Empty: who changes tickets waits for a look at each.
-- squawk-ignore require-concurrent-index-creation -- a migration is one transaction, and short
CREATE INDEX tickets_snoozed ON flowbit.tickets (tenant_id, updated_at, number) WHERE snoozed_at IS NOT NULL;
-- squawk-ignore require-concurrent-index-creation -- a migration is one transaction, and short
CREATE INDEX tickets_waking ON flowbit.tickets (tenant_id, snoozed_until) WHERE snoozed_until IS NOT NULL;

-- Into which ticket it was merged, that one's number, and where it stood before. It may have been deleted since.
ALTER TABLE flowbit.tickets ADD COLUMN merged_into_id uuid;
ALTER TABLE flowbit.tickets ADD COLUMN merged_into_number bigint;
ALTER TABLE flowbit.tickets ADD COLUMN merged_status text COLLATE "C";

-- Tickets that have to do with each other, each pair once: the smaller id first. A deleted ticket may come back.
CREATE TABLE flowbit.ticket_links (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  one_id    uuid NOT NULL,
  other_id  uuid NOT NULL CHECK (one_id < other_id),
  linked_at bigint NOT NULL,
  CONSTRAINT ticket_links_pkey PRIMARY KEY (tenant_id, one_id, other_id)
);
CREATE INDEX ticket_links_by_other ON flowbit.ticket_links (tenant_id, other_id, one_id);

-- What a person is writing and has not sent: a reply or a note for each ticket.
CREATE TABLE flowbit.drafts (
  tenant_id  uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  user_id    uuid NOT NULL,
  ticket_id  uuid NOT NULL,
  internal   boolean NOT NULL,
  body       text NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT drafts_pkey PRIMARY KEY (tenant_id, user_id, ticket_id, internal),
  CONSTRAINT drafts_ticket_fkey FOREIGN KEY (tenant_id, ticket_id)
    REFERENCES flowbit.tickets (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX drafts_by_ticket ON flowbit.drafts (tenant_id, ticket_id);
CREATE INDEX drafts_by_age ON flowbit.drafts (tenant_id, updated_at);
