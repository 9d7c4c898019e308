//! Deliveries: one event on its way to one endpoint, until it is accepted or given up.
//!
//! A delivery is made in the event's transaction, claimed under a lease, sent, and finished. Nothing
//! is lost by a crash: a lease that nobody finishes runs out and the delivery is made again, with the
//! same id, so that the other side can tell. What may be sent when is decided in [`schedule`].

mod claim;
mod due;
mod enqueue;
mod envelope;
mod finish;
mod lease;
mod list;
mod overdue;
mod replay;
pub mod schedule;
mod show;
mod stuck;
pub(crate) mod workflow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use claim::{ClaimDeliveries, Claimed, Claims, SendSecrets};
pub use due::{Backlog, GetBacklog, NextDue};
pub use enqueue::{ask_ahead, enqueue};
pub use envelope::{Envelope, EnvelopeData};
pub use finish::{FinishAttempt, Finished, Outcome};
pub use lease::{Lease, ReclaimLeases, ReturnLeases};
pub use list::{DeliveryFilter, ListDeliveries};
pub use overdue::MarkOverdue;
pub use replay::ReplayDelivery;
pub use show::{Attempt, DeliveryDetail, GetDelivery, SentRequest};
pub use stuck::{CountStuck, Stuck};

use crate::{
    id::{DeliveryId, EndpointId, EventId, TicketId},
    time::Timestamp,
    tx::{Row, StoreError},
};

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Waiting for its next attempt.
    Pending,
    /// An attempt is being made.
    Sending,
    /// The endpoint accepted it.
    Delivered,
    /// Given up; it can be made again by hand.
    Dead,
}

impl DeliveryState {
    /// The name as in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Sending, Self::Delivered, Self::Dead].into_iter().find(|s| s.as_str() == name)
    }
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its id, also its `webhook-id`; the same in each attempt.
    pub id: DeliveryId,
    /// Where it goes.
    pub endpoint_id: EndpointId,
    /// That endpoint's address now.
    pub endpoint_url: String,
    /// Which event.
    pub event_id: EventId,
    /// What kind of event.
    #[schema(example = "ticket.created")]
    pub event_type: String,
    /// About which ticket.
    #[schema(required)]
    pub ticket_id: Option<TicketId>,
    /// That ticket's number, while the ticket is there.
    #[schema(required)]
    pub ticket_number: Option<i64>,
    /// How far it is.
    pub state: DeliveryState,
    /// How many attempts were begun.
    pub attempt_count: i64,
    /// The HTTP status of the last answer.
    #[schema(required)]
    pub last_status: Option<i64>,
    /// What went wrong last.
    #[schema(required)]
    pub last_error: Option<String>,
    /// When it is tried next at the latest.
    #[schema(required)]
    pub next_attempt_at: Option<Timestamp>,
    /// Until when its workflow is to call back.
    #[schema(required)]
    pub deadline_at: Option<Timestamp>,
    /// When its workflow called back.
    #[schema(required)]
    pub callback_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The columns that [`delivery_from_row`] reads, with their tables `d`, `e` and `t`.
macro_rules! select_delivery {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.endpoint_id, e.url, d.event_id, d.event_type, d.ticket_id, d.state, d.attempt_count, \
             d.last_status, d.last_error, d.due_at, d.deadline_at, d.callback_at, d.created_at, d.updated_at, t.number \
             FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id LEFT JOIN tickets t ON t.id = d.ticket_id",
            $rest
        )
    };
}
use select_delivery;

fn state_at(row: &dyn Row, column: usize) -> Result<DeliveryState, StoreError> {
    DeliveryState::parse(row.text(column)?).ok_or_else(|| crate::ticket::damaged("state of a delivery"))
}

fn delivery_from_row(row: &dyn Row) -> Result<Delivery, StoreError> {
    let state = state_at(row, 6)?;
    Ok(Delivery {
        id: DeliveryId(row.uuid(0)?),
        endpoint_id: EndpointId(row.uuid(1)?),
        endpoint_url: row.text(2)?.to_owned(),
        event_id: EventId(row.uuid(3)?),
        event_type: row.text(4)?.to_owned(),
        ticket_id: row.opt_uuid(5)?.map(TicketId),
        ticket_number: row.opt_int(15)?,
        state,
        attempt_count: row.int(7)?,
        last_status: row.opt_int(8)?,
        last_error: row.opt_text(9)?.map(str::to_owned),
        next_attempt_at: row.opt_time(10)?.filter(|_| state == DeliveryState::Pending),
        deadline_at: row.opt_time(11)?,
        callback_at: row.opt_time(12)?,
        created_at: row.time(13)?,
        updated_at: row.time(14)?,
    })
}

/// Whether a workflow is expected to call back about deliveries of this kind: those of a new ticket,
/// and those with a deadline.
fn expects_callback(event_type: &str, ticket: Option<TicketId>, deadline: Option<Timestamp>) -> bool {
    ticket.is_some() && (event_type == crate::event::Action::TicketCreated.as_str() || deadline.is_some())
}
