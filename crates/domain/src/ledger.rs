//! Recording: the only way in which use-cases append to the ledger.
//!
//! An event, the deliveries that it causes and the notices of it are one transaction.

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    id::{DeliveryId, EndpointId, EventId},
    notice,
    principal::ActorKind,
    tx::TenantTx,
};

/// Appends an event, tells whoever it is news for and, for each active endpoint that wants it, makes a delivery. What a
/// workflow caused by its callback is not told to the endpoint that it came from: it would answer itself without end.
///
/// # Errors
/// When the store fails.
pub async fn record(tx: &mut impl TenantTx, draft: EventDraft) -> Result<EventId> {
    Ok(record_to_deliver(tx, draft).await?.0)
}

/// As [`record`]; answers the first of the deliveries as well.
pub(crate) async fn record_to_deliver(
    tx: &mut impl TenantTx,
    draft: EventDraft,
) -> Result<(EventId, Option<DeliveryId>)> {
    let action = draft.action;
    let ticket = draft.ticket;
    debug_assert!(
        draft.audience < Audience::Requester || draft.requester.is_some(),
        "an event for one person says who that is"
    );
    let actor = &draft.origin.actor;
    let originator = actor.id.filter(|_| actor.kind == ActorKind::Workflow).map(EndpointId);
    let cause = notice::Cause::of(&draft);
    let id = tx.append(draft);
    if let Some(cause) = cause {
        notice::make(tx, id, &cause);
    }
    let delivery = crate::delivery::enqueue(tx, id, action, ticket, originator).await?;
    Ok((id, delivery))
}

/// Says that an event of this kind will be recorded: who wants to hear of it is then asked along the way.
pub fn ask_ahead(tx: &mut impl TenantTx, action: Action) {
    crate::delivery::ask_ahead(tx, action);
}
