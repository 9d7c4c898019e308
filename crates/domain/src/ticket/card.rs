//! Tickets of lists as finished JSON, kept in memory.
//!
//! A page is read from the store each time. What is saved is making the same JSON of a row that has not changed:
//! each row says by its [`Stamp`] whether the JSON that was made of it last is still the one. So nobody needs to
//! say what a change affects, and a row that another node or another program changed is seen like any other.

use std::sync::Arc;

use quick_cache::{Weighter, sync::Cache};

use crate::{
    cursor::Page,
    error::Result,
    id::{DeliveryId, TenantId, TicketId},
    json::{self, JsonQuery},
    policy::{self, TicketScope},
    ticket::{ListTickets, Ticket, TicketRow, WorkflowState, row::read_workflow},
    time::Timestamp,
    tx::{Query, Row, StoreError, TenantRead},
};

/// What all cards may weigh, in bytes.
const CAPACITY: u64 = 16 * 1024 * 1024;
/// Larger ones are not kept.
const LARGEST: usize = 16 * 1024;
/// About how large one is, for the first sizing.
const USUAL: usize = 1024;
/// What a card weighs besides its texts.
const FRAME: usize = 256;

/// What a ticket's row looked like: two rows of one ticket with the same stamp have the same JSON.
///
/// `version` counts the changes of the ticket's own fields; messages and the workflow change a row without it,
/// people's names stand in other rows. The time tells apart two histories of one ticket, as after a restored backup.
struct Stamp<S> {
    marks: Marks,
    requester: S,
    assignee: Option<S>,
}

#[derive(PartialEq, Eq)]
struct Marks {
    version: i64,
    updated_at: Timestamp,
    message_count: i64,
    workflow: Option<(WorkflowState, Timestamp, Option<DeliveryId>)>,
}

impl<'r> Stamp<&'r str> {
    fn read(row: &'r dyn Row) -> Result<Self, StoreError> {
        let workflow = read_workflow(row)?.map(|w| (w.state, w.updated_at, w.delivery_id));
        let marks =
            Marks { version: row.int(17)?, updated_at: row.time(19)?, message_count: row.int(15)?, workflow };
        Ok(Self { marks, requester: row.text(9)?, assignee: row.opt_text(11)? })
    }

    fn to_owned(&self) -> (Box<str>, Option<Box<str>>) {
        (self.requester.into(), self.assignee.map(Into::into))
    }
}

struct Card {
    stamp: Stamp<Box<str>>,
    json: Box<[u8]>,
}

impl Card {
    fn shows(&self, stamp: &Stamp<&str>) -> bool {
        self.stamp.marks == stamp.marks
            && *self.stamp.requester == *stamp.requester
            && self.stamp.assignee.as_deref() == stamp.assignee
    }
}

/// Whose ticket, and whether all of it is shown: requesters are told another count of messages.
type Key = (TenantId, TicketId, bool);

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Arc<Card>> for ByBytes {
    fn weight(&self, _: &Key, card: &Arc<Card>) -> u64 {
        let names = card.stamp.requester.len() + card.stamp.assignee.as_deref().map_or(0, str::len);
        u64::try_from(card.json.len() + names + FRAME).unwrap_or(u64::MAX)
    }
}

/// The cards of all companies, at most 16 MB of them.
pub struct Cards(Cache<Key, Arc<Card>, ByBytes>);

impl Default for Cards {
    fn default() -> Self {
        let items = usize::try_from(CAPACITY).unwrap_or(usize::MAX) / USUAL;
        Self(Cache::with_weighter(items, CAPACITY, ByBytes))
    }
}

impl Cards {
    /// Appends the JSON of a row of [`select_ticket!`](super::select_ticket).
    fn write(
        &self,
        tenant: TenantId,
        scope: TicketScope,
        row: &dyn Row,
        out: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        let key = (tenant, TicketId(row.uuid(0)?), scope == TicketScope::All);
        let stamp = Stamp::read(row)?;
        if let Some(card) = self.0.get(&key)
            && card.shows(&stamp)
        {
            out.extend_from_slice(&card.json);
            return Ok(());
        }
        let start = out.len();
        let ticket = TicketRow::read(tenant, scope, row)?;
        json::write_value(out, &ticket).map_err(|e| StoreError::Failed(e.to_string()))?;
        let json = &out[start..];
        if json.len() <= LARGEST {
            let (requester, assignee) = stamp.to_owned();
            let stamp = Stamp { marks: stamp.marks, requester, assignee };
            self.0.insert(key, Arc::new(Card { stamp, json: json.into() }));
        }
        Ok(())
    }
}

/// [`ListTickets`], written from cards where they still show what is.
pub struct WriteTickets {
    /// Which tickets.
    pub list: ListTickets,
    /// The cards, kept from one list to the next.
    pub cards: Arc<Cards>,
}

impl Query for WriteTickets {
    type Output = Page<Ticket>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Page<Ticket>> {
        self.list.run(tx).await
    }
}

impl JsonQuery for WriteTickets {
    async fn write(self, tx: &mut impl TenantRead, out: &mut Vec<u8>) -> Result<()> {
        // What a requester sees of a ticket depends on the company's fields as well, which no stamp tells.
        if policy::ticket_scope(&self.list.principal) != TicketScope::All {
            return json::write_value(out, &self.list.run(tx).await?);
        }
        out.extend_from_slice(br#"{"items":["#);
        let (tenant, mut separator) = (tx.tenant(), &b""[..]);
        let next_cursor = self
            .list
            .read(tx, |scope, row| {
                out.extend_from_slice(separator);
                separator = b",";
                self.cards.write(tenant, scope, row, out)
            })
            .await?;
        out.extend_from_slice(br#"],"nextCursor":"#);
        json::write_value(out, &next_cursor)?;
        out.push(b'}');
        Ok(())
    }
}
