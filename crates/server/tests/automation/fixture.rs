//! A company with an admin, on a store of its own, at a time of the test's choosing.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use flowbit_domain::{
    Command, Principal, Query, Result, Role, StoreError, TenantCtx, TenantTx, Timestamp,
    audit::ReadLedger,
    callback::{ApplyCallback, CallbackClaim, CallbackOutcome},
    delivery::{
        ClaimDeliveries, Claimed, DeliveryDetail, FinishAttempt, Finished, GetDelivery, Lease, NextDue,
        Outcome,
    },
    endpoint::{
        CreateEndpoint, EndpointPatch, EndpointWithSecrets, NewEndpoint, Secrets, UpdateEndpoint, hash_secret,
    },
    event::StoredEvent,
    id::{DeliveryId, EndpointId, SessionId, TicketId, UserId},
    principal::{Actor, Origin},
    ticket::{CreateTicket, GetTicket, NewTicket, Status, Ticket, WorkflowState},
    time::{Clock, Randomness},
};
use flowbit_store::{NewTenant, Store, Unheard};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::place::Place;

pub(crate) const SECOND: i64 = 1000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const LEASE_MS: i64 = MINUTE;
pub(crate) const PER_ENDPOINT: i64 = 4;

/// Stands still until it is turned.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn turn(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn turn_to(&self, to: Timestamp) {
        self.0.store(to.0, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// The same bytes in each run, never the same twice.
#[derive(Default)]
struct Counting(AtomicU64);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let n = self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&n.to_le_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) ctx: TenantCtx,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) admin: Principal,
    randomness: Counting,
    _place: Place,
}

#[derive(Clone)]
struct AddPerson(UserId, &'static str, Role);

impl Command for AddPerson {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const SQL: &str = "INSERT INTO users (id, email, name, folded, role, active, created_at, updated_at)
            VALUES ($1, $2, $3, $2, $4, $5, 0, 0)";
        let Self(id, name, role) = self;
        let email = format!("{}@example.com", name.to_lowercase());
        tx.execute(SQL, &[id.into(), email.into(), name.into(), role.as_str().into(), true.into()]).await?;
        Ok(())
    }
}

/// One number from the bare store.
pub(crate) struct Count(pub(crate) &'static str);

impl Query for Count {
    type Output = i64;

    async fn run(self, tx: &mut impl flowbit_domain::TenantRead) -> Result<i64> {
        let found = tx.query_one(self.0, &[], |row| row.int(0)).await?;
        Ok(found.ok_or_else(|| StoreError::Failed("no row".into()))?)
    }
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let place = Place::new();
        let start = Timestamp::parse("2026-03-02T09:00:00Z").unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(start.0)));
        let options = place.options(
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::new(Counting::default()),
            Arc::new(Unheard),
        );
        let store = Store::open(options).await.unwrap();
        let new = NewTenant {
            slug: "acme".into(),
            name: "Acme".into(),
            locale: "en".into(),
            accent_color: "#336699".into(),
        };
        let tenant = store.control().create_tenant(new).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test opens the tenant that it has just made")]
        let ctx = TenantCtx::for_operator(tenant.id);
        let admin = Principal {
            tenant: tenant.id,
            user: UserId(Uuid::from_u128(1)),
            name: "Ada".into(),
            role: Role::Admin,
            session: SessionId(Uuid::from_u128(2)),
        };
        store.write(&ctx, AddPerson(admin.user, "Ada", Role::Admin)).await.unwrap();
        Self { store, ctx, clock, admin, randomness: Counting(AtomicU64::new(1 << 32)), _place: place }
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin {
            actor: Actor::from(&self.admin),
            ip: Some("192.0.2.7".into()),
            request_id: Some("r1".into()),
        }
    }

    pub(crate) fn as_role(&self, role: Role) -> Principal {
        Principal { role, ..self.admin.clone() }
    }

    pub(crate) async fn write<C: Command>(&self, command: C) -> Result<C::Output> {
        self.store.write(&self.ctx, command).await
    }

    pub(crate) async fn read<Q: Query>(&self, query: Q) -> Result<Q::Output> {
        self.store.read(&self.ctx, query).await
    }

    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::generate(&self.randomness)
    }

    pub(crate) async fn endpoint(
        &self,
        events: &[&str],
        deadline_seconds: Option<i64>,
    ) -> EndpointWithSecrets {
        let input = NewEndpoint {
            url: "https://flows.example.com/hook".into(),
            events: events.iter().map(|e| (*e).to_owned()).collect(),
            active: true,
            description: "First answer".into(),
            deadline_seconds,
        };
        let create = CreateEndpoint {
            principal: self.admin.clone(),
            origin: self.origin(),
            id: EndpointId::generate(&*self.clock, &self.randomness),
            secrets: self.secrets(),
            input,
        };
        self.write(create).await.unwrap()
    }

    pub(crate) async fn patch_endpoint(&self, id: EndpointId, patch: EndpointPatch) {
        let update = UpdateEndpoint { principal: self.admin.clone(), origin: self.origin(), id, patch };
        self.write(update).await.unwrap();
    }

    pub(crate) async fn ticket(&self, title: &str) -> Ticket {
        let input = NewTicket { title: title.into(), ..NewTicket::default() };
        let create =
            CreateTicket { principal: self.admin.clone(), origin: self.origin(), input, idempotency: None };
        self.write(create).await.unwrap().answer
    }

    pub(crate) async fn ticket_now(&self, id: TicketId) -> Ticket {
        self.read(GetTicket { principal: self.admin.clone(), id }).await.unwrap()
    }

    pub(crate) async fn workflow(&self, id: TicketId) -> WorkflowState {
        self.ticket_now(id).await.workflow.unwrap().state
    }

    pub(crate) async fn claim(&self) -> Vec<Claimed> {
        let claim = ClaimDeliveries { limit: 100, per_endpoint: PER_ENDPOINT, lease_ms: LEASE_MS };
        self.write(claim).await.unwrap().deliveries
    }

    pub(crate) async fn claim_one(&self) -> Claimed {
        let mut claimed = self.claim().await;
        assert_eq!(claimed.len(), 1);
        claimed.remove(0)
    }

    pub(crate) async fn finish(&self, claimed: &Claimed, outcome: Outcome) -> Finished {
        let finish =
            FinishAttempt { lease: lease(claimed), claimed_at: claimed.claimed_at, duration_ms: 12, outcome };
        self.write(finish).await.unwrap()
    }

    pub(crate) async fn next_due(&self) -> Option<Timestamp> {
        self.read(NextDue { per_endpoint: PER_ENDPOINT }).await.unwrap()
    }

    pub(crate) async fn delivery(&self, id: DeliveryId) -> DeliveryDetail {
        let callback_url = "https://desk.example.com/webhook/ticket-done".to_owned();
        self.read(GetDelivery { principal: self.admin.clone(), id, callback_url }).await.unwrap()
    }

    pub(crate) async fn ledger(&self) -> Vec<StoredEvent> {
        self.read(ReadLedger { after: 0, limit: 10_000 }).await.unwrap()
    }

    /// The data of all events of this action.
    pub(crate) async fn events(&self, action: &str) -> Vec<Json> {
        let all = self.ledger().await;
        all.iter().filter(|e| e.action == action).map(|e| serde_json::from_str(&e.data).unwrap()).collect()
    }

    pub(crate) async fn call_back(&self, claimed: &Claimed, shared: &str, says: Says) -> CallbackOutcome {
        self.write(self.callback(claimed, shared, says)).await.unwrap()
    }

    pub(crate) fn callback(&self, claimed: &Claimed, shared: &str, says: Says) -> ApplyCallback {
        let ticket = claimed.envelope.data.ticket_id.unwrap();
        ApplyCallback {
            origin: Origin::system(),
            claim: CallbackClaim { ticket, delivery: claimed.id, endpoint: claimed.endpoint },
            secret: hash_secret(shared),
            status: says.status,
            message: says.message.map(str::to_owned),
            custom_fields: None,
            data: says.data,
        }
    }
}

/// What a workflow answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Says {
    pub(crate) status: Option<Status>,
    pub(crate) message: Option<&'static str>,
    pub(crate) data: Option<Json>,
}

pub(crate) fn lease(claimed: &Claimed) -> Lease {
    Lease { delivery: claimed.id, attempt: claimed.attempt }
}

pub(crate) fn answered(status: u16) -> Outcome {
    Outcome::Answered { status, body: format!("status {status}"), retry_after_ms: None }
}

pub(crate) fn unreachable() -> Outcome {
    Outcome::Failed { error: "no connection: refused".into(), unreachable: true }
}
