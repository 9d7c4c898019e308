//! Deliveries: one event on its way to one endpoint.

use crate::{
    error::Result,
    event::Action,
    id::{EventId, TicketId},
    tx::TenantTx,
};

/// Makes a delivery of an event for each active endpoint that wants it, in the event's transaction.
///
/// # Errors
/// When the store fails.
pub async fn enqueue(
    tx: &mut impl TenantTx,
    event: EventId,
    action: Action,
    ticket: Option<TicketId>,
) -> Result<()> {
    let _ = (tx, event, action, ticket);
    Ok(())
}
