//! Deleting a ticket: it is gone from everything at once; its text is kept aside for a day, in case it was a
//! mistake. Its trace in the ledger stays.

use serde_json::json;

use crate::{
    attachment,
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::TicketId,
    ledger,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    ticket::{Ticket, load, restore},
    tx::{Command, TenantTx},
};

/// Deletes a ticket with its conversation.
#[derive(Debug, Clone)]
pub struct DeleteTicket {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which ticket.
    pub id: TicketId,
}

impl Command for DeleteTicket {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let Self { principal, origin, id } = self;
        let ticket = load(tx, id).await?.ok_or(Error::NotFound)?;
        policy::require(&principal, Deed::DeleteTicket, Subject::TicketOf(ticket.requester.id))?;
        delete(tx, origin, &ticket).await
    }
}

/// Deletes a ticket and records it. Whoever calls it has asked the policy.
pub(super) async fn delete(tx: &mut impl TenantTx, origin: Origin, ticket: &Ticket) -> Result<()> {
    const DELETE: &str = "DELETE FROM tickets WHERE id = $1";
    const FORGET: &str = "DELETE FROM notices WHERE ticket_id = $1";
    // What is still on its way is about a ticket that no longer is.
    const PARK: &str = "UPDATE deliveries SET state = 'dead', due_at = NULL, deadline_at = NULL,
        last_error = 'the ticket was deleted', updated_at = $2
        WHERE ticket_id = $1 AND state = 'pending' AND event_type <> 'ticket.deleted'";
    let id = ticket.id;
    if !restore::keep(tx, ticket).await? {
        attachment::forget_deleted(tx, ticket.id);
    }
    let now = tx.now();
    let remove = tx.search().remove_all;
    tx.put(remove, vec![ticket.number.into()]);
    tx.put(DELETE, vec![id.into()]);
    tx.put(FORGET, vec![id.into()]);
    tx.put(PARK, vec![id.into(), now.into()]);
    let data = json!({ "number": ticket.number, "title": ticket.title, "version": ticket.version });
    let draft = EventDraft {
        action: Action::TicketDeleted,
        audience: Audience::Requester,
        origin,
        ticket: Some(id),
        requester: Some(ticket.requester.id),
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}
