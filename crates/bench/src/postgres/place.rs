//! The cluster that is measured, and databases in it.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use flowbit_cluster::{Cluster, Database, Durability};
use flowbit_store::{DatabaseOptions, Store, StoreOptions};
use tokio_postgres::Client;

use crate::desk;

/// Flowbit's role.
const APP: &str = "flowbit";
/// As a database of this size is run: its defaults are for machines of another time. A quarter of a machine with
/// 24 GB is the database's own memory.
pub(crate) const SETTINGS: [&str; 4] =
    ["shared_buffers=6GB", "max_wal_size=8GB", "max_connections=300", "checkpoint_timeout=30min"];

/// A private cluster, durable as in production.
pub(crate) fn start() -> Result<Arc<Cluster>> {
    Ok(Arc::new(Cluster::start_with(Durability::Full, &SETTINGS).context("starting PostgreSQL")?))
}

/// A database of a measurement's own.
pub(crate) struct Place {
    database: Database,
}

impl Place {
    /// Makes one with the schema and nothing else.
    pub(crate) async fn make(cluster: &Arc<Cluster>) -> Result<Self> {
        let script = flowbit_store::script(APP)?;
        let database = Database::make(Arc::clone(cluster), &script).await.map_err(|e| anyhow!("{e}"))?;
        Ok(Self { database })
    }

    /// Its address for Flowbit.
    pub(crate) fn address(&self) -> String {
        self.database.address(APP)
    }

    /// A bare connection of the superuser, whom nothing is hidden from.
    pub(crate) async fn admin(&self) -> Result<Client> {
        self.database.connect("postgres").await.map_err(|e| anyhow!("{e}"))
    }

    /// A bare connection of Flowbit's role, as psql has it.
    pub(crate) async fn app(&self) -> Result<Client> {
        self.database.connect(APP).await.map_err(|e| anyhow!("{e}"))
    }

    /// The options of a store in it.
    pub(crate) fn options(&self) -> Result<StoreOptions> {
        let mut options = desk::options("unused".as_ref());
        options.database = Some(DatabaseOptions::new(self.address().parse()?));
        Ok(options)
    }

    /// Opens a store in it.
    pub(crate) async fn open(&self) -> Result<Store> {
        Ok(Store::open(self.options()?).await?)
    }

    /// Bytes on disk.
    pub(crate) async fn size(&self) -> Result<i64> {
        let sql = "SELECT pg_database_size(current_database())";
        Ok(self.admin().await?.query_one(sql, &[]).await?.get(0))
    }

    /// Removes it: the disk is needed.
    pub(crate) async fn remove(self) -> Result<()> {
        let address = self.database.cluster().address("postgres", "postgres");
        let (client, connection) = tokio_postgres::connect(&address, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.database.name())).await?;
        Ok(())
    }
}
