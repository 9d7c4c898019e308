//! The event feed: the ledger as one person may see it, oldest first. It fills the gaps of a socket.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    event::{Audience, Event, StoredEvent},
    id::{EventId, TicketId, UserId},
    policy,
    principal::{Actor, ActorKind, Principal, Role},
    ticket::{damaged, load_as},
    tx::{Query, Row, StoreError, TenantRead, Value},
};

/// The columns that [`event_from_row`] reads.
macro_rules! select_event {
    ($rest:literal) => {
        concat!(
            "SELECT seq, id, at, action, actor_kind, actor_id, actor_name, ticket_id, requester_id, audience, \
             ip, request_id, data, data_hash, prev_hash, hash FROM events ",
            $rest
        )
    };
}
pub(crate) use select_event;

fn hash_at(row: &dyn Row, column: usize) -> Result<[u8; 32], StoreError> {
    row.bytes(column)?.try_into().map_err(|_| damaged("hash"))
}

/// Reads a row of `select_event!`.
pub(crate) fn event_from_row(row: &dyn Row) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        seq: row.int(0)?,
        id: EventId(row.uuid(1)?),
        at: row.time(2)?,
        action: row.text(3)?.to_owned(),
        actor: Actor {
            kind: ActorKind::parse(row.text(4)?).ok_or_else(|| damaged("actor"))?,
            id: row.opt_uuid(5)?,
            name: row.text(6)?.to_owned(),
        },
        ticket: row.opt_uuid(7)?.map(TicketId),
        requester: row.opt_uuid(8)?.map(UserId),
        audience: Audience::from_code(row.int(9)?).ok_or_else(|| damaged("audience"))?,
        ip: row.opt_text(10)?.map(str::to_owned),
        request_id: row.opt_text(11)?.map(str::to_owned),
        data: row.text(12)?.to_owned(),
        data_hash: hash_at(row, 13)?,
        prev_hash: hash_at(row, 14)?,
        hash: hash_at(row, 15)?,
    })
}

/// Events, oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventPage {
    /// What this person may see.
    pub items: Vec<Event>,
    /// Up to here nothing is missing: pass it as `after` to go on.
    pub last_seq: i64,
}

/// Lists events after a place in the ledger.
#[derive(Debug)]
pub struct ListEvents {
    /// Who asks.
    pub principal: Principal,
    /// The last `seq` already known; 0 for all.
    pub after: i64,
    /// At most how many (1 to 500).
    pub limit: usize,
    /// Only those about this ticket.
    pub ticket: Option<TicketId>,
}

const HEAD: &str = "SELECT seq FROM head";
const FOR_ADMIN: &str = select_event!("WHERE seq > $1 ORDER BY seq LIMIT $2");
const FOR_AGENT: &str = select_event!("WHERE seq > $1 AND audience >= 1 ORDER BY seq LIMIT $2");
const FOR_USER: &str =
    select_event!("WHERE requester_id = $3 AND seq > $1 AND audience >= 2 ORDER BY seq LIMIT $2");
const OF_TICKET: &str =
    select_event!("WHERE ticket_id = $3 AND seq > $1 AND audience >= $4 ORDER BY seq LIMIT $2");

impl Query for ListEvents {
    type Output = EventPage;

    async fn run(self, tx: &mut impl TenantRead) -> Result<EventPage> {
        let Self { principal, after, limit, ticket } = self;
        let fetched = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut params: Vec<Value> = vec![after.into(), fetched.into()];
        tx.ask_ahead(HEAD, &[]);
        let sql = if let Some(ticket) = ticket {
            load_as(tx, ticket, policy::ticket_scope(&principal)).await?.ok_or(Error::NotFound)?;
            let least = if principal.role.is_staff() { Audience::Staff } else { Audience::Requester };
            params.extend([ticket.into(), least.code().into()]);
            OF_TICKET
        } else {
            match principal.role {
                Role::Admin => FOR_ADMIN,
                Role::Agent => FOR_AGENT,
                Role::User => {
                    params.push(principal.user.into());
                    FOR_USER
                }
            }
        };
        let tenant = tx.tenant();
        let rows = tx.query(sql, &params, event_from_row).await?;
        let head = tx.query_one(HEAD, &[], |row| row.int(0)).await?.unwrap_or(0);
        let last_seq = match rows.last() {
            Some(last) if rows.len() >= limit => last.seq,
            // Also for someone who knows of more: their ledger was put back from a backup.
            _ => head,
        };
        // The statements only save reading: what may be seen is decided in one place.
        let items = rows
            .iter()
            .filter(|event| policy::may_see(&principal, event))
            .map(|event| event.publish(tenant))
            .collect();
        Ok(EventPage { items, last_seq })
    }
}

/// Events after a place, for those who distribute them: nothing is hidden here.
#[derive(Debug)]
pub struct TailEvents {
    /// The last `seq` already distributed.
    pub after: i64,
    /// At most how many.
    pub limit: usize,
}

impl Query for TailEvents {
    type Output = Vec<StoredEvent>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Vec<StoredEvent>> {
        let limit = i64::try_from(self.limit).unwrap_or(i64::MAX);
        Ok(tx.query(FOR_ADMIN, &[self.after.into(), limit.into()], event_from_row).await?)
    }
}
