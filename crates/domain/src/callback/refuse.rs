//! Callbacks that are not believed: nothing changes, and the ledger says that someone tried.

use serde_json::json;

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    id::{DeliveryId, EndpointId, TicketId},
    ledger,
    principal::Origin,
    tx::{Command, TenantTx},
};

/// Why a callback was not believed. The caller is told none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No secret, or one that is not (any more) the endpoint's.
    WrongSecret,
    /// No token, one that is not Flowbit's or has expired, or one of another delivery.
    WrongToken,
    /// Secret and token are good, each for something else, or the ticket is not the token's.
    Mismatch,
    /// The ticket was deleted.
    TicketGone,
}

impl Refusal {
    /// The name in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongSecret => "wrongSecret",
            Self::WrongToken => "wrongToken",
            Self::Mismatch => "mismatch",
            Self::TicketGone => "ticketGone",
        }
    }
}

/// What the valid part of a refused callback names.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    pub(super) endpoint: Option<EndpointId>,
    pub(super) delivery: Option<DeliveryId>,
    pub(super) ticket: Option<TicketId>,
}

/// Records a refused callback in the ledger of the company that its secret or, failing that, its
/// token names.
#[derive(Debug, Clone)]
pub struct RecordRefusedCallback {
    /// From where.
    pub origin: Origin,
    /// Why.
    pub refusal: Refusal,
    /// The endpoint that the secret or token is of.
    pub endpoint: EndpointId,
    /// The delivery that the token is of, when it is this company's.
    pub delivery: Option<DeliveryId>,
}

impl Command for RecordRefusedCallback {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let known = Known { endpoint: Some(self.endpoint), delivery: self.delivery, ticket: None };
        record(tx, self.origin, self.refusal, known).await
    }
}

pub(super) async fn record(
    tx: &mut impl TenantTx,
    origin: Origin,
    refusal: Refusal,
    known: Known,
) -> Result<()> {
    let data = json!({
        "reason": refusal.as_str(),
        "endpointId": known.endpoint,
        "deliveryId": known.delivery,
        "ticketId": known.ticket,
    });
    let draft = EventDraft {
        action: Action::WorkflowCallbackRefused,
        audience: Audience::Admins,
        origin,
        ticket: None,
        requester: None,
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}
