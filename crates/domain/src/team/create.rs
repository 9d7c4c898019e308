//! Making a team.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{ADD_MEMBER, Assignment, TEAMS_MAX, Team, check_name, describe, find_members, load_all, record};
use crate::{
    error::{Error, Result},
    event::Action,
    id::{TeamId, UserId},
    patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    text::Checks,
    tx::{Command, TenantTx},
};

/// What a new team is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTeam {
    /// What it is called: one line, 1 to 80 characters, no other team's name.
    #[schema(max_length = 80, min_length = 1)]
    pub name: String,
    /// How its tickets find somebody; `manual` when absent.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Assignment>)]
    pub assignment: Assignment,
    /// Its members, at most 200: active agents and admins.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Vec<UserId>>, max_items = 200)]
    pub member_ids: Vec<UserId>,
}

/// Makes a team. Event: `team.created`.
#[derive(Debug, Clone)]
pub struct CreateTeam {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// What it is.
    pub input: NewTeam,
}

impl Command for CreateTeam {
    type Output = Team;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Team> {
        const INSERT: &str =
            "INSERT INTO teams (id, name, assignment, picks, version, created_at, updated_at)
            VALUES ($1, $2, $3, 0, 1, $4, $4)";
        let Self { principal, origin, input } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let there = load_all(tx).await?;
        let mut checks = Checks::default();
        let name = check_name(&mut checks, &input.name, &there);
        checks.finish()?;
        let members = find_members(tx, &input.member_ids).await?;
        if there.len() >= TEAMS_MAX {
            let detail = format!("there are {TEAMS_MAX} teams, and more can't be kept");
            return Err(Error::Conflict { code: "too_many", detail });
        }
        let now = tx.now();
        let team = Team {
            id: TeamId(tx.new_id()),
            name,
            assignment: input.assignment,
            members,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let values =
            vec![team.id.into(), team.name.as_str().into(), team.assignment.as_str().into(), now.into()];
        tx.put(INSERT, values);
        for member in &team.members {
            tx.put(ADD_MEMBER, vec![team.id.into(), member.id.into()]);
        }
        record(tx, Action::TeamCreated, origin, &team, describe(&team)).await?;
        Ok(team)
    }
}
