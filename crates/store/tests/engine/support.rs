//! What the tests share: a store in a folder of its own, a clock and randomness that repeat, and
//! commands and queries as small as can be.

use std::{
    path::Path,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
        mpsc,
    },
    task::{Context, Poll, Waker},
};

use flowbit_domain::{
    Command, Error, Query, Result, TenantCtx, TenantRead, TenantTx, Timestamp, Value,
    event::{Action, Audience, ChainVerifier, EventDraft, StoredEvent},
    id::{EventId, TenantId},
    principal::{Actor, ActorKind, Origin},
    time::{Clock, Randomness},
    tx::Row,
};
use flowbit_store::{CommitListener, NewTenant, Store, StoreOptions};
use tempfile::TempDir;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Goes on by a millisecond each time it is asked.
pub(crate) struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// The same bytes in each run (splitmix64).
#[derive(Default)]
pub(crate) struct Repeating(AtomicU64);

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

/// Remembers what it hears: whose commit, its last `seq`, how many events.
#[derive(Default)]
pub(crate) struct Heard(pub(crate) Mutex<Vec<(TenantId, i64, usize)>>);

impl CommitListener for Heard {
    fn committed(&self, tenant: TenantId, last_seq: i64, events: &[StoredEvent]) {
        assert_eq!(events.last().map(|e| e.seq), Some(last_seq));
        self.0.lock().unwrap().push((tenant, last_seq, events.len()));
    }
}

/// A store in a folder that goes with it.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) heard: Arc<Heard>,
    pub(crate) folder: TempDir,
}

pub(crate) fn options(data: &Path) -> StoreOptions {
    let clock = Arc::new(Ticking(AtomicI64::new(1_769_847_300_000)));
    let mut options =
        StoreOptions::new(data, clock, Arc::new(Repeating::default()), Arc::new(Heard::default()));
    options.writers = 2;
    options.readers = 2;
    // So long that how commands fall into batches is decided by what waits alone.
    options.batch_time = std::time::Duration::from_secs(600);
    options.read_turn = options.batch_time;
    options
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut StoreOptions)) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), change).await
    }

    pub(crate) async fn in_folder(folder: TempDir, change: impl FnOnce(&mut StoreOptions)) -> Self {
        let heard = Arc::new(Heard::default());
        let mut options = options(&folder.path().join("data"));
        options.listener = Arc::clone(&heard) as Arc<dyn CommitListener>;
        change(&mut options);
        Self { store: Store::open(options).await.unwrap(), heard, folder }
    }

    /// Closes the store and opens it again as if the program had been started anew.
    pub(crate) async fn reopen(self, change: impl FnOnce(&mut StoreOptions)) -> Self {
        self.store.close().await;
        Self::in_folder(self.folder, change).await
    }

    pub(crate) async fn tenant(&self, slug: &str) -> TenantCtx {
        ctx(self.store.control().create_tenant(new_tenant(slug)).await.unwrap().id)
    }

    pub(crate) fn file(&self, tenant: &TenantCtx) -> std::path::PathBuf {
        self.folder.path().join(format!("data/tenants/{}.db", tenant.tenant()))
    }

    pub(crate) async fn names(&self, tenant: &TenantCtx) -> Vec<String> {
        self.store.read(tenant, Names).await.unwrap()
    }

    /// Reads the whole ledger and checks its chain; how long it is.
    pub(crate) async fn verified(&self, tenant: &TenantCtx) -> i64 {
        let mut verifier = ChainVerifier::default();
        for event in self.store.read(tenant, Ledger).await.unwrap() {
            verifier.check(&event).unwrap();
        }
        let head = self.store.read(tenant, HeadRow).await.unwrap();
        assert_eq!(head, (verifier.size, verifier.head.to_vec()));
        assert_eq!(self.store.ledger_seq(tenant).await.unwrap(), verifier.size);
        verifier.size
    }
}

pub(crate) fn ctx(id: TenantId) -> TenantCtx {
    #[expect(clippy::disallowed_methods, reason = "the tests are the operator")]
    TenantCtx::for_operator(id)
}

pub(crate) fn new_tenant(slug: &str) -> NewTenant {
    NewTenant { slug: slug.into(), name: slug.into(), locale: "en".into(), accent_color: "#1f6feb".into() }
}

/// Begins a call, so that it stands in its queue, and leaves it there.
pub(crate) fn begin<F: Future>(call: F) -> Pin<Box<F>> {
    let mut call = Box::pin(call);
    let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Pending), "it was answered at once");
    call
}

/// A row as simple as the schema has one, whose first column can be there once.
pub(crate) const INSERT: &str =
    "INSERT INTO screen_settings (screen_id, position, enabled) VALUES ($1, $2, $3)";

/// Adds a row of that name, with an event.
#[derive(Clone)]
pub(crate) struct Add(pub(crate) String);

pub(crate) fn add(name: impl Into<String>) -> Add {
    Add(name.into())
}

impl Command for Add {
    type Output = Uuid;
    async fn run(self, tx: &mut impl TenantTx) -> Result<Uuid> {
        tx.execute(INSERT, &[self.0.as_str().into(), tx.now().into(), true.into()]).await?;
        Ok(tx.append(draft(Action::ScreensUpdated, &self.0)).0)
    }
}

pub(crate) fn draft(action: Action, about: &str) -> EventDraft {
    EventDraft {
        action,
        audience: Audience::Admins,
        origin: Origin { actor: Actor::system(), ip: Some("192.0.2.7".into()), request_id: Some("r".into()) },
        ticket: None,
        requester: None,
        data: serde_json::json!({ "about": about }).to_string(),
    }
}

/// How a command ends that has already changed something.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Refuse,
    Panic,
    /// An error of a statement that was not waited for.
    Unheard,
    /// A statement that drops the whole transaction.
    Rollback,
    /// A reference that is only looked at when the whole transaction commits.
    Dangle,
}

/// Adds a row, with an event, and then fails.
#[derive(Clone)]
pub(crate) struct AddThen(pub(crate) &'static str, pub(crate) End);

impl Command for AddThen {
    type Output = Uuid;
    async fn run(self, tx: &mut impl TenantTx) -> Result<Uuid> {
        let id = add(self.0).run(tx).await?;
        let again = vec![self.0.into(), 0.into(), true.into()];
        match self.1 {
            End::Refuse => return Err(Error::Conflict { code: "refused", detail: "refused".into() }),
            End::Panic => panic!("meant to"),
            End::Unheard => tx.put(INSERT, again),
            End::Rollback => {
                let sql = INSERT.replace("INSERT", "INSERT OR ROLLBACK");
                tx.execute(&sql, &again).await?;
            }
            End::Dangle => {
                tx.execute("PRAGMA defer_foreign_keys = ON", &[]).await?;
                let sql = "INSERT INTO ticket_tags (tag, ticket_id) VALUES ('t', $1)";
                tx.execute(sql, &[id.into()]).await?;
            }
        }
        Ok(id)
    }
}

/// Holds the thread that runs it: says that it has begun, and goes on when it is let go.
#[derive(Clone)]
pub(crate) struct Hold(Arc<Mutex<Option<Held>>>);

type Held = (oneshot::Sender<()>, mpsc::Receiver<()>);

/// Lets the thread go when it is dropped.
pub(crate) struct Release(#[expect(dead_code, reason = "its end is the signal")] mpsc::Sender<()>);

pub(crate) fn hold() -> (Hold, oneshot::Receiver<()>, Release) {
    let (begun, has_begun) = oneshot::channel();
    let (sender, release) = mpsc::channel();
    (Hold(Arc::new(Mutex::new(Some((begun, release))))), has_begun, Release(sender))
}

impl Hold {
    fn wait(self) {
        let (begun, release) = self.0.lock().unwrap().take().unwrap();
        let _ = begun.send(());
        let _ = release.recv();
    }
}

impl Command for Hold {
    type Output = ();
    async fn run(self, _: &mut impl TenantTx) -> Result<()> {
        self.wait();
        Ok(())
    }
}

/// Counts rows, waits to be let go, and counts them again.
impl Query for Hold {
    type Output = (i64, i64);
    async fn run(self, tx: &mut impl TenantRead) -> Result<(i64, i64)> {
        let before = Count.run(tx).await?;
        self.wait();
        Ok((before, Count.run(tx).await?))
    }
}

/// One statement.
#[derive(Clone)]
pub(crate) struct Execute(pub(crate) &'static str, pub(crate) Vec<Value>);

impl Command for Execute {
    type Output = u64;
    async fn run(self, tx: &mut impl TenantTx) -> Result<u64> {
        Ok(tx.execute(self.0, &self.1).await?)
    }
}

/// How many rows there are.
pub(crate) struct Count;

impl Query for Count {
    type Output = i64;
    async fn run(self, tx: &mut impl TenantRead) -> Result<i64> {
        Ok(tx.query_one("SELECT count(*) FROM screen_settings", &[], |row| row.int(0)).await?.unwrap())
    }
}

/// Their names, in order.
pub(crate) struct Names;

impl Query for Names {
    type Output = Vec<String>;
    async fn run(self, tx: &mut impl TenantRead) -> Result<Vec<String>> {
        Ok(tx
            .query("SELECT screen_id FROM screen_settings ORDER BY screen_id", &[], |row| {
                Ok(row.text(0)?.to_owned())
            })
            .await?)
    }
}

struct HeadRow;

impl Query for HeadRow {
    type Output = (i64, Vec<u8>);
    async fn run(self, tx: &mut impl TenantRead) -> Result<(i64, Vec<u8>)> {
        let head = |row: &dyn Row| Ok((row.int(0)?, row.bytes(1)?.to_vec()));
        Ok(tx.query_one("SELECT seq, hash FROM head", &[], head).await?.unwrap())
    }
}

/// All events, oldest first.
pub(crate) struct Ledger;

impl Query for Ledger {
    type Output = Vec<StoredEvent>;
    async fn run(self, tx: &mut impl TenantRead) -> Result<Vec<StoredEvent>> {
        let sql = "SELECT seq, id, at, action, actor_kind, actor_id, actor_name, ip, request_id, data, data_hash, \
                   prev_hash, hash, audience FROM events ORDER BY seq";
        let events = tx.query(sql, &[], |row| {
            Ok(StoredEvent {
                seq: row.int(0)?,
                id: EventId(row.uuid(1)?),
                at: row.time(2)?,
                action: row.text(3)?.to_owned(),
                actor: Actor {
                    kind: ActorKind::parse(row.text(4)?).unwrap(),
                    id: row.opt_uuid(5)?,
                    name: row.text(6)?.to_owned(),
                },
                ticket: None,
                requester: None,
                audience: Audience::from_code(row.int(13)?).unwrap(),
                ip: row.opt_text(7)?.map(str::to_owned),
                request_id: row.opt_text(8)?.map(str::to_owned),
                data: row.text(9)?.to_owned(),
                data_hash: row.bytes(10)?.try_into().unwrap(),
                prev_hash: row.bytes(11)?.try_into().unwrap(),
                hash: row.bytes(12)?.try_into().unwrap(),
            })
        });
        Ok(events.await?)
    }
}
