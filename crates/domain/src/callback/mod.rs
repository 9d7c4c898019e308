//! Callbacks: what a company's workflow answers. Who calls is proven twice, by the endpoint's shared
//! secret and by a token that the delivery carried; what it asks for takes effect once.

mod apply;
mod refuse;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

pub use apply::{ApplyCallback, CallbackOutcome};
pub use refuse::{RecordRefusedCallback, Refusal};

use crate::{
    control::SecretHash,
    error::Result,
    id::{DeliveryId, EndpointId, TicketId},
    text::Checks,
    ticket::Status,
};

/// Longest message of a workflow, in characters.
const MESSAGE_MAX: usize = 10_000;
/// Largest `data` of a callback, in bytes of JSON.
const DATA_MAX: usize = 16 * 1024;

/// What the token of a callback, its signature verified, says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallbackClaim {
    /// About which ticket.
    pub ticket: TicketId,
    /// Which delivery carried it.
    pub delivery: DeliveryId,
    /// To which endpoint.
    pub endpoint: EndpointId,
}

/// What a workflow wants.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Answer {
    /// About which ticket: `data.ticketId` of the delivery.
    pub ticket_id: TicketId,
    /// `data.callbackToken` of the delivery.
    #[serde(default)]
    #[schema(required)]
    pub callback_token: String,
    /// The ticket's new status. It is set only if nobody has set another one since the delivery.
    #[serde(default)]
    pub status: Option<Status>,
    /// A public message to the requester, 1 to 10,000 characters.
    #[serde(default)]
    #[schema(max_length = 10000, min_length = 1)]
    pub message: Option<String>,
    /// New values of the ticket's custom fields, by their keys; null takes one away, the others stay.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub custom_fields: Option<Values>,
    /// Anything worth keeping in the audit trail, at most 16 KiB.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub data: Option<serde_json::Value>,
}

/// Values of custom fields, by their keys.
type Values = serde_json::Map<String, serde_json::Value>;

struct Checked {
    status: Option<Status>,
    message: Option<String>,
    data: Option<serde_json::Value>,
}

fn check(status: Option<Status>, message: Option<&str>, data: Option<serde_json::Value>) -> Result<Checked> {
    let mut checks = Checks::default();
    let message = message.map(|text| checks.filled_body("message", text, MESSAGE_MAX));
    if let Some(data) = &data {
        let size = data.to_string().len();
        if size > DATA_MAX {
            checks.fail("data", format!("must be at most {DATA_MAX} bytes of JSON, is {size}"));
        }
        if contains_nul(data) {
            checks.fail("data", "must not contain U+0000");
        }
    }
    checks.finish()?;
    Ok(Checked { status, message, data })
}

fn contains_nul(value: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Object, String};
    match value {
        String(text) => text.contains('\0'),
        Array(items) => items.iter().any(contains_nul),
        Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || contains_nul(value)),
        _ => false,
    }
}

/// By what a repeated callback is known: what it would do, not what it tells besides.
fn digest(status: Option<Status>, message: Option<&str>, fields: Option<&Values>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"flowbit-callback-v1");
    if let Some(fields) = fields {
        // Before the others, which count from a byte that is 0 or 1. Sorted by their keys, as JSON is kept here.
        let text = serde_json::Value::Object(fields.clone()).to_string();
        hasher.update([2]);
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    for field in [status.map(Status::as_str), message] {
        match field {
            None => hasher.update([0]),
            Some(text) => {
                hasher.update([1]);
                hasher.update((text.len() as u64).to_be_bytes());
                hasher.update(text.as_bytes());
            }
        }
    }
    hasher.finalize().into()
}

/// Compares hashes of secrets in a time that says nothing about where they differ.
fn same_secret(a: &SecretHash, b: &SecretHash) -> bool {
    std::hint::black_box(a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b))) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_callback_is_known_by_what_it_does() {
        let all = [
            digest(None, None, None),
            digest(None, Some("open"), None),
            digest(Some(Status::Open), None, None),
            digest(Some(Status::Open), Some(""), None),
            digest(Some(Status::Open), Some("Hello"), None),
            digest(Some(Status::Closed), Some("Hello"), None),
            digest(None, None, Some(&Values::new())),
            digest(None, None, json!({ "a": 1 }).as_object()),
            digest(None, None, json!({ "a": 2 }).as_object()),
        ];
        for (i, a) in all.iter().enumerate() {
            for (j, b) in all.iter().enumerate() {
                assert_eq!(a == b, i == j);
            }
        }
    }

    #[test]
    fn limits_hold() {
        assert!(check(None, Some(&"x".repeat(MESSAGE_MAX)), None).is_ok());
        assert!(check(None, Some(&"x".repeat(MESSAGE_MAX + 1)), None).is_err());
        assert!(check(None, Some("\u{200b}"), None).is_err());
        assert!(check(None, None, Some(json!({ "a": "x".repeat(DATA_MAX) }))).is_err());
        assert!(check(None, None, Some(json!({ "a": ["\0"] }))).is_err());
    }

    #[test]
    fn secrets_are_the_same_only_when_each_bit_is() {
        let a = [7; 32];
        assert!(same_secret(&a, &a));
        for bit in 0..256 {
            let mut b = a;
            b[bit / 8] ^= 1 << (bit % 8);
            assert!(!same_secret(&a, &b));
        }
    }
}
