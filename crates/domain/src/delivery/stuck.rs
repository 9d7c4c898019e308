//! Deliveries that do not get on although somebody should be at them.

use crate::{
    error::Result,
    time::Timestamp,
    tx::{Query, Row, TenantRead},
};

/// Counts what has been due, or on its way, for longer than it should.
#[derive(Debug)]
pub struct CountStuck {
    /// Since before this moment.
    pub before: Timestamp,
}

/// How many deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stuck {
    /// Due, at endpoints that are not being spared, and not tried.
    pub waiting: i64,
    /// Claimed by somebody whose lease is long over.
    pub abandoned: i64,
    /// Given up: the endpoint did not take them in all their tries.
    pub dead: i64,
}

impl Query for CountStuck {
    type Output = Stuck;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Stuck> {
        const SQL: &str = "SELECT
            count(*) FILTER (WHERE d.state = 'pending' AND d.due_at < $1 AND coalesce(e.breaker_until, 0) < $1),
            count(*) FILTER (WHERE d.state = 'sending' AND d.lease_until < $1),
            count(*) FILTER (WHERE d.state = 'dead')
            FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id WHERE e.active AND e.deleted_at IS NULL";
        let read =
            |row: &dyn Row| Ok(Stuck { waiting: row.int(0)?, abandoned: row.int(1)?, dead: row.int(2)? });
        let counted = tx.query_one(SQL, &[self.before.into()], read).await?;
        Ok(counted.unwrap_or(Stuck { waiting: 0, abandoned: 0, dead: 0 }))
    }
}
