//! Nodes: servers on one database.

use std::time::{Duration, Instant};

use flowbit_cluster::{Cluster, Database};

use crate::harness::{Server, client::a_moment};

/// The connections by which nodes listen, once they have been found to be their own.
pub(crate) const LISTENING: &str = "FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'flowbit-nodes' AND query NOT LIKE '%LISTEN %' AND query NOT LIKE 'SET %'";

/// As whom the servers connect.
pub(crate) const ROLE: &str = "flowbit";

/// What must be known everywhere is, after so long.
pub(crate) const A_SECOND: Duration = Duration::from_secs(1);

/// Servers on one database. Dropping them kills all.
pub(crate) struct Nodes {
    pub(crate) database: Database,
    pub(crate) servers: Vec<Server>,
}

impl Nodes {
    /// So many that do not run yet, on an empty database. `change` sets variables.
    pub(crate) async fn prepare(count: usize, change: impl Fn(&mut Server)) -> Self {
        let script = flowbit_store::script(ROLE).expect("a plain role");
        let cluster = Cluster::for_tests().expect("PostgreSQL starts");
        let database = Database::make(cluster, &script).await.expect("a database");
        let address = database.address(ROLE);
        let make = |_| {
            let mut server = Server::new();
            server.set("FLOWBIT_DATABASE_URL", &address);
            server.set("FLOWBIT_DATABASE_CONNECTIONS", "8");
            // Tokens and links are made from it: the same on all.
            server.set("FLOWBIT_PUBLIC_URL", "http://desk.example");
            change(&mut server);
            server
        };
        Self { database, servers: (0..count).map(make).collect() }
    }

    /// So many that are ready, with these companies.
    pub(crate) async fn start(count: usize, slugs: &[&str], change: impl Fn(&mut Server)) -> Self {
        let mut nodes = Self::prepare(count, change).await;
        for slug in slugs {
            nodes.servers[0].create_company(slug);
        }
        nodes.start_all().await;
        nodes
    }

    pub(crate) async fn start_all(&mut self) {
        self.servers.iter_mut().for_each(Server::spawn);
        for server in &mut self.servers {
            server.until_ready().await;
        }
    }

    /// Sets a variable for all that are started from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.servers.iter_mut().for_each(|server| server.set(name, value));
    }

    /// Waits until a node has begun and ended to look what others have committed, and has done so again.
    pub(crate) async fn until_looked(&self) {
        let looking = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND query LIKE 'SELECT pg_snapshot_xmin%' AND query_start > clock_timestamp() - interval '0.1 s'";
        for _ in 0..2 {
            took("it looks", async || self.count(looking).await > 0).await;
            took("it has looked", async || self.count(looking).await == 0).await;
        }
    }

    /// What the superuser sees.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let client = self.database.connect("postgres").await.expect("the superuser is let in");
        client.query_one(sql, &[]).await.expect("an answer").get(0)
    }
}

/// Asks until it is so; answers how long that took.
pub(crate) async fn took(what: &str, mut is_so: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < crate::harness::PATIENCE, "waited in vain until {what}");
        a_moment().await;
    }
    begun.elapsed()
}
