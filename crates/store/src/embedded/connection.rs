//! One connection to one file, set up the way every connection is.

use std::{
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use flowbit_domain::{StoreError, event::Hash, time::Timestamp};
use rusqlite::{Connection, OpenFlags, OptionalExtension, config::DbConfig, limits::Limit};

use super::{
    migration::{self, Migration, MigrationError, Step},
    search::Indexing,
    statement,
};
use crate::counters::{Counters, count};
use crate::ids::IdSource;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    /// Reading only; the engine refuses changes.
    Read,
    /// The one that writes.
    Write,
}

/// The end of a tenant's ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) hash: Hash,
}

/// A connection with what is remembered of it.
pub(crate) struct Link {
    pub(crate) conn: Connection,
    pub(crate) counters: Arc<Counters>,
    /// The end of the ledger as this connection has written it; only of a tenant's writer.
    pub(crate) head: Head,
    pub(crate) ids: IdSource,
    /// This batch's changes of the search index, most of which wait for its end.
    pub(crate) indexing: Indexing,
    /// What the engine said when it found the file damaged or unreadable.
    pub(crate) fault: Option<String>,
    /// Pages in the write-ahead log after the last commit that wrote; -1 if none has since it was asked.
    wal_pages: Arc<AtomicI64>,
    /// At how many pages the next checkpoint is due.
    pub(crate) checkpoint_at: i64,
}

/// Marks a file as a tenant's (`PRAGMA application_id`): "FlBt".
const APPLICATION_ID: i32 = 0x466c_4274;
/// Statements kept prepared on each connection: more than the program has.
const STATEMENTS: usize = 256;
/// How long another process's lock is waited for before the caller is told to try later.
const BUSY: Duration = Duration::from_secs(2);
/// Pages in the log after which they are copied back into the file: 4 MiB.
pub(crate) const CHECKPOINT_PAGES: i64 = 1000;

/// Opens a file that exists and sets up the connection, foreign keys still off.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without it, binding another value to a cached statement may prepare it anew.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A statement can reach no other file, not by ATTACH, and can't damage its own.
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // Not mapped into memory: a file that is cut off under a mapping kills the whole process.
    // Checkpoints are run beside the commits, not within them.
    conn.execute_batch(
        "PRAGMA foreign_keys = OFF;
         PRAGMA mmap_size = 0;
         PRAGMA cache_size = -4096;
         PRAGMA temp_store = MEMORY;
         PRAGMA recursive_triggers = ON;
         PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 0;",
    )?;
    Ok(conn)
}

/// Puts a file into write-ahead mode, which it keeps.
fn use_wal(conn: &Connection) -> rusqlite::Result<()> {
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode == "wal" {
        return Ok(());
    }
    let refused = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
    Err(rusqlite::Error::SqliteFailure(refused, Some(format!("the file stays in journal mode {mode}"))))
}

/// Makes or opens the control file.
pub(crate) fn open_control(path: &Path, step: Step, now: Timestamp) -> Result<Connection, MigrationError> {
    let mut conn = connect(path)?;
    if step != Step::Check {
        use_wal(&conn)?;
        conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    }
    migration::migrate(&mut conn, migration::CONTROL, step, now)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    if step == Step::Check {
        conn.pragma_update(None, "query_only", true)?;
    }
    Ok(conn)
}

/// Makes the file that new tenants' files are copies of.
pub(crate) fn make_template(path: &Path, now: Timestamp) -> Result<(), MigrationError> {
    let mut conn = connect(path)?;
    use_wal(&conn)?;
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    migration::migrate(&mut conn, migration::TENANT, Step::Create, now)?;
    conn.close().map_err(|(_, e)| e)?;
    Ok(())
}

/// Opens the file of a tenant that is being brought in, for nobody else and without care for a crash: what is there
/// counts when all of it is, and goes otherwise.
pub(crate) fn open_import(path: &Path, counters: Arc<Counters>) -> rusqlite::Result<Link> {
    let conn = connect(path)?;
    conn.execute_batch(
        "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768",
    )?;
    Ok(Link {
        conn,
        counters,
        head: Head { seq: 0, hash: [0; 32] },
        ids: IdSource::default(),
        indexing: Indexing::default(),
        fault: None,
        wal_pages: Arc::new(AtomicI64::new(-1)),
        checkpoint_at: CHECKPOINT_PAGES,
    })
}

/// Ends the bringing in: the file is whole and sound, and a tenant's like any other.
pub(crate) fn close_import(link: Link) -> Result<(), StoreError> {
    let Link { conn, .. } = link;
    let failed = |e: rusqlite::Error| statement::failure(&e);
    read_head(&conn).map_err(failed)?;
    let mut dangling = conn.prepare("PRAGMA foreign_key_check").map_err(failed)?;
    if let Some(table) = dangling.query_row([], |row| row.get::<_, String>(0)).optional().map_err(failed)? {
        return Err(StoreError::Failed(format!("the table {table} refers to rows that do not exist")));
    }
    drop(dangling);
    use_wal(&conn).map_err(failed)?;
    conn.close().map_err(|(_, e)| failed(e))
}

/// Looks through all of a file. Answers what is wrong with it.
pub(crate) fn inspect(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare("PRAGMA integrity_check(20)")?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut wrong: Vec<String> = found.collect::<Result<_, _>>()?;
    wrong.retain(|line| line != "ok");
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    let mut dangling = statement.query([])?;
    if let Some(row) = dangling.next()? {
        let table: String = row.get(0)?;
        wrong.push(format!("the table {table} refers to rows that do not exist"));
    }
    Ok(wrong)
}

/// Writes a compact copy of a file, as it is at one moment, to `path`, which must not exist.
pub(crate) fn copy_into(file: &Path, path: &Path) -> Result<(), StoreError> {
    let unwritable = |e: &dyn std::fmt::Display| {
        StoreError::Unavailable(format!("the copy {} can't be written: {e}", path.display()))
    };
    // Private from the beginning: the engine writes into an empty file, and would make a readable one.
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|e| unwritable(&e))?;
    let copied = (|| {
        let conn = connect(file)?;
        // The copy is attached while it is written.
        conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
        conn.execute("VACUUM INTO ?1", [path.to_string_lossy()])
    })();
    copied.map(|_| ()).map_err(|e| {
        // Half a copy must not be taken for one; if it can't be removed, the error says enough.
        let _ = std::fs::remove_file(path);
        unwritable(&e)
    })
}

/// How tenants' files are opened.
pub(crate) struct TenantOpening {
    pub(crate) step: Step,
    pub(crate) migrations: &'static [Migration],
    pub(crate) file_pages: Option<u32>,
    pub(crate) counters: Arc<Counters>,
}

impl TenantOpening {
    /// Opens a tenant's file and brings it to the newest schema.
    pub(crate) fn open(&self, path: &Path, purpose: Purpose, now: Timestamp) -> Result<Link, StoreError> {
        if !path.exists() {
            return Err(StoreError::Unavailable("its file is missing".to_owned()));
        }
        self.try_open(path, purpose, now).map_err(|e| match e {
            MigrationError::Engine(e) => statement::failure(&e),
            refused => StoreError::Unavailable(refused.to_string()),
        })
    }

    fn try_open(&self, path: &Path, purpose: Purpose, now: Timestamp) -> Result<Link, MigrationError> {
        let mut conn = connect(path)?;
        let id: i32 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        if id != APPLICATION_ID {
            return Err(MigrationError::Foreign);
        }
        if self.step != Step::Check {
            use_wal(&conn)?;
        }
        migration::migrate(&mut conn, self.migrations, self.step, now)?;
        conn.pragma_update(None, "foreign_keys", true)?;
        let wal_pages = Arc::new(AtomicI64::new(-1));
        let mut head = Head { seq: 0, hash: [0; 32] };
        match purpose {
            Purpose::Read => conn.pragma_update(None, "query_only", true)?,
            Purpose::Write => {
                if let Some(pages) = self.file_pages {
                    conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
                }
                let pages = Arc::clone(&wal_pages);
                conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, n| {
                    pages.store(i64::from(n), Ordering::Relaxed);
                    Ok(())
                }))?;
                head = read_head(&conn)?;
            }
        }
        count(&self.counters.opened);
        Ok(Link {
            conn,
            counters: Arc::clone(&self.counters),
            head,
            ids: IdSource::default(),
            indexing: Indexing::default(),
            fault: None,
            wal_pages,
            checkpoint_at: CHECKPOINT_PAGES,
        })
    }
}

/// The end of the ledger, which must be where the head says.
fn read_head(conn: &Connection) -> rusqlite::Result<Head> {
    conn.query_row(
        "SELECT head.seq, head.hash, coalesce(events.seq, 0), coalesce(events.hash, zeroblob(32))
         FROM head LEFT JOIN events ON events.seq = (SELECT max(seq) FROM events)",
        [],
        |row| {
            let head = Head { seq: row.get(0)?, hash: row.get(1)? };
            let last = Head { seq: row.get(2)?, hash: row.get(3)? };
            if head == last {
                return Ok(head);
            }
            let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            let text = format!("the ledger ends at {} and its head says {}", last.seq, head.seq);
            Err(rusqlite::Error::SqliteFailure(corrupt, Some(text)))
        },
    )
}

/// The end of the ledger in a file that nobody has open.
pub(crate) fn read_last_head(path: &Path) -> Result<flowbit_domain::audit::Head, StoreError> {
    let failed = |e: rusqlite::Error| statement::failure(&e);
    let conn = connect(path).map_err(failed)?;
    let Head { seq, hash } = read_head(&conn).map_err(failed)?;
    Ok(flowbit_domain::audit::Head { size: seq, hash })
}

impl Link {
    /// Runs a statement of the engine's own, such as `COMMIT`.
    pub(crate) fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        statement::execute(self, sql, &[]).map(|_| ())
    }

    /// Makes the changes of the search index that have waited.
    pub(crate) fn index(&mut self) -> Result<(), StoreError> {
        let changes = std::mem::take(&mut self.indexing.changes);
        let waiting = changes.get(self.indexing.made..).unwrap_or_default();
        let outcome =
            waiting.iter().try_for_each(|(sql, values)| statement::execute(self, sql, values).map(|_| ()));
        self.indexing = Indexing { made: changes.len(), changes };
        outcome
    }

    /// Whether no transaction is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.conn.is_autocommit()
    }

    /// Pages in the log after the commit, if it wrote any.
    pub(crate) fn take_wal_pages(&self) -> Option<i64> {
        Some(self.wal_pages.swap(-1, Ordering::Relaxed)).filter(|pages| *pages >= 0)
    }

    /// Copies the log back into the file as far as nobody reads it or waits.
    pub(crate) fn checkpoint(&self) -> Result<(), StoreError> {
        count(&self.counters.checkpoints);
        self.conn
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
            .map_err(|e| statement::failure(&e))
    }
}
