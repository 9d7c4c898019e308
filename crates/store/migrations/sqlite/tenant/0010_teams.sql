-- People who share their tickets. One that was removed stays for the solved tickets that were its own.
CREATE TABLE teams (
  id         BLOB PRIMARY KEY NOT NULL,
  name       TEXT NOT NULL,
  assignment TEXT NOT NULL CHECK (assignment IN ('manual', 'round_robin', 'by_load')),
  picks      INTEGER NOT NULL, -- how often its rule has picked somebody
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE team_members (
  team_id BLOB NOT NULL REFERENCES teams (id),
  user_id BLOB NOT NULL REFERENCES users (id),
  picked  INTEGER NOT NULL, -- the number of the pick that was theirs last; 0 for none
  PRIMARY KEY (team_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_members_by_user ON team_members (user_id, team_id);

-- Who is out of office gets no tickets by a team's rule.
ALTER TABLE users ADD COLUMN out_of_office INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN out_of_office_until INTEGER;

ALTER TABLE tickets ADD COLUMN team_id BLOB REFERENCES teams (id);
CREATE INDEX tickets_by_team ON tickets (team_id, updated_at, number) WHERE team_id IS NOT NULL;
CREATE INDEX tickets_live_by_team ON tickets (team_id, updated_at, number)
  WHERE team_id IS NOT NULL AND status IN ('open', 'in_progress', 'waiting');

-- Tickets show a team's name as they show people's.
CREATE TRIGGER teams_renamed AFTER UPDATE OF name ON teams WHEN new.name IS NOT old.name
  BEGIN UPDATE head SET names = random(); END;
