//! Saved views: which tickets, in which order and columns, under a name. One is a person's own, or shared by all
//! who work on tickets.
//!
//! Whoever works on tickets may add, change and remove shared views, as they may change the tickets themselves:
//! the ledger says who did. Another person's own view is as good as none, for admins as well.

mod builtin;
mod count;
mod create;
mod delete;
mod list;
mod update;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

pub use builtin::BuiltIn;
pub use count::{CountViews, ViewCount, ViewCounts};
pub use create::{CreateView, NewView};
pub use delete::DeleteView;
pub use list::{ListViews, Views};
pub use update::{UpdateView, ViewPatch};

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{UserId, ViewId},
    ledger,
    policy::{self, Deed, Subject, Verdict},
    principal::{Origin, Principal},
    text::Checks,
    ticket::{Expression, TicketSort, damaged},
    time::Timestamp,
    tx::{Row, StoreError, TenantRead, TenantTx, Value},
};

/// Longest name, in characters.
const NAME_MAX: usize = 80;
/// How many views one person may have, and a company may share.
const VIEWS_MAX: i64 = 100;
/// The highest position.
const POSITION_MAX: i64 = 1_000_000;

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ViewColumn {
    /// Where it stands.
    Status,
    /// How much it hurries.
    Priority,
    /// Who raised it.
    Requester,
    /// Who works on it.
    Assignee,
    /// Which team's it is.
    Team,
    /// Its tags.
    Tags,
    /// What the workflow does.
    Workflow,
    /// How many messages it has.
    Messages,
    /// When it was raised.
    CreatedAt,
    /// When anything last happened to it.
    UpdatedAt,
    /// When it was resolved.
    ResolvedAt,
}

/// A saved view.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Its id.
    pub id: ViewId,
    /// Its name.
    pub name: String,
    /// Whether all who work on tickets have it; else it is the person's own.
    pub shared: bool,
    /// Which tickets.
    pub filter: Expression,
    /// In which order.
    pub sort: TicketSort,
    /// The list's columns, in their order; null for the usual ones.
    #[schema(required)]
    pub columns: Option<Vec<ViewColumn>>,
    /// Where it stands among the others: lower ones first.
    pub position: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Whose it is; nobody's when it is shared.
    #[serde(skip)]
    pub owner: Option<UserId>,
}

/// The columns that [`read_view`] reads.
macro_rules! select_view {
    ($rest:literal) => {
        concat!(
            "SELECT id, owner_id, name, filter, sort, columns, position, created_at, updated_at FROM views",
            $rest
        )
    };
}

fn read_view(row: &dyn Row) -> Result<View, StoreError> {
    let owner = row.opt_uuid(1)?.map(UserId);
    Ok(View {
        id: ViewId(row.uuid(0)?),
        name: row.text(2)?.to_owned(),
        shared: owner.is_none(),
        filter: serde_json::from_str(row.text(3)?).map_err(|_| damaged("filter"))?,
        sort: TicketSort::parse(row.text(4)?).ok_or_else(|| damaged("order"))?,
        columns: serde_json::from_str(row.text(5)?).map_err(|_| damaged("list of columns"))?,
        position: row.int(6)?,
        created_at: row.time(7)?,
        updated_at: row.time(8)?,
        owner,
    })
}

/// Loads a view that the person may use. Another person's own is not found, and nobody learns that it is there.
async fn load(tx: &mut impl TenantRead, principal: &Principal, id: ViewId) -> Result<View> {
    const BY_ID: &str = select_view!(" WHERE id = $1");
    // First: who may have none learns nothing of others'.
    policy::require(principal, Deed::UseViews, Subject::Company)?;
    let view = tx.query_one(BY_ID, &[id.into()], read_view).await?.ok_or(Error::NotFound)?;
    policy::require(principal, Deed::UseViews, Subject::ViewOf(view.owner))?;
    Ok(view)
}

/// The views that a person may use: all shared ones and their own.
async fn load_all(tx: &mut impl TenantRead, principal: &Principal) -> Result<Vec<View>> {
    const ALL: &str = select_view!(" WHERE owner_id = $1 OR owner_id IS NULL ORDER BY position, name, id");
    let views = tx.query(ALL, &[principal.user.into()], read_view).await?;
    // The statement only saves reading: who may use which is decided in one place.
    let usable =
        |view: &View| policy::may(principal, Deed::UseViews, Subject::ViewOf(view.owner)) == Verdict::Allowed;
    Ok(views.into_iter().filter(usable).collect())
}

fn check_name(checks: &mut Checks, name: &str) -> String {
    checks.line("name", name, NAME_MAX)
}

fn check_columns(checks: &mut Checks, columns: Option<&[ViewColumn]>) {
    let Some(columns) = columns else { return };
    if columns.is_empty() {
        checks.fail("columns", "must not be empty: null is for the usual ones");
    }
    if columns.iter().enumerate().any(|(at, column)| columns[..at].contains(column)) {
        checks.fail("columns", "must name each column once");
    }
}

fn check_position(checks: &mut Checks, position: i64) {
    if !(0..=POSITION_MAX).contains(&position) {
        checks.fail("position", format!("must be from 0 to {POSITION_MAX}"));
    }
}

/// Refuses one view too many: of the company, or of one person.
async fn check_room(tx: &mut impl TenantRead, owner: Option<UserId>) -> Result<()> {
    const OWN: &str = "SELECT count(*) FROM views WHERE owner_id = $1";
    const SHARED: &str = "SELECT count(*) FROM views WHERE owner_id IS NULL";
    let (sql, params): (_, Vec<Value>) = match owner {
        Some(owner) => (OWN, vec![owner.into()]),
        None => (SHARED, Vec::new()),
    };
    let count = tx.query_one(sql, &params, |row| row.int(0)).await?.unwrap_or(0);
    if count < VIEWS_MAX {
        return Ok(());
    }
    let whose = if owner.is_some() { "you have" } else { "your company shares" };
    Err(Error::Conflict {
        code: "too_many_views",
        detail: format!("{whose} {VIEWS_MAX} views: remove one first"),
    })
}

fn json_text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal(e.to_string()))
}

/// Writes down what became of a view. Of a person's own only they hear; the audit trail has it all the same.
async fn record(
    tx: &mut impl TenantTx,
    origin: Origin,
    action: Action,
    owner: Option<UserId>,
    mut data: Map<String, Json>,
    view: &View,
) -> Result<()> {
    data.insert("viewId".into(), json!(view.id));
    data.insert("name".into(), json!(view.name));
    data.insert("shared".into(), json!(view.shared));
    let draft = EventDraft {
        action,
        audience: if owner.is_some() { Audience::Person } else { Audience::Staff },
        origin,
        ticket: None,
        requester: owner,
        data: Json::Object(data).to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}
