//! A database for one test: a copy of a template in which a script has been run once.

use std::{
    error::Error,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use sha2::{Digest, Sha256};
use tokio_postgres::{Client, NoTls};

use crate::Cluster;

/// A database of a test's own.
pub struct Database {
    cluster: Arc<Cluster>,
    name: String,
}

type Fault = Box<dyn Error + Send + Sync>;

/// One process makes templates at a time.
const LOCK: &str = "SELECT pg_advisory_lock(7052)";

const UNLOCK: &str = "SELECT pg_advisory_unlock(7052)";

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// Makes one in which `script` has been run by the superuser.
    ///
    /// # Errors
    /// When the cluster or the script fails.
    pub async fn make(cluster: Arc<Cluster>, script: &str) -> Result<Self, Fault> {
        let admin = connect(&cluster.address("postgres", "postgres")).await?;
        let digest = Sha256::digest(script);
        let template =
            format!("template_{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3]);
        admin.batch_execute(LOCK).await?;
        if admin.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&template]).await?.is_none() {
            // Under another name until it is whole.
            let making = format!("{template}_making");
            admin.batch_execute(&format!("DROP DATABASE IF EXISTS {making}")).await?;
            admin.batch_execute(&format!("CREATE DATABASE {making}")).await?;
            let client = connect(&cluster.address("postgres", &making)).await?;
            client.batch_execute(script).await?;
            drop(client);
            rename(&admin, &making, &template).await?;
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        // Who may do what in the database as a whole is not copied with it.
        let rights = "UPDATE pg_database SET datacl = (SELECT datacl FROM pg_database WHERE datname = $1) WHERE datname = $2";
        admin.execute(rights, &[&template, &name]).await?;
        // Here, rather than with the connection: that ends only when its task is polled again, and whoever
        // called this may block before.
        admin.batch_execute(UNLOCK).await?;
        Ok(Self { cluster, name })
    }

    /// Makes an empty one.
    ///
    /// # Errors
    /// When the cluster fails.
    pub async fn make_empty(cluster: Arc<Cluster>) -> Result<Self, Fault> {
        let admin = connect(&cluster.address("postgres", "postgres")).await?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        Ok(Self { cluster, name })
    }

    /// Where it is.
    #[must_use]
    pub fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address for a role.
    #[must_use]
    pub fn address(&self, role: &str) -> String {
        self.cluster.address(role, &self.name)
    }

    /// A bare connection as a role, as psql has it.
    ///
    /// # Errors
    /// When the role is refused.
    pub async fn connect(&self, role: &str) -> Result<Client, Fault> {
        connect(&self.address(role)).await
    }
}

/// The server's side of a connection that has just ended may still be there for a moment.
async fn rename(admin: &Client, from: &str, to: &str) -> Result<(), Fault> {
    let sql = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1";
    admin.query(sql, &[&from]).await?;
    admin.batch_execute(&format!("ALTER DATABASE {from} RENAME TO {to}")).await?;
    Ok(())
}

async fn connect(address: &str) -> Result<Client, Fault> {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
    tokio::spawn(async move {
        // What ends it fails the statement that is being run.
        let _ = connection.await;
    });
    Ok(client)
}

impl Drop for Database {
    fn drop(&mut self) {
        // In a cluster that goes with this process it goes as well; in one of many it would stay.
        if std::env::var_os(crate::VARIABLE).is_some() {
            let _ = Command::new("dropdb")
                .args(["--force", "--username=postgres", "--host"])
                .arg(self.cluster.folder())
                .args(["--port", &self.cluster.port().to_string(), &self.name])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    }
}
