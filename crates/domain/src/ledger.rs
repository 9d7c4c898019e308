//! Recording: the only way in which use-cases append to the ledger.
//!
//! An event and the deliveries that it causes are one transaction.

use crate::{
    error::Result,
    event::{Audience, EventDraft},
    id::EventId,
    tx::TenantTx,
};

/// Appends an event and, for each active endpoint that wants it, a delivery.
///
/// # Errors
/// When the store fails.
pub async fn record(tx: &mut impl TenantTx, draft: EventDraft) -> Result<EventId> {
    let action = draft.action;
    let ticket = draft.ticket;
    debug_assert!(
        draft.audience != Audience::Requester || draft.requester.is_some(),
        "an event for the requester says who that is"
    );
    let id = tx.append(draft);
    crate::delivery::enqueue(tx, id, action, ticket).await?;
    Ok(id)
}
