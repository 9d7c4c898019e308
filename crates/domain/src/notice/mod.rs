//! Notices: what a person is told of what others did. Made from the ledger's events, in their transaction.
//!
//! Each says what happened and to which ticket, never what was written: an internal note can leave the company by
//! none of them. What a person may no longer see is not shown, whatever they were told when they could.

/// The columns that [`Notice::read`] reads, of `n` (notices) and `t` (their tickets).
macro_rules! notice_columns {
    () => {
        "n.event_id, n.kind, n.actor_name, n.ticket_id, t.number, t.title, n.at, n.read_at"
    };
}

mod list;
mod mail;
mod make;
mod read;
mod settings;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{EventId, TicketId},
    policy::{self, TicketScope},
    principal::Principal,
    ticket::damaged,
    time::Timestamp,
    tx::{Row, StoreError, TenantRead, Value},
};

pub use list::{ListNotices, NoticePage};
pub use mail::{ListDueMail, Mail, MarkMailed, NextMail, ReadMail, StopMail};
pub(crate) use make::{Cause, make, watch};
pub use read::{ReadNotices, ReadOutcome, WhichNotices};
pub use settings::{
    GetNoticeSettings, MailFrequency, NoticeSettings, NoticeSettingsPatch, QuietHours, UpdateNoticeSettings,
};

/// Why a person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum NoticeKind {
    /// They got a ticket to work on.
    Assigned,
    /// A message names them.
    Mentioned,
    /// Somebody wrote on a ticket that they work on or watch.
    Replied,
    /// Somebody left an internal note on one.
    Noted,
    /// One has another status.
    StatusChanged,
    /// Their own ticket was answered.
    Answered,
    /// Their own ticket was resolved.
    Resolved,
    /// The time until which a ticket was put aside has come, of one that they work on or watch.
    Woken,
}

impl NoticeKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Assigned,
        Self::Mentioned,
        Self::Replied,
        Self::Noted,
        Self::StatusChanged,
        Self::Answered,
        Self::Resolved,
        Self::Woken,
    ];

    /// The name as in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Mentioned => "mentioned",
            Self::Replied => "replied",
            Self::Noted => "noted",
            Self::StatusChanged => "statusChanged",
            Self::Answered => "answered",
            Self::Resolved => "resolved",
            Self::Woken => "woken",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// What somebody is told.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// The event that it tells of.
    pub id: EventId,
    /// Why they are told.
    pub kind: NoticeKind,
    /// Who did it.
    pub actor_name: String,
    /// To which ticket.
    pub ticket_id: TicketId,
    /// That ticket's number.
    pub number: i64,
    /// That ticket's title, as it is now.
    pub title: String,
    /// The module of the screen that shows it.
    #[schema(example = "./Tickets")]
    pub module: &'static str,
    /// Where in that screen.
    pub path: String,
    /// When it happened.
    pub at: Timestamp,
    /// When they read of it, if they did.
    #[schema(required)]
    pub read_at: Option<Timestamp>,
}

impl Notice {
    fn read(row: &dyn Row) -> Result<Self, StoreError> {
        let ticket_id = TicketId(row.uuid(3)?);
        Ok(Self {
            id: EventId(row.uuid(0)?),
            kind: NoticeKind::parse(row.text(1)?).ok_or_else(|| damaged("notice"))?,
            actor_name: row.text(2)?.to_owned(),
            ticket_id,
            number: row.int(4)?,
            title: row.text(5)?.to_owned(),
            module: "./Tickets",
            path: format!("/{ticket_id}"),
            at: row.time(6)?,
            read_at: row.opt_time(7)?,
        })
    }
}

/// Of which notices a person is shown those that they may see: of all, or (who only raises tickets) of what they
/// could see themselves of their own tickets.
fn is_limited(principal: &Principal) -> bool {
    policy::ticket_scope(principal) != TicketScope::All
}

/// How many unread ones a person has: an index has no others, and nobody has more than it takes a moment to count.
async fn count_unread(tx: &mut impl TenantRead, principal: &Principal) -> Result<i64, StoreError> {
    let sql = if is_limited(principal) { UNREAD_OWN } else { UNREAD };
    let me: [Value; 1] = [principal.user.into()];
    Ok(tx.query_one(sql, &me, |row| row.int(0)).await?.unwrap_or(0))
}

const UNREAD: &str = "SELECT count(*) FROM (SELECT 1 AS one FROM notices n
    WHERE n.user_id = $1 AND n.read_at IS NULL LIMIT 1000) u";
const UNREAD_OWN: &str =
    "SELECT count(*) FROM (SELECT 1 AS one FROM notices n JOIN tickets t ON t.id = n.ticket_id
    WHERE n.user_id = $1 AND n.read_at IS NULL AND n.audience = 2 AND t.requester_id = $1 LIMIT 1000) u";
