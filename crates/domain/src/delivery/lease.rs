//! Leases that end without an outcome: run out, given back at a stop, or left by a dead process.

use super::{expects_callback, schedule::RETRY_DELAYS_MS, workflow};
use crate::{
    error::Result,
    event::Action,
    id::{DeliveryId, TicketId},
    principal::Origin,
    time::Timestamp,
    tx::{Command, Row, StoreError, TenantTx},
};

/// Why an attempt has no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Nobody finished it in time. It counts, so that a delivery on which the sender hangs each time
    /// comes to an end.
    LeaseRanOut,
    /// The program stopped. That says nothing about the delivery, so it does not count.
    Stopped,
}

pub(super) struct Left {
    id: DeliveryId,
    attempt: i64,
    cycle_attempts: i64,
    begun_at: Timestamp,
    called_back: bool,
    endpoint_deleted: bool,
    event_type: String,
    ticket: Option<TicketId>,
    deadline: Option<Timestamp>,
}

macro_rules! select_left {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.attempt_count, d.cycle_attempts, d.updated_at, d.callback_at, e.deleted_at, \
             d.event_type, d.ticket_id, d.deadline_at \
             FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id WHERE d.state = 'sending'",
            $rest
        )
    };
}

fn left_from_row(row: &dyn Row) -> Result<Left, StoreError> {
    Ok(Left {
        id: DeliveryId(row.uuid(0)?),
        attempt: row.int(1)?,
        cycle_attempts: row.int(2)?,
        begun_at: row.time(3)?,
        called_back: row.opt_time(4)?.is_some(),
        endpoint_deleted: row.opt_time(5)?.is_some(),
        event_type: row.text(6)?.to_owned(),
        ticket: row.opt_uuid(7)?.map(TicketId),
        deadline: row.opt_time(8)?,
    })
}

/// The leases that have run out.
pub(super) async fn expired(tx: &mut impl TenantTx) -> Result<Vec<Left>> {
    const SQL: &str = select_left!(" AND d.lease_until <= $1");
    let now = tx.now();
    Ok(tx.query(SQL, &[now.into()], left_from_row).await?)
}

/// Makes deliveries free that were being sent: due at once, unless there is no point in it any more.
pub(super) async fn give_back(tx: &mut impl TenantTx, left: Vec<Left>, why: Why) -> Result<()> {
    const NOTE: &str =
        "INSERT INTO delivery_attempts (delivery_id, number, at, error) VALUES ($1, $2, $3, $4)
        ON CONFLICT (delivery_id, number) DO NOTHING";
    const AGAIN: &str = "UPDATE deliveries SET state = 'pending', due_at = $2, lease_until = NULL,
        cycle_attempts = $3, last_error = $4, updated_at = $2 WHERE id = $1";
    const DELIVERED: &str = "UPDATE deliveries SET state = 'delivered', due_at = NULL, lease_until = NULL,
        last_error = NULL, updated_at = $2 WHERE id = $1";
    const DEAD: &str =
        "UPDATE deliveries SET state = 'dead', due_at = NULL, lease_until = NULL, last_error = $3,
        updated_at = $2 WHERE id = $1";
    let now = tx.now();
    let error = match why {
        Why::LeaseRanOut => "interrupted: no outcome is known; it is made again",
        Why::Stopped => "interrupted: the server stopped; it is made again",
    };
    for Left {
        id,
        attempt,
        cycle_attempts,
        begun_at,
        called_back,
        endpoint_deleted,
        event_type,
        ticket,
        deadline,
    } in left
    {
        tx.put(NOTE, vec![id.into(), attempt.into(), begun_at.into(), error.into()]);
        let counted = cycle_attempts + i64::from(why == Why::LeaseRanOut);
        let is_last = usize::try_from(counted).is_ok_and(|n| n >= RETRY_DELAYS_MS.len());
        if called_back {
            // Who calls back has got it; sending it again could only make the workflow run twice.
            tx.put(DELIVERED, vec![id.into(), now.into()]);
        } else if endpoint_deleted || is_last {
            let reason = if endpoint_deleted { "the endpoint was deleted" } else { "interrupted too often" };
            tx.put(DEAD, vec![id.into(), now.into(), reason.into()]);
            fail_workflow(tx, id, &event_type, ticket, deadline, reason, attempt).await?;
        } else {
            tx.put(AGAIN, vec![id.into(), now.into(), counted.into(), error.into()]);
        }
    }
    Ok(())
}

/// Shows and records that a delivery was given up.
pub(super) async fn fail_workflow(
    tx: &mut impl TenantTx,
    delivery: DeliveryId,
    event_type: &str,
    ticket: Option<TicketId>,
    deadline: Option<Timestamp>,
    reason: &str,
    attempts: i64,
) -> Result<()> {
    let brief = match ticket {
        Some(id) => workflow::brief(tx, id).await?,
        None => None,
    };
    if let Some(brief) = &brief
        && expects_callback(event_type, ticket, deadline)
    {
        workflow::put_step(tx, brief, delivery, workflow::Step::Failed);
    }
    let mut data = serde_json::Map::new();
    data.insert("deliveryId".into(), delivery.to_string().into());
    data.insert("state".into(), "failed".into());
    data.insert("eventType".into(), event_type.into());
    data.insert("error".into(), reason.into());
    data.insert("attempts".into(), attempts.into());
    workflow::record(tx, Action::WorkflowFailed, Origin::system(), brief.as_ref(), data).await
}

/// A claim of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// Which attempt.
    pub attempt: i64,
}

/// Gives leases back when the program stops before their attempts have ended: those deliveries are
/// due at once for whoever comes next.
#[derive(Debug, Clone)]
pub struct ReturnLeases {
    /// Which ones.
    pub leases: Vec<Lease>,
}

impl Command for ReturnLeases {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const SQL: &str = select_left!(" AND d.id = $1 AND d.attempt_count = $2");
        for Lease { delivery, attempt } in self.leases {
            let left = tx.query(SQL, &[delivery.into(), attempt.into()], left_from_row).await?;
            give_back(tx, left, Why::Stopped).await?;
        }
        Ok(())
    }
}

/// Takes back the leases that an earlier process left. Only for one that is the only one to hold any in
/// this store (the embedded engine): waiting for them to run out would only delay the deliveries.
#[derive(Debug, Clone)]
pub struct ReclaimLeases {
    /// When this process began to claim.
    pub claimed_before: Timestamp,
}

impl Command for ReclaimLeases {
    type Output = usize;

    async fn run(self, tx: &mut impl TenantTx) -> Result<usize> {
        // While it is being sent, `updated_at` is when it was claimed.
        const SQL: &str = select_left!(" AND d.updated_at < $1");
        let left = tx.query(SQL, &[self.claimed_before.into()], left_from_row).await?;
        let count = left.len();
        give_back(tx, left, Why::Stopped).await?;
        Ok(count)
    }
}
