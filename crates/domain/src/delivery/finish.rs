//! Finishing an attempt: what its outcome means for the delivery, its endpoint and its ticket.

use serde_json::{Map, json};

use super::{
    DeliveryState, expects_callback,
    lease::{Lease, fail_workflow},
    schedule::{Failure, Health, retry_delay},
    workflow::{self, Step},
};
use crate::{
    endpoint,
    error::Result,
    event::Action,
    id::{EndpointId, TicketId},
    principal::Origin,
    time::Timestamp,
    tx::{Command, TenantTx},
};

/// Deliveries that failed no more often than this return at once when their endpoint does, even if it
/// had only stumbled; one on which an endpoint stumbles each time keeps to the schedule after that.
const PROMPT_RETRIES: i64 = 3;

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There was an answer.
    Answered {
        /// Its HTTP status.
        status: u16,
        /// Its beginning, as text without U+0000.
        body: String,
        /// How long it asked to be left alone (`Retry-After`), in milliseconds.
        retry_after_ms: Option<i64>,
    },
    /// There was none.
    Failed {
        /// What went wrong, for the admins.
        error: String,
        /// Whether nobody can have received it: no connection, no such name.
        unreachable: bool,
    },
}

/// Ends an attempt. Only the holder of the lease can: what comes after the lease was taken up again
/// is kept in the history and changes nothing else.
#[derive(Debug, Clone)]
pub struct FinishAttempt {
    /// What the caller had claimed.
    pub lease: Lease,
    /// When the attempt was begun.
    pub claimed_at: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
    /// How it ended.
    pub outcome: Outcome,
}

/// What became of the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// It is in this state now.
    Now(DeliveryState),
    /// The lease was no longer the caller's.
    Superseded,
}

struct Loaded {
    endpoint: EndpointId,
    event_type: String,
    ticket: Option<TicketId>,
    cycle_attempts: i64,
    due_at: Option<Timestamp>,
    deadline: Option<Timestamp>,
    called_back: bool,
}

struct Target {
    url: String,
    active: bool,
    deleted: bool,
    health: Health,
}

impl Command for FinishAttempt {
    type Output = Finished;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Finished> {
        const TAKE: &str = "UPDATE deliveries SET lease_until = NULL
            WHERE id = $1 AND state = 'sending' AND attempt_count = $2
            RETURNING endpoint_id, event_type, ticket_id, cycle_attempts, due_at, deadline_at, callback_at";
        const TARGET: &str = "SELECT url, active, deleted_at, consecutive_failures, breaker_until, probe_at
            FROM endpoints WHERE id = $1";
        put_attempt(tx, &self);
        let lease = [self.lease.delivery.into(), self.lease.attempt.into()];
        let taken = tx
            .query_one(TAKE, &lease, |row| {
                Ok(Loaded {
                    endpoint: EndpointId(row.uuid(0)?),
                    event_type: row.text(1)?.to_owned(),
                    ticket: row.opt_uuid(2)?.map(TicketId),
                    cycle_attempts: row.int(3)?,
                    due_at: row.opt_time(4)?,
                    deadline: row.opt_time(5)?,
                    called_back: row.opt_time(6)?.is_some(),
                })
            })
            .await?;
        let Some(delivery) = taken else { return Ok(Finished::Superseded) };
        let target = tx
            .query_one(TARGET, &[delivery.endpoint.into()], |row| {
                Ok(Target {
                    url: row.text(0)?.to_owned(),
                    active: row.bool(1)?,
                    deleted: row.opt_time(2)?.is_some(),
                    health: Health {
                        failures: row.int(3)?,
                        breaker_until: row.opt_time(4)?,
                        probe_at: row.opt_time(5)?,
                    },
                })
            })
            .await?
            .ok_or_else(|| crate::Error::Internal("a delivery names an endpoint that is gone".into()))?;
        let state = match &self.outcome {
            Outcome::Answered { status, .. } if (200..300).contains(status) => {
                self.succeed(tx, delivery, &target, i64::from(*status)).await?
            }
            _ => self.fail(tx, delivery, &target).await?,
        };
        Ok(Finished::Now(state))
    }
}

/// Keeps the attempt in the history. One that was written off as interrupted gets its true outcome.
fn put_attempt(tx: &mut impl TenantTx, finish: &FinishAttempt) {
    const SQL: &str =
        "INSERT INTO delivery_attempts (delivery_id, number, at, duration_ms, status, error, response_body)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (delivery_id, number) DO UPDATE SET duration_ms = excluded.duration_ms,
        status = excluded.status, error = excluded.error, response_body = excluded.response_body";
    let (status, error, body) = match &finish.outcome {
        Outcome::Answered { status, body, .. } => (Some(i64::from(*status)), None, Some(body.as_str())),
        Outcome::Failed { error, .. } => (None, Some(error.as_str()), None),
    };
    tx.put(
        SQL,
        vec![
            finish.lease.delivery.into(),
            finish.lease.attempt.into(),
            finish.claimed_at.into(),
            finish.duration_ms.into(),
            status.into(),
            error.into(),
            body.into(),
        ],
    );
}

impl FinishAttempt {
    async fn succeed(
        &self,
        tx: &mut impl TenantTx,
        delivery: Loaded,
        target: &Target,
        status: i64,
    ) -> Result<DeliveryState> {
        const DELIVERED: &str = "UPDATE deliveries SET state = 'delivered', due_at = NULL, last_status = $3,
            last_error = NULL, updated_at = $2 WHERE id = $1";
        const HEALTHY: &str = "UPDATE endpoints SET consecutive_failures = 0, breaker_until = NULL,
            probe_at = NULL, last_success_at = $2 WHERE id = $1";
        // It is there again: what waits for it goes out now.
        const FLUSH: &str = "UPDATE deliveries SET due_at = $2
            WHERE endpoint_id = $1 AND state = 'pending' AND due_at > $2 AND cycle_attempts <= $3";
        let now = tx.now();
        let id = self.lease.delivery;
        tx.put(DELIVERED, vec![id.into(), now.into(), status.into()]);
        tx.put(HEALTHY, vec![delivery.endpoint.into(), now.into()]);
        if target.health.failures > 0 {
            let most = if target.health.was_away() { i64::MAX } else { PROMPT_RETRIES };
            tx.put(FLUSH, vec![delivery.endpoint.into(), now.into(), most.into()]);
        }
        let brief = match delivery.ticket {
            Some(ticket) => workflow::brief(tx, ticket).await?,
            None => None,
        };
        let awaits = !delivery.called_back
            && expects_callback(&delivery.event_type, delivery.ticket, delivery.deadline);
        if let Some(brief) = brief.as_ref().filter(|_| awaits) {
            workflow::put_step(tx, brief, id, Step::Accepted);
        }
        let mut data = Map::new();
        data.insert("deliveryId".into(), json!(id));
        data.insert("state".into(), json!(if awaits { "running" } else { "done" }));
        data.insert("eventType".into(), json!(delivery.event_type));
        data.insert("endpointId".into(), json!(delivery.endpoint));
        data.insert("attempts".into(), json!(self.lease.attempt));
        workflow::record(tx, Action::WorkflowDelivered, Origin::system(), brief.as_ref(), data).await?;
        Ok(DeliveryState::Delivered)
    }

    async fn fail(&self, tx: &mut impl TenantTx, delivery: Loaded, target: &Target) -> Result<DeliveryState> {
        const HEALTH: &str =
            "UPDATE endpoints SET consecutive_failures = $2, breaker_until = $3, probe_at = $4
            WHERE id = $1";
        let now = tx.now();
        let (status, error, failure) = match &self.outcome {
            Outcome::Answered { status, retry_after_ms, .. } => {
                let error = format!("answered with status {status}");
                (Some(*status), error, Failure::of_status(*status, *retry_after_ms))
            }
            Outcome::Failed { error, unreachable } => {
                let failure = Failure { unreachable: *unreachable, overloaded: false, retry_after_ms: None };
                (None, error.clone(), failure)
            }
        };
        let health = target.health.after_failure(now, failure);
        if health != target.health {
            tx.put(
                HEALTH,
                vec![
                    delivery.endpoint.into(),
                    health.failures.into(),
                    health.breaker_until.into(),
                    health.probe_at.into(),
                ],
            );
        }
        let gone = status == Some(410);
        if gone && target.active {
            switch_off(tx, delivery.endpoint, &target.url).await?;
        }
        // A probe before its time does not use up one of the attempts.
        let counted = delivery.due_at.is_none_or(|due| due <= self.claimed_at);
        let cycle_attempts = delivery.cycle_attempts + i64::from(counted);
        let roll = tx.random();
        let roll = u16::from_le_bytes([roll[0], roll[1]]);
        let next = match delivery.due_at {
            Some(due) if !counted => Some(due),
            _ => retry_delay(cycle_attempts, failure, roll).map(|delay| now.plus_ms(delay)),
        };
        let status = status.map(i64::from);
        if delivery.called_back {
            // Its workflow has answered: it got there, whatever the answer says.
            self.close(tx, "delivered", status, &error, cycle_attempts);
            return Ok(DeliveryState::Delivered);
        }
        match next.filter(|_| !gone && !target.deleted) {
            Some(due) => {
                self.postpone(tx, due, status, &error, cycle_attempts);
                Ok(DeliveryState::Pending)
            }
            None => {
                self.close(tx, "dead", status, &error, cycle_attempts);
                let Loaded { event_type, ticket, deadline, .. } = delivery;
                let attempts = self.lease.attempt;
                fail_workflow(tx, self.lease.delivery, &event_type, ticket, deadline, &error, attempts)
                    .await?;
                Ok(DeliveryState::Dead)
            }
        }
    }

    fn postpone(&self, tx: &mut impl TenantTx, due: Timestamp, status: Option<i64>, error: &str, cycle: i64) {
        const SQL: &str =
            "UPDATE deliveries SET state = 'pending', due_at = $3, last_status = $4, last_error = $5,
            cycle_attempts = $6, updated_at = $2 WHERE id = $1";
        let now = tx.now();
        let id = self.lease.delivery;
        tx.put(SQL, vec![id.into(), now.into(), due.into(), status.into(), error.into(), cycle.into()]);
    }

    fn close(&self, tx: &mut impl TenantTx, state: &str, status: Option<i64>, error: &str, cycle: i64) {
        const SQL: &str =
            "UPDATE deliveries SET state = $3, due_at = NULL, last_status = $4, last_error = $5,
            cycle_attempts = $6, updated_at = $2 WHERE id = $1";
        let now = tx.now();
        let id = self.lease.delivery;
        tx.put(SQL, vec![id.into(), now.into(), state.into(), status.into(), error.into(), cycle.into()]);
    }
}

/// An endpoint that says it is gone (410) gets nothing more until an admin switches it on again.
async fn switch_off(tx: &mut impl TenantTx, id: EndpointId, url: &str) -> Result<()> {
    const SQL: &str = "UPDATE endpoints SET active = $2, updated_at = $3 WHERE id = $1";
    let now = tx.now();
    tx.put(SQL, vec![id.into(), false.into(), now.into()]);
    let data = json!({
        "endpointId": id,
        "url": url,
        "changes": { "active": { "from": true, "to": false } },
        "reason": "it answered 410 Gone",
    });
    endpoint::record(tx, Action::EndpointUpdated, Origin::system(), data).await?;
    Ok(())
}
