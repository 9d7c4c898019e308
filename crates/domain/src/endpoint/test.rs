//! A trial delivery, for an admin who wants to see whether the other side answers.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{load, put_half_open, put_trial, record};
use crate::{
    error::{Error, Result},
    event::Action,
    id::{DeliveryId, EndpointId},
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    tx::{Command, TenantTx},
};

/// Sends a delivery of type `endpoint.test`, also to an endpoint that kept failing. When it is
/// answered, all that waits for the endpoint goes out as well.
#[derive(Debug, Clone)]
pub struct TestEndpoint {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which one.
    pub id: EndpointId,
}

/// The trial delivery that was made.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestStarted {
    /// Its id; what became of it stands in the list of deliveries.
    pub delivery_id: DeliveryId,
}

impl Command for TestEndpoint {
    type Output = TestStarted;

    async fn run(self, tx: &mut impl TenantTx) -> Result<TestStarted> {
        let Self { principal, origin, id } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let endpoint = load(tx, id).await?.ok_or(Error::NotFound)?;
        if !endpoint.active {
            let detail = "the endpoint is switched off; switch it on first".to_owned();
            return Err(Error::Conflict { code: "endpoint_inactive", detail });
        }
        let data = json!({ "endpointId": id, "url": endpoint.url });
        let event = record(tx, Action::EndpointTested, origin, data).await?;
        let delivery_id = DeliveryId(put_trial(tx, id, event));
        put_half_open(tx, id);
        Ok(TestStarted { delivery_id })
    }
}
