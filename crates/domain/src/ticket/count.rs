//! How many tickets there are, for the counters beside views.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::Result,
    json::JsonQuery,
    policy::{self, TicketScope},
    principal::Principal,
    ticket::{Status, damaged},
    tx::{Query, TenantRead},
};

/// Tickets by status.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct StatusCounts {
    /// Status `open`.
    pub open: i64,
    /// Status `in_progress`.
    pub in_progress: i64,
    /// Status `waiting`.
    pub waiting: i64,
    /// Status `resolved`.
    pub resolved: i64,
    /// Status `closed`.
    pub closed: i64,
}

/// Tickets that the person may see, counted.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketCounts {
    /// All.
    pub all: i64,
    /// Those with work left: open, in progress or waiting.
    pub open: i64,
    /// Of these, the person's own: assigned to them, or raised by them if they only raise tickets.
    pub mine: i64,
    /// Of these, nobody's.
    pub unassigned: i64,
    /// Those whose workflow is overdue.
    pub overdue: i64,
    /// By status.
    pub by_status: StatusCounts,
}

/// Counts the tickets that the person may see.
#[derive(Debug)]
pub struct CountTickets {
    /// Who asks.
    pub principal: Principal,
}

const ALL_BY_STATUS: &str = "SELECT status, count(*) FROM tickets GROUP BY status";
const OWN_BY_STATUS: &str = "SELECT status, count(*) FROM tickets WHERE requester_id = $1 GROUP BY status";
const LIVE_ASSIGNED: &str = "SELECT count(*) FROM tickets
    WHERE status IN ('open', 'in_progress', 'waiting') AND assignee_id = $1";
const LIVE_UNASSIGNED: &str = "SELECT count(*) FROM tickets
    WHERE status IN ('open', 'in_progress', 'waiting') AND assignee_id IS NULL";
const OWN_UNASSIGNED: &str = "SELECT count(*) FROM tickets
    WHERE status IN ('open', 'in_progress', 'waiting') AND assignee_id IS NULL AND requester_id = $1";
const OVERDUE: &str = "SELECT count(*) FROM tickets WHERE workflow_state = 'overdue'";
const OWN_OVERDUE: &str =
    "SELECT count(*) FROM tickets WHERE workflow_state = 'overdue' AND requester_id = $1";

impl JsonQuery for CountTickets {}

impl Query for CountTickets {
    type Output = TicketCounts;

    async fn run(self, tx: &mut impl TenantRead) -> Result<TicketCounts> {
        let me = [self.principal.user.into()];
        let own = matches!(policy::ticket_scope(&self.principal), TicketScope::RaisedBy(_));
        let mut counts = TicketCounts::default();
        if own {
            tx.ask_ahead(OWN_UNASSIGNED, &me);
            tx.ask_ahead(OWN_OVERDUE, &me);
        } else {
            tx.ask_ahead(LIVE_ASSIGNED, &me);
            tx.ask_ahead(LIVE_UNASSIGNED, &[]);
            tx.ask_ahead(OVERDUE, &[]);
        }
        let (by_status, params) = if own { (OWN_BY_STATUS, &me[..]) } else { (ALL_BY_STATUS, &[][..]) };
        tx.ask_last();
        let rows = tx
            .query(by_status, params, |row| {
                Ok((Status::parse(row.text(0)?).ok_or_else(|| damaged("status"))?, row.int(1)?))
            })
            .await?;
        for (status, count) in rows {
            counts.all += count;
            if status.is_live() {
                counts.open += count;
            }
            let by = &mut counts.by_status;
            *match status {
                Status::Open => &mut by.open,
                Status::InProgress => &mut by.in_progress,
                Status::Waiting => &mut by.waiting,
                Status::Resolved => &mut by.resolved,
                Status::Closed => &mut by.closed,
            } = count;
        }
        counts.mine = if own { counts.open } else { count(tx, LIVE_ASSIGNED, &me).await? };
        counts.unassigned =
            if own { count(tx, OWN_UNASSIGNED, &me).await? } else { count(tx, LIVE_UNASSIGNED, &[]).await? };
        counts.overdue =
            if own { count(tx, OWN_OVERDUE, &me).await? } else { count(tx, OVERDUE, &[]).await? };
        Ok(counts)
    }
}

async fn count(tx: &mut impl TenantRead, sql: &str, params: &[crate::tx::Value]) -> Result<i64> {
    Ok(tx.query_one(sql, params, |row| row.int(0)).await?.unwrap_or(0))
}
