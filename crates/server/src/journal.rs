//! The log's reading of the ledger: a line for each event, under the names that the API uses, so that
//! a line, an event and an answer are found by the same words.
//!
//! Only ids: what an event says besides may be anybody's words.

use flowbit_domain::{TenantId, event::StoredEvent};
use flowbit_store::CommitListener;

/// Logs events as they are committed.
pub(crate) struct Journal;

impl CommitListener for Journal {
    fn committed(&self, tenant: TenantId, _last_seq: i64, events: &[StoredEvent]) {
        for event in events {
            tracing::info!(
                action = event.action,
                seq = event.seq,
                customerId = %tenant,
                userId = event.user().map(tracing::field::display),
                ticketId = event.ticket.map(tracing::field::display),
                actor = event.actor.kind.as_str(),
                requestId = event.request_id,
                "recorded"
            );
        }
    }
}
