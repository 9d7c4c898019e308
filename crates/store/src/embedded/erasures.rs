//! Erasing a tenant, and the proofs of it in the control file.

use std::sync::Arc;

use flowbit_domain::{audit::Head, id::TenantId, time::Timestamp};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::{
    connection::read_last_head,
    control::{EmbeddedControl, engine, remove_leftover, set_state},
    folder::Folder,
};
use crate::{
    control::{Answer, ControlError},
    erasure::Erasure,
};

impl EmbeddedControl {
    /// With `counts` it leaves a proof.
    pub(crate) async fn erase_tenant(&self, id: TenantId, counts: Option<String>) -> Answer<Erasure> {
        let (shared, tenants) = (Arc::clone(&self.shared), Arc::clone(&self.tenants));
        self.write(move |conn| {
            let tenant = tenants.by_id(id).ok_or(ControlError::UnknownTenant)?;
            let mut erasure = Erasure {
                tenant: id,
                slug: tenant.slug.clone(),
                begun_at: shared.clock.now(),
                finished_at: None,
                head: None,
                counts: counts.clone().unwrap_or_default(),
                checkpoint: None,
            };
            // What is erased is written down before it goes.
            let tx = conn.transaction().map_err(engine)?;
            if counts.is_some() {
                insert(&tx, &erasure).map_err(engine)?;
            }
            set_state(&tx, id, "erasing")?;
            tx.commit().map_err(engine)?;
            tenants.remove(id);
            shared.files.bar(id);
            shared.seqs.forget(id);
            // Nobody writes any more: this is the end of its ledger.
            remove_leftover(conn, &shared, id)?;
            if counts.is_some() {
                let mut written = list(conn).map_err(engine)?.into_iter();
                let written = written.find(|e| (e.tenant, e.begun_at) == (id, erasure.begun_at));
                erasure = written.unwrap_or(erasure);
            }
            Ok(erasure)
        })
        .await
    }

    pub(crate) async fn attest_erasure(&self, erasure: &Erasure, checkpoint: String) -> Answer<()> {
        let (tenant, begun_at) = (erasure.tenant, erasure.begun_at);
        self.write(move |conn| attest(conn, tenant, begun_at, &checkpoint).map_err(engine)).await
    }

    pub(crate) async fn erasures(&self) -> Answer<Vec<Erasure>> {
        self.read(list).await
    }
}

fn insert(conn: &Connection, erasure: &Erasure) -> rusqlite::Result<()> {
    let sql = "INSERT INTO erasures (tenant_id, begun_at, slug, counts) VALUES (?1, ?2, ?3, ?4)";
    let Erasure { tenant, slug, begun_at, counts, .. } = erasure;
    conn.execute(sql, params![&tenant.0.as_bytes()[..], begun_at.0, slug, counts]).map(drop)
}

/// Writes down where the ledger of a tenant that is being erased ended, unless that is known already: its file is
/// about to go. One that was interrupted may have no file any more, and a damaged one no end.
pub(super) fn keep_head(conn: &Connection, folder: &Folder, tenant: TenantId) -> rusqlite::Result<()> {
    const UNKNOWN: &str =
        "SELECT 1 FROM erasures WHERE tenant_id = ?1 AND finished_at IS NULL AND seq IS NULL";
    const KEEP: &str = "UPDATE erasures SET seq = ?2, hash = ?3 WHERE tenant_id = ?1 AND finished_at IS NULL";
    let (key, path) = (&tenant.0.as_bytes()[..], folder.tenant(tenant));
    if !conn.prepare(UNKNOWN)?.exists([key])? || !path.exists() {
        return Ok(());
    }
    match read_last_head(&path) {
        Ok(Head { size, hash }) => conn.execute(KEEP, params![key, size, hash]).map(drop),
        Err(error) => {
            tracing::warn!(customerId = %tenant, %error, "the end of its ledger can't be read");
            Ok(())
        }
    }
}

pub(super) fn finish(conn: &Connection, tenant: TenantId, now: Timestamp) -> rusqlite::Result<()> {
    let sql = "UPDATE erasures SET finished_at = ?2 WHERE tenant_id = ?1 AND finished_at IS NULL";
    conn.execute(sql, params![&tenant.0.as_bytes()[..], now.0]).map(drop)
}

fn attest(
    conn: &Connection,
    tenant: TenantId,
    begun_at: Timestamp,
    checkpoint: &str,
) -> rusqlite::Result<()> {
    let sql = "UPDATE erasures SET checkpoint = ?3 WHERE tenant_id = ?1 AND begun_at = ?2";
    conn.execute(sql, params![&tenant.0.as_bytes()[..], begun_at.0, checkpoint]).map(drop)
}

fn list(conn: &Connection) -> rusqlite::Result<Vec<Erasure>> {
    let sql = "SELECT tenant_id, slug, begun_at, finished_at, seq, hash, counts, checkpoint FROM erasures
        ORDER BY begun_at DESC, tenant_id";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let head = row.get::<_, Option<i64>>(4)?.zip(row.get::<_, Option<[u8; 32]>>(5)?);
        Ok(Erasure {
            tenant: TenantId(Uuid::from_bytes(row.get(0)?)),
            slug: row.get(1)?,
            begun_at: Timestamp(row.get(2)?),
            finished_at: row.get::<_, Option<i64>>(3)?.map(Timestamp),
            head: head.map(|(size, hash)| Head { size, hash }),
            counts: row.get(6)?,
            checkpoint: row.get(7)?,
        })
    })?;
    rows.collect()
}
