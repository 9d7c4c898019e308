//! How an event is written: the same on both engines.

/// Takes [`StoredEvent::values`](flowbit_domain::event::StoredEvent::values).
pub(crate) const APPEND: &str = "INSERT INTO events (seq, id, at, action, actor_kind, actor_id, actor_name, ticket_id, \
    requester_id, audience, ip, request_id, data, data_hash, prev_hash, hash) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
