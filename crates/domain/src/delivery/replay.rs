//! Making a delivery again by hand: after it was given up, or when its workflow is to run once more.

use serde_json::{Map, json};

use super::{
    Delivery, DeliveryState, delivery_from_row, expects_callback, select_delivery,
    workflow::{self, Step},
};
use crate::{
    endpoint,
    error::{Error, Result},
    event::Action,
    id::DeliveryId,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    tx::{Command, TenantTx},
};

/// Makes a delivery that was accepted or given up due again, with its id, its history and a new set
/// of attempts. A callback that was applied before is not applied again.
#[derive(Debug, Clone)]
pub struct ReplayDelivery {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which one.
    pub id: DeliveryId,
}

impl Command for ReplayDelivery {
    type Output = Delivery;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Delivery> {
        const LOAD: &str = select_delivery!(" WHERE d.id = $1");
        const ENDPOINT: &str = "SELECT active, deleted_at, deadline_seconds FROM endpoints WHERE id = $1";
        // What the workflow may change is what stands now; its time begins anew.
        const RESET: &str = "UPDATE deliveries SET state = 'pending', due_at = $2, lease_until = NULL,
            cycle_attempts = 0, deadline_at = $3, overdue_at = NULL, callback_at = NULL, updated_at = $2,
            expected_status = (SELECT status FROM tickets WHERE id = deliveries.ticket_id) WHERE id = $1";
        let Self { principal, origin, id } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let before = tx.query_one(LOAD, &[id.into()], delivery_from_row).await?.ok_or(Error::NotFound)?;
        if !matches!(before.state, DeliveryState::Delivered | DeliveryState::Dead) {
            let detail =
                "it is still on its way; only what was delivered or given up is made again".to_owned();
            return Err(Error::Conflict { code: "delivery_under_way", detail });
        }
        let (active, deleted, deadline_seconds) = tx
            .query_one(ENDPOINT, &[before.endpoint_id.into()], |row| {
                Ok((row.bool(0)?, row.opt_time(1)?.is_some(), row.opt_int(2)?))
            })
            .await?
            .ok_or(Error::NotFound)?;
        if deleted || !active {
            let detail =
                if deleted { "its endpoint was deleted" } else { "its endpoint is switched off" }.to_owned();
            return Err(Error::Conflict { code: "endpoint_inactive", detail });
        }
        let now = tx.now();
        let brief = match before.ticket_id {
            Some(ticket) => workflow::brief(tx, ticket).await?,
            None => None,
        };
        let deadline = deadline_seconds
            .filter(|_| brief.is_some())
            .map(|seconds| now.plus_ms(seconds.saturating_mul(1000)));
        tx.put(RESET, vec![id.into(), now.into(), deadline.into()]);
        endpoint::put_half_open(tx, before.endpoint_id);
        if let Some(brief) = &brief
            && expects_callback(&before.event_type, before.ticket_id, deadline)
        {
            workflow::put_step(tx, brief, id, Step::Queued);
        }
        let mut data = Map::new();
        data.insert("deliveryId".into(), json!(id));
        data.insert("endpointId".into(), json!(before.endpoint_id));
        data.insert("eventType".into(), json!(before.event_type));
        data.insert("state".into(), json!("pending"));
        data.insert("before".into(), json!(before.state));
        workflow::record(tx, Action::DeliveryReplayed, origin, brief.as_ref(), data).await?;
        tx.query_one(LOAD, &[id.into()], delivery_from_row).await?.ok_or(Error::NotFound)
    }
}
