//! Changing a team: its name, its rule, who belongs to it.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

use super::{ADD_MEMBER, Assignment, Team, check_name, describe, find_members, load_all, record, take};
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

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TeamPatch {
    /// One line, 1 to 80 characters, no other team's name.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, max_length = 80, min_length = 1)]
    pub name: Option<String>,
    /// How its tickets find somebody.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Assignment, required = false)]
    pub assignment: Option<Assignment>,
    /// All its members, at most 200: active agents and admins. Who is not active at the moment keeps their place.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Vec<UserId>, required = false, max_items = 200)]
    pub member_ids: Option<Vec<UserId>>,
    /// The version that the change was made from: another one now is a 409.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = i64, required = false)]
    pub version: Option<i64>,
}

/// Changes a team. Event: `team.updated`, when anything changed.
#[derive(Debug, Clone)]
pub struct UpdateTeam {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which one.
    pub id: TeamId,
    /// What is to change.
    pub patch: TeamPatch,
}

impl Command for UpdateTeam {
    type Output = Team;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Team> {
        const UPDATE: &str =
            "UPDATE teams SET name = $2, assignment = $3, version = $4, updated_at = $5 WHERE id = $1";
        let Self { principal, origin, id, patch } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let mut others = load_all(tx).await?;
        let before = take(&mut others, id)?;
        if patch.version.is_some_and(|version| version != before.version) {
            return Err(Error::stale(before.version));
        }
        let mut after = before.clone();
        let mut checks = Checks::default();
        if let Some(name) = &patch.name {
            after.name = check_name(&mut checks, name, &others);
        }
        checks.finish()?;
        after.assignment = patch.assignment.unwrap_or(before.assignment);
        if let Some(ids) = &patch.member_ids {
            after.members = find_members(tx, ids).await?;
        }
        let (old, new) = (describe(&before), describe(&after));
        let differs: Map<String, Json> = new
            .iter()
            .filter(|(field, to)| old.get(*field) != Some(*to))
            .map(|(field, to)| (field.clone(), json!({ "from": old.get(field), "to": to })))
            .collect();
        if differs.is_empty() {
            return Ok(before);
        }
        after.version += 1;
        after.updated_at = tx.now();
        let values = vec![
            id.into(),
            after.name.as_str().into(),
            after.assignment.as_str().into(),
            after.version.into(),
            after.updated_at.into(),
        ];
        tx.put(UPDATE, values);
        change_members(tx, &before, &after);
        let data = Map::from_iter([("changes".to_owned(), Json::Object(differs))]);
        record(tx, Action::TeamUpdated, origin, &after, data).await?;
        Ok(after)
    }
}

/// Those who stay keep their turn.
fn change_members(tx: &mut impl TenantTx, before: &Team, after: &Team) {
    const REMOVE: &str = "DELETE FROM team_members WHERE team_id = $1 AND user_id = $2";
    let is_in = |team: &Team, id| team.members.iter().any(|member| member.id == id);
    for gone in before.members.iter().filter(|member| !is_in(after, member.id)) {
        tx.put(REMOVE, vec![before.id.into(), gone.id.into()]);
    }
    for new in after.members.iter().filter(|member| !is_in(before, member.id)) {
        // They may have been a member all along who did not work on tickets for a while.
        tx.put(REMOVE, vec![before.id.into(), new.id.into()]);
        tx.put(ADD_MEMBER, vec![before.id.into(), new.id.into()]);
    }
}
