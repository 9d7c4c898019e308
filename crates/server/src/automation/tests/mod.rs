//! Deliveries that are really sent, to a receiver on this machine.

#[path = "../../../tests/harness/place.rs"]
mod place;
mod sending;
mod tagging;
mod working;

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use flowbit_domain::{
    Command, Principal, Result, Role, TenantCtx, TenantTx, Timestamp,
    delivery::{ClaimDeliveries, Claimed, DeliveryFilter, DeliveryState, ListDeliveries},
    endpoint::{CreateEndpoint, EndpointWithSecrets, NewEndpoint, Secrets},
    event::StoredEvent,
    id::{EndpointId, SessionId, TenantId, UserId},
    principal::{Actor, Origin},
    ticket::{CreateTicket, NewTicket, Ticket},
    time::{Clock, Randomness},
};
use flowbit_store::{CommitListener, NewTenant, Store};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};
use uuid::Uuid;

use place::Place;

use crate::config::Config;

use super::{
    CallbackAddress,
    send::Sender,
    target::Networks,
    token::{CallbackClaims, SignCallback},
    wake::Waker,
};

const LEASE_MS: i64 = 60_000;

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

struct Counting(AtomicU64);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let n = self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&n.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Hears commits as the server does, and tells the test.
struct Ear {
    waker: Arc<Waker>,
    events: mpsc::UnboundedSender<StoredEvent>,
}

impl CommitListener for Ear {
    fn committed(&self, tenant: TenantId, last_seq: i64, events: &[StoredEvent]) {
        self.waker.committed(tenant, last_seq, events);
        for event in events {
            let _ = self.events.send(event.clone());
        }
    }
}

struct TicketTokens;

impl SignCallback for TicketTokens {
    fn sign_callback(&self, claims: &CallbackClaims) -> std::result::Result<String, String> {
        Ok(format!("token-of-{}", claims.delivery_id))
    }
}

#[derive(Clone)]
struct AddPerson(UserId);

impl Command for AddPerson {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const SQL: &str = "INSERT INTO users (id, email, name, folded, role, active, created_at, updated_at)
            VALUES ($1, 'ada@example.com', 'Ada', 'ada', 'admin', $2, 0, 0)";
        tx.execute(SQL, &[self.0.into(), true.into()]).await?;
        Ok(())
    }
}

struct Desk {
    store: Store,
    ctx: TenantCtx,
    clock: Arc<HandClock>,
    admin: Principal,
    waker: Arc<Waker>,
    events: mpsc::UnboundedReceiver<StoredEvent>,
    randomness: Counting,
    _place: Place,
}

impl Desk {
    async fn open() -> Self {
        let place = Place::new();
        let clock = Arc::new(HandClock(AtomicI64::new(1_800_000_000_000)));
        let waker = Arc::new(Waker::default());
        let (sender, events) = mpsc::unbounded_channel();
        let options = place.options(
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::new(Counting(AtomicU64::new(1))),
            Arc::new(Ear { waker: Arc::clone(&waker), events: sender }),
        );
        let store = Store::open(options).await.unwrap();
        // As a server does: on a database it leads only then.
        store.follow().await.unwrap();
        let new = NewTenant {
            slug: "acme".into(),
            name: "Acme".into(),
            locale: "en".into(),
            accent_color: "#336699".into(),
        };
        let tenant = store.control().create_tenant(new).await.unwrap().id;
        #[expect(clippy::disallowed_methods, reason = "a test opens the tenant that it has just made")]
        let ctx = TenantCtx::for_operator(tenant);
        let admin = Principal {
            tenant,
            user: UserId(Uuid::from_u128(1)),
            name: "Ada".into(),
            role: Role::Admin,
            session: SessionId(Uuid::from_u128(2)),
        };
        store.write(&ctx, AddPerson(admin.user)).await.unwrap();
        let randomness = Counting(AtomicU64::new(1 << 32));
        Self { store, ctx, clock, admin, waker, events, randomness, _place: place }
    }

    fn origin(&self) -> Origin {
        Origin { actor: Actor::from(&self.admin), ip: None, request_id: None }
    }

    async fn endpoint(&self, url: &str) -> EndpointWithSecrets {
        let input = NewEndpoint {
            url: url.into(),
            events: vec!["ticket.created".into()],
            active: true,
            description: String::new(),
            deadline_seconds: None,
        };
        let create = CreateEndpoint {
            principal: self.admin.clone(),
            origin: self.origin(),
            id: EndpointId::generate(&*self.clock, &self.randomness),
            secrets: Secrets::generate(&self.randomness),
            input,
        };
        self.store.write(&self.ctx, create).await.unwrap()
    }

    async fn ticket(&self) -> Ticket {
        let input = NewTicket { title: "A pallet is late".into(), ..NewTicket::default() };
        let create =
            CreateTicket { principal: self.admin.clone(), origin: self.origin(), input, idempotency: None };
        self.store.write(&self.ctx, create).await.unwrap().answer
    }

    async fn claim(&self) -> Claimed {
        let claim = ClaimDeliveries { limit: 1, per_endpoint: 4, lease_ms: LEASE_MS };
        self.store.write(&self.ctx, claim).await.unwrap().deliveries.remove(0)
    }

    /// A delivery to `url`, claimed for the test itself.
    async fn claimed_for(&self, url: &str) -> Claimed {
        self.endpoint(url).await;
        self.ticket().await;
        self.claim().await
    }

    fn sender(&self, allowed: &[&str]) -> Sender {
        let allowed: Vec<_> = allowed.iter().map(|net| net.parse().unwrap()).collect();
        let public = ("FLOWBIT_PUBLIC_URL".to_owned(), "https://desk.example.com".to_owned());
        let callback = CallbackAddress::new(&Config::read([public], &[]).unwrap());
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        Sender::new(Networks::new(&allowed), callback, clock, Box::new(TicketTokens)).unwrap()
    }

    async fn until(&mut self, action: &str) -> StoredEvent {
        loop {
            let event = self.events.recv().await.unwrap();
            if event.action == action {
                return event;
            }
        }
    }

    async fn states(&self) -> Vec<(DeliveryState, i64)> {
        let list = ListDeliveries {
            principal: self.admin.clone(),
            filter: DeliveryFilter::default(),
            limit: 100,
            cursor: None,
        };
        let page = self.store.read(&self.ctx, list).await.unwrap();
        page.items.into_iter().map(|d| (d.state, d.attempt_count)).collect()
    }
}

struct Arrived {
    path: String,
    headers: HeaderMap,
    body: Bytes,
    answer: oneshot::Sender<Response>,
}

impl Arrived {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

async fn receiver() -> (String, mpsc::UnboundedReceiver<Arrived>) {
    async fn accept(
        State(arrivals): State<mpsc::UnboundedSender<Arrived>>,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        let (answer, answered) = oneshot::channel();
        let _ = arrivals.send(Arrived { path: uri.path().to_owned(), headers, body, answer });
        answered.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (arrivals, arrived) = mpsc::unbounded_channel();
    let app = Router::new().fallback(accept).with_state(arrivals);
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, arrived)
}
