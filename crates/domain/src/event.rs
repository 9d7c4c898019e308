//! Events: what the ledger is made of, and how each is sealed into the chain.
//!
//! `hash = SHA-256(prefix ‖ prev_hash ‖ canonical fields ‖ data_hash)`. The chain covers
//! `data_hash` rather than `data`, address and names, so that personal data can be erased later and
//! the chain still verifies.

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    id::{EventId, TenantId, TicketId, UserId},
    principal::{Actor, ActorKind, Origin},
    time::Timestamp,
    tx::Value,
};

mod action;
mod chain;

pub use action::Action;
pub use chain::{ChainFault, ChainVerifier, ERASED, ERASED_BY, ErasedEvents, ErasureStatement, erased_data};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash that stands before the first event.
pub const GENESIS: Hash = [0; 32];

/// Who in the company may see an event. Decided when it is recorded, covered by the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Audience {
    /// Admins: sign-ins, administration, refusals.
    Admins = 0,
    /// Agents and admins: internal notes and the like.
    Staff = 1,
    /// Also the ticket's requester.
    Requester = 2,
    /// One person alone, whom the event names where others name the requester: what is theirs and nobody else's.
    Person = 3,
}

impl Audience {
    /// The number in the store.
    #[must_use]
    pub fn code(self) -> i64 {
        i64::from(self as u8)
    }

    /// The audience of that number.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        [Self::Admins, Self::Staff, Self::Requester, Self::Person].into_iter().find(|a| a.code() == code)
    }
}

/// An event before it is sealed.
#[derive(Debug, Clone)]
pub struct EventDraft {
    /// What happened.
    pub action: Action,
    /// Who may see it.
    pub audience: Audience,
    /// Who did it and from where.
    pub origin: Origin,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// That ticket's requester, or whom alone the event concerns; needed for [`Audience::Requester`] and
    /// [`Audience::Person`].
    pub requester: Option<UserId>,
    /// The rest, a JSON object as text.
    pub data: String,
}

/// An event as it stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place: 1, 2, 3… without a gap in each tenant.
    pub seq: i64,
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// What happened; text, because a newer version may have written it.
    pub action: String,
    /// Who.
    pub actor: Actor,
    /// About which ticket.
    pub ticket: Option<TicketId>,
    /// That ticket's requester.
    pub requester: Option<UserId>,
    /// Who may see it.
    pub audience: Audience,
    /// From which address.
    pub ip: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// A JSON object as text, byte for byte as hashed.
    pub data: String,
    /// Hash of what can be erased: data, address, name.
    pub data_hash: Hash,
    /// Hash of the event before.
    pub prev_hash: Hash,
    /// Hash of this one.
    pub hash: Hash,
}

fn absorb(hasher: &mut Sha256, field: &[u8]) {
    hasher.update((field.len() as u64).to_be_bytes());
    hasher.update(field);
}

fn absorb_opt(hasher: &mut Sha256, field: Option<&[u8]>) {
    match field {
        None => hasher.update([0]),
        Some(bytes) => {
            hasher.update([1]);
            absorb(hasher, bytes);
        }
    }
}

impl StoredEvent {
    /// Seals a draft: gives it its place after `prev_hash`.
    #[must_use]
    pub fn seal(draft: EventDraft, id: EventId, seq: i64, at: Timestamp, prev_hash: Hash) -> Self {
        let EventDraft { action, audience, origin, ticket, requester, data } = draft;
        let mut event = Self {
            seq,
            id,
            at,
            action: action.as_str().to_owned(),
            actor: origin.actor,
            ticket,
            requester,
            audience,
            ip: origin.ip,
            request_id: origin.request_id,
            data,
            data_hash: GENESIS,
            prev_hash,
            hash: GENESIS,
        };
        event.data_hash = event.compute_data_hash();
        event.hash = event.compute_hash();
        event
    }

    /// The hash of the erasable part, from what stands in the event.
    #[must_use]
    pub fn compute_data_hash(&self) -> Hash {
        let mut h = Sha256::new();
        h.update(b"flowbit-event-data-v1");
        absorb(&mut h, self.data.as_bytes());
        absorb_opt(&mut h, self.ip.as_deref().map(str::as_bytes));
        absorb(&mut h, self.actor.name.as_bytes());
        h.finalize().into()
    }

    /// The event's hash, from what stands in it.
    #[must_use]
    pub fn compute_hash(&self) -> Hash {
        let mut h = Sha256::new();
        h.update(b"flowbit-event-v1");
        h.update(self.prev_hash);
        h.update(self.seq.to_be_bytes());
        h.update(self.id.0.as_bytes());
        h.update(self.at.0.to_be_bytes());
        absorb(&mut h, self.action.as_bytes());
        absorb(&mut h, self.actor.kind.as_str().as_bytes());
        absorb_opt(&mut h, self.actor.id.as_ref().map(|id| &id.as_bytes()[..]));
        absorb_opt(&mut h, self.ticket.as_ref().map(|id| &id.0.as_bytes()[..]));
        absorb_opt(&mut h, self.requester.as_ref().map(|id| &id.0.as_bytes()[..]));
        h.update([self.audience as u8]);
        absorb_opt(&mut h, self.request_id.as_deref().map(str::as_bytes));
        h.update(self.data_hash);
        h.finalize().into()
    }

    /// The event that says that the personal part of this one was taken out, if it was.
    #[must_use]
    pub fn erased_by(&self) -> Option<EventId> {
        if self.ip.is_some() || self.actor.name != ERASED {
            return None;
        }
        let id = self.data.strip_prefix(ERASED_BY)?.strip_suffix("\"}")?;
        let id = Uuid::parse_str(id).ok().map(EventId)?;
        (erased_data(id) == self.data).then_some(id)
    }

    /// Whether it may have changed who is signed in or what they may do. An action that this version does
    /// not know may be one that does.
    #[must_use]
    pub fn touches_identity(&self) -> bool {
        Action::parse(&self.action).is_none_or(Action::touches_identity)
    }

    /// The values of its row, in the order of the table's columns.
    #[must_use]
    pub fn values(&self) -> [Value; 16] {
        [
            self.seq.into(),
            self.id.into(),
            self.at.into(),
            self.action.as_str().into(),
            self.actor.kind.as_str().into(),
            self.actor.id.map_or(Value::Null, Value::Uuid),
            self.actor.name.as_str().into(),
            self.ticket.into(),
            self.requester.into(),
            self.audience.code().into(),
            self.ip.as_deref().into(),
            self.request_id.as_deref().into(),
            self.data.as_str().into(),
            self.data_hash.to_vec().into(),
            self.prev_hash.to_vec().into(),
            self.hash.to_vec().into(),
        ]
    }

    /// Who did it, if it was a person.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.actor.id.filter(|_| self.actor.kind == ActorKind::User).map(UserId)
    }

    /// The public shape of it.
    #[must_use]
    pub fn publish(&self, tenant: TenantId) -> Event {
        Event {
            seq: self.seq,
            id: self.id,
            timestamp: self.at,
            action: self.action.clone(),
            user_id: self.user(),
            customer_id: tenant,
            ticket_id: self.ticket,
            actor: self.actor.clone(),
            data: RawValue::from_string(self.data.clone()).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        }
    }
}

/// An event as clients see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its place: 1, 2, 3… without a gap in each company.
    pub seq: i64,
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened, such as `ticket.created`.
    #[schema(example = "ticket.created")]
    pub action: String,
    /// Who, if it was a person.
    #[schema(required)]
    pub user_id: Option<UserId>,
    /// In which company.
    pub customer_id: TenantId,
    /// About which ticket.
    #[schema(required)]
    pub ticket_id: Option<TicketId>,
    /// Who or what did it.
    pub actor: Actor,
    /// What else is to say, depending on the action.
    #[schema(value_type = Object)]
    pub data: Box<RawValue>,
}

/// The bytes that a checkpoint's Ed25519 signature covers.
#[must_use]
pub fn checkpoint_bytes(tenant: TenantId, size: i64, head: &Hash, at: Timestamp) -> Vec<u8> {
    let tenant: Uuid = tenant.0;
    let mut bytes = b"flowbit-checkpoint-v1".to_vec();
    bytes.extend_from_slice(tenant.as_bytes());
    bytes.extend_from_slice(&size.to_be_bytes());
    bytes.extend_from_slice(head);
    bytes.extend_from_slice(&at.0.to_be_bytes());
    bytes
}
