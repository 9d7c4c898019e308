//! Everything of a company, for taking it along: a stream of records, and the form in which events
//! stand in files so that their chain can be verified without Flowbit's store.
//!
//! Left out are secrets: hashes of passwords, invitations, sessions, the endpoints' secrets, and what
//! only makes sense inside a running Flowbit (idempotency keys, the digests of callbacks, the index
//! for searching).

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json, value::RawValue};

use crate::{
    audit::{GetHead, Head},
    error::{Error, Result},
    event::{Audience, Hash, StoredEvent},
    feed::{event_from_row, select_event},
    id::{EventId, TenantId, TicketId, UserId},
    principal::{Actor, ActorKind},
    ticket::{Priority, damaged},
    time::Timestamp,
    tx::{Query, Row, StoreError, TenantRead},
};

/// An event as one line of a file: the public event, and all that its hash covers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerLine {
    seq: i64,
    id: EventId,
    timestamp: Timestamp,
    action: String,
    user_id: Option<UserId>,
    customer_id: TenantId,
    ticket_id: Option<TicketId>,
    actor: Actor,
    /// Byte for byte as hashed.
    data: Box<RawValue>,
    ip: Option<String>,
    request_id: Option<String>,
    requester_id: Option<UserId>,
    audience: LineAudience,
    data_hash: String,
    prev_hash: String,
    hash: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum LineAudience {
    Admins,
    Staff,
    Requester,
}

impl From<Audience> for LineAudience {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Admins => Self::Admins,
            Audience::Staff => Self::Staff,
            Audience::Requester => Self::Requester,
        }
    }
}

impl From<LineAudience> for Audience {
    fn from(audience: LineAudience) -> Self {
        match audience {
            LineAudience::Admins => Self::Admins,
            LineAudience::Staff => Self::Staff,
            LineAudience::Requester => Self::Requester,
        }
    }
}

impl LedgerLine {
    /// The line of an event.
    #[must_use]
    pub fn new(event: &StoredEvent, tenant: TenantId) -> Self {
        let public = event.publish(tenant);
        Self {
            seq: event.seq,
            id: event.id,
            timestamp: event.at,
            action: public.action,
            user_id: public.user_id,
            customer_id: tenant,
            ticket_id: event.ticket,
            actor: public.actor,
            data: public.data,
            ip: event.ip.clone(),
            request_id: event.request_id.clone(),
            requester_id: event.requester,
            audience: event.audience.into(),
            data_hash: hex::encode(event.data_hash),
            prev_hash: hex::encode(event.prev_hash),
            hash: hex::encode(event.hash),
        }
    }

    /// Whose ledger it is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.customer_id
    }

    /// The event that stands in the line. `None`: a hash is not one, or who it was is said in two ways.
    #[must_use]
    pub fn into_event(self) -> Option<StoredEvent> {
        // The one field that is derived, and so is covered by no hash.
        let derived = self.actor.id.filter(|_| self.actor.kind == ActorKind::User).map(UserId);
        if derived != self.user_id {
            return None;
        }
        Some(StoredEvent {
            seq: self.seq,
            id: self.id,
            at: self.timestamp,
            action: self.action,
            actor: self.actor,
            ticket: self.ticket_id,
            requester: self.requester_id,
            audience: self.audience.into(),
            ip: self.ip,
            request_id: self.request_id,
            data: self.data.get().to_owned(),
            data_hash: parse_hash(&self.data_hash)?,
            prev_hash: parse_hash(&self.prev_hash)?,
            hash: parse_hash(&self.hash)?,
        })
    }
}

fn parse_hash(text: &str) -> Option<Hash> {
    let lower = text.bytes().all(|b| !b.is_ascii_uppercase());
    hex::decode(text).ok().filter(|_| lower)?.try_into().ok()
}

/// One record of an archive.
#[derive(Debug, Serialize)]
pub struct Record {
    /// What it is, such as `ticket`.
    pub kind: &'static str,
    /// The thing itself; of an event byte for byte what its hash covers.
    pub data: Box<RawValue>,
}

/// Takes records as they are read; an error ends the reading.
pub type Sink = Box<dyn FnMut(Record) -> Result<(), String> + Send>;

/// Reads everything of a company as it is at one moment, record by record. Answers the ledger's head
/// at that moment.
///
/// The kinds, in this order: `user`, `ticket`, `message`, `endpoint`, `delivery`, `deliveryAttempt`,
/// `screenSetting`, `event`.
pub struct ReadArchive {
    /// Who takes them.
    pub sink: Sink,
}

/// Reads a row as a record.
type Shape = fn(&dyn Row, TenantId) -> Result<Box<RawValue>, StoreError>;

const TABLES: [(&str, &str, Shape); 8] = [
    (
        "user",
        "SELECT id, email, name, role, active, last_login_at, created_at, updated_at FROM users ORDER BY id",
        |row, _| {
            raw(&json!({
                "id": row.uuid(0)?, "email": row.text(1)?, "name": row.text(2)?, "role": row.text(3)?,
                "active": row.bool(4)?, "lastLoginAt": row.opt_time(5)?, "createdAt": row.time(6)?,
                "updatedAt": row.time(7)?,
            }))
        },
    ),
    (
        "ticket",
        "SELECT number, id, title, description, status, priority, tags, custom_fields, requester_id, assignee_id, \
         workflow_state, workflow_at, workflow_delivery_id, version, created_at, updated_at, resolved_at \
         FROM tickets ORDER BY number",
        |row, _| {
            let priority = Priority::from_code(row.int(5)?).ok_or_else(|| damaged("priority"))?;
            raw(&json!({
                "number": row.int(0)?, "id": row.uuid(1)?, "title": row.text(2)?, "description": row.text(3)?,
                "status": row.text(4)?, "priority": priority, "tags": parse(row, 6)?, "customFields": parse(row, 7)?,
                "requesterId": row.uuid(8)?, "assigneeId": row.opt_uuid(9)?, "workflowState": row.opt_text(10)?,
                "workflowAt": row.opt_time(11)?, "workflowDeliveryId": row.opt_uuid(12)?, "version": row.int(13)?,
                "createdAt": row.time(14)?, "updatedAt": row.time(15)?, "resolvedAt": row.opt_time(16)?,
            }))
        },
    ),
    (
        "message",
        "SELECT ticket_id, ordinal, id, author_kind, author_id, author_name, body, internal, created_at \
         FROM messages ORDER BY ticket_id, ordinal",
        |row, _| {
            raw(&json!({
                "ticketId": row.uuid(0)?, "ordinal": row.int(1)?, "id": row.uuid(2)?,
                "author": { "kind": row.text(3)?, "id": row.opt_uuid(4)?, "name": row.text(5)? },
                "body": row.text(6)?, "internal": row.bool(7)?, "createdAt": row.time(8)?,
            }))
        },
    ),
    (
        "endpoint",
        "SELECT id, url, description, events, active, deadline_seconds, last_success_at, created_at, updated_at, \
         deleted_at FROM endpoints ORDER BY id",
        |row, _| {
            raw(&json!({
                "id": row.uuid(0)?, "url": row.text(1)?, "description": row.text(2)?, "events": parse(row, 3)?,
                "active": row.bool(4)?, "deadlineSeconds": row.opt_int(5)?, "lastSuccessAt": row.opt_time(6)?,
                "createdAt": row.time(7)?, "updatedAt": row.time(8)?, "deletedAt": row.opt_time(9)?,
            }))
        },
    ),
    (
        "delivery",
        "SELECT id, endpoint_id, event_id, event_type, ticket_id, state, attempt_count, last_status, last_error, \
         deadline_at, overdue_at, callback_at, created_at, updated_at FROM deliveries ORDER BY id",
        |row, _| {
            raw(&json!({
                "id": row.uuid(0)?, "endpointId": row.uuid(1)?, "eventId": row.uuid(2)?, "eventType": row.text(3)?,
                "ticketId": row.opt_uuid(4)?, "state": row.text(5)?, "attemptCount": row.int(6)?,
                "lastStatus": row.opt_int(7)?, "lastError": row.opt_text(8)?, "deadlineAt": row.opt_time(9)?,
                "overdueAt": row.opt_time(10)?, "callbackAt": row.opt_time(11)?, "createdAt": row.time(12)?,
                "updatedAt": row.time(13)?,
            }))
        },
    ),
    (
        "deliveryAttempt",
        "SELECT delivery_id, number, at, duration_ms, status, error, response_body \
         FROM delivery_attempts ORDER BY delivery_id, number",
        |row, _| {
            raw(&json!({
                "deliveryId": row.uuid(0)?, "number": row.int(1)?, "at": row.time(2)?,
                "durationMs": row.opt_int(3)?, "status": row.opt_int(4)?, "error": row.opt_text(5)?,
                "responseBody": row.opt_text(6)?,
            }))
        },
    ),
    (
        "screenSetting",
        "SELECT screen_id, position, enabled, roles FROM screen_settings ORDER BY position, screen_id",
        |row, _| {
            let roles: Option<Vec<&str>> = row.opt_text(3)?.map(|names| names.split(',').collect());
            raw(&json!({
                "screenId": row.text(0)?, "position": row.int(1)?, "enabled": row.bool(2)?, "roles": roles,
            }))
        },
    ),
    ("event", select_event!("ORDER BY seq"), |row, tenant| {
        raw(&LedgerLine::new(&event_from_row(row)?, tenant))
    }),
];

fn raw(value: &impl Serialize) -> Result<Box<RawValue>, StoreError> {
    serde_json::value::to_raw_value(value).map_err(|e| StoreError::Failed(e.to_string()))
}

fn parse(row: &dyn Row, column: usize) -> Result<Json, StoreError> {
    serde_json::from_str(row.text(column)?).map_err(|_| damaged("JSON text"))
}

impl Query for ReadArchive {
    type Output = Head;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Head> {
        let mut sink = self.sink;
        let tenant = tx.tenant();
        for (kind, sql, shape) in TABLES {
            // Handed on row by row: the whole of a company never has to fit into memory.
            tx.query(sql, &[], |row| {
                let data = shape(row, tenant)?;
                sink(Record { kind, data }).map_err(StoreError::Failed)
            })
            .await
            .map_err(Error::from)?;
        }
        GetHead.run(tx).await
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        event::{Action, ChainVerifier, EventDraft, GENESIS},
        principal::Origin,
    };

    #[test]
    fn an_event_survives_its_line_byte_for_byte() {
        let tenant = TenantId(Uuid::from_u128(1));
        let draft = EventDraft {
            action: Action::TicketCreated,
            audience: Audience::Requester,
            origin: Origin {
                actor: Actor::user(UserId(Uuid::from_u128(2)), "Zoë \"Z\" Ö"),
                ip: Some("::1".into()),
                request_id: Some("r-1".into()),
            },
            ticket: Some(TicketId(Uuid::from_u128(3))),
            requester: Some(UserId(Uuid::from_u128(2))),
            // Spaces, order and escapes must stay as they are.
            data: r#"{ "b":1.50, "a":"\u00e9", "z":[ ] }"#.into(),
        };
        let event =
            StoredEvent::seal(draft, EventId(Uuid::from_u128(4)), 1, Timestamp(1_769_847_300_007), GENESIS);
        let text = serde_json::to_string(&LedgerLine::new(&event, tenant)).unwrap();
        let line: LedgerLine = serde_json::from_str(&text).unwrap();
        assert_eq!(line.tenant(), tenant);
        let back = line.into_event().unwrap();
        assert_eq!(back, event);
        ChainVerifier::default().check(&back).unwrap();

        let forged = text.replace(&format!(r#""userId":"{}""#, Uuid::from_u128(2)), r#""userId":null"#);
        assert_ne!(forged, text);
        assert!(serde_json::from_str::<LedgerLine>(&forged).unwrap().into_event().is_none());
    }
}
