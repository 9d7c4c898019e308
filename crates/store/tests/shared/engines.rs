//! The engines that the same tests run on.

use flowbit_cluster::{Cluster, Database};
use flowbit_store::{DatabaseOptions, Store, StoreOptions};
use tempfile::TempDir;

/// Which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Embedded,
    Postgres,
}

/// The role as which the server connects in tests.
pub(crate) const APP: &str = "flowbit";

/// Where a test's data is; it goes with this.
pub(crate) enum Place {
    Folder(TempDir),
    Database(Database),
}

impl Place {
    pub(crate) async fn new(engine: Engine) -> Self {
        match engine {
            Engine::Embedded => Self::Folder(tempfile::tempdir().unwrap()),
            Engine::Postgres => {
                let cluster = Cluster::for_tests().unwrap();
                let script = flowbit_store::script(APP).unwrap();
                Self::Database(Database::make(cluster, &script).await.unwrap())
            }
        }
    }

    /// Says in the options where the data is.
    pub(crate) fn locate(&self, options: &mut StoreOptions) {
        match self {
            Self::Folder(folder) => options.data = folder.path().join("data"),
            Self::Database(database) => {
                let address = database.address(APP).parse().unwrap();
                let mut database = DatabaseOptions::new(address);
                database.connections = 4;
                options.database = Some(database);
            }
        }
    }
}

/// Opens the data at a place.
pub(crate) async fn open(place: &Place, mut options: StoreOptions) -> Store {
    place.locate(&mut options);
    Store::open(options).await.unwrap()
}

/// Runs each of these tests on both engines.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::engines::Engine::Embedded).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::engines::Engine::Postgres).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;
