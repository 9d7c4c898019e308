//! Webhook endpoints: where a company's events go, and the secrets that both sides know.

mod aging;
mod create;
mod delete;
mod list;
mod rotate;
mod test;
mod update;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) use aging::read_aging;
pub use create::{CreateEndpoint, NewEndpoint};
pub use delete::DeleteEndpoint;
pub use list::{GetEndpoint, ListEndpoints};
pub use rotate::RotateSecret;
pub use test::{TestEndpoint, TestStarted};
pub use update::{EndpointPatch, UpdateEndpoint};

use crate::{
    control::SecretHash,
    error::Result,
    event::{Action, Audience, EventDraft},
    id::EndpointId,
    ledger,
    principal::Origin,
    text::Checks,
    time::{Clock, Randomness, Timestamp},
    tx::{Row, StoreError, TenantRead, TenantTx},
};

/// The actions that an endpoint may ask for. What deliveries and administration record is not among
/// them: a delivery must never cause another.
pub const SUBSCRIBABLE: &[Action] =
    &[Action::TicketCreated, Action::TicketUpdated, Action::TicketDeleted, Action::MessageCreated];

/// The type of a trial delivery; nobody can subscribe to it.
pub const TEST_EVENT: &str = "endpoint.test";

/// How many endpoints a company may have.
pub const ENDPOINTS_MAX: i64 = 50;

/// How long secrets stay good after new ones were made: a day.
pub const OLD_SECRETS_MS: i64 = 24 * 60 * 60 * 1000;

const URL_MAX: usize = 2_000;
const DESCRIPTION_MAX: usize = 200;
const DEADLINE_SECONDS_MAX: i64 = 30 * 24 * 60 * 60;

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Where deliveries are sent.
    pub url: String,
    /// What it is for, for people; also the name under which its workflow writes messages.
    pub description: String,
    /// Which events it gets.
    #[schema(example = json!(["ticket.created"]))]
    pub events: Vec<String>,
    /// Whether it gets any at the moment.
    pub active: bool,
    /// So many seconds after an event its workflow counts as overdue; null: never.
    #[schema(required)]
    pub deadline_seconds: Option<i64>,
    /// Since when it is known.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How many attempts in a row have failed.
    pub consecutive_failures: i64,
    /// Until when nothing is sent because it kept failing or asked for a pause.
    #[schema(required)]
    pub breaker_open_until: Option<Timestamp>,
    /// When it last accepted a delivery.
    #[schema(required)]
    pub last_success_at: Option<Timestamp>,
}

/// The two secrets of an endpoint, made by Flowbit.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Signs deliveries (Standard Webhooks 1.0): `whsec_` and the base64 of 32 bytes.
    pub signing: String,
    /// Stands in the header `X-Webhook-Secret`, both ways: `fbs_` and 43 URL-safe characters.
    pub shared: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Makes a new pair.
    #[must_use]
    pub fn generate(randomness: &dyn Randomness) -> Self {
        let (mut signing, mut shared) = ([0; 32], [0; 32]);
        randomness.fill(&mut signing);
        randomness.fill(&mut shared);
        Self {
            signing: format!("whsec_{}", STANDARD.encode(signing)),
            shared: format!("fbs_{}", URL_SAFE_NO_PAD.encode(shared)),
        }
    }

    /// What the directory of secrets finds the endpoint by.
    #[must_use]
    pub fn shared_hash(&self) -> SecretHash {
        hash_secret(&self.shared)
    }
}

/// SHA-256 of a shared secret. Secrets are compared by it, so that the time which a comparison takes
/// says nothing about the secret.
#[must_use]
pub fn hash_secret(shared: &str) -> SecretHash {
    Sha256::digest(shared.as_bytes()).into()
}

impl EndpointId {
    /// A new id (UUIDv7, RFC 9562). It is made before the transaction because the directory of
    /// secrets must know the endpoint first.
    #[must_use]
    pub fn generate(clock: &dyn Clock, randomness: &dyn Randomness) -> Self {
        let mut random = [0; 10];
        randomness.fill(&mut random);
        let millis = u64::try_from(clock.now().0).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

/// An endpoint with its secrets: shown when they are made and never again.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointWithSecrets {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// Signs deliveries (`webhook-signature`).
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: String,
    /// Stands in the header `X-Webhook-Secret` of deliveries, and must stand in that of callbacks.
    pub shared_secret: String,
}

impl EndpointWithSecrets {
    fn new(endpoint: Endpoint, secrets: Secrets) -> Self {
        Self { endpoint, secret: secrets.signing, shared_secret: secrets.shared }
    }
}

impl std::fmt::Debug for EndpointWithSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointWithSecrets").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// The columns that [`endpoint_from_row`] reads.
macro_rules! select_endpoint {
    ($rest:literal) => {
        concat!(
            "SELECT id, url, description, events, active, deadline_seconds, created_at, updated_at, \
             consecutive_failures, breaker_until, last_success_at FROM endpoints WHERE deleted_at IS NULL",
            $rest
        )
    };
}
use select_endpoint;

fn endpoint_from_row(row: &dyn Row) -> Result<Endpoint, StoreError> {
    let events = serde_json::from_str(row.text(3)?)
        .map_err(|_| StoreError::Failed("a stored list of events can't be read".into()))?;
    Ok(Endpoint {
        id: EndpointId(row.uuid(0)?),
        url: row.text(1)?.to_owned(),
        description: row.text(2)?.to_owned(),
        events,
        active: row.bool(4)?,
        deadline_seconds: row.opt_int(5)?,
        created_at: row.time(6)?,
        updated_at: row.time(7)?,
        consecutive_failures: row.int(8)?,
        breaker_open_until: row.opt_time(9)?,
        last_success_at: row.opt_time(10)?,
    })
}

async fn load(tx: &mut impl TenantRead, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
    let endpoint = tx.query_one(select_endpoint!(" AND id = $1"), &[id.into()], endpoint_from_row).await?;
    let now = tx.now();
    Ok(endpoint.map(|e| e.seen_at(now)))
}

impl Endpoint {
    /// A pause that is over is not shown.
    fn seen_at(mut self, now: Timestamp) -> Self {
        self.breaker_open_until = self.breaker_open_until.filter(|until| *until > now);
        self
    }
}

fn check_url(checks: &mut Checks, url: &str) -> String {
    let url = url.trim();
    let length = url.chars().count();
    if length > URL_MAX {
        checks.fail("url", format!("must be at most {URL_MAX} characters, is {length}"));
    } else if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        checks.fail("url", "must not contain spaces or control characters");
    } else {
        match url::Url::parse(url) {
            Err(e) => checks.fail("url", format!("is not an absolute URL: {e}")),
            Ok(parsed) if !matches!(parsed.scheme(), "http" | "https") => {
                checks.fail("url", "must begin with http:// or https://");
            }
            Ok(parsed) if parsed.host_str().is_none_or(str::is_empty) => {
                checks.fail("url", "must name a host")
            }
            Ok(parsed) if !parsed.username().is_empty() || parsed.password().is_some() => {
                checks.fail("url", "must not contain a user name or password");
            }
            Ok(parsed) if parsed.fragment().is_some() => checks.fail("url", "must not contain a fragment"),
            Ok(_) => {}
        }
    }
    url.to_owned()
}

fn check_events(checks: &mut Checks, events: &[String]) -> Vec<String> {
    if events.is_empty() {
        checks.fail("events", "must name at least one event");
    }
    let mut kept: Vec<String> = Vec::with_capacity(SUBSCRIBABLE.len());
    for (i, name) in events.iter().enumerate() {
        if !SUBSCRIBABLE.iter().any(|action| action.as_str() == name) {
            let all: Vec<_> = SUBSCRIBABLE.iter().map(|action| action.as_str()).collect();
            checks.fail(format!("events[{i}]"), format!("must be one of {}", all.join(", ")));
        } else if !kept.contains(name) {
            kept.push(name.clone());
        }
    }
    kept
}

fn check_description(checks: &mut Checks, description: &str) -> String {
    if crate::text::is_blank(description) {
        String::new()
    } else {
        checks.line("description", description, DESCRIPTION_MAX)
    }
}

fn check_deadline(checks: &mut Checks, seconds: Option<i64>) -> Option<i64> {
    if seconds.is_some_and(|s| !(1..=DEADLINE_SECONDS_MAX).contains(&s)) {
        checks.fail("deadlineSeconds", format!("must be from 1 to {DEADLINE_SECONDS_MAX}, or null"));
    }
    seconds
}

/// Replaces what the endpoint has asked for, in the index that recording looks up.
fn put_subscriptions(tx: &mut impl TenantTx, id: EndpointId, events: &[String]) {
    const CLEAR: &str = "DELETE FROM endpoint_events WHERE endpoint_id = $1";
    const ADD: &str = "INSERT INTO endpoint_events (action, endpoint_id) VALUES ($1, $2)";
    tx.put(CLEAR, vec![id.into()]);
    for action in events {
        tx.put(ADD, vec![action.as_str().into(), id.into()]);
    }
}

/// Lets the endpoint be tried at once although it kept failing; what it did is not forgotten.
pub(crate) fn put_half_open(tx: &mut impl TenantTx, id: EndpointId) {
    const SQL: &str = "UPDATE endpoints SET breaker_until = NULL WHERE id = $1";
    tx.put(SQL, vec![id.into()]);
}

/// Records what was done to an endpoint, for the admins.
pub(crate) async fn record(
    tx: &mut impl TenantTx,
    action: Action,
    origin: Origin,
    data: serde_json::Value,
) -> Result<crate::id::EventId> {
    let draft = EventDraft {
        action,
        audience: Audience::Admins,
        origin,
        ticket: None,
        requester: None,
        data: data.to_string(),
    };
    ledger::record(tx, draft).await
}

/// Makes a delivery that is about no ticket: due now, no callback expected.
pub(crate) fn put_trial(tx: &mut impl TenantTx, endpoint: EndpointId, event: crate::id::EventId) -> Uuid {
    const SQL: &str = "INSERT INTO deliveries
        (id, endpoint_id, event_id, event_type, state, attempt_count, cycle_attempts, due_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, 'pending', 0, 0, $5, $5, $5)";
    let id = tx.new_id();
    let now = tx.now();
    tx.put(SQL, vec![id.into(), endpoint.into(), event.into(), TEST_EVENT.into(), now.into()]);
    id
}

/// What an `endpoint.created` or `.deleted` event says: all but the secrets.
fn describe(endpoint: &Endpoint) -> serde_json::Value {
    json!({
        "endpointId": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "events": endpoint.events,
        "active": endpoint.active,
        "deadlineSeconds": endpoint.deadline_seconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> bool {
        let mut checks = Checks::default();
        check_url(&mut checks, url);
        checks.finish().is_err()
    }

    #[test]
    fn addresses_are_plain_http_without_credentials() {
        for good in
            ["http://127.0.0.1:5678/webhook/flowbit", "https://example.com", "https://münchen.example/x?y=z"]
        {
            assert!(!refused(good), "{good}");
        }
        let long = format!("https://example.com/{}", "x".repeat(URL_MAX));
        for bad in [
            "",
            "example.com",
            "/hook",
            "ftp://example.com/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
            "https://user@example.com/",
            "https://u:p@example.com/",
            "https://example.com/#x",
            "https://exa mple.com/",
            "https://example.com/a\nb",
            long.as_str(),
        ] {
            assert!(refused(bad), "{bad}");
        }
    }

    #[test]
    fn only_what_can_be_asked_for_is_accepted_and_each_once() {
        let mut checks = Checks::default();
        let kept = check_events(&mut checks, &["ticket.created".into(), "ticket.created".into()]);
        assert_eq!(kept, ["ticket.created"]);
        assert!(checks.finish().is_ok());
        for bad in ["workflow.callback", "endpoint.updated", "auth.login", "ticket.*", ""] {
            let mut checks = Checks::default();
            check_events(&mut checks, &[bad.into()]);
            assert!(checks.finish().is_err(), "{bad}");
        }
    }

    #[test]
    fn secrets_never_show_in_debug_output() {
        let secrets = Secrets { signing: "whsec_visible".into(), shared: "fbs_visible".into() };
        assert!(!format!("{secrets:?}").contains("visible"));
    }
}
