//! The store as the rest of the program sees it, whichever engine is behind it.

use std::{sync::Arc, time::Instant};

use flowbit_domain::{Command, Query, TenantCtx, Timestamp, control::Tenant, error::Error};
use futures_util::FutureExt;
use tracing::Instrument;

use crate::{
    control::{Control, ControlError},
    embedded::{Embedded, EmbeddedImport},
    import::Import,
    journey::{self, Journey, Timings},
    options::{OpenError, Stats, StoreOptions},
    postgres::{Postgres, PostgresImport},
};

type Result<T, E = Error> = std::result::Result<T, E>;

/// All tenants' data. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    control: Control,
    timings: Arc<Timings>,
    trace_parent: Option<fn() -> Option<String>>,
}

#[derive(Clone)]
enum Engine {
    Embedded(Arc<Embedded>),
    Postgres(Arc<Postgres>),
}

/// What an export of a file is answered where there is none.
const NO_FILE: &str = "on PostgreSQL a company has no file that could be copied";

impl Store {
    /// Opens the engine that the options name. Of the embedded one no tenant's file is opened by it; of
    /// PostgreSQL it is checked that the database protects the tenants from each other.
    ///
    /// # Errors
    /// [`OpenError`], in words for an operator.
    pub async fn open(mut options: StoreOptions) -> Result<Self, OpenError> {
        let trace_parent = options.trace_parent;
        if let Some(database) = options.database.take() {
            let timings = Arc::new(Timings::new("postgres"));
            let engine = Arc::new(Postgres::open(options, database, Arc::clone(&timings)).await?);
            return Ok(Self {
                control: Control::postgres(Arc::clone(&engine)),
                engine: Engine::Postgres(engine),
                timings,
                trace_parent,
            });
        }
        let timings = Arc::new(Timings::new("embedded"));
        let counted = Arc::clone(&timings);
        let opened = tokio::task::spawn_blocking(move || Embedded::open(options, counted)).await;
        let embedded = opened.map_err(|e| OpenError::Engine {
            what: "opening the store".to_owned(),
            cause: e.to_string(),
        })??;
        let embedded = Arc::new(embedded);
        let control = Control::embedded(Arc::clone(&embedded));
        Ok(Self { control, engine: Engine::Embedded(embedded), timings, trace_parent })
    }

    /// Runs a query in one reading transaction: all its statements see one state, which holds
    /// everything that was answered before it was asked.
    ///
    /// # Errors
    /// The query's own, and [`Error::Unavailable`] when the store or this tenant can't be read now.
    pub async fn read<Q: Query>(&self, tenant: &TenantCtx, query: Q) -> Result<Q::Output> {
        let (asked, span) = (Instant::now(), journey::reading::<Q>());
        let answer = if span.is_none() {
            self.ask(tenant, query).await
        } else {
            // Boxed: those whom nobody follows need not have room for it.
            Box::pin(self.ask(tenant, query).instrument(span)).await
        };
        self.timings.reads.record(asked.elapsed());
        answer
    }

    async fn ask<Q: Query>(&self, tenant: &TenantCtx, query: Q) -> Result<Q::Output> {
        match &self.engine {
            Engine::Embedded(engine) => engine.read(tenant.tenant(), query).await,
            Engine::Postgres(engine) => Box::pin(engine.read(tenant.tenant(), query)).await,
        }
    }

    /// Runs a command in a transaction and answers when it is on disk. If the caller goes away while
    /// it waits in the queue, it is not begun; once begun, it commits unheard.
    ///
    /// # Errors
    /// The command's own, and [`Error::Unavailable`] when it could not be written. Nothing was changed;
    /// only when the connection to PostgreSQL breaks at the very commit it may have been, which the error
    /// says: whoever repeats it names the same idempotency key.
    pub async fn write<C: Command>(&self, tenant: &TenantCtx, command: C) -> Result<C::Output> {
        let asked = Instant::now();
        let journey = Journey::begin::<C>(self.trace_parent.and_then(|current| current()));
        let answer = match &self.engine {
            Engine::Embedded(engine) => engine.write(tenant.tenant(), command, journey).await,
            Engine::Postgres(engine) => Box::pin(engine.write(tenant.tenant(), command, journey)).await,
        };
        self.timings.writes.record(asked.elapsed());
        answer
    }

    /// The `seq` of the tenant's newest event: the version of all that the tenant has. Costs a look-up
    /// in memory once the tenant has been written to or asked about.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the tenant can't be read now.
    pub async fn ledger_seq(&self, tenant: &TenantCtx) -> Result<i64> {
        match &self.engine {
            Engine::Embedded(engine) => engine.ledger_seq(tenant.tenant()).await,
            Engine::Postgres(engine) => Box::pin(engine.ledger_seq(tenant.tenant())).await,
        }
    }

    /// Whether others may write, so that [`Self::ledger_seq`] has to ask.
    #[must_use]
    pub fn asks_for_ledger_seq(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// The same, if it is known without asking anybody, as it is where no other process can write.
    #[must_use]
    pub fn known_ledger_seq(&self, tenant: &TenantCtx) -> Option<i64> {
        match &self.engine {
            Engine::Embedded(engine) => engine.ledger_seq(tenant.tenant()).now_or_never()?.ok(),
            Engine::Postgres(_) => None,
        }
    }

    /// Begins to bring a tenant in, with the id that it had elsewhere. What an earlier try has left of it goes first.
    ///
    /// # Errors
    /// [`ControlError::SlugTaken`] and [`ControlError::IdTaken`] when it is here, or that of the store.
    pub async fn begin_import(&self, key: &TenantCtx, tenant: Tenant) -> Result<Import, ControlError> {
        if key.tenant() != tenant.id {
            return Err(ControlError::UnknownTenant);
        }
        match &self.engine {
            Engine::Embedded(engine) => {
                EmbeddedImport::begin(Arc::clone(engine), tenant).await.map(Import::embedded)
            }
            Engine::Postgres(engine) => {
                PostgresImport::begin(Arc::clone(engine), tenant).await.map(Import::postgres)
            }
        }
    }

    /// What belongs to no tenant.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Asks every active tenant the same: `ask` makes the query for one. At most as many are asked at
    /// a time as there are reading threads, and files that were opened for it are closed again.
    /// Answers come in the order of the tenants' slugs; one tenant's error is in its own answer.
    ///
    /// # Errors
    /// When the tenants can't be listed.
    pub async fn scan_tenants<Q: Query>(
        &self,
        ask: impl Fn(&Tenant) -> Q + Send,
    ) -> Result<Vec<(Arc<Tenant>, Result<Q::Output>)>> {
        match &self.engine {
            Engine::Embedded(engine) => Ok(engine.scan_tenants(ask).await),
            Engine::Postgres(engine) => Box::pin(engine.scan_tenants(ask)).await,
        }
    }

    /// Brings every tenant's file to this program's schema, which otherwise happens when it is opened. On
    /// PostgreSQL all tenants have one schema ([`crate::migrate`]).
    /// Answers those that could not be, with why.
    ///
    /// # Errors
    /// When the tenants can't be listed.
    pub async fn migrate_tenants(&self) -> Result<Vec<(Arc<Tenant>, Error)>> {
        match &self.engine {
            Engine::Embedded(engine) => Ok(engine.migrate_tenants().await),
            Engine::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Writes a whole and compact copy of one tenant's file, as it is at one moment, to `path`, which
    /// must not exist.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the tenant can't be read or the copy can't be written, and always on
    /// PostgreSQL, where a tenant has no file.
    pub async fn export_tenant(&self, tenant: &TenantCtx, path: &std::path::Path) -> Result<()> {
        match &self.engine {
            Engine::Embedded(engine) => engine.export_tenant(tenant.tenant(), path.to_owned()).await,
            Engine::Postgres(_) => Err(Error::Unavailable(NO_FILE.to_owned())),
        }
    }

    /// Has the engine look through all of one tenant's data. Answers what it finds wrong.
    ///
    /// On PostgreSQL the server's role can't look below the rows: nothing is found there.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the tenant can't be read.
    pub async fn inspect_tenant(&self, tenant: &TenantCtx) -> Result<Vec<String>> {
        match &self.engine {
            Engine::Embedded(engine) => engine.inspect_tenant(tenant.tenant()).await,
            Engine::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// The same for what belongs to no tenant.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it can't be read.
    pub async fn inspect_control(&self) -> Result<Vec<String>> {
        match &self.engine {
            Engine::Embedded(engine) => Ok(engine.control().inspect().await?),
            Engine::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Writes a copy of what belongs to no tenant, as it is at one moment, to `path`, which must not exist.
    ///
    /// # Errors
    /// As [`Store::export_tenant`].
    pub async fn export_control(&self, path: &std::path::Path) -> Result<()> {
        match &self.engine {
            Engine::Embedded(engine) => engine.export_control(path.to_owned()).await,
            Engine::Postgres(_) => Err(Error::Unavailable(NO_FILE.to_owned())),
        }
    }

    /// Tells the other nodes something in passing, at most [`WORD_MAX`](crate::WORD_MAX) bytes: whoever is there and
    /// listens hears it at once, nobody hears it later, and it may be lost. On the embedded engine there is nobody else.
    pub fn tell_nodes(&self, word: String) {
        match &self.engine {
            Engine::Embedded(_) => {}
            Engine::Postgres(engine) => engine.tell_nodes(word),
        }
    }

    /// What time it is for the database, if there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it can't be asked.
    pub async fn database_time(&self) -> Result<Option<Timestamp>> {
        match &self.engine {
            Engine::Embedded(_) => Ok(None),
            Engine::Postgres(engine) => Ok(engine.control().time().await?),
        }
    }

    /// Whether it can serve.
    ///
    /// # Errors
    /// What is missing.
    pub async fn check(&self) -> Result<(), String> {
        match &self.engine {
            Engine::Embedded(engine) => engine.check().await,
            Engine::Postgres(engine) => Box::pin(engine.check()).await,
        }
    }

    /// Follows what other nodes commit from here on, and tells the listener of it. On the embedded engine
    /// there is none.
    ///
    /// # Errors
    /// When the database can't be asked.
    pub async fn follow(&self) -> Result<(), OpenError> {
        match &self.engine {
            Engine::Embedded(_) => Ok(()),
            Engine::Postgres(engine) => Box::pin(engine.follow()).await,
        }
    }

    /// Whether the listener has been told of all that any node had committed a second ago. If not, what is
    /// remembered of it may be out of date for longer.
    #[must_use]
    pub fn is_current(&self) -> bool {
        match &self.engine {
            Engine::Embedded(_) => true,
            Engine::Postgres(engine) => engine.is_current(),
        }
    }

    /// Whether this process does what one of all nodes alone should do, now and later. Two may think so for a
    /// while, and none for some seconds: what depends on it may be done twice, or late.
    #[must_use]
    pub fn leadership(&self) -> tokio::sync::watch::Receiver<bool> {
        match &self.engine {
            Engine::Embedded(_) => tokio::sync::watch::channel(true).1,
            Engine::Postgres(engine) => engine.leadership(),
        }
    }

    /// What it has done, for metrics.
    #[must_use]
    pub fn stats(&self) -> Stats {
        match &self.engine {
            Engine::Embedded(engine) => engine.stats(),
            Engine::Postgres(engine) => engine.stats(),
        }
    }

    /// Finishes what waits, refuses what comes, writes the logs back into their files and closes them.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Embedded(engine) => engine.close().await,
            Engine::Postgres(engine) => Box::pin(engine.close()).await,
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
