//! Going on with moves that are under way.

use serde_json::json;

use super::{PENDING, read_pending, record, step};
use crate::{
    error::Result,
    event::Action,
    principal::Origin,
    tx::{Command, Query, TenantRead, TenantTx},
};

/// Whether a tag is being moved.
#[derive(Debug)]
pub struct HasTagMoves;

impl Query for HasTagMoves {
    type Output = bool;

    async fn run(self, tx: &mut impl TenantRead) -> Result<bool> {
        Ok(tx.query_one(PENDING, &[], read_pending).await?.is_some())
    }
}

/// Does one more step of the oldest move. Event: `tag.moved`, so that whoever has read a ticket reads it anew.
/// Answers whether there may be more.
#[derive(Debug, Clone)]
pub struct ContinueTagMoves {
    /// At most how many tickets at once: [`STEP`](super::STEP).
    pub limit: i64,
}

impl Command for ContinueTagMoves {
    type Output = bool;

    async fn run(self, tx: &mut impl TenantTx) -> Result<bool> {
        let Some(pending) = tx.query_one(PENDING, &[], read_pending).await? else { return Ok(false) };
        let (moved, left) = step(tx, &pending, self.limit).await?;
        if moved > 0 {
            let data = json!({ "from": pending.from, "to": pending.to, "moved": moved, "left": left });
            record(tx, Action::TagMoved, Origin::system(), data).await?;
        }
        Ok(true)
    }
}
