//! Making deliveries: in the transaction of the event that causes them.

use crate::{
    endpoint::SUBSCRIBABLE,
    error::Result,
    event::Action,
    id::{DeliveryId, EndpointId, EventId, TicketId},
    ticket::WorkflowState,
    tx::TenantTx,
};

const WANTED_BY: &str = "SELECT e.id, e.deadline_seconds FROM endpoint_events s
    JOIN endpoints e ON e.id = s.endpoint_id
    WHERE s.action = $1 AND e.active AND e.deleted_at IS NULL ORDER BY e.id";

/// Says that [`enqueue`] will be called for an event of this kind.
pub fn ask_ahead(tx: &mut impl TenantTx, action: Action) {
    if SUBSCRIBABLE.contains(&action) {
        tx.ask_setting_ahead(WANTED_BY, &[action.as_str().into()]);
    }
}

/// Makes a delivery of an event for each active endpoint that wants it, in the event's transaction.
///
/// Only what can be subscribed to is looked up, so other events cost nothing and deliveries never
/// cause deliveries. The endpoint whose workflow caused the event by its callback (`originator`) is
/// passed over: it would be told of its own answer, answer that, and never come to an end.
///
/// Answers the first of them.
///
/// # Errors
/// When the store fails.
pub async fn enqueue(
    tx: &mut impl TenantTx,
    event: EventId,
    action: Action,
    ticket: Option<TicketId>,
    originator: Option<EndpointId>,
) -> Result<Option<DeliveryId>> {
    const INSERT: &str = "INSERT INTO deliveries (id, endpoint_id, event_id, event_type, ticket_id, state,
        attempt_count, cycle_attempts, due_at, expected_status, deadline_at, trace_parent,
        created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, 'pending', 0, 0, $6, (SELECT status FROM tickets WHERE id = $5), $7, $8,
        $6, $6)";
    const SHOW_PENDING: &str =
        "UPDATE tickets SET workflow_state = $2, workflow_at = $3, workflow_delivery_id = $4
        WHERE id = $1";
    if !SUBSCRIBABLE.contains(&action) {
        return Ok(None);
    }
    let wanted_by = tx
        .query(WANTED_BY, &[action.as_str().into()], |row| Ok((EndpointId(row.uuid(0)?), row.opt_int(1)?)))
        .await?;
    let now = tx.now();
    let mut first = None;
    for (endpoint, deadline_seconds) in wanted_by {
        if originator == Some(endpoint) {
            continue;
        }
        let id = tx.new_id();
        // Of a ticket that is gone nobody can show that it is overdue.
        let deadline = deadline_seconds
            .filter(|_| ticket.is_some() && action != Action::TicketDeleted)
            .map(|seconds| now.plus_ms(seconds.saturating_mul(1000)));
        tx.put(
            INSERT,
            vec![
                id.into(),
                endpoint.into(),
                event.into(),
                action.as_str().into(),
                ticket.into(),
                now.into(),
                deadline.into(),
                tx.trace_parent().into(),
            ],
        );
        first.get_or_insert(DeliveryId(id));
    }
    if let (Action::TicketCreated, Some(ticket), Some(delivery)) = (action, ticket, first) {
        let pending = WorkflowState::Pending.as_str();
        tx.put(SHOW_PENDING, vec![ticket.into(), pending.into(), now.into(), delivery.into()]);
    }
    Ok(first)
}
