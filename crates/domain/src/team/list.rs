//! Which teams a company has.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Assignment, Team, TeamMember};
use crate::{
    error::Result,
    id::{TeamId, UserId},
    json::JsonQuery,
    policy::{self, Deed, Subject},
    principal::Principal,
    ticket::damaged,
    tx::{Query, TenantRead},
    user::OutOfOffice,
};

/// The teams of a company, by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TeamList {
    /// They.
    pub items: Vec<Team>,
}

/// Lists the teams of a company with their members.
#[derive(Debug)]
pub struct ListTeams {
    /// Who asks.
    pub principal: Principal,
}

impl JsonQuery for ListTeams {}

/// All teams by name, each with its members by name: those who work on tickets.
pub(crate) async fn load_all(tx: &mut impl TenantRead) -> Result<Vec<Team>> {
    const TEAMS: &str = "SELECT id, name, assignment, version, created_at, updated_at FROM teams
        WHERE deleted_at IS NULL ORDER BY name, id";
    const MEMBERS: &str = "SELECT m.team_id, u.id, u.name, u.out_of_office, u.out_of_office_until
        FROM team_members m JOIN users u ON u.id = m.user_id
        WHERE u.active AND u.role IN ('agent', 'admin') ORDER BY u.name, u.id";
    tx.ask_ahead(MEMBERS, &[]);
    let mut teams = tx
        .query(TEAMS, &[], |row| {
            Ok(Team {
                id: TeamId(row.uuid(0)?),
                name: row.text(1)?.to_owned(),
                assignment: Assignment::parse(row.text(2)?).ok_or_else(|| damaged("rule of a team"))?,
                members: Vec::new(),
                version: row.int(3)?,
                created_at: row.time(4)?,
                updated_at: row.time(5)?,
            })
        })
        .await?;
    let members = tx
        .query(MEMBERS, &[], |row| {
            let name = row.text(2)?.to_owned();
            let member =
                TeamMember { id: UserId(row.uuid(1)?), name, out_of_office: OutOfOffice::read(row, 3)? };
            Ok((TeamId(row.uuid(0)?), member))
        })
        .await?;
    for (id, member) in members {
        if let Some(team) = teams.iter_mut().find(|team| team.id == id) {
            team.members.push(member);
        }
    }
    Ok(teams)
}

impl Query for ListTeams {
    type Output = TeamList;

    async fn run(self, tx: &mut impl TenantRead) -> Result<TeamList> {
        policy::require(&self.principal, Deed::UseTeams, Subject::Company)?;
        Ok(TeamList { items: load_all(tx).await? })
    }
}
