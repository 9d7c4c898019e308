//! Adding an endpoint.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::{
    ENDPOINTS_MAX, Endpoint, EndpointWithSecrets, Secrets, check_deadline, check_description, check_events,
    check_url, describe, put_subscriptions, record,
};
use crate::{
    error::{Error, Result},
    event::Action,
    id::EndpointId,
    patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    text::Checks,
    tx::{Command, TenantTx},
};

/// What a new endpoint is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewEndpoint {
    /// Where deliveries are sent: http or https, at most 2,000 characters.
    #[schema(max_length = 2000, example = "https://n8n.example.com/webhook/flowbit")]
    pub url: String,
    /// Which events it gets: `ticket.created`, `ticket.updated`, `ticket.deleted`, `message.created`.
    pub events: Vec<String>,
    /// Whether it gets any from now on.
    #[serde(default = "yes", deserialize_with = "yes_unless_told")]
    #[schema(value_type = Option<bool>, default = true)]
    pub active: bool,
    /// What it is for; also the name under which its workflow writes messages.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub description: String,
    /// So many seconds after an event its workflow counts as overdue.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 2592000)]
    pub deadline_seconds: Option<i64>,
}

fn yes() -> bool {
    true
}

fn yes_unless_told<'de, D: Deserializer<'de>>(d: D) -> std::result::Result<bool, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_else(yes))
}

impl NewEndpoint {
    /// The values as they are kept.
    ///
    /// # Errors
    /// [`Error::Validation`] with all that is wrong.
    pub fn check(self) -> Result<Self> {
        let mut checks = Checks::default();
        let kept = Self {
            url: check_url(&mut checks, &self.url),
            events: check_events(&mut checks, &self.events),
            active: self.active,
            description: check_description(&mut checks, &self.description),
            deadline_seconds: check_deadline(&mut checks, self.deadline_seconds),
        };
        checks.finish()?;
        Ok(kept)
    }
}

/// Adds an endpoint. Whether its address may be reached is checked by the server, which also tells
/// the directory of the secret before.
#[derive(Debug, Clone)]
pub struct CreateEndpoint {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Its id, which the directory of secrets already knows.
    pub id: EndpointId,
    /// Its secrets.
    pub secrets: Secrets,
    /// What it is to be.
    pub input: NewEndpoint,
}

impl Command for CreateEndpoint {
    type Output = EndpointWithSecrets;

    async fn run(self, tx: &mut impl TenantTx) -> Result<EndpointWithSecrets> {
        const COUNT: &str = "SELECT count(*) FROM endpoints WHERE deleted_at IS NULL";
        const INSERT: &str =
            "INSERT INTO endpoints (id, url, description, events, active, deadline_seconds, secret,
            shared_secret, consecutive_failures, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9)";
        let Self { principal, origin, id, secrets, input } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let NewEndpoint { url, events, active, description, deadline_seconds } = input.check()?;
        let count = tx.query_one(COUNT, &[], |row| row.int(0)).await?.unwrap_or(0);
        if count >= ENDPOINTS_MAX {
            let detail = format!("a company has at most {ENDPOINTS_MAX} endpoints");
            return Err(Error::Conflict { code: "too_many_endpoints", detail });
        }
        let now = tx.now();
        let names = serde_json::to_string(&events).map_err(|e| Error::Internal(e.to_string()))?;
        tx.put(
            INSERT,
            vec![
                id.into(),
                url.as_str().into(),
                description.as_str().into(),
                names.into(),
                active.into(),
                deadline_seconds.into(),
                secrets.signing.as_str().into(),
                secrets.shared.as_str().into(),
                now.into(),
            ],
        );
        put_subscriptions(tx, id, &events);
        let endpoint = Endpoint {
            id,
            url,
            description,
            events,
            active,
            deadline_seconds,
            created_at: now,
            updated_at: now,
            consecutive_failures: 0,
            breaker_open_until: None,
            last_success_at: None,
        };
        record(tx, Action::EndpointCreated, origin, describe(&endpoint)).await?;
        Ok(EndpointWithSecrets::new(endpoint, secrets))
    }
}
