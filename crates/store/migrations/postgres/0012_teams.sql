-- People who share their tickets. One that was removed stays for the solved tickets that were its own.
CREATE TABLE flowbit.teams (
  tenant_id  uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  id         uuid NOT NULL,
  name       text COLLATE "C" NOT NULL,
  assignment text COLLATE "C" NOT NULL CONSTRAINT teams_assignment_check
    CHECK (assignment IN ('manual', 'round_robin', 'by_load')),
  picks      bigint NOT NULL, -- how often its rule has picked somebody
  version    bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  deleted_at bigint,
  CONSTRAINT teams_pkey PRIMARY KEY (tenant_id, id)
);
CREATE TABLE flowbit.team_members (
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant', true), '')::uuid,
  team_id   uuid NOT NULL,
  user_id   uuid NOT NULL,
  picked    bigint NOT NULL, -- the number of the pick that was theirs last; 0 for none
  CONSTRAINT team_members_pkey PRIMARY KEY (tenant_id, team_id, user_id),
  CONSTRAINT team_members_team_fkey FOREIGN KEY (tenant_id, team_id) REFERENCES flowbit.teams (tenant_id, id),
  CONSTRAINT team_members_user_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES flowbit.users (tenant_id, id)
);
CREATE INDEX team_members_by_user ON flowbit.team_members (tenant_id, user_id, team_id);

-- Who is out of office gets no tickets by a team's rule.
ALTER TABLE flowbit.users ADD COLUMN out_of_office boolean NOT NULL DEFAULT false;
ALTER TABLE flowbit.users ADD COLUMN out_of_office_until bigint;

ALTER TABLE flowbit.tickets ADD COLUMN team_id uuid;
-- None of those that are there has a team: nothing is to be looked at.
ALTER TABLE flowbit.tickets ADD CONSTRAINT tickets_team_fkey FOREIGN KEY (tenant_id, team_id)
  REFERENCES flowbit.teams (tenant_id, id) NOT VALID;
-- Empty: who changes tickets waits for a look at each.
-- squawk-ignore require-concurrent-index-creation -- a migration is one transaction, and short
CREATE INDEX tickets_by_team ON flowbit.tickets (tenant_id, team_id, updated_at, number) WHERE team_id IS NOT NULL;
-- squawk-ignore require-concurrent-index-creation -- a migration is one transaction, and short
CREATE INDEX tickets_live_by_team ON flowbit.tickets (tenant_id, team_id, updated_at, number)
  WHERE team_id IS NOT NULL AND status IN ('open', 'in_progress', 'waiting');
