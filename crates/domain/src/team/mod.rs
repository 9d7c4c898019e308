//! Teams: people who share their tickets, and the rule by which each of these finds somebody of the team.
//!
//! A ticket that is given to a team without saying to whom goes to the member whose turn it is ([`Rota`]), in the
//! same transaction. Who is disabled, does not work on tickets any more or is out of office is passed over. Which
//! team has a ticket is the staff's business: who raised it does not learn of it.

mod create;
mod delete;
mod list;
mod rota;
mod update;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

pub use create::{CreateTeam, NewTeam};
pub use delete::DeleteTeam;
pub use list::{ListTeams, TeamList};
pub use update::{TeamPatch, UpdateTeam};

pub(crate) use list::load_all;
pub(crate) use rota::{Giving, Rota, find_team};

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{TeamId, UserId},
    ledger,
    principal::Origin,
    text::Checks,
    ticket::Person,
    time::Timestamp,
    tx::{TenantRead, TenantTx, Value},
    user::OutOfOffice,
};

/// Longest name, in characters.
const NAME_MAX: usize = 80;
/// The most teams of a company.
const TEAMS_MAX: usize = 100;
/// The most members of a team.
const MEMBERS_MAX: usize = 200;
/// How many of them are looked up at once.
const READ_AT_ONCE: usize = 50;

/// How a ticket of a team finds somebody who works on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assignment {
    /// Somebody takes it.
    #[default]
    Manual,
    /// The members take turns.
    RoundRobin,
    /// Whoever has the fewest tickets that are open, in progress or waiting.
    ByLoad,
}

impl Assignment {
    /// The name as in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::RoundRobin => "round_robin",
            Self::ByLoad => "by_load",
        }
    }

    /// The rule of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Manual, Self::RoundRobin, Self::ByLoad].into_iter().find(|rule| rule.as_str() == name)
    }
}

/// A team, as shown beside a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TeamName {
    /// Its id.
    pub id: TeamId,
    /// What it is called.
    pub name: String,
}

/// Somebody of a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeamMember {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// That they are out of office; null when they are not.
    #[schema(required)]
    pub out_of_office: Option<OutOfOffice>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// What it is called.
    pub name: String,
    /// How its tickets find somebody.
    pub assignment: Assignment,
    /// Its members who work on tickets, by name.
    pub members: Vec<TeamMember>,
    /// Grows with each change; send it with a PATCH to be told of a collision.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A name as it is kept, if no other team has it.
fn check_name(checks: &mut Checks, name: &str, others: &[Team]) -> String {
    let name = checks.line("name", name, NAME_MAX);
    let folded = name.to_lowercase();
    if others.iter().any(|other| other.name.to_lowercase() == folded) {
        checks.fail("name", "is another team's");
    }
    name
}

/// The members that a request names, by name: each works on tickets.
async fn find_members(tx: &mut impl TenantRead, ids: &[UserId]) -> Result<Vec<TeamMember>> {
    let mut checks = Checks::default();
    if ids.len() > MEMBERS_MAX {
        checks.fail("memberIds", format!("must be at most {MEMBERS_MAX}, are {}", ids.len()));
    }
    checks.finish()?;
    let mut members: Vec<TeamMember> = Vec::with_capacity(ids.len());
    for some in ids.chunks(READ_AT_ONCE) {
        members.extend(find_working(tx, some).await?);
    }
    let mut checks = Checks::default();
    for (at, id) in ids.iter().enumerate() {
        if ids[..at].contains(id) {
            checks.fail(format!("memberIds[{at}]"), "was named before");
        } else if !members.iter().any(|member| member.id == *id) {
            checks.fail(format!("memberIds[{at}]"), "is not an active agent or admin of your company");
        }
    }
    checks.finish()?;
    members.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(members)
}

/// Those of at most [`READ_AT_ONCE`] people who work on tickets.
async fn find_working(tx: &mut impl TenantRead, ids: &[UserId]) -> Result<Vec<TeamMember>> {
    let places: Vec<String> = (1..=READ_AT_ONCE).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT id, name, out_of_office, out_of_office_until FROM users WHERE id IN ({}) AND active
        AND role IN ('agent', 'admin')",
        places.join(", ")
    );
    // Always as many, so that it is one statement: the last again for those that are missing.
    let mut params: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    if let Some(last) = ids.last() {
        params.resize(READ_AT_ONCE, Value::from(*last));
    }
    let found = tx.query(&sql, &params, |row| {
        let name = row.text(1)?.to_owned();
        Ok(TeamMember { id: UserId(row.uuid(0)?), name, out_of_office: OutOfOffice::read(row, 2)? })
    });
    Ok(found.await?)
}

const ADD_MEMBER: &str = "INSERT INTO team_members (team_id, user_id, picked) VALUES ($1, $2, 0)";

/// What the ledger says of a team.
fn describe(team: &Team) -> Map<String, Json> {
    let members: Vec<Person> =
        team.members.iter().map(|member| Person { id: member.id, name: member.name.clone() }).collect();
    let all =
        [("name", json!(team.name)), ("assignment", json!(team.assignment)), ("members", json!(members))];
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn record(
    tx: &mut impl TenantTx,
    action: Action,
    origin: Origin,
    team: &Team,
    mut data: Map<String, Json>,
) -> Result<()> {
    data.insert("teamId".into(), json!(team.id));
    data.insert("name".into(), json!(team.name));
    let draft = EventDraft {
        action,
        audience: Audience::Staff,
        origin,
        ticket: None,
        requester: None,
        data: Json::Object(data).to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}

/// One of all teams, or that it is none.
fn take(teams: &mut Vec<Team>, id: TeamId) -> Result<Team> {
    let at = teams.iter().position(|team| team.id == id).ok_or(Error::NotFound)?;
    Ok(teams.swap_remove(at))
}
