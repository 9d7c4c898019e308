//! Changing an endpoint.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

use super::{
    Endpoint, check_deadline, check_description, check_events, check_url, load, put_subscriptions, record,
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

/// New values; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndpointPatch {
    /// Where deliveries are sent; also those that are already waiting.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, max_length = 2000)]
    pub url: Option<String>,
    /// Which events it gets from now on.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Vec<String>, required = false)]
    pub events: Option<Vec<String>>,
    /// Whether it gets any. Deliveries of one that is switched off wait.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = bool, required = false)]
    pub active: Option<bool>,
    /// What it is for.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, max_length = 200)]
    pub description: Option<String>,
    /// So many seconds after an event its workflow counts as overdue; null: never.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 2592000)]
    pub deadline_seconds: Option<Option<i64>>,
}

/// Changes an endpoint.
#[derive(Debug, Clone)]
pub struct UpdateEndpoint {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which one.
    pub id: EndpointId,
    /// What of it.
    pub patch: EndpointPatch,
}

/// The endpoint after the patch, and what differs: `{field: {from, to}}`.
fn decide(before: &Endpoint, patch: EndpointPatch) -> Result<(Endpoint, Map<String, Json>)> {
    let mut checks = Checks::default();
    let mut after = before.clone();
    if let Some(url) = patch.url {
        after.url = check_url(&mut checks, &url);
    }
    if let Some(events) = patch.events {
        after.events = check_events(&mut checks, &events);
    }
    if let Some(active) = patch.active {
        after.active = active;
    }
    if let Some(description) = patch.description {
        after.description = check_description(&mut checks, &description);
    }
    if let Some(seconds) = patch.deadline_seconds {
        after.deadline_seconds = check_deadline(&mut checks, seconds);
    }
    checks.finish()?;
    let fields = [
        ("url", json!(before.url), json!(after.url)),
        ("events", json!(before.events), json!(after.events)),
        ("active", json!(before.active), json!(after.active)),
        ("description", json!(before.description), json!(after.description)),
        ("deadlineSeconds", json!(before.deadline_seconds), json!(after.deadline_seconds)),
    ];
    let differs = fields
        .into_iter()
        .filter(|(_, from, to)| from != to)
        .map(|(name, from, to)| (name.to_owned(), json!({ "from": from, "to": to })))
        .collect();
    Ok((after, differs))
}

impl Command for UpdateEndpoint {
    type Output = Endpoint;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Endpoint> {
        const UPDATE: &str = "UPDATE endpoints SET url = $2, description = $3, events = $4, active = $5,
            deadline_seconds = $6, updated_at = $7 WHERE id = $1";
        // Another address, or one switched on again, begins without a past.
        const FORGET: &str =
            "UPDATE endpoints SET consecutive_failures = 0, breaker_until = NULL, probe_at = NULL
            WHERE id = $1";
        const RETRY_NOW: &str = "UPDATE deliveries SET due_at = $2
            WHERE endpoint_id = $1 AND state = 'pending' AND due_at > $2";
        let Self { principal, origin, id, patch } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let before = load(tx, id).await?.ok_or(Error::NotFound)?;
        let (mut after, differs) = decide(&before, patch)?;
        if differs.is_empty() {
            return Ok(before);
        }
        let now = tx.now();
        after.updated_at = now;
        let names = serde_json::to_string(&after.events).map_err(|e| Error::Internal(e.to_string()))?;
        tx.put(
            UPDATE,
            vec![
                id.into(),
                after.url.as_str().into(),
                after.description.as_str().into(),
                names.into(),
                after.active.into(),
                after.deadline_seconds.into(),
                now.into(),
            ],
        );
        if differs.contains_key("events") {
            put_subscriptions(tx, id, &after.events);
        }
        if differs.contains_key("url") || (after.active && !before.active) {
            tx.put(FORGET, vec![id.into()]);
            tx.put(RETRY_NOW, vec![id.into(), now.into()]);
            after.consecutive_failures = 0;
            after.breaker_open_until = None;
        }
        let data = json!({ "endpointId": id, "url": after.url, "changes": differs });
        record(tx, Action::EndpointUpdated, origin, data).await?;
        Ok(after)
    }
}
