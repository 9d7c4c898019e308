//! A private PostgreSQL for tests, from the binaries that the system has: it listens in a folder of its own
//! and on a port of this machine, and is gone with whoever started it, also when that is killed.
//!
//! The server refuses to run as root, so then it is run as the user `postgres` that Debian's package makes.
//! [`Cluster::for_tests`] uses the one that `FLOWBIT_TEST_POSTGRES` names, if any: the test suite starts one
//! for all its processes, since each of them would otherwise need a second to start its own.

mod database;
mod pooler;
mod process;

pub use database::Database;
pub use pooler::{Pooler, Pooling};
pub use process::{Cluster, Durability};

/// Names a cluster that is running already, as `folder:port`.
pub const VARIABLE: &str = "FLOWBIT_TEST_POSTGRES";
