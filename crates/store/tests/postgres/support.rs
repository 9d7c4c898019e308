//! A store on a database of its own, with two companies.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use flowbit_cluster::{Cluster, Database};
use flowbit_domain::{
    Principal, Role, SessionId, TenantCtx, Timestamp,
    principal::{Actor, Origin},
    ticket::{CreateTicket, NewTicket, Ticket},
    time::{Clock, Randomness},
    user::{Authority, CreateUser, NewUser},
};
use flowbit_store::{DatabaseOptions, NewTenant, OpenError, Store, StoreOptions, Unheard};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::use_cases::{Known, furnish};

/// The role as which the server connects in tests.
pub(crate) const APP: &str = "flowbit";

/// Goes on by a millisecond each time it is asked.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Different bytes each time, the same in each run (splitmix64).
#[derive(Default)]
struct Repeating(AtomicU64);

impl Randomness for Repeating {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes()[..chunk.len()]);
        }
    }
}

/// One company, and its admin.
#[derive(Clone)]
pub(crate) struct Company {
    pub(crate) ctx: TenantCtx,
    pub(crate) admin: Principal,
}

impl Company {
    pub(crate) fn origin(&self) -> Origin {
        Origin { actor: (&self.admin).into(), ip: None, request_id: None }
    }

    pub(crate) fn raise(&self, title: &str) -> CreateTicket {
        CreateTicket {
            principal: self.admin.clone(),
            origin: self.origin(),
            input: NewTicket { title: title.into(), ..NewTicket::default() },
            idempotency: None,
        }
    }
}

/// A database with the schema, and nothing in it.
pub(crate) async fn database() -> Database {
    let script = flowbit_store::script(APP).unwrap();
    Database::make(Cluster::for_tests().unwrap(), &script).await.unwrap()
}

/// Each table that has a tenant, by the catalogue: one that is added later is covered by itself.
pub(crate) async fn tenant_tables(client: &Client) -> Vec<String> {
    let sql = "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'flowbit' AND c.relkind IN ('r', 'p') ORDER BY 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Opens a store at an address.
pub(crate) async fn open_at(
    address: &str,
    change: impl FnOnce(&mut DatabaseOptions),
) -> Result<Store, OpenError> {
    let clock = Arc::new(Ticking(AtomicI64::new(1_769_847_300_000)));
    let mut options = StoreOptions::new("", clock, Arc::new(Repeating::default()), Arc::new(Unheard));
    let mut database = DatabaseOptions::new(address.parse().unwrap());
    database.connections = 4;
    change(&mut database);
    options.database = Some(database);
    Store::open(options).await
}

pub(crate) async fn open(database: &Database, change: impl FnOnce(&mut DatabaseOptions)) -> Store {
    open_at(&database.address(APP), change).await.unwrap()
}

async fn open_company(store: &Store, slug: &str) -> TenantCtx {
    let new = NewTenant {
        slug: slug.into(),
        name: slug.into(),
        locale: "en".into(),
        accent_color: "#1f6feb".into(),
    };
    let id = store.control().create_tenant(new).await.unwrap().id;
    #[expect(clippy::disallowed_methods, reason = "the tests are the operator")]
    TenantCtx::for_operator(id)
}

/// A store with two companies that have something of everything.
pub(crate) struct Furnished {
    pub(crate) database: Database,
    pub(crate) store: Store,
    pub(crate) a: Known,
    pub(crate) b: Known,
}

impl Furnished {
    pub(crate) async fn new(change: impl FnOnce(&mut DatabaseOptions)) -> Self {
        let database = database().await;
        let store = open(&database, change).await;
        let a = furnish(&store, &open_company(&store, "alpha").await, "alpha").await;
        let b = furnish(&store, &open_company(&store, "beta").await, "beta").await;
        Self { database, store, a, b }
    }
}

/// Makes a company with an admin and a ticket.
pub(crate) async fn found(store: &Store, slug: &str) -> (Company, Ticket) {
    let ctx = open_company(store, slug).await;
    let command = CreateUser {
        by: Authority::Operator,
        origin: Origin { actor: Actor::operator(), ip: None, request_id: None },
        user: NewUser {
            email: format!("admin@{slug}.example"),
            name: format!("Admin of {slug}"),
            role: Role::Admin,
            password_hash: Some(format!("hash of {slug}")),
        },
    };
    let user = store.write(&ctx, command).await.unwrap().user;
    let admin = Principal {
        tenant: ctx.tenant(),
        user: user.id,
        name: user.name,
        role: Role::Admin,
        session: SessionId(Uuid::nil()),
    };
    let company = Company { ctx, admin };
    let ticket = store.write(&company.ctx, company.raise(&format!("Secret of {slug}"))).await.unwrap();
    (company, ticket.answer)
}

/// A store with two companies.
pub(crate) struct Bench {
    pub(crate) database: Database,
    pub(crate) store: Store,
    pub(crate) a: Company,
    pub(crate) b: Company,
    pub(crate) ticket_of_b: Ticket,
}

impl Bench {
    pub(crate) async fn new(change: impl FnOnce(&mut DatabaseOptions)) -> Self {
        let database = database().await;
        let store = open(&database, change).await;
        let (a, _) = found(&store, "alpha").await;
        let (b, ticket_of_b) = found(&store, "beta").await;
        Self { database, store, a, b, ticket_of_b }
    }
}
