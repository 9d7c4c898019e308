//! Who looks at a ticket, and who writes. It lives for as long as somebody says so again: nothing of it is written
//! down, neither in the ledger nor in a company's export.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    id::{TicketId, UserId},
    policy::{self, Deed, Subject},
    principal::Principal,
    ticket::load,
    tx::{Query, TenantRead},
};

/// What a person does at a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Activity {
    /// Has it before them.
    Viewing,
    /// Has begun an answer or a note.
    Writing,
}

/// What a browser says of its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPresence {
    /// What they do; `null` when they have left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<Activity>,
    /// Which of the person's windows says so: a UUID that it has made for itself.
    pub tab: Uuid,
    /// Which of this window's words about this ticket it is, 0 or more, each higher than the one before: one that was
    /// overtaken on its way is not heard.
    #[schema(minimum = 0)]
    pub count: i64,
}

/// Somebody who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Present {
    /// Who: one of the staff.
    pub user_id: UserId,
    /// What they do, in whichever window they do more.
    pub activity: Activity,
}

/// Who is at a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketPresence {
    /// Which ticket.
    pub ticket_id: TicketId,
    /// They, the person who asks among them.
    pub people: Vec<Present>,
}

/// Whether a person may be at a ticket and see who else is.
#[derive(Debug)]
pub struct LookIn {
    /// Who asks.
    pub principal: Principal,
    /// Which ticket.
    pub ticket: TicketId,
}

impl Query for LookIn {
    type Output = ();

    async fn run(self, tx: &mut impl TenantRead) -> Result<()> {
        tx.ask_only();
        let ticket = load(tx, self.ticket).await?.ok_or(Error::NotFound)?;
        policy::require(&self.principal, Deed::SeePresence, Subject::TicketOf(ticket.requester.id))
    }
}
