//! Claiming: taking deliveries that are due, under a lease.

use super::{
    due::{next_due, queues},
    envelope::{self, Envelope},
    lease::{self, Why},
    overdue,
    schedule::Allowance,
};
use crate::{
    endpoint::read_aging,
    error::Result,
    id::{DeliveryId, EndpointId, EventId, TicketId},
    ticket::wake_due,
    time::Timestamp,
    tx::{Command, TenantTx},
};

/// Takes deliveries that are due, at most `limit` and so many for each endpoint that no more than
/// `per_endpoint` are on their way there. Leases that ran out are taken up again, passed deadlines
/// are marked, and tickets whose time has come are woken: whoever comes to claim does all that is due for the tenant.
#[derive(Debug, Clone)]
pub struct ClaimDeliveries {
    /// At most how many.
    pub limit: usize,
    /// How many may be on their way to one endpoint.
    pub per_endpoint: i64,
    /// For how long they are the caller's, in milliseconds.
    pub lease_ms: i64,
}

/// What was claimed.
#[derive(Debug)]
pub struct Claims {
    /// To be sent now.
    pub deliveries: Vec<Claimed>,
    /// When there will be more to do.
    pub next_due: Option<Timestamp>,
}

/// A delivery that the caller is to send before its lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Which one; also its `webhook-id`.
    pub id: DeliveryId,
    /// Which attempt: 1, 2, 3… The lease is this number's: whoever finishes names it.
    pub attempt: i64,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// Where it goes.
    pub endpoint: EndpointId,
    /// Its address.
    pub url: String,
    /// What it is signed with.
    pub secrets: SendSecrets,
    /// The body, but for where and how to call back.
    pub envelope: Envelope,
    /// To which trace it belongs (W3C `traceparent`), if somebody followed what caused it.
    pub trace_parent: Option<String>,
}

/// What a delivery is signed with.
#[derive(Clone)]
pub struct SendSecrets {
    /// The current signing secret and, for a day after a rotation, the one before.
    pub signing: Vec<String>,
    /// The current shared secret.
    pub shared: String,
}

impl std::fmt::Debug for SendSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SendSecrets")
    }
}

/// So many passed deadlines are marked at once; the rest next time, which [`Claims::next_due`] says.
const OVERDUE_AT_ONCE: usize = 100;

/// So many tickets are woken at once.
const WOKEN_AT_ONCE: usize = 50;

struct Row {
    id: DeliveryId,
    event: EventId,
    event_type: String,
    ticket: Option<TicketId>,
    attempt: i64,
    trace_parent: Option<String>,
}

const TAKE_DUE: &str = "UPDATE deliveries SET state = 'sending', lease_until = $4,
    attempt_count = attempt_count + 1, updated_at = $2
    WHERE state = 'pending' AND id IN (SELECT id FROM deliveries
        WHERE endpoint_id = $1 AND state = 'pending' AND due_at <= $2 ORDER BY due_at, id LIMIT $3)
    RETURNING id, event_id, event_type, ticket_id, attempt_count, trace_parent";
const TAKE_EARLY: &str = "UPDATE deliveries SET state = 'sending', lease_until = $4,
    attempt_count = attempt_count + 1, updated_at = $2
    WHERE state = 'pending' AND id IN (SELECT id FROM deliveries
        WHERE endpoint_id = $1 AND state = 'pending' ORDER BY due_at, id LIMIT $3)
    RETURNING id, event_id, event_type, ticket_id, attempt_count, trace_parent";

impl Command for ClaimDeliveries {
    type Output = Claims;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Claims> {
        let Self { limit, per_endpoint, lease_ms } = self;
        let now = tx.now();
        wake_due(tx, WOKEN_AT_ONCE).await?;
        overdue::mark(tx, OVERDUE_AT_ONCE).await?;
        let expired = lease::expired(tx).await?;
        lease::give_back(tx, expired, Why::LeaseRanOut).await?;
        let mut deliveries = Vec::new();
        for queue in queues(tx).await? {
            let left = i64::try_from(limit.saturating_sub(deliveries.len())).unwrap_or(i64::MAX);
            let (sql, count) =
                match queue.health.allowance(now, queue.earliest, queue.in_flight, per_endpoint) {
                    Allowance::Due(count) if left > 0 => (TAKE_DUE, count.min(left)),
                    Allowance::Probe if left > 0 => (TAKE_EARLY, 1),
                    _ => continue,
                };
            let until = now.plus_ms(lease_ms);
            let params = [queue.endpoint.into(), now.into(), count.into(), until.into()];
            let mut rows = tx
                .query(sql, &params, |row| {
                    Ok(Row {
                        id: DeliveryId(row.uuid(0)?),
                        event: EventId(row.uuid(1)?),
                        event_type: row.text(2)?.to_owned(),
                        ticket: row.opt_uuid(3)?.map(TicketId),
                        attempt: row.int(4)?,
                        trace_parent: row.opt_text(5)?.map(str::to_owned),
                    })
                })
                .await?;
            // RETURNING promises no order; ids grow with time, so older ones are sent first.
            rows.sort_by_key(|row| row.id);
            let (url, secrets) = address(tx, queue.endpoint).await?;
            for Row { id, event, event_type, ticket, attempt, trace_parent } in rows {
                deliveries.push(Claimed {
                    id,
                    attempt,
                    claimed_at: now,
                    endpoint: queue.endpoint,
                    url: url.clone(),
                    secrets: secrets.clone(),
                    trace_parent,
                    envelope: envelope::build(tx, event, event_type, ticket).await?,
                });
            }
        }
        let next_due = next_due(tx, per_endpoint).await?;
        Ok(Claims { deliveries, next_due })
    }
}

async fn address(tx: &mut impl TenantTx, endpoint: EndpointId) -> Result<(String, SendSecrets)> {
    const SQL: &str =
        "SELECT url, secret, shared_secret, old_secret, old_secrets_until FROM endpoints WHERE id = $1";
    let now = tx.now();
    let found = tx
        .query_one(SQL, &[endpoint.into()], |row| {
            let mut signing = vec![row.text(1)?.to_owned()];
            let aging = read_aging(row.opt_text(3)?, row.opt_time(4)?, now)?;
            signing.extend(aging.into_iter().map(|aging| aging.secret));
            Ok((row.text(0)?.to_owned(), SendSecrets { signing, shared: row.text(2)?.to_owned() }))
        })
        .await?;
    found.ok_or_else(|| crate::Error::Internal(format!("the endpoint {endpoint} is gone")))
}
