//! The audit trail: the ledger as admins read, export and verify it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    cursor::{self, Page},
    error::Result,
    event::{Action, Event, GENESIS, Hash, StoredEvent},
    feed::{TailEvents, event_from_row, select_event},
    id::{TenantId, TicketId, UserId},
    policy::{self, Deed, Subject},
    principal::Principal,
    time::Timestamp,
    tx::{Query, TenantRead, Value},
};

/// An event with its place in the chain.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// From which address it came.
    #[schema(required)]
    pub ip: Option<String>,
    /// In which request.
    #[schema(required)]
    pub request_id: Option<String>,
    /// SHA-256 of what can be erased, in hex.
    pub data_hash: String,
    /// The hash of the event before, in hex.
    pub prev_hash: String,
    /// This event's hash, in hex.
    pub hash: String,
}

impl AuditEvent {
    /// Shows a stored event.
    #[must_use]
    pub fn new(event: &StoredEvent, tenant: TenantId) -> Self {
        Self {
            event: event.publish(tenant),
            ip: event.ip.clone(),
            request_id: event.request_id.clone(),
            data_hash: hex::encode(event.data_hash),
            prev_hash: hex::encode(event.prev_hash),
            hash: hex::encode(event.hash),
        }
    }
}

/// Which events; what is absent does not restrict.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// This action.
    pub action: Option<Action>,
    /// By this person.
    pub user: Option<UserId>,
    /// About this ticket.
    pub ticket: Option<TicketId>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// Lists the audit trail, newest first.
#[derive(Debug)]
pub struct ListAudit {
    /// Who asks.
    pub principal: Principal,
    /// Which events.
    pub filter: AuditFilter,
    /// At most how many.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl Query for ListAudit {
    type Output = Page<AuditEvent>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Page<AuditEvent>> {
        policy::require(&self.principal, Deed::Administer, Subject::Company)?;
        let mut conditions: Vec<String> = Vec::new();
        let mut params: Vec<Value> = Vec::new();
        let mut and = |condition: &str, value: Value| {
            params.push(value);
            conditions.push(format!("{condition} ${}", params.len()));
        };
        let filter = self.filter;
        if let Some(action) = filter.action {
            and("action =", action.as_str().into());
        }
        if let Some(user) = filter.user {
            and("actor_id =", user.into());
        }
        if let Some(ticket) = filter.ticket {
            and("ticket_id =", ticket.into());
        }
        if let Some(from) = filter.from {
            and("at >=", from.into());
        }
        if let Some(to) = filter.to {
            and("at <", to.into());
        }
        if let Some(cursor) = &self.cursor {
            and("seq <", cursor::decode::<i64>(cursor)?.into());
        }
        let fetched = i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1);
        params.push(fetched.into());
        let place = params.len();
        let filtered =
            if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
        let sql = format!("{}{filtered} ORDER BY seq DESC LIMIT ${place}", select_event!(""));
        let rows = tx.query(&sql, &params, event_from_row).await?;
        let tenant = tx.tenant();
        let page = Page::from_rows(rows, self.limit, |event| event.seq);
        Ok(Page {
            items: page.items.iter().map(|event| AuditEvent::new(event, tenant)).collect(),
            next_cursor: page.next_cursor,
        })
    }
}

/// How long the ledger is and how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many events there are.
    pub size: i64,
    /// The hash of the last one.
    pub hash: Hash,
}

/// Reads the ledger's head, as the writer keeps it apart from the events.
#[derive(Debug)]
pub struct GetHead;

impl Query for GetHead {
    type Output = Head;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Head> {
        const SQL: &str = "SELECT seq, hash FROM head";
        let head = tx
            .query_one(SQL, &[], |row| {
                let hash = row.bytes(1)?.try_into().map_err(|_| crate::ticket::damaged("hash"))?;
                Ok(Head { size: row.int(0)?, hash })
            })
            .await?;
        Ok(head.unwrap_or(Head { size: 0, hash: GENESIS }))
    }
}

/// Reads the ledger from a place on, oldest first, with everything: for exports and for verifying.
/// The ledger only grows, so that reading it in pieces is as good as in one.
#[derive(Debug)]
pub struct ReadLedger {
    /// The last `seq` already read; 0 at the beginning.
    pub after: i64,
    /// At most how many.
    pub limit: usize,
}

impl Query for ReadLedger {
    type Output = Vec<StoredEvent>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Vec<StoredEvent>> {
        TailEvents { after: self.after, limit: self.limit }.run(tx).await
    }
}
