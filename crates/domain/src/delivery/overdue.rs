//! Deadlines: that a workflow accepted a delivery does not mean that it did its work.

use serde_json::{Map, json};

use super::workflow::{self, Step};
use crate::{
    error::Result,
    event::Action,
    id::{DeliveryId, EndpointId, TicketId},
    principal::Origin,
    tx::{Command, TenantTx},
};

/// Shows and records, once for each, the workflows that did not call back in time. Answers how many
/// there were; when it is `limit`, there may be more.
#[derive(Debug, Clone)]
pub struct MarkOverdue {
    /// At most how many.
    pub limit: usize,
}

impl Command for MarkOverdue {
    type Output = usize;

    async fn run(self, tx: &mut impl TenantTx) -> Result<usize> {
        mark(tx, self.limit).await
    }
}

pub(super) async fn mark(tx: &mut impl TenantTx, limit: usize) -> Result<usize> {
    const MARK: &str = "UPDATE deliveries SET overdue_at = $1
            WHERE overdue_at IS NULL AND id IN (SELECT id FROM deliveries
                WHERE deadline_at <= $1 AND deadline_at IS NOT NULL AND overdue_at IS NULL AND callback_at IS NULL
                ORDER BY deadline_at LIMIT $2)
            RETURNING id, endpoint_id, event_type, ticket_id, deadline_at";
    let now = tx.now();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut late = tx
        .query(MARK, &[now.into(), limit.into()], |row| {
            Ok((
                DeliveryId(row.uuid(0)?),
                EndpointId(row.uuid(1)?),
                row.text(2)?.to_owned(),
                row.opt_uuid(3)?.map(TicketId),
                row.time(4)?,
            ))
        })
        .await?;
    late.sort_by_key(|(id, ..)| *id);
    let count = late.len();
    for (id, endpoint, event_type, ticket, deadline) in late {
        let brief = match ticket {
            Some(ticket) => workflow::brief(tx, ticket).await?,
            None => None,
        };
        let Some(brief) = brief else { continue };
        workflow::put_step(tx, &brief, id, Step::Overdue);
        let mut data = Map::new();
        data.insert("deliveryId".into(), json!(id));
        data.insert("state".into(), json!("overdue"));
        data.insert("eventType".into(), json!(event_type));
        data.insert("endpointId".into(), json!(endpoint));
        data.insert("deadlineAt".into(), json!(deadline));
        workflow::record(tx, Action::WorkflowOverdue, Origin::system(), Some(&brief), data).await?;
    }
    Ok(count)
}
