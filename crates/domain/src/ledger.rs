//! Recording: the only way in which use-cases append to the ledger.
//!
//! An event and the deliveries that it causes are one transaction.

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    id::{EndpointId, EventId},
    principal::ActorKind,
    tx::TenantTx,
};

/// Appends an event and, for each active endpoint that wants it, a delivery. What a workflow caused by
/// its callback is not told to the endpoint that it came from: it would answer itself without end.
///
/// # Errors
/// When the store fails.
pub async fn record(tx: &mut impl TenantTx, draft: EventDraft) -> Result<EventId> {
    let action = draft.action;
    let ticket = draft.ticket;
    debug_assert!(
        draft.audience < Audience::Requester || draft.requester.is_some(),
        "an event for one person says who that is"
    );
    let actor = &draft.origin.actor;
    let originator = actor.id.filter(|_| actor.kind == ActorKind::Workflow).map(EndpointId);
    let id = tx.append(draft);
    crate::delivery::enqueue(tx, id, action, ticket, originator).await?;
    Ok(id)
}

/// Says that an event of this kind will be recorded: who wants to hear of it is then asked along the way.
pub fn ask_ahead(tx: &mut impl TenantTx, action: Action) {
    crate::delivery::ask_ahead(tx, action);
}
