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
    ticket::{
        BY_ID, ListTickets, Ticket, TicketRow, WorkflowState,
        list::{Columns, WHOLE},
        row::read_workflow,
    },
    time::Timestamp,
    tx::{Query, Row, StoreError, TenantRead},
};

/// What all cards may weigh, in bytes.
const CAPACITY: u64 = 16 * 1024 * 1024;
/// Larger ones are not kept.
const LARGEST: usize = 16 * 1024;
/// About how large one is, for the first sizing.
const USUAL: usize = 1024;
/// Up to so many rows of a page are read one by one when their cards do not show what is; more of them, and the
/// page is read whole.
const FEW: usize = 4;
/// What a card weighs besides its texts.
const FRAME: usize = 256;

/// What a ticket's row looked like: two rows of one ticket with the same stamp have the same JSON.
///
/// `version` counts the changes of the ticket's own fields; messages and the workflow change a row without it,
/// people's names stand in other rows. The time tells apart two histories of one ticket, as after a restored backup.
struct Stamp<S> {
    marks: Marks,
    names: Names<S>,
}

#[derive(PartialEq, Eq)]
struct Marks {
    version: i64,
    updated_at: Timestamp,
    message_count: i64,
    workflow: Option<(WorkflowState, Timestamp, Option<DeliveryId>)>,
}

/// The names that a ticket's row shows: people's and the team's.
#[derive(Clone, Copy)]
enum Names<S> {
    /// Those of all people and teams when the engine's mark was this one ([`TenantRead::names_mark`]).
    Marked(i64),
    /// These.
    Read { requester: S, assignee: Option<S>, team: Option<S> },
}

impl Marks {
    /// Reads a row that has the version, the time and the number of messages here, and the workflow from there on.
    fn read(
        row: &dyn Row,
        [version, updated_at, messages, workflow]: [usize; 4],
    ) -> Result<Self, StoreError> {
        Ok(Self {
            version: row.int(version)?,
            updated_at: row.time(updated_at)?,
            message_count: row.int(messages)?,
            workflow: read_workflow(row, workflow)?.map(|w| (w.state, w.updated_at, w.delivery_id)),
        })
    }
}

impl<'r> Names<&'r str> {
    fn read(row: &'r dyn Row) -> Result<Self, StoreError> {
        Ok(Self::Read { requester: row.text(9)?, assignee: row.opt_text(11)?, team: row.opt_text(22)? })
    }

    fn keep(self) -> Names<Box<str>> {
        match self {
            Self::Marked(mark) => Names::Marked(mark),
            Self::Read { requester, assignee, team } => Names::Read {
                requester: requester.into(),
                assignee: assignee.map(Into::into),
                team: team.map(Into::into),
            },
        }
    }
}

struct Card {
    stamp: Stamp<Box<str>>,
    json: Box<[u8]>,
}

impl Card {
    fn shows(&self, stamp: &Stamp<&str>) -> bool {
        let same = match (&self.stamp.names, stamp.names) {
            (Names::Marked(then), Names::Marked(now)) => *then == now,
            (
                Names::Read { requester: r, assignee: a, team: t },
                Names::Read { requester, assignee, team },
            ) => **r == *requester && a.as_deref() == assignee && t.as_deref() == team,
            (Names::Marked(_), Names::Read { .. }) | (Names::Read { .. }, Names::Marked(_)) => false,
        };
        same && self.stamp.marks == stamp.marks
    }
}

/// Whose ticket. All of it is shown: requesters, who see less, have no cards.
type Key = (TenantId, TicketId);

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Arc<Card>> for ByBytes {
    fn weight(&self, _: &Key, card: &Arc<Card>) -> u64 {
        let names = match &card.stamp.names {
            Names::Marked(_) => 0,
            Names::Read { requester, assignee, team } => {
                let length = |name: &Option<Box<str>>| name.as_deref().map_or(0, str::len);
                requester.len() + length(assignee) + length(team)
            }
        };
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
    /// The card that shows what is.
    fn find(&self, key: &Key, stamp: &Stamp<&str>) -> Option<Arc<Card>> {
        self.0.get(key).filter(|card| card.shows(stamp))
    }

    /// Appends the JSON of a [`WHOLE`] row, from its card if that shows what is. With the engine's mark the
    /// names need not be compared.
    fn write(
        &self,
        tenant: TenantId,
        scope: TicketScope,
        mark: Option<i64>,
        row: &dyn Row,
        out: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        let key = (tenant, TicketId(row.uuid(0)?));
        let names = mark.map_or_else(|| Names::read(row), |mark| Ok(Names::Marked(mark)))?;
        let stamp = Stamp { marks: Marks::read(row, [17, 19, 15, 12])?, names };
        if let Some(card) = self.find(&key, &stamp) {
            out.extend_from_slice(&card.json);
            return Ok(());
        }
        let start = out.len();
        let ticket = TicketRow::read(tenant, scope, row)?;
        json::write_value(out, &ticket).map_err(|e| StoreError::Failed(e.to_string()))?;
        let json = &out[start..];
        if json.len() <= LARGEST {
            let stamp = Stamp { marks: stamp.marks, names: stamp.names.keep() };
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
        let next_cursor = match tx.names_mark() {
            Some(mark) => self.write_by_stamps(tx, mark, out).await?,
            None => {
                self.list.foresee(tx);
                self.write_whole(tx, None, out).await?
            }
        };
        out.extend_from_slice(br#"],"nextCursor":"#);
        json::write_value(out, &next_cursor)?;
        out.push(b'}');
        Ok(())
    }
}

impl WriteTickets {
    /// Reads all of each row. Answers the cursor of the next page.
    async fn write_whole(
        &self,
        tx: &mut impl TenantRead,
        mark: Option<i64>,
        out: &mut Vec<u8>,
    ) -> Result<Option<String>> {
        let (tenant, mut separator) = (tx.tenant(), &b""[..]);
        self.list
            .read(tx, WHOLE, |scope, row| {
                out.extend_from_slice(separator);
                separator = b",";
                self.cards.write(tenant, scope, mark, row, out)
            })
            .await
    }

    /// Reads the stamps of all rows, and the whole of those whose card does not show what is.
    async fn write_by_stamps(
        &self,
        tx: &mut impl TenantRead,
        mark: &str,
        out: &mut Vec<u8>,
    ) -> Result<Option<String>> {
        let select = format!(
            "SELECT t.id, t.version, t.updated_at, t.message_count, t.workflow_state, t.workflow_at, \
             t.workflow_delivery_id, {mark}"
        );
        let stamps = Columns { select: &select, count: 8, from: " FROM tickets t" };
        let (tenant, mut mark, mut missing) = (tx.tenant(), 0, 0);
        let mut found = Vec::with_capacity(self.list.limit);
        let next_cursor = self
            .list
            .read(tx, stamps, |scope, row| {
                let id = TicketId(row.uuid(0)?);
                mark = row.int(7)?;
                let stamp = Stamp { marks: Marks::read(row, [1, 2, 3, 4])?, names: Names::Marked(mark) };
                let card = self.cards.find(&(tenant, id), &stamp);
                missing += usize::from(card.is_none());
                found.push((id, scope, card));
                Ok(())
            })
            .await?;
        if missing > FEW {
            return self.write_whole(tx, Some(mark), out).await;
        }
        let mut separator = &b""[..];
        for (id, scope, card) in found {
            out.extend_from_slice(separator);
            separator = b",";
            if let Some(card) = card {
                out.extend_from_slice(&card.json);
                continue;
            }
            let write = |row: &dyn Row| self.cards.write(tenant, scope, Some(mark), row, out);
            let written = tx.query_one(BY_ID, &[id.into()], write).await?;
            written.ok_or_else(|| StoreError::Failed("a listed ticket is gone".to_owned()))?;
        }
        Ok(next_cursor)
    }
}
