//! Tickets: what a ticket is and how one is read from the store.

mod bulk;
mod card;
mod change;
mod condition;
mod count;
mod create;
mod delete;
mod filter;
mod found;
mod link;
mod list;
mod merge;
pub(crate) mod restore;
mod row;
mod snooze;
mod split;
mod update;
mod who;
mod words;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

pub use bulk::{BULK_MAX, BulkChange, BulkOutcome, BulkResult, BulkResults, ChangeTickets};
pub use card::{Cards, WriteTickets};
pub(crate) use change::Ownership;
pub use change::{Changes, change};
pub use count::{CountTickets, StatusCounts, TicketCounts};
pub use create::{CreateTicket, NewTicket};
pub use delete::DeleteTicket;
pub(crate) use filter::fold_tag;
pub use filter::{Choice, CustomField, Expression, Moment, Scalar, Words};
pub use found::{FindMatches, MATCHES_MAX, Match, Place, TicketMatch, TicketMatches};
pub use link::{LINKS_MAX, LinkTickets, LinkedTicket, ListLinks, NewLink, TicketLink, TicketLinks};
pub use list::{AssigneeFilter, GetTicket, ListTickets, TicketFilter, TicketSort};
pub use merge::{MergeTicket, MergedInto, NewMerge, UnmergeTicket};
pub use restore::RestoreTicket;
pub(crate) use snooze::wake_due;
pub use snooze::{NewSnooze, Snooze};
pub use split::{NewSplit, SplitTicket};
pub use update::{TicketPatch, UpdateTicket};
pub use who::{WhichTeam, Who};

pub(crate) use condition::{Conditions, Reading};
pub(crate) use row::{TicketRow, select_ticket};

use crate::{
    fields,
    id::{DeliveryId, TenantId, TicketId, UserId},
    policy::TicketScope,
    settings::ReopenWindow,
    team::TeamName,
    time::Timestamp,
    tx::{StoreError, TenantRead},
};

/// Longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// Longest description and message, in characters.
pub const TEXT_MAX: usize = 20_000;
/// How many tags a ticket may have.
pub const TAGS_MAX: usize = 20;
/// Longest tag, in characters.
pub(crate) const TAG_MAX: usize = 40;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:tt / $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The name as in the API.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
            /// The number by which it sorts.
            #[must_use]
            pub fn code(self) -> i64 { match self { $(Self::$variant => $code),+ } }
            /// The one of that name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> { Self::ALL.iter().copied().find(|v| v.as_str() == name) }
            /// The one of that number.
            #[must_use]
            pub fn from_code(code: i64) -> Option<Self> { Self::ALL.iter().copied().find(|v| v.code() == code) }
        }
    };
}

names! {
    /// Where a ticket stands.
    Status {
        /// Nobody has begun.
        Open = "open" / 0,
        /// Someone works on it.
        InProgress = "in_progress" / 1,
        /// Waiting for the requester or a third party.
        Waiting = "waiting" / 2,
        /// Solved; a reply in time opens it again.
        Resolved = "resolved" / 3,
        /// Done; a reply in time opens it again.
        Closed = "closed" / 4,
    }
}

impl Status {
    /// Whether there is still work to do.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::InProgress | Self::Waiting)
    }
}

names! {
    /// How much it hurries.
    Priority {
        /// When there is time.
        Low = "low" / 0,
        /// As usual.
        Normal = "normal" / 1,
        /// Before the others.
        High = "high" / 2,
        /// At once.
        Urgent = "urgent" / 3,
    }
}

names! {
    /// What the company's workflow is doing with the ticket.
    WorkflowState {
        /// On its way to the workflow.
        Pending = "pending" / 0,
        /// The workflow has it.
        Running = "running" / 1,
        /// The workflow has called back.
        Done = "done" / 2,
        /// It could not be delivered.
        Failed = "failed" / 3,
        /// The workflow has not called back in time.
        Overdue = "overdue" / 4,
    }
}

/// A person, as shown beside a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
}

/// What the workflow of a ticket is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workflow {
    /// Its state.
    pub state: WorkflowState,
    /// Since when.
    pub updated_at: Timestamp,
    /// The delivery by which the workflow got the ticket.
    #[schema(required)]
    pub delivery_id: Option<DeliveryId>,
}

/// A ticket.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Its number, from 1 in each company.
    pub number: i64,
    /// Whose it is.
    pub customer_id: TenantId,
    /// What it is about, one line.
    pub title: String,
    /// The whole of it.
    pub description: String,
    /// Where it stands.
    pub status: Status,
    /// How much it hurries.
    pub priority: Priority,
    /// Words to find it by, sorted.
    pub tags: Vec<String>,
    /// Values of the company's own fields.
    #[schema(value_type = Object)]
    pub custom_fields: Box<RawValue>,
    /// Who raised it.
    pub requester: Person,
    /// Who works on it.
    #[schema(required)]
    pub assignee: Option<Person>,
    /// Which team's it is; always null for who raises tickets.
    #[schema(required)]
    pub team: Option<TeamName>,
    /// What the company's workflow does with it; null when none is involved.
    #[schema(required)]
    pub workflow: Option<Workflow>,
    /// How many messages this person can read.
    pub message_count: i64,
    /// Grows with each change of the fields; send it with a PATCH to be told of a collision.
    pub version: i64,
    /// When it was raised.
    pub created_at: Timestamp,
    /// When anything last happened to it.
    pub updated_at: Timestamp,
    /// When it was resolved or closed, while it is.
    #[schema(required)]
    pub resolved_at: Option<Timestamp>,
    /// Until when an answer of its requester opens it again: a time that has passed when it no longer does, null when
    /// it is not solved, was merged, or there is no limit.
    #[serde(default)]
    #[schema(required)]
    pub reopen_until: Option<Timestamp>,
    /// What the company says of that, for changes of this ticket.
    #[serde(skip)]
    pub(crate) reopen_window: ReopenWindow,
    /// Until when it was put aside; null when it is not, and for who raises tickets.
    #[schema(required)]
    pub snooze: Option<Snooze>,
    /// Into which ticket it was merged. Then it is closed for good: what is to be said is said there.
    #[schema(required)]
    pub merged_into: Option<MergedInto>,
}

const BY_ID: &str = select_ticket!(" WHERE t.id = $1");
const BY_ID_AND_REQUESTER: &str = select_ticket!(" WHERE t.id = $1 AND t.requester_id = $2");

pub(crate) fn damaged(what: &str) -> StoreError {
    StoreError::Failed(format!("a stored {what} can't be read"))
}

/// Loads a ticket as the staff sees it. Whoever shows it to a person asks the policy first.
///
/// # Errors
/// When the store fails.
pub async fn load(tx: &mut impl TenantRead, id: TicketId) -> Result<Option<Ticket>, StoreError> {
    load_as(tx, id, TicketScope::All).await
}

/// Loads a ticket if it is within `scope`, as that scope may see it.
pub(crate) async fn load_as(
    tx: &mut impl TenantRead,
    id: TicketId,
    scope: TicketScope,
) -> Result<Option<Ticket>, StoreError> {
    let tenant = tx.tenant();
    let (sql, params) = match scope {
        TicketScope::All => (BY_ID, vec![id.into()]),
        TicketScope::RaisedBy(user) => (BY_ID_AND_REQUESTER, vec![id.into(), user.into()]),
    };
    let requester = scope != TicketScope::All;
    if requester {
        fields::ask_hidden_ahead(tx);
    }
    let mut found =
        tx.query_one(sql, &params, |row| TicketRow::read(tenant, scope, row)?.into_ticket()).await?;
    if requester && let Some(ticket) = &mut found {
        fields::load_hidden(tx).await?.take_from(ticket)?;
    }
    Ok(found)
}

const ASSIGNEE: &str = "SELECT name FROM users WHERE id = $1 AND active AND role IN ('agent', 'admin')";

/// Says that [`find_assignee`] will be called.
pub(crate) fn ask_assignee_ahead(tx: &mut impl TenantRead, id: UserId) {
    tx.ask_setting_ahead(ASSIGNEE, &[id.into()]);
}

/// Who a ticket may be assigned to: an active agent or admin.
pub(crate) async fn find_assignee(tx: &mut impl TenantRead, id: UserId) -> crate::Result<Person> {
    let name = tx.query_one(ASSIGNEE, &[id.into()], |row| Ok(row.text(0)?.to_owned())).await?;
    match name {
        Some(name) => Ok(Person { id, name }),
        None => Err(crate::Error::invalid("assigneeId", "is not an active agent or admin of your company")),
    }
}

/// Tags as they are kept: trimmed, lower case, sorted, each once.
pub(crate) fn check_tags(checks: &mut crate::text::Checks, path: &str, tags: &[String]) -> Vec<String> {
    if tags.len() > TAGS_MAX {
        checks.fail(path, format!("must be at most {TAGS_MAX}, are {}", tags.len()));
    }
    let mut kept: Vec<String> = tags
        .iter()
        .enumerate()
        // In lower case it may be longer: what is kept is what is measured.
        .map(|(i, tag)| checks.line(&format!("{path}[{i}]"), &fold_tag(tag), TAG_MAX))
        .collect();
    kept.sort();
    kept.dedup();
    kept
}
