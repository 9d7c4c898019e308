//! Forgetting deliveries that are long over. Their events stay in the ledger.

use crate::{
    error::Result,
    tx::{Command, TenantTx},
};

/// How long a finished delivery is kept: three months. That is longer than the token of its callback
/// is good for, so that no callback can be applied twice because the first was forgotten.
const KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// Removes finished deliveries older than three months. Answers how many; when it is `limit`, there may
/// be more.
#[derive(Debug)]
pub struct PruneDeliveries {
    /// At most how many.
    pub limit: usize,
}

impl Command for PruneDeliveries {
    type Output = u64;

    async fn run(self, tx: &mut impl TenantTx) -> Result<u64> {
        const SQL: &str = "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries
            WHERE state IN ('delivered', 'dead') AND created_at < $1 AND updated_at < $1 ORDER BY created_at LIMIT $2)";
        let before = tx.now().plus_ms(-KEPT_MS);
        let limit = i64::try_from(self.limit).unwrap_or(i64::MAX);
        Ok(tx.execute(SQL, &[before.into(), limit.into()]).await?)
    }
}
