//! What is sent: the body of a delivery.

use serde::Serialize;

use crate::{
    error::{Error, Result},
    event::Event,
    feed::{event_from_row, select_event},
    id::{EventId, TenantId, TicketId},
    ticket::{self, Ticket},
    time::Timestamp,
    tx::TenantRead,
};

/// The body of a delivery, in the envelope of Standard Webhooks.
#[derive(Debug, Clone, Serialize)]
pub struct Envelope {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// The rest.
    pub data: EnvelopeData,
}

/// What a delivery says.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvelopeData {
    /// The event, as the ledger has it.
    pub event: Event,
    /// The ticket as it stands when the attempt is made; null when there is none, or none any more.
    pub ticket: Option<Ticket>,
    /// Whose it is.
    pub customer_id: TenantId,
    /// About which ticket.
    pub ticket_id: Option<TicketId>,
    /// Where the workflow calls back; null when there is nothing to call back about.
    pub callback_url: Option<String>,
    /// Proves that the caller got this delivery; good for this ticket and delivery alone.
    pub callback_token: Option<String>,
}

/// Builds the body as it stands now, without what the server adds: where and how to call back.
pub(super) async fn build(
    tx: &mut impl TenantRead,
    event: EventId,
    event_type: String,
    ticket: Option<TicketId>,
) -> Result<Envelope> {
    const EVENT: &str = select_event!("WHERE id = $1");
    let tenant = tx.tenant();
    let stored = tx.query_one(EVENT, &[event.into()], event_from_row).await?.ok_or_else(|| {
        Error::Internal(format!("a delivery names the event {event}, which the ledger lacks"))
    })?;
    let loaded = match ticket {
        Some(id) => ticket::load(tx, id).await?,
        None => None,
    };
    Ok(Envelope {
        kind: event_type,
        timestamp: stored.at,
        data: EnvelopeData {
            event: stored.publish(tenant),
            ticket: loaded,
            customer_id: tenant,
            ticket_id: ticket,
            callback_url: None,
            callback_token: None,
        },
    })
}
