//! The PostgreSQL engine: all tenants in one database, kept apart by row level security.
//!
//! Each transaction says whose it is, and from then on no statement can reach another's rows; the server's
//! role can do no more, which is checked before anything is served ([`protection`]). Statements that need no
//! answer travel with those that do ([`connection`]), so that a query is one journey and a command two or
//! three. Nothing is set on a connection that outlasts its transaction, so poolers may stand between.

mod address;
mod ahead;
mod attempts;
mod connection;
mod control;
mod directory;
mod erasures;
mod flights;
mod import;
mod job;
mod migration;
mod nodes;
mod pool;
mod pooling;
mod protection;
mod queues;
mod reading;
mod search;
mod session;
mod shares;
mod statement;
mod tls;
mod transaction;
mod writer;
mod writing;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use flowbit_domain::{
    Command, Error, Query, Result, TenantRead,
    control::{Tenant, TenantState},
    id::TenantId,
    time::{Clock, Randomness, Timestamp},
    tx::Row,
};
use uuid::Uuid;

pub use address::{AddressError, DatabaseAddress, Tls};
pub(crate) use import::PostgresImport;
pub use migration::{migrate, script};
pub use nodes::WORD_MAX;

use crate::{
    call::unanswered,
    counters::{Counters, count},
    ids::IdSource,
    journey::{Journey, Timings},
    options::{CommitListener, DatabaseOptions, Mode, OpenError, Stats, StoreOptions},
};
use connection::{Connector, Step};
use control::PostgresControl;
use flights::Flights;
use nodes::Nodes;
use pool::Pool;
use protection::Refused;
use queues::{Pushed, Queues};
use reading::ReadTx;
use shares::Shares;
use statement::RowInPlace;

/// So many tenants are asked at once when all are.
const ASKED_AT_ONCE: usize = 4;
/// How long what is under way may take when the store closes.
const FAREWELL: Duration = Duration::from_secs(20);

/// What the tasks share.
pub(crate) struct Shared {
    pool: Arc<Pool>,
    queues: Queues,
    shares: Shares,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    listener: Arc<dyn CommitListener>,
    batch_max: usize,
    counters: Arc<Counters>,
    timings: Arc<Timings>,
    nodes: Nodes,
    ids: Mutex<IdSource>,
    /// In milliseconds, as the database takes it; 0 for none.
    statement_timeout: u128,
}

impl Shared {
    fn new_id(&self, now: Timestamp) -> Uuid {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.next(now, self.randomness.as_ref())
    }
}

/// The engine.
pub(crate) struct Postgres {
    shared: Arc<Shared>,
    control: Arc<PostgresControl>,
    flights: Arc<Flights>,
    mode: Mode,
    /// By which way it hears of the other nodes at once.
    direct: Option<DatabaseAddress>,
}

struct ReadSeq;

impl Query for ReadSeq {
    type Output = i64;
    async fn run(self, tx: &mut impl TenantRead) -> Result<i64> {
        let seq = tx.query_one("SELECT seq FROM head", &[], |row| row.int(0)).await?;
        seq.ok_or_else(|| control::absent(tx.tenant()))
    }
}

/// How far a tenant's ledger is, as its last commit with events has noted it for the other nodes: one small
/// statement instead of a transaction in the tenant's name.
const SEQ: &str = "SELECT l.seq FROM flowbit_control.ledgers l WHERE l.tenant = $1";

async fn ask_seq(shared: &Arc<Shared>, tenant: TenantId) -> Result<i64> {
    {
        let mut loan = shared.pool.borrow(tenant).await?;
        count(&shared.counters.queries);
        let steps = [Step::Asked(SEQ.into(), vec![tenant.0.into()].into())];
        let answers = loan.link()?.fly(&steps, None).await.map_err(|lost| lost.why)?;
        if let Some(row) = answers.first().and_then(|answer| answer.rows.first()) {
            return Ok(RowInPlace(row).int(0)?);
        }
    }
    // There are no events yet, or no tenant.
    read(shared, tenant, ReadSeq).await
}

impl Postgres {
    /// Connects, checks the database, and reads the tenants.
    pub(crate) async fn open(
        options: StoreOptions,
        database: DatabaseOptions,
        timings: Arc<Timings>,
    ) -> Result<Self, OpenError> {
        if !(1..=1_000).contains(&database.connections) {
            return Err(OpenError::Setting {
                key: "database_connections",
                value: database.connections.to_string(),
                allowed: "1 to 1000".to_owned(),
            });
        }
        let address = database.address.to_string();
        let failed = |what: &str| {
            let what = format!("{what} {address}");
            move |cause: String| OpenError::Engine { what, cause }
        };
        if database.address.tls() == Tls::Off && !database.address.is_local() {
            tracing::warn!(%address, "the way to the database is not encrypted (sslmode=disable)");
        }
        let counters = Arc::new(Counters::default());
        let connector = make_connector(&database, Arc::clone(&counters))?;
        let mut first = connector.connect_first().await?;
        // Before anything is asked that is kept under a name.
        let may_prepare = !connector.prepares
            || pooling::keeps_names(&connector, &mut first)
                .await
                .map_err(|why| failed("looking at")(why.to_string()))?;
        if !may_prepare {
            return Err(OpenError::Setting {
                key: "database_prepares",
                value: "on".to_owned(),
                allowed: format!(
                    "off: {address} is behind a pooler that can't follow prepared statements \
                     (PgBouncer before 1.21, or with max_prepared_statements = 0)"
                ),
            });
        }
        let pool = Pool::new(
            connector,
            first,
            database.connections,
            database.connection_wait,
            options.queue_per_tenant,
            Arc::clone(&counters),
        );
        let timeout = database.statement_timeout.map_or(0, |timeout| timeout.as_millis());
        let nodes = Nodes::new(options.randomness.as_ref());
        let shared = Arc::new(Shared {
            pool,
            queues: Queues::new(options.queue_per_tenant),
            shares: Shares::new(options.queue_per_tenant),
            clock: options.clock,
            randomness: options.randomness,
            listener: options.listener,
            batch_max: options.batch_max,
            counters,
            timings,
            nodes,
            ids: Mutex::default(),
            statement_timeout: timeout,
        });
        let checked = async {
            let mut loan = shared.pool.borrow(NOBODY).await?;
            protection::check(loan.link()?).await
        };
        checked.await.map_err(|refused| match refused {
            Refused::Unknown(why) => failed("looking at")(why.to_string()),
            Refused::Schema(why) => OpenError::Schema(why),
            Refused::Unprotected(why) => OpenError::Unprotected(why),
        })?;
        let control = Arc::new(PostgresControl::new(Arc::clone(&shared)));
        control.refresh().await.map_err(|e| failed("reading the tenants of")(e.to_string()))?;
        if options.mode == Mode::Exclusive {
            let finished = control.finish_leftovers().await;
            finished.map_err(|e| failed("finishing leftovers in")(e.to_string()))?;
        }
        tokio::spawn(PostgresControl::follow(Arc::downgrade(&control)));
        Ok(Self { shared, control, flights: Arc::default(), mode: options.mode, direct: database.direct })
    }

    pub(crate) fn control(&self) -> &PostgresControl {
        &self.control
    }

    /// Refuses a tenant that is not there: its rows would only be none.
    async fn find(&self, tenant: TenantId) -> Result<()> {
        match self.control.tenant(tenant).await? {
            Some(_) => Ok(()),
            None => Err(control::absent(tenant)),
        }
    }

    pub(crate) async fn read<Q: Query>(&self, tenant: TenantId, query: Q) -> Result<Q::Output> {
        self.find(tenant).await?;
        read(&self.shared, tenant, query).await
    }

    pub(crate) async fn write<C: Command>(
        &self,
        tenant: TenantId,
        command: C,
        journey: Journey,
    ) -> Result<C::Output> {
        if self.mode == Mode::ReadOnly {
            return Err(Error::Unavailable("the data is open for reading only".to_owned()));
        }
        self.find(tenant).await?;
        let (job, answer) = job::write_job(command, journey);
        let pushed =
            self.shared.queues.push(tenant, job).inspect_err(|_| count(&self.shared.counters.refused))?;
        if pushed == Pushed::Begin {
            tokio::spawn(writer::work(Arc::clone(&self.shared), tenant));
        }
        answer.await.unwrap_or_else(|_| Err(unanswered()))
    }

    pub(crate) async fn ledger_seq(&self, tenant: TenantId) -> Result<i64> {
        let (answer, is_first) = self.flights.join(tenant);
        if is_first {
            let (flights, shared) = (Arc::clone(&self.flights), Arc::clone(&self.shared));
            // A task of its own: should the first caller go away, the others still get their answer.
            tokio::spawn(async move { flights.fly(tenant, || ask_seq(&shared, tenant)).await });
        }
        match answer.await {
            Ok(answer) => answer.map_err(Error::Unavailable),
            Err(_) => Err(unanswered()),
        }
    }

    pub(crate) async fn scan_tenants<Q: Query>(
        &self,
        ask: impl Fn(&Tenant) -> Q + Send,
    ) -> Result<Vec<(Arc<Tenant>, Result<Q::Output>)>> {
        let tenants = self.control.tenants_page(None, usize::MAX).await?;
        let mut answers = Vec::with_capacity(tenants.len());
        let mut asked = tokio::task::JoinSet::new();
        let mut active = tenants.into_iter().filter(|tenant| tenant.state == TenantState::Active).enumerate();
        loop {
            while asked.len() < ASKED_AT_ONCE
                && let Some((place, tenant)) = active.next()
            {
                let (shared, query) = (Arc::clone(&self.shared), ask(&tenant));
                asked.spawn(async move {
                    let answer = read(&shared, tenant.id, query).await;
                    (place, tenant, answer)
                });
            }
            match asked.join_next().await {
                Some(Ok(answer)) => answers.push(answer),
                Some(Err(e)) => return Err(Error::Internal(e.to_string())),
                None => break,
            }
        }
        answers.sort_by_key(|(place, ..)| *place);
        Ok(answers.into_iter().map(|(_, tenant, answer)| (tenant, answer)).collect())
    }

    /// Whether the database answers and has this program's schema.
    pub(crate) async fn check(&self) -> Result<(), String> {
        let checked = async {
            let mut loan = self.shared.pool.borrow(NOBODY).await?;
            protection::check_schema(loan.link()?).await
        };
        match tokio::time::timeout(CHECK, checked).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Refused::Unknown(why))) => Err(why.to_string()),
            Ok(Err(Refused::Schema(why) | Refused::Unprotected(why))) => Err(why),
            Err(_) => Err("the database does not answer".to_owned()),
        }
    }

    /// Follows what other nodes commit, from here on.
    pub(crate) async fn follow(&self) -> Result<(), OpenError> {
        nodes::follow(&self.shared, &self.control).await.map_err(|e| OpenError::Engine {
            what: "looking what other nodes commit".to_owned(),
            cause: e.to_string(),
        })?;
        session::keep(&self.shared, self.direct.clone())
    }

    /// Whether all that was committed a second ago is known here.
    pub(crate) fn is_current(&self) -> bool {
        self.shared.nodes.is_current()
    }

    pub(crate) fn tell_nodes(&self, word: String) {
        self.shared.nodes.say(word);
    }

    pub(crate) fn leadership(&self) -> tokio::sync::watch::Receiver<bool> {
        self.shared.nodes.leads.subscribe()
    }

    pub(crate) fn stats(&self) -> Stats {
        let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let (open, limit, waiting) = self.shared.pool.usage();
        Stats {
            commands_waiting: wide(self.shared.queues.waiting()),
            queries_waiting: wide(waiting + self.shared.shares.waiting()),
            connections_open: wide(open),
            connections_max: wide(limit),
            ..self.shared.counters.read()
        }
    }

    pub(crate) async fn close(&self) {
        self.shared.nodes.close();
        self.shared.queues.close();
        let worked_off = async {
            while !self.shared.queues.is_idle() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if tokio::time::timeout(FAREWELL, worked_off).await.is_err() {
            tracing::warn!("some commands did not end in time");
        }
        self.shared.pool.close(FAREWELL).await;
    }
}

/// Whether somebody answers at a database's address and lets this role in; whether all is well there is not asked.
///
/// # Errors
/// [`OpenError::Unreachable`] when it may be worth waiting, else what must be put right.
pub async fn reach(database: &DatabaseOptions) -> Result<(), OpenError> {
    make_connector(database, Arc::default())?.connect_first().await.map(drop)
}

fn make_connector(database: &DatabaseOptions, counters: Arc<Counters>) -> Result<Connector, OpenError> {
    let address = database.address.clone();
    let tls = tls::connector(&address)
        .map_err(|cause| OpenError::Engine { what: format!("using TLS to {address}"), cause })?;
    let DatabaseOptions { prepares, statement_timeout, .. } = *database;
    Ok(Connector { address, tls, prepares, statement_timeout, counters })
}

/// What belongs to no tenant waits in the pool's queue as if it were one's.
const NOBODY: TenantId = TenantId(Uuid::nil());
/// How long readiness is waited for.
const CHECK: Duration = Duration::from_secs(5);

/// One query in one transaction, in the caller's task: if the caller goes away, so does it.
async fn read<Q: Query>(shared: &Arc<Shared>, tenant: TenantId, query: Q) -> Result<Q::Output> {
    count(&shared.counters.queries);
    let mut tx = ReadTx::new(shared, tenant);
    let outcome = job::complete(query.run(&mut tx)).await;
    tx.end();
    outcome
}
