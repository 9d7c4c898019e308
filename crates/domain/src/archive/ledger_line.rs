//! The form in which events stand in files, so that their chain can be verified without Flowbit's store.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    event::{Audience, Hash, StoredEvent},
    id::{EventId, TenantId, TicketId, UserId},
    principal::{Actor, ActorKind},
    time::Timestamp,
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
    Person,
}

impl From<Audience> for LineAudience {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Admins => Self::Admins,
            Audience::Staff => Self::Staff,
            Audience::Requester => Self::Requester,
            Audience::Person => Self::Person,
        }
    }
}

impl From<LineAudience> for Audience {
    fn from(audience: LineAudience) -> Self {
        match audience {
            LineAudience::Admins => Self::Admins,
            LineAudience::Staff => Self::Staff,
            LineAudience::Requester => Self::Requester,
            LineAudience::Person => Self::Person,
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
