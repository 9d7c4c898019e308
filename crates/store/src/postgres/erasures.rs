//! The proofs of erased tenants, in the schema of control.

use flowbit_domain::{StoreError, audit::Head, id::TenantId, time::Timestamp, tx::Row};

use super::control::{Bound, PostgresControl};
use crate::{control::Answer, erasure::Erasure};

pub(super) fn insert(erasure: &Erasure) -> Bound<'static> {
    const INSERT: &str =
        "INSERT INTO flowbit_control.erasures (tenant, begun_at, slug, counts) VALUES ($1, $2, $3, $4)";
    let Erasure { tenant, slug, begun_at, counts, .. } = erasure;
    let values = vec![tenant.0.into(), (*begun_at).into(), slug.as_str().into(), counts.as_str().into()];
    (INSERT, values)
}

pub(super) fn finish(tenant: TenantId, now: Timestamp) -> Bound<'static> {
    const FINISH: &str =
        "UPDATE flowbit_control.erasures SET finished_at = $2 WHERE tenant = $1 AND finished_at IS NULL";
    (FINISH, vec![tenant.0.into(), now.into()])
}

fn read(row: &dyn Row) -> Result<Erasure, StoreError> {
    let damaged = || StoreError::Failed("a hash in the proofs of erasures can't be read".to_owned());
    let head = row.opt_int(4)?.map(|size| {
        let hash = row.bytes(5)?.try_into().map_err(|_| damaged())?;
        Ok::<_, StoreError>(Head { size, hash })
    });
    Ok(Erasure {
        tenant: TenantId(row.uuid(0)?),
        slug: row.text(1)?.to_owned(),
        begun_at: row.time(2)?,
        finished_at: row.opt_time(3)?,
        head: head.transpose()?,
        counts: row.text(6)?.to_owned(),
        checkpoint: row.opt_text(7)?.map(str::to_owned),
    })
}

impl PostgresControl {
    pub(crate) async fn attest_erasure(&self, erasure: &Erasure, checkpoint: &str) -> Answer<()> {
        let sql = "UPDATE flowbit_control.erasures SET checkpoint = $3 WHERE tenant = $1 AND begun_at = $2";
        let values = vec![erasure.tenant.0.into(), erasure.begun_at.into(), checkpoint.into()];
        self.change(sql, values).await.map(drop)
    }

    pub(crate) async fn erasures(&self) -> Answer<Vec<Erasure>> {
        let sql = "SELECT tenant, slug, begun_at, finished_at, seq, hash, counts, checkpoint \
            FROM flowbit_control.erasures ORDER BY begun_at DESC, tenant";
        self.rows(sql, vec![], read).await
    }
}
