//! Erasing a tenant, piece by piece, and the proofs of it in the schema of control.

use flowbit_domain::{StoreError, audit::Head, id::TenantId, time::Timestamp, tx::Row};

use super::{
    control::{Bound, PostgresControl, revise},
    statement::RowInPlace,
};
use crate::{
    control::{Answer, ControlError},
    erasure::Erasure,
};

/// So many rows of a tenant that is being erased go at once.
const ERASED_AT_ONCE: i64 = 5_000;

/// The tables of a tenant in the order in which their rows can go. Events go by a function, and the head last:
/// without it nothing can be written any more.
const ERASED: [&str; 33] = [
    "callbacks",
    "delivery_attempts",
    "deliveries",
    "endpoint_events",
    "endpoints",
    "search",
    "attachments",
    "contents",
    "content_usage",
    "message_mentions",
    "messages",
    "ticket_watchers",
    "ticket_tags",
    "drafts",
    "ticket_links",
    "tickets",
    "deleted_tickets",
    "notices",
    "notice_settings",
    "views",
    "tag_counts",
    "tag_moves",
    "tags",
    "sessions",
    "macros",
    "fields",
    "team_members",
    "teams",
    "users",
    "idempotency",
    "screen_settings",
    "settings",
    "imported",
];

fn insert(erasure: &Erasure) -> Bound<'static> {
    const INSERT: &str =
        "INSERT INTO flowbit_control.erasures (tenant, begun_at, slug, counts) VALUES ($1, $2, $3, $4)";
    let Erasure { tenant, slug, begun_at, counts, .. } = erasure;
    let values = vec![tenant.0.into(), (*begun_at).into(), slug.as_str().into(), counts.as_str().into()];
    (INSERT, values)
}

fn finish(tenant: TenantId, now: Timestamp) -> Bound<'static> {
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
    /// With `counts` it leaves a proof.
    pub(crate) async fn erase_tenant(&self, id: TenantId, counts: Option<&str>) -> Answer<Erasure> {
        let tenant = self.tenant(id).await?.ok_or(ControlError::UnknownTenant)?;
        let mut erasure = Erasure {
            tenant: id,
            slug: tenant.slug.clone(),
            begun_at: self.shared().clock.now(),
            finished_at: None,
            head: None,
            counts: counts.unwrap_or_default().to_owned(),
            checkpoint: None,
        };
        // What is erased is written down before it goes.
        let noted: Vec<Bound<'_>> = counts.map(|_| insert(&erasure)).into_iter().collect();
        self.set_state_and(id, "erasing", &noted).await?;
        self.tenants().remove(id);
        self.finish_erasing(id).await?;
        if counts.is_some() {
            let written = self.erasures().await?;
            let written = written.into_iter().find(|e| (e.tenant, e.begun_at) == (id, erasure.begun_at));
            erasure = written.unwrap_or(erasure);
        }
        Ok(erasure)
    }

    /// Erases what is left of tenants that were being erased when a node stopped.
    pub(crate) async fn finish_leftovers(&self) -> Answer<()> {
        const LEFT: &str = "SELECT id FROM flowbit_control.tenants WHERE state = 'erasing'";
        for id in self.rows(LEFT, vec![], |row| row.uuid(0)).await? {
            tracing::info!(tenant = %id, "removing a tenant that was being erased when Flowbit was stopped");
            self.finish_erasing(TenantId(id)).await?;
        }
        Ok(())
    }

    async fn finish_erasing(&self, id: TenantId) -> Answer<()> {
        const HEAD: &str = "WITH gone AS (DELETE FROM head RETURNING seq, hash) \
            UPDATE flowbit_control.erasures e SET seq = gone.seq, hash = gone.hash FROM gone \
            WHERE e.tenant = $1 AND e.finished_at IS NULL";
        // The head first: what is under way for the tenant ends before, and nothing begins after. So this is where
        // its ledger ends.
        self.run(Some(id), &[(HEAD, vec![id.0.into()])]).await.map_err(|lost| lost.why)?;
        self.erase_rows(id).await?;
        let last = [
            ("DELETE FROM flowbit_control.directory WHERE tenant = $1", vec![id.0.into()]),
            ("DELETE FROM flowbit_control.secrets WHERE tenant = $1", vec![id.0.into()]),
            ("DELETE FROM flowbit_control.tenants WHERE id = $1", vec![id.0.into()]),
            finish(id, self.shared().clock.now()),
        ];
        let last = [&last[..], &revise(id)].concat();
        self.run(None, &last).await.map_err(|lost| lost.why)?;
        Ok(())
    }

    /// All that a tenant has, but its head. Piece by piece: a large tenant takes longer than a statement may, and
    /// nobody waits behind it long.
    pub(super) async fn erase_rows(&self, id: TenantId) -> Answer<()> {
        for table in ERASED {
            let sql = format!("DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} LIMIT $1)");
            loop {
                let piece = [(sql.as_str(), vec![ERASED_AT_ONCE.into()])];
                let told = self.run(Some(id), &piece).await.map_err(|lost| lost.why)?;
                if told.first().is_none_or(|told| told.touched == 0) {
                    break;
                }
            }
        }
        loop {
            let events = "SELECT flowbit.erase_events($1)";
            let piece = [(events, vec![ERASED_AT_ONCE.into()])];
            let told = self.run(Some(id), &piece).await.map_err(|lost| lost.why)?;
            let gone = told.first().and_then(|told| told.rows.first()).map(|row| RowInPlace(row).int(0));
            if gone.transpose()?.unwrap_or(0) == 0 {
                return Ok(());
            }
        }
    }

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
