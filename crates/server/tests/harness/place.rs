//! Where a test's data is: in a folder of its own, or, when `FLOWBIT_TEST_ENGINE` is `postgres`, in a database
//! of its own. The same tests run on both engines.

#![allow(dead_code, reason = "each suite uses the part that it needs")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails there")]

use std::{path::Path, sync::Arc};

use flowbit_cluster::{Cluster, Database};
use flowbit_domain::time::{Clock, Randomness};
use flowbit_store::{CommitListener, DatabaseOptions, StoreOptions};
use tempfile::TempDir;

/// Names the engine: `embedded`, or `postgres`.
const ENGINE: &str = "FLOWBIT_TEST_ENGINE";
/// As whom the server connects.
const ROLE: &str = "flowbit";

/// A folder, and perhaps a database. Both go with it.
pub(crate) struct Place {
    folder: TempDir,
    database: Option<Database>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = match std::env::var(ENGINE).ok().as_deref() {
            None | Some("" | "embedded") => None,
            Some("postgres") => Some(make_database()),
            Some(other) => panic!("{ENGINE} is {other:?}: it must be embedded or postgres"),
        };
        Self { folder, database }
    }

    /// In a folder, whatever the engine of the run: for tests of files.
    pub(crate) fn of_files() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), database: None }
    }

    /// In a database, whatever the engine of the run: for tests of both at once.
    pub(crate) fn of_database() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), database: Some(make_database()) }
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The database's address, if the data is in one.
    pub(crate) fn address(&self) -> Option<String> {
        self.database.as_ref().map(|database| database.address(ROLE))
    }

    /// The database, if the data is in one.
    pub(crate) fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// How a store is opened here: in the folder itself, or in the database.
    pub(crate) fn options(
        &self,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        listener: Arc<dyn CommitListener>,
    ) -> StoreOptions {
        let mut options = StoreOptions::new(self.path(), clock, randomness, listener);
        options.database = self.address().map(|address| {
            let mut database = DatabaseOptions::new(address.parse().expect("an address"));
            database.connections = 4;
            database
        });
        options
    }
}

/// Made in a thread of its own: a test's may be in the middle of something that must not wait.
fn make_database() -> Database {
    let make = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let script = flowbit_store::script(ROLE).expect("a plain role");
        let cluster = Cluster::for_tests().expect("PostgreSQL starts");
        runtime.block_on(Database::make(cluster, &script)).expect("a database")
    };
    std::thread::spawn(make).join().expect("a database")
}
