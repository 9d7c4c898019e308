//! The proofs of erased tenants, in the control file.

use flowbit_domain::{audit::Head, id::TenantId, time::Timestamp};
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::erasure::Erasure;

pub(super) fn insert(conn: &Connection, erasure: &Erasure) -> rusqlite::Result<()> {
    let sql = "INSERT INTO erasures (tenant_id, begun_at, slug, counts) VALUES (?1, ?2, ?3, ?4)";
    let Erasure { tenant, slug, begun_at, counts, .. } = erasure;
    conn.execute(sql, params![&tenant.0.as_bytes()[..], begun_at.0, slug, counts]).map(drop)
}

pub(super) fn set_head(conn: &Connection, erasure: &Erasure) -> rusqlite::Result<()> {
    let sql = "UPDATE erasures SET seq = ?3, hash = ?4 WHERE tenant_id = ?1 AND begun_at = ?2";
    let Some(Head { size, hash }) = erasure.head else { return Ok(()) };
    let key = &erasure.tenant.0.as_bytes()[..];
    conn.execute(sql, params![key, erasure.begun_at.0, size, hash]).map(drop)
}

pub(super) fn finish(conn: &Connection, tenant: TenantId, now: Timestamp) -> rusqlite::Result<()> {
    let sql = "UPDATE erasures SET finished_at = ?2 WHERE tenant_id = ?1 AND finished_at IS NULL";
    conn.execute(sql, params![&tenant.0.as_bytes()[..], now.0]).map(drop)
}

pub(super) fn attest(
    conn: &Connection,
    tenant: TenantId,
    begun_at: Timestamp,
    checkpoint: &str,
) -> rusqlite::Result<()> {
    let sql = "UPDATE erasures SET checkpoint = ?3 WHERE tenant_id = ?1 AND begun_at = ?2";
    conn.execute(sql, params![&tenant.0.as_bytes()[..], begun_at.0, checkpoint]).map(drop)
}

pub(super) fn list(conn: &Connection) -> rusqlite::Result<Vec<Erasure>> {
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
