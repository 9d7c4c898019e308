//! The worker: gives tenants their turns, keeps the bounds, and lets go in time when the server stops.

use std::{collections::HashMap, sync::Arc, time::Duration};

use flowbit_domain::{
    Error, TenantCtx,
    control::TenantState,
    delivery::{
        Backlog, ClaimDeliveries, Claimed, DeliveryState, FinishAttempt, Finished, GetBacklog, Lease,
        NextDue, Outcome, ReclaimLeases, ReturnLeases,
    },
    id::TenantId,
    time::{Clock, Timestamp},
};
use flowbit_store::Store;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use super::{
    agenda::Agenda,
    send::{ANSWER_TIMEOUT, Sender, Sent},
    wake::{Heard, Waker},
};
use crate::telemetry::traces;

/// So many attempts at once.
const IN_FLIGHT: usize = 32;
/// So many of them to one endpoint.
const PER_ENDPOINT: i64 = 4;
/// So many new ones in one turn of a tenant.
const PER_TURN: usize = 8;
/// So many turns at once.
const TURNS: usize = 8;
/// A delivery is ours for so long: three times what an attempt can take.
const LEASE_MS: i64 = 60_000;
const _: () = assert!(LEASE_MS as u128 >= 3 * ANSWER_TIMEOUT.as_millis());
/// Attempts under way get so long to end when the server stops.
pub(super) const DRAIN: Duration = Duration::from_secs(8);
/// However far away the next moment is, the clock is looked at again after this.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// The node that leads asks all tenants so often, should ever something not have been heard.
const RESCAN_MS: i64 = 10 * 60_000;
/// A tenant whose store does not answer is asked again after this.
const TROUBLE_MS: i64 = 5_000;
/// What another node has committed it also works on. The one that leads looks after this whether it did.
const ELSEWHERE_MS: i64 = 2_000;

/// What the worker works with.
pub(super) struct Parts {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) sender: Arc<Sender>,
    pub(super) waker: Arc<Waker>,
    /// Whether this process is the only one that claims in this store.
    pub(super) exclusive: bool,
    /// How long attempts under way may take to end at a stop.
    pub(super) drain: Duration,
}

/// What came of a tenant's turn.
struct Turn {
    tenant: TenantId,
    claimed: Vec<Claimed>,
    next: Option<Timestamp>,
}

pub(super) struct Worker {
    parts: Arc<Parts>,
    agenda: Agenda,
    /// Tenants being asked what waits.
    scans: JoinSet<Vec<(TenantId, Timestamp)>>,
    /// Turns under way.
    turns: JoinSet<Turn>,
    whose_turn: HashMap<Id, TenantId>,
    /// Attempts under way.
    sends: JoinSet<()>,
    leases: HashMap<Id, (TenantId, Lease)>,
    /// `None` while another node leads, whose work it is.
    next_scan: Option<Timestamp>,
    /// Until the first scan: when this process began, if it may take back what came before.
    reclaim: Option<Timestamp>,
}

#[expect(clippy::disallowed_methods, reason = "the system's own work, and deliveries that it has claimed")]
fn ctx(tenant: TenantId) -> TenantCtx {
    TenantCtx::for_delivery(tenant)
}

impl Worker {
    pub(super) fn new(parts: Parts) -> Self {
        let now = parts.clock.now();
        Self {
            reclaim: parts.exclusive.then_some(now),
            parts: Arc::new(parts),
            agenda: Agenda::default(),
            scans: JoinSet::new(),
            turns: JoinSet::new(),
            whose_turn: HashMap::new(),
            sends: JoinSet::new(),
            leases: HashMap::new(),
            next_scan: None,
        }
    }

    /// Works until it is told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let waker = Arc::clone(&self.parts.waker);
        let mut leadership = self.parts.store.leadership();
        self.lead(*leadership.borrow_and_update());
        loop {
            let pause = self.step();
            tokio::select! {
                () = stop.cancelled() => break,
                () = waker.heard() => self.hear(waker.take()),
                Ok(()) = leadership.changed() => self.lead(*leadership.borrow_and_update()),
                Some(turn) = self.turns.join_next_with_id() => self.end_turn(turn),
                Some(scan) = self.scans.join_next() => self.take_in(scan),
                Some(ended) = self.sends.join_next_with_id() => self.take_back(ended),
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.let_go().await;
    }

    /// Begins or ceases to see to what no node is at work on: what a killed one has left, and what came due
    /// without anybody noticing.
    fn lead(&mut self, leads: bool) {
        self.next_scan = leads.then(|| self.parts.clock.now());
    }

    fn hear(&mut self, heard: Heard) {
        heard.here.into_iter().for_each(|tenant| self.agenda.wake(tenant));
        if self.next_scan.is_some() {
            let at = self.parts.clock.now().plus_ms(ELSEWHERE_MS);
            heard.elsewhere.into_iter().for_each(|tenant| self.agenda.plan(tenant, at));
        }
    }

    /// Begins what can be begun, and says for how long there is nothing else.
    fn step(&mut self) -> Duration {
        let now = self.parts.clock.now();
        if self.next_scan.is_some_and(|at| now >= at) {
            self.next_scan = Some(now.plus_ms(RESCAN_MS));
            self.scans.spawn(scan(Arc::clone(&self.parts), self.reclaim.take()));
        }
        let next = self.agenda.advance(now);
        while self.turns.len() < TURNS {
            // What turns under way may still claim is spoken for.
            let left = IN_FLIGHT.saturating_sub(self.sends.len() + self.turns.len() * PER_TURN);
            let limit = left.min(PER_TURN);
            if limit == 0 {
                break;
            }
            let Some(tenant) = self.agenda.begin() else { break };
            let handle = self.turns.spawn(turn(Arc::clone(&self.parts), tenant, limit));
            self.whose_turn.insert(handle.id(), tenant);
        }
        self.show();
        let until = next.into_iter().chain(self.next_scan).min();
        let left = until.map(|until| u64::try_from(until.0.saturating_sub(now.0)).unwrap_or(0).max(1));
        left.map_or(LONGEST_SLEEP, |ms| Duration::from_millis(ms).min(LONGEST_SLEEP))
    }

    /// Shows how it stands.
    #[expect(clippy::cast_precision_loss, reason = "gauges, far below 2^52")]
    fn show(&self) {
        let (in_line, planned) = self.agenda.sizes();
        metrics::gauge!("flowbit_deliveries_in_flight").set(self.sends.len() as f64);
        metrics::gauge!("flowbit_delivery_companies_in_line").set(in_line as f64);
        metrics::gauge!("flowbit_delivery_companies_planned").set(planned as f64);
    }

    fn take_in(&mut self, scan: Result<Vec<(TenantId, Timestamp)>, JoinError>) {
        match scan {
            Ok(found) => found.into_iter().for_each(|(tenant, at)| self.agenda.plan(tenant, at)),
            Err(error) => tracing::error!(%error, "asking the tenants what waits failed within"),
        }
    }

    fn end_turn(&mut self, turn: Result<(Id, Turn), JoinError>) {
        match turn {
            Ok((id, Turn { tenant, claimed, next })) => {
                self.whose_turn.remove(&id);
                for delivery in claimed {
                    self.begin_attempt(tenant, delivery);
                }
                self.agenda.end(tenant, next);
            }
            Err(error) => {
                tracing::error!(%error, "a turn of the automation failed within");
                if let Some(tenant) = self.whose_turn.remove(&error.id()) {
                    self.agenda.end(tenant, Some(self.parts.clock.now().plus_ms(TROUBLE_MS)));
                }
            }
        }
    }

    fn begin_attempt(&mut self, tenant: TenantId, delivery: Claimed) {
        let lease = Lease { delivery: delivery.id, attempt: delivery.attempt };
        let (event, id) = (&delivery.envelope.kind, delivery.id.to_string());
        let span = traces::attempt(delivery.trace_parent.as_deref(), event, &id, delivery.attempt);
        let attempt = attempt(Arc::clone(&self.parts), tenant, delivery).instrument(span);
        let handle = self.sends.spawn(attempt);
        self.leases.insert(handle.id(), (tenant, lease));
    }

    fn take_back(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "an attempt failed within; it is made again when its lease is over");
                error.id()
            }
        };
        if let Some((tenant, _)) = self.leases.remove(&id) {
            // There is room for the next one, and a failure may be due again soon.
            self.agenda.wake(tenant);
        }
    }

    /// Lets attempts under way end for a while, then gives back what is left.
    async fn let_go(mut self) {
        let mut unsent: HashMap<TenantId, Vec<Lease>> = HashMap::new();
        // Turns are short; what they claim now is not sent any more.
        while let Some(turn) = self.turns.join_next().await {
            if let Ok(Turn { tenant, claimed, .. }) = turn {
                let leases = claimed.iter().map(|c| Lease { delivery: c.id, attempt: c.attempt });
                unsent.entry(tenant).or_default().extend(leases);
            }
        }
        let drained = tokio::time::timeout(self.parts.drain, async {
            while let Some(ended) = self.sends.join_next_with_id().await {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                self.leases.remove(&id);
            }
        });
        if drained.await.is_err() {
            self.sends.shutdown().await;
        }
        for (tenant, lease) in self.leases.into_values() {
            unsent.entry(tenant).or_default().push(lease);
        }
        for (tenant, leases) in unsent.into_iter().filter(|(_, leases)| !leases.is_empty()) {
            let count = leases.len();
            match self.parts.store.write(&ctx(tenant), ReturnLeases { leases }).await {
                Ok(()) => {
                    tracing::info!(customerId = %tenant, count, "gave back deliveries that were under way")
                }
                Err(error) => {
                    tracing::warn!(customerId = %tenant, count, %error, "leases could not be given back; they run out")
                }
            }
        }
    }
}

/// Asks every tenant what waits. `reclaim`: first takes back what an earlier process had claimed.
async fn scan(parts: Arc<Parts>, reclaim: Option<Timestamp>) -> Vec<(TenantId, Timestamp)> {
    let found = match parts.store.scan_tenants(|_| GetBacklog { per_endpoint: PER_ENDPOINT }).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, "the tenants could not be asked what waits");
            Vec::new()
        }
    };
    let mut due = Vec::new();
    for (tenant, backlog) in found {
        match (backlog, reclaim) {
            (Ok(Backlog { claimed: 1.., .. }), Some(claimed_before)) => {
                match parts.store.write(&ctx(tenant.id), ReclaimLeases { claimed_before }).await {
                    Ok(count) if count > 0 => {
                        tracing::info!(customerId = %tenant.id, count, "deliveries cut off by the last stop are made again");
                    }
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(customerId = %tenant.id, %error, "leases could not be taken back")
                    }
                }
                due.push((tenant.id, parts.clock.now()));
            }
            (Ok(Backlog { next_due: Some(at), .. }), _) => due.push((tenant.id, at)),
            (Ok(_), _) => {}
            (Err(error), _) => {
                tracing::warn!(customerId = %tenant.id, %error, "a tenant could not be asked what waits")
            }
        }
    }
    due
}

/// One tenant's turn: claims what is due, if anything is.
async fn turn(parts: Arc<Parts>, tenant: TenantId, limit: usize) -> Turn {
    match claim(&parts, tenant, limit).await {
        Ok((claimed, next)) => Turn { tenant, claimed, next },
        Err(error) => {
            tracing::warn!(customerId = %tenant, %error, "deliveries could not be claimed");
            Turn { tenant, claimed: Vec::new(), next: Some(parts.clock.now().plus_ms(TROUBLE_MS)) }
        }
    }
}

async fn claim(
    parts: &Parts,
    tenant: TenantId,
    limit: usize,
) -> Result<(Vec<Claimed>, Option<Timestamp>), Error> {
    let known = parts.store.control().tenant(tenant).await?;
    if known.is_none_or(|known| known.state != TenantState::Active) {
        // When it is taken back into use, a scan finds what waits.
        return Ok((Vec::new(), None));
    }
    let ctx = ctx(tenant);
    // Reading is cheap and most commits make nothing due; claiming is a commit.
    let due = parts.store.read(&ctx, NextDue { per_endpoint: PER_ENDPOINT }).await?;
    if due.is_none_or(|due| due > parts.clock.now()) {
        return Ok((Vec::new(), due));
    }
    let claim = ClaimDeliveries { limit, per_endpoint: PER_ENDPOINT, lease_ms: LEASE_MS };
    let claims = parts.store.write(&ctx, claim).await?;
    Ok((claims.deliveries, claims.next_due))
}

#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^52 ms")]
fn count_attempt(delivery: &Claimed, result: &'static str, duration_ms: i64) {
    let seconds = |ms: i64| ms.max(0) as f64 / 1000.0;
    metrics::counter!("flowbit_delivery_attempts_total", "result" => result).increment(1);
    metrics::histogram!("flowbit_delivery_attempt_duration_seconds").record(seconds(duration_ms));
    if delivery.attempt == 1 {
        let lag = delivery.claimed_at.0 - delivery.envelope.timestamp.0;
        metrics::histogram!("flowbit_delivery_lag_seconds").record(seconds(lag));
    }
}

/// One attempt, and what became of it.
async fn attempt(parts: Arc<Parts>, tenant: TenantId, delivery: Claimed) {
    let Sent { outcome, duration_ms } = parts.sender.send(tenant, &delivery).await;
    let (result, status) = match &outcome {
        Outcome::Answered { status: 200..=299, .. } => ("delivered", None),
        Outcome::Answered { status, .. } => ("refused", Some(*status)),
        Outcome::Failed { .. } => ("failed", None),
    };
    count_attempt(&delivery, result, duration_ms);
    let code = if let Outcome::Answered { status, .. } = outcome { Some(status) } else { None };
    traces::end_attempt(&Span::current(), code, result == "delivered");
    let lease = Lease { delivery: delivery.id, attempt: delivery.attempt };
    for pause in [Some(100), Some(1_000), Some(5_000), None] {
        let finish =
            FinishAttempt { lease, claimed_at: delivery.claimed_at, duration_ms, outcome: outcome.clone() };
        match (parts.store.write(&ctx(tenant), finish).await, pause) {
            (Ok(Finished::Now(state)), _) => {
                if matches!(state, DeliveryState::Delivered | DeliveryState::Dead) {
                    metrics::counter!("flowbit_deliveries_ended_total", "state" => state.as_str())
                        .increment(1);
                }
                let (delivery, state) = (lease.delivery, state.as_str());
                return tracing::info!(customerId = %tenant, deliveryId = %delivery, attempt = lease.attempt, result, status, state, duration_ms, "attempted a delivery");
            }
            (Ok(Finished::Superseded), _) => {
                return tracing::warn!(customerId = %tenant, deliveryId = %lease.delivery, "an attempt ended after its lease");
            }
            (Err(Error::Unavailable(_)), Some(ms)) => tokio::time::sleep(Duration::from_millis(ms)).await,
            (Err(error), _) => {
                // Its lease runs out and it is made again: better twice than never.
                return tracing::error!(customerId = %tenant, deliveryId = %lease.delivery, %error, "an attempt could not be written down");
            }
        }
    }
}
