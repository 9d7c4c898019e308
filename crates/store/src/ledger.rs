//! How an event is written: the same on both engines.

use flowbit_domain::{Value, event::StoredEvent};

/// Takes [`event_values`].
pub(crate) const APPEND: &str = "INSERT INTO events (seq, id, at, action, actor_kind, actor_id, actor_name, ticket_id, \
    requester_id, audience, ip, request_id, data, data_hash, prev_hash, hash) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

/// A sealed event as the values of its row.
pub(crate) fn event_values(e: &StoredEvent) -> [Value; 16] {
    [
        e.seq.into(),
        e.id.into(),
        e.at.into(),
        e.action.as_str().into(),
        e.actor.kind.as_str().into(),
        e.actor.id.map_or(Value::Null, Value::Uuid),
        e.actor.name.as_str().into(),
        e.ticket.into(),
        e.requester.into(),
        e.audience.code().into(),
        e.ip.as_deref().into(),
        e.request_id.as_deref().into(),
        e.data.as_str().into(),
        e.data_hash.to_vec().into(),
        e.prev_hash.to_vec().into(),
        e.hash.to_vec().into(),
    ]
}
