//! When there is something to do for a tenant.

use super::schedule::Health;
use crate::{
    error::Result,
    id::EndpointId,
    time::Timestamp,
    tx::{Query, TenantRead},
};

/// An active endpoint and what waits for it.
pub(super) struct Queue {
    pub(super) endpoint: EndpointId,
    pub(super) health: Health,
    pub(super) earliest: Option<Timestamp>,
    pub(super) in_flight: i64,
}

/// The active endpoints, with what waits for them: two probes of an index for each.
pub(super) async fn queues(tx: &mut impl TenantRead) -> Result<Vec<Queue>> {
    const SQL: &str = "SELECT e.id, e.consecutive_failures, e.breaker_until, e.probe_at,
        (SELECT min(d.due_at) FROM deliveries d WHERE d.endpoint_id = e.id AND d.state = 'pending'),
        (SELECT count(*) FROM deliveries d WHERE d.endpoint_id = e.id AND d.state = 'sending')
        FROM endpoints e WHERE e.active AND e.deleted_at IS NULL ORDER BY e.id";
    let queues = tx
        .query(SQL, &[], |row| {
            Ok(Queue {
                endpoint: EndpointId(row.uuid(0)?),
                health: Health {
                    failures: row.int(1)?,
                    breaker_until: row.opt_time(2)?,
                    probe_at: row.opt_time(3)?,
                },
                earliest: row.opt_time(4)?,
                in_flight: row.int(5)?,
            })
        })
        .await?;
    Ok(queues)
}

/// The earliest moment at which [`super::ClaimDeliveries`] has something to do, if nothing else happens before; in the past when it is high time. `None`: nothing waits.
#[derive(Debug)]
pub struct NextDue {
    /// How many deliveries may be on their way to one endpoint.
    pub per_endpoint: i64,
}

impl Query for NextDue {
    type Output = Option<Timestamp>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Option<Timestamp>> {
        next_due(tx, self.per_endpoint).await
    }
}

/// What waits for a tenant, asked once when a process starts.
#[derive(Debug)]
pub struct GetBacklog {
    /// How many deliveries may be on their way to one endpoint.
    pub per_endpoint: i64,
}

/// What waits for a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// As [`NextDue`] says.
    pub next_due: Option<Timestamp>,
    /// How many deliveries are claimed, by whomever.
    pub claimed: i64,
}

impl Query for GetBacklog {
    type Output = Backlog;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Backlog> {
        const CLAIMED: &str = "SELECT count(*) FROM deliveries WHERE state = 'sending'";
        let claimed = tx.query_one(CLAIMED, &[], |row| row.int(0)).await?.unwrap_or(0);
        Ok(Backlog { next_due: next_due(tx, self.per_endpoint).await?, claimed })
    }
}

pub(super) async fn next_due(tx: &mut impl TenantRead, per_endpoint: i64) -> Result<Option<Timestamp>> {
    const SNOOZED: &str = "SELECT min(snoozed_until) FROM tickets WHERE snoozed_until IS NOT NULL";
    const LEASE: &str = "SELECT min(lease_until) FROM deliveries WHERE state = 'sending'";
    const DEADLINE: &str = "SELECT min(deadline_at) FROM deliveries
        WHERE deadline_at IS NOT NULL AND overdue_at IS NULL AND callback_at IS NULL";
    let lease = tx.query_one(LEASE, &[], |row| row.opt_time(0)).await?.flatten();
    let deadline = tx.query_one(DEADLINE, &[], |row| row.opt_time(0)).await?.flatten();
    let waking = tx.query_one(SNOOZED, &[], |row| row.opt_time(0)).await?.flatten();
    let sending = queues(tx).await?;
    let sending = sending.iter().filter_map(|q| q.health.next(q.earliest, q.in_flight, per_endpoint));
    Ok(sending.chain(lease).chain(deadline).chain(waking).min())
}
