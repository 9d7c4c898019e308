//! How a store is opened, what it says while it runs, and why it may refuse to open.

use std::{path::PathBuf, sync::Arc, time::Duration};

use flowbit_domain::{
    event::StoredEvent,
    id::TenantId,
    time::{Clock, Randomness},
};

use crate::postgres::DatabaseAddress;

/// Hears of each commit that appended events, before any of its callers is answered.
///
/// It is called by whoever writes, in `seq` order for each tenant, and must not block.
pub trait CommitListener: Send + Sync {
    /// `events` are the new ones, oldest first; `last_seq` is the `seq` of the last of them.
    fn committed(&self, tenant: TenantId, last_seq: i64, events: &[StoredEvent]);

    /// Another node has committed events of this tenant: its ledger has reached `last_seq`.
    /// `touches_identity`: one of them may have changed who is signed in or what they may do. What they are
    /// stands in the ledger. It may be told more than once, and of this node's own commits as well.
    ///
    /// On a database, once the store follows the others ([`Store::follow`](crate::Store::follow)); and on both
    /// engines when a tenant has come or is in use again, since something may have waited for it: then `last_seq`
    /// is 0.
    fn moved(&self, tenant: TenantId, last_seq: i64, touches_identity: bool) {
        let _ = (tenant, last_seq, touches_identity);
    }

    /// Another node has told all others something in passing ([`Store::tell_nodes`](crate::Store::tell_nodes)).
    fn told(&self, word: &str) {
        let _ = word;
    }
}

/// A listener for those who need not hear, such as the command line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unheard;

impl CommitListener for Unheard {
    fn committed(&self, _: TenantId, _: i64, _: &[StoredEvent]) {}
}

/// Who else may have the data open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The only process that writes. The data folder is made if it is absent.
    Exclusive,
    /// Reads beside a process that may be writing, and changes nothing, not even schemas.
    ReadOnly,
}

/// How a PostgreSQL database is worked on.
#[derive(Debug, Clone)]
pub struct DatabaseOptions {
    /// Where it is.
    pub address: DatabaseAddress,
    /// The same database around any pooler that hands connections from one transaction to the next, for the
    /// one connection by which a node hears of the others at once. `None`: it only looks, twice a second.
    pub direct: Option<DatabaseAddress>,
    /// How many connections may be open, 1 to 1,000.
    pub connections: usize,
    /// Whether statements are kept prepared on the connections: all but poolers of an older kind follow.
    pub prepares: bool,
    /// How long one statement may take; `None`: as long as it likes.
    pub statement_timeout: Option<Duration>,
    /// How long a connection is waited for before the caller is told to try later.
    pub connection_wait: Duration,
}

impl DatabaseOptions {
    /// The usual settings.
    #[must_use]
    pub fn new(address: DatabaseAddress) -> Self {
        Self {
            direct: Some(address.clone()),
            address,
            connections: 16,
            prepares: true,
            statement_timeout: Some(Duration::from_secs(15)),
            connection_wait: Duration::from_secs(3),
        }
    }
}

/// Where the data is and how it is worked on. Begin with [`StoreOptions::new`] and change fields.
#[derive(Clone)]
pub struct StoreOptions {
    /// The data folder, unless it is in a database.
    pub data: PathBuf,
    /// The PostgreSQL database, if the data is in one. Of what follows, the clock, the randomness, the
    /// listener, the mode and the bounds of queues and batches count there as well.
    pub database: Option<DatabaseOptions>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids and secrets.
    pub randomness: Arc<dyn Randomness>,
    /// Who hears of commits.
    pub listener: Arc<dyn CommitListener>,
    /// Says where in a trace (W3C `traceparent`) whoever calls it is, for what a command causes later. `None`:
    /// nobody follows traces.
    pub trace_parent: Option<fn() -> Option<String>>,
    /// Whether other processes are kept out.
    pub mode: Mode,
    /// Threads that write, 1 to 16: each tenant belongs to one of them, each waits for its own fsync.
    pub writers: usize,
    /// Threads that read, 1 to 64.
    pub readers: usize,
    /// How many connections to tenants' files may be open; each takes 3 descriptors. Lowered, with a
    /// warning, to what the process's soft limit of descriptors holds.
    pub connections: usize,
    /// How many commands, and how many queries, of one tenant may wait; one more is refused at once.
    pub queue_per_tenant: usize,
    /// How many commands of one tenant may share a commit. 1 makes every write pay for its own fsync.
    pub batch_max: usize,
    /// After this time a batch takes no further commands.
    pub batch_time: Duration,
    /// For how long a reader serves those who wait for one tenant in one transaction (embedded engine).
    pub read_turn: Duration,
    /// How long one statement of a query may take, so that nobody's questions keep the readers from the others'
    /// (embedded engine; a database has [`DatabaseOptions::statement_timeout`]).
    pub read_timeout: Duration,
    /// For measurements: waited after each fsync of a commit, as if the disk were so much slower.
    pub fsync_delay: Option<Duration>,
    /// A bound on the size of each tenant's file, in pages of 4 KiB. Beyond it writes of that tenant
    /// are refused as they are on a full disk.
    pub file_pages: Option<u32>,
}

impl StoreOptions {
    /// The usual settings.
    #[must_use]
    pub fn new(
        data: impl Into<PathBuf>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        listener: Arc<dyn CommitListener>,
    ) -> Self {
        Self {
            data: data.into(),
            database: None,
            clock,
            randomness,
            listener,
            trace_parent: None,
            mode: Mode::Exclusive,
            writers: 8,
            readers: std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 64)),
            connections: 256,
            queue_per_tenant: 2048,
            batch_max: 128,
            batch_time: Duration::from_millis(10),
            read_turn: Duration::from_millis(1),
            read_timeout: Duration::from_secs(15),
            fsync_delay: None,
            file_pages: None,
        }
    }
}

impl std::fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreOptions")
            .field("data", &self.data)
            .field("database", &self.database)
            .field("mode", &self.mode)
            .field("writers", &self.writers)
            .field("readers", &self.readers)
            .field("connections", &self.connections)
            .field("queue_per_tenant", &self.queue_per_tenant)
            .field("batch_max", &self.batch_max)
            .field("batch_time", &self.batch_time)
            .field("read_turn", &self.read_turn)
            .field("read_timeout", &self.read_timeout)
            .field("fsync_delay", &self.fsync_delay)
            .field("file_pages", &self.file_pages)
            .finish_non_exhaustive()
    }
}

/// Why a store does not open. Each text is one line for an operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process writes there.
    #[error("the data folder {folder} is in use by {}; stop it first", owner(.pid))]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// The process, as it wrote itself into the lock file.
        pid: Option<u32>,
    },
    /// Opened for reading, and there is nothing.
    #[error("there is no Flowbit data in {0}")]
    Absent(PathBuf),
    /// The SQLite it was built with has the WAL-reset bug.
    #[error("SQLite {found} is too old: at least 3.51.3 is needed, older ones can corrupt a file")]
    EngineTooOld {
        /// Its version.
        found: String,
    },
    /// The database would not protect the tenants from each other.
    #[error("the database is refused: {0}")]
    Unprotected(String),
    /// The files' or the database's schema is not this program's.
    #[error("{0}")]
    Schema(String),
    /// A setting that can't be.
    #[error("{key} is {value}: it must be {allowed}")]
    Setting {
        /// Which.
        key: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// Files could not be made, read or locked.
    #[error("{what}: {cause}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The database is not there, which may pass by itself.
    #[error("{address} can't be reached: {cause}")]
    Unreachable {
        /// Which, where, and as whom.
        address: String,
        /// What the system or the database said.
        cause: String,
    },
    /// The engine refused.
    #[error("{what}: {cause}")]
    Engine {
        /// What was being done.
        what: String,
        /// What it said.
        cause: String,
    },
}

fn owner(pid: &Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

/// What the store has done since it was opened, and how it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Commits that wrote something: one fsync each.
    pub commits: u64,
    /// Commands that were run, whatever came of them.
    pub commands: u64,
    /// Commands that were not begun because nobody waited for their answer any more.
    pub commands_abandoned: u64,
    /// Batches of which nothing came because their commit failed or a command dropped the transaction.
    pub batches_lost: u64,
    /// Batches that ran again, each command in a savepoint, because one of them had to be undone (PostgreSQL).
    pub batches_repeated: u64,
    /// The largest number of commands that have shared a commit.
    pub largest_batch: u64,
    /// Queries that were run.
    pub queries: u64,
    /// Commands and queries that were refused because too many waited.
    pub refused: u64,
    /// Commands waiting now.
    pub commands_waiting: u64,
    /// Queries waiting now.
    pub queries_waiting: u64,
    /// Connections to tenants' files open now.
    pub connections_open: u64,
    /// How many may be.
    pub connections_max: u64,
    /// Connections opened.
    pub connections_opened: u64,
    /// Connections closed to make room.
    pub connections_evicted: u64,
    /// Statements prepared because a connection had not run them before.
    pub prepared: u64,
    /// Statements prepared again by the engine although they were cached. Should stay 0.
    pub reprepared: u64,
    /// Checkpoints of write-ahead logs.
    pub checkpoints: u64,
    /// Tenants read from the database because some were changed, or all at the opening.
    pub tenants_read: u64,
}
