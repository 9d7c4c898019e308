//! Macros: answers that are written once and used often, with what else happens to the ticket.
//!
//! A shared macro is everybody's who works on tickets and is kept by admins; a personal one is its owner's alone,
//! and nobody else learns that it exists. Applying one is a single transaction: message, changes and count.

mod apply;
mod change;
mod create;
mod delete;
mod list;
mod template;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

pub use apply::{ApplyMacro, MacroOutcome, MacroUse};
pub use change::{MacroPatch, UpdateMacro};
pub use create::{CreateMacro, NewMacro};
pub use delete::DeleteMacro;
pub use list::{ListMacros, MacroItem, MacroList};
pub use template::PLACEHOLDERS;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{MacroId, TeamId, UserId},
    ledger,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    team::find_team,
    text::{self, Checks},
    ticket::{Priority, Status, TEXT_MAX, check_tags, damaged, find_assignee},
    time::Timestamp,
    tx::{Row, StoreError, TenantRead, TenantTx},
};

/// Longest name, in characters.
const NAME_MAX: usize = 80;
/// The most shared ones of a company.
const SHARED_MAX: i64 = 500;
/// The most personal ones of a person.
const PERSONAL_MAX: i64 = 200;

/// What a macro does to a ticket besides answering; what is null or empty stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MacroActions {
    /// The status that it sets.
    #[serde(default)]
    #[schema(required)]
    pub status: Option<Status>,
    /// The priority that it sets.
    #[serde(default)]
    #[schema(required)]
    pub priority: Option<Priority>,
    /// Tags that it adds.
    #[serde(default)]
    #[schema(required)]
    pub add_tags: Vec<String>,
    /// Tags that it takes away.
    #[serde(default)]
    #[schema(required)]
    pub remove_tags: Vec<String>,
    /// Who gets the ticket: an agent's or admin's id, `me` for whoever applies it, or `nobody`.
    #[serde(default)]
    #[schema(required)]
    pub assignee: Option<String>,
    /// Which team gets it. Without `assignee` the team's rule gives it to somebody.
    #[serde(default)]
    #[schema(required)]
    pub team_id: Option<TeamId>,
}

/// Who a macro gives the ticket to.
enum AssigneeRule {
    Keep,
    Me,
    Nobody,
    Is(UserId),
}

impl MacroActions {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn assignee_rule(&self) -> Option<AssigneeRule> {
        match self.assignee.as_deref() {
            None => Some(AssigneeRule::Keep),
            Some("me") => Some(AssigneeRule::Me),
            Some("nobody") => Some(AssigneeRule::Nobody),
            Some(id) => id.parse().ok().map(AssigneeRule::Is),
        }
    }
}

/// A macro.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Macro {
    /// Its id.
    pub id: MacroId,
    /// What it is called.
    pub name: String,
    /// The answer with its placeholders, such as `{{requester.name}}`; empty: it only changes the ticket.
    pub body: String,
    /// Whether the answer is a note that the requester never sees.
    pub internal: bool,
    /// Whether it is everybody's who works on tickets; else it is only yours.
    pub shared: bool,
    /// What it does besides.
    pub actions: MacroActions,
    /// How often it was applied.
    pub usage_count: i64,
    /// When it was applied last.
    #[schema(required)]
    pub last_used_at: Option<Timestamp>,
    /// Grows with each change; send it with a PATCH to be told of a collision.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

macro_rules! select_macro {
    ($rest:literal) => {
        concat!(
            "SELECT id, owner_id, name, body, internal, actions, usage_count, last_used_at, version, created_at, \
             updated_at FROM macros",
            $rest
        )
    };
}
use select_macro;

fn read(row: &dyn Row) -> Result<Macro, StoreError> {
    Ok(Macro {
        id: MacroId(row.uuid(0)?),
        shared: row.opt_uuid(1)?.is_none(),
        name: row.text(2)?.to_owned(),
        body: row.text(3)?.to_owned(),
        internal: row.bool(4)?,
        actions: serde_json::from_str(row.text(5)?).map_err(|_| damaged("macro"))?,
        usage_count: row.int(6)?,
        last_used_at: row.opt_time(7)?,
        version: row.int(8)?,
        created_at: row.time(9)?,
        updated_at: row.time(10)?,
    })
}

/// The macro of that id, if it is shared or this person's own.
async fn find(tx: &mut impl TenantRead, principal: &Principal, id: MacroId) -> Result<Option<Macro>> {
    const SQL: &str = select_macro!(" WHERE id = $1 AND (owner_id IS NULL OR owner_id = $2)");
    Ok(tx.query_one(SQL, &[id.into(), principal.user.into()], read).await?)
}

/// Whether this person may change macros of this kind.
fn require_keeper(principal: &Principal, shared: bool) -> Result<()> {
    let deed = if shared { Deed::KeepSharedMacros } else { Deed::UseMacros };
    policy::require(principal, deed, Subject::Company)
}

/// The values of a macro as they are kept, or what is wrong with each.
async fn check(
    tx: &mut impl TenantRead,
    name: &str,
    body: &str,
    actions: &MacroActions,
) -> Result<(String, String, MacroActions)> {
    let mut checks = Checks::default();
    let name = checks.line("name", name, NAME_MAX);
    let body = if text::is_blank(body) { String::new() } else { checks.body("body", body, TEXT_MAX) };
    template::check(&mut checks, "body", &body);
    let mut kept = actions.clone();
    kept.add_tags = check_tags(&mut checks, "actions.addTags", &actions.add_tags);
    kept.remove_tags = check_tags(&mut checks, "actions.removeTags", &actions.remove_tags);
    if let Some(tag) = kept.add_tags.iter().find(|tag| kept.remove_tags.contains(tag)) {
        checks.fail("actions.removeTags", format!("{tag:?} is added as well"));
    }
    if body.is_empty() && kept.is_empty() {
        checks.fail("body", "must not be empty when nothing else is done");
    }
    let assignee = kept.assignee_rule();
    if assignee.is_none() {
        checks.fail("actions.assignee", "must be a person's id, `me` or `nobody`");
    }
    checks.finish()?;
    if let Some(AssigneeRule::Is(id)) = assignee {
        find_assignee(tx, id).await.map_err(at_actions)?;
    }
    if let Some(id) = kept.team_id
        && find_team(tx, id).await?.is_none()
    {
        return Err(Error::invalid("actions.teamId", "is no team of your company"));
    }
    Ok((name, body, kept))
}

/// The error of an assignee or a team, at the place where a macro names one.
fn at_actions(error: Error) -> Error {
    match error {
        Error::Validation(errors) => Error::Validation(
            errors
                .into_iter()
                .map(|error| {
                    let path = if error.path == "teamId" { "actions.teamId" } else { "actions.assignee" };
                    crate::FieldError { path: path.into(), ..error }
                })
                .collect(),
        ),
        other => other,
    }
}

/// What the ledger says of a macro.
fn describe(of: &Macro) -> serde_json::Map<String, serde_json::Value> {
    let Macro { name, body, internal, actions, .. } = of;
    let all = [
        ("name", json!(name)),
        ("body", json!(body)),
        ("internal", json!(internal)),
        ("actions", json!(actions)),
    ];
    all.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Records what happened to a macro. What stands in a personal one is its owner's business: of it the ledger
/// says only that it is, and which of its parts changed, and nobody else's browser hears of it.
async fn record(
    tx: &mut impl TenantTx,
    action: Action,
    origin: Origin,
    owner: Option<UserId>,
    mut data: serde_json::Map<String, serde_json::Value>,
) -> Result<()> {
    data.insert("shared".into(), owner.is_none().into());
    let draft = EventDraft {
        action,
        audience: if owner.is_some() { Audience::Person } else { Audience::Staff },
        origin,
        ticket: None,
        requester: owner,
        data: serde_json::Value::Object(data).to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}
