//! Removing an endpoint. Its row stays, so that its deliveries can still be read.

use serde_json::json;

use super::{describe, load, record};
use crate::{
    error::{Error, Result},
    event::Action,
    id::EndpointId,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    tx::{Command, TenantTx},
};

/// Removes an endpoint: nothing is sent there any more, its secrets are erased, what waits is parked.
#[derive(Debug, Clone)]
pub struct DeleteEndpoint {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which one.
    pub id: EndpointId,
}

impl Command for DeleteEndpoint {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const DELETE: &str = "UPDATE endpoints SET deleted_at = $2, updated_at = $2, active = $3, secret = '',
            shared_secret = '', old_secret = NULL, old_shared_secret = NULL, old_secrets_until = NULL WHERE id = $1";
        const UNSUBSCRIBE: &str = "DELETE FROM endpoint_events WHERE endpoint_id = $1";
        const FAIL_WORKFLOWS: &str = "UPDATE tickets SET workflow_state = 'failed', workflow_at = $2
            WHERE workflow_state IN ('pending', 'running') AND workflow_delivery_id IN
            (SELECT id FROM deliveries WHERE endpoint_id = $1 AND callback_at IS NULL)";
        // Nobody can call back any more, so no deadline is left to watch either.
        const FORGET_DEADLINES: &str = "UPDATE deliveries SET deadline_at = NULL
            WHERE endpoint_id = $1 AND deadline_at IS NOT NULL AND overdue_at IS NULL AND callback_at IS NULL";
        const PARK: &str = "UPDATE deliveries SET state = 'dead', due_at = NULL,
            last_error = 'the endpoint was deleted', updated_at = $2 WHERE endpoint_id = $1 AND state = 'pending'";
        let Self { principal, origin, id } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let endpoint = load(tx, id).await?.ok_or(Error::NotFound)?;
        let now = tx.now();
        tx.put(DELETE, vec![id.into(), now.into(), false.into()]);
        tx.put(UNSUBSCRIBE, vec![id.into()]);
        tx.put(FAIL_WORKFLOWS, vec![id.into(), now.into()]);
        tx.put(FORGET_DEADLINES, vec![id.into()]);
        let parked = tx.execute(PARK, &[id.into(), now.into()]).await?;
        let mut data = describe(&endpoint);
        data["deliveriesParked"] = json!(parked);
        record(tx, Action::EndpointDeleted, origin, data).await?;
        Ok(())
    }
}
