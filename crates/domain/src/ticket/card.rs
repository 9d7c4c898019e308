//! Tickets of lists as finished JSON, kept in memory.
//!
//! A page is read from the store each time. What is saved is making the same JSON of a row that has not changed:
//! each row says by its [`Stamp`] whether the JSON that was made of it last is still the one. So nobody needs to
//! say what a change affects, and a row that another node or another program changed is seen like any other.
//!
//! Where the data is at hand, the rows whose card does not show what is are read after that. Where it is a journey
//! away, all is asked in one: the texts of those that have changed since the page was read last, and no names, which
//! are remembered. Should something be shown that is not remembered, the page is read whole.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use quick_cache::{Weighter, sync::Cache};
use uuid::Uuid;

use crate::{
    cursor::Page,
    error::Result,
    id::{DeliveryId, TenantId, TicketId},
    json::{self, JsonQuery},
    policy::{self, TicketScope},
    settings::reopen_days,
    ticket::{
        BY_ID, ListTickets, Ticket, TicketRow, WorkflowState,
        list::Columns,
        row::{COLUMNS, Packed, read_workflow, ticket_columns, ticket_tables},
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
/// So many names of people and teams are remembered.
const NAMES: usize = 50_000;
/// Of so many pages it is remembered when they were read.
const PAGES: usize = 20_000;

/// A number that changes whenever a person's or a team's name does, or the company's settings: kept by triggers, asked once for a statement.
macro_rules! names_mark {
    () => {
        ", (SELECT names FROM head)"
    };
}

/// All of a row, and the mark of names.
const MARKED: Columns<'static> = Columns {
    select: concat!(ticket_columns!(), names_mark!()),
    count: MARK + 1,
    from: ticket_tables!(),
    since: None,
};
/// Where the mark stands in such a row.
const MARK: usize = COLUMNS;
/// The stamp alone: [`Stamp::read_alone`].
const STAMPS: Columns<'static> = Columns {
    select: concat!(
        "SELECT t.id, t.version, t.updated_at, t.message_count, t.workflow_state, t.workflow_at, \
         t.workflow_delivery_id",
        names_mark!()
    ),
    count: 8,
    from: " FROM tickets t",
    since: None,
};
/// Behind the stamp, of a row that has changed since: all columns but the names, packed.
const CHANGED: &str = concat!(
    ", CASE WHEN t.updated_at > $SINCE OR t.workflow_at > $SINCE THEN \
     CAST($PACK(t.id, t.number, t.title, t.description, t.status, t.priority, t.tags, t.custom_fields, \
     t.requester_id, NULL, t.assignee_id, NULL, t.workflow_state, t.workflow_at, t.workflow_delivery_id, \
     t.message_count, t.public_count, t.version, t.created_at, t.updated_at, t.resolved_at, t.team_id, NULL, \
     t.snoozed_at, t.snoozed_until, t.merged_into_id, t.merged_into_number, ",
    reopen_days!(),
    ") AS text) END"
);

/// What a ticket's row looked like: two rows of one ticket with the same stamp have the same JSON.
///
/// `version` counts the changes of the ticket's own fields; messages and the workflow change a row without it,
/// people's names stand in other rows. The time tells apart two histories of one ticket, as after a restored backup.
#[derive(PartialEq, Eq)]
struct Stamp {
    marks: Marks,
    /// What the mark of names was.
    names: i64,
}

#[derive(PartialEq, Eq)]
struct Marks {
    version: i64,
    updated_at: Timestamp,
    message_count: i64,
    workflow: Option<(WorkflowState, Timestamp, Option<DeliveryId>)>,
}

impl Marks {
    /// When the ticket, or its workflow, was changed.
    fn newest(&self) -> Timestamp {
        self.workflow.as_ref().map_or(self.updated_at, |(_, at, _)| self.updated_at.max(*at))
    }

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

impl Stamp {
    /// Reads a row of all columns, or of as many.
    fn read(row: &dyn Row, names: i64) -> Result<Self, StoreError> {
        Ok(Self { marks: Marks::read(row, [17, 19, 15, 12])?, names })
    }

    /// Reads a row of [`STAMPS`].
    fn read_alone(row: &dyn Row) -> Result<Self, StoreError> {
        Ok(Self { marks: Marks::read(row, [1, 2, 3, 4])?, names: read_mark(row, 7)? })
    }
}

/// The mark of names.
///
/// # Errors
/// When the tenant is being erased: its head goes first.
fn read_mark(row: &dyn Row, column: usize) -> Result<i64, StoreError> {
    let mark = row.opt_int(column)?;
    mark.ok_or_else(|| StoreError::Unavailable("the tenant is not there any more".to_owned()))
}

struct Card {
    stamp: Stamp,
    json: Box<[u8]>,
}

/// Whose ticket. All of it is shown: requesters, who see less, have no cards.
type Key = (TenantId, TicketId);

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Arc<Card>> for ByBytes {
    fn weight(&self, _: &Key, card: &Arc<Card>) -> u64 {
        u64::try_from(card.json.len() + FRAME).unwrap_or(u64::MAX)
    }
}

/// What is remembered of all companies' lists: at most 16 MB of cards, and names.
pub struct Cards {
    cards: Cache<Key, Arc<Card>, ByBytes>,
    /// Names of people and teams, and the mark with which they were read.
    names: Cache<(TenantId, Uuid), (i64, Arc<str>)>,
    /// When what a page showed was changed last, by [`Cards::page`]. A hint: what a row is tells its stamp.
    pages: Cache<u64, Timestamp>,
    hashing: RandomState,
}

impl Default for Cards {
    fn default() -> Self {
        let items = usize::try_from(CAPACITY).unwrap_or(usize::MAX) / USUAL;
        Self {
            cards: Cache::with_weighter(items, CAPACITY, ByBytes),
            names: Cache::new(NAMES),
            pages: Cache::new(PAGES),
            hashing: RandomState::new(),
        }
    }
}

impl Cards {
    /// The card that shows what is.
    fn find(&self, key: &Key, stamp: &Stamp) -> Option<Arc<Card>> {
        self.cards.get(key).filter(|card| card.stamp == *stamp)
    }

    /// A page, as far as it is known by what was asked.
    fn page(&self, tenant: TenantId, list: &ListTickets) -> u64 {
        let ListTickets { principal, filter, sort, limit, cursor } = list;
        self.hashing.hash_one((tenant, principal.user, filter, sort, limit, cursor))
    }

    /// Remembers the names of a row that has them.
    fn learn(&self, tenant: TenantId, mark: i64, row: &dyn Row) -> Result<(), StoreError> {
        for (id, name) in Packed::NAMED {
            if let (Some(id), Some(name)) = (row.opt_uuid(id)?, row.opt_text(name)?) {
                let knows = self.names.get(&(tenant, id)).is_some_and(|(then, _)| then == mark);
                if !knows {
                    self.names.insert((tenant, id), (mark, name.into()));
                }
            }
        }
        Ok(())
    }

    /// Gives a row its names, if all of them are remembered.
    fn name(&self, tenant: TenantId, mark: i64, row: &mut Packed) -> Result<bool, StoreError> {
        for (at, (id, _)) in Packed::NAMED.into_iter().enumerate() {
            let Some(id) = row.opt_uuid(id)? else { continue };
            match self.names.get(&(tenant, id)) {
                Some((then, name)) if then == mark => row.names[at] = Some(name),
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Appends the JSON of a row, from its card if that shows what is. Answers whether there is a card now.
    fn write(
        &self,
        tenant: TenantId,
        scope: TicketScope,
        mark: i64,
        row: &dyn Row,
        out: &mut Vec<u8>,
    ) -> Result<bool, StoreError> {
        let key = (tenant, TicketId(row.uuid(0)?));
        let stamp = Stamp::read(row, mark)?;
        if let Some(card) = self.find(&key, &stamp) {
            out.extend_from_slice(&card.json);
            return Ok(true);
        }
        self.write_anew(key, scope, stamp, row, out)
    }

    /// The same, and makes its card.
    fn write_anew(
        &self,
        key: Key,
        scope: TicketScope,
        stamp: Stamp,
        row: &dyn Row,
        out: &mut Vec<u8>,
    ) -> Result<bool, StoreError> {
        let start = out.len();
        let ticket = TicketRow::read(key.0, scope, row)?;
        json::write_value(out, &ticket).map_err(|e| StoreError::Failed(e.to_string()))?;
        let json = &out[start..];
        let fits = json.len() <= LARGEST;
        if fits {
            self.cards.insert(key, Arc::new(Card { stamp, json: json.into() }));
        }
        Ok(fits)
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
        let next_cursor = match tx.packs_by() {
            None => self.write_by_stamps(tx, out).await?,
            Some(pack) => self.write_in_one_journey(tx, pack, out).await?,
        };
        out.extend_from_slice(br#"],"nextCursor":"#);
        json::write_value(out, &next_cursor)?;
        out.push(b'}');
        Ok(())
    }
}

/// Where a page ended.
struct End {
    next_cursor: Option<String>,
    /// When one of its tickets was changed last, unless one is too large to be kept.
    newest: Option<Timestamp>,
}

impl WriteTickets {
    /// Reads all of each row.
    async fn write_whole(&self, tx: &mut impl TenantRead, out: &mut Vec<u8>) -> Result<End> {
        let (tenant, is_at_hand) = (tx.tenant(), tx.packs_by().is_none());
        let (mut newest, mut separator, mut are_kept) = (None, &b""[..], true);
        let next_cursor = self
            .list
            .read(tx, MARKED, |scope, row| {
                out.extend_from_slice(separator);
                separator = b",";
                newest = newest.max(Some(row.time(19)?)).max(row.opt_time(13)?);
                let mark = read_mark(row, MARK)?;
                if !is_at_hand {
                    self.cards.learn(tenant, mark, row)?;
                }
                are_kept &= self.cards.write(tenant, scope, mark, row, out)?;
                Ok(())
            })
            .await?;
        Ok(End { next_cursor, newest: newest.filter(|_| are_kept) })
    }

    /// Reads what has changed since the page was read last, if it was; if that does not do, all of it.
    async fn write_in_one_journey(
        &self,
        tx: &mut impl TenantRead,
        pack: &str,
        out: &mut Vec<u8>,
    ) -> Result<Option<String>> {
        let page = self.cards.page(tx.tenant(), &self.list);
        self.list.foresee(tx);
        let end = match self.cards.pages.get(&page) {
            None => self.write_whole(tx, out).await?,
            Some(since) => {
                let start = out.len();
                match self.write_changed(tx, pack, since, out).await? {
                    Some(end) => end,
                    None => {
                        // So that pages that can't be kept, for want of room, do not cost two journeys each time.
                        self.cards.pages.remove(&page);
                        out.truncate(start);
                        tx.ask_anew();
                        self.list.foresee(tx);
                        return Ok(self.write_whole(tx, out).await?.next_cursor);
                    }
                }
            }
        };
        match end.newest {
            Some(newest) => self.cards.pages.insert(page, newest),
            None => drop(self.cards.pages.remove(&page)),
        }
        Ok(end.next_cursor)
    }

    /// Reads all stamps, and what was changed after `since`. `None`: there is a ticket, or a name, that is not kept.
    async fn write_changed(
        &self,
        tx: &mut impl TenantRead,
        pack: &str,
        since: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<Option<End>> {
        let select = format!("{}{}", STAMPS.select, CHANGED.replace("$PACK", pack));
        let columns = Columns { select: &select, count: 9, since: Some(since), ..STAMPS };
        let (tenant, mut newest, mut separator) = (tx.tenant(), None, &b""[..]);
        let (mut lacks, mut are_kept) = (false, true);
        let next_cursor = self
            .list
            .read(tx, columns, |scope, row| {
                out.extend_from_slice(separator);
                separator = b",";
                let (key, stamp) = ((tenant, TicketId(row.uuid(0)?)), Stamp::read_alone(row)?);
                newest = newest.max(Some(stamp.marks.newest()));
                if let Some(card) = self.cards.find(&key, &stamp) {
                    out.extend_from_slice(&card.json);
                    return Ok(());
                }
                let Some(packed) = row.opt_text(8)? else {
                    lacks = true;
                    return Ok(());
                };
                let mut packed = Packed::read(packed)?;
                if self.cards.name(tenant, stamp.names, &mut packed)? {
                    are_kept &= self.cards.write_anew(key, scope, stamp, &packed, out)?;
                } else {
                    lacks = true;
                }
                Ok(())
            })
            .await?;
        Ok((!lacks).then_some(End { next_cursor, newest: newest.filter(|_| are_kept) }))
    }

    /// Reads the stamps of all rows, and the whole of those whose card does not show what is.
    async fn write_by_stamps(&self, tx: &mut impl TenantRead, out: &mut Vec<u8>) -> Result<Option<String>> {
        let (tenant, mut mark, mut missing) = (tx.tenant(), 0, 0);
        let mut found = Vec::with_capacity(self.list.limit);
        let next_cursor = self
            .list
            .read(tx, STAMPS, |scope, row| {
                let (id, stamp) = (TicketId(row.uuid(0)?), Stamp::read_alone(row)?);
                mark = stamp.names;
                let card = self.cards.find(&(tenant, id), &stamp);
                missing += usize::from(card.is_none());
                found.push((id, scope, card));
                Ok(())
            })
            .await?;
        if missing > FEW {
            return Ok(self.write_whole(tx, out).await?.next_cursor);
        }
        let mut separator = &b""[..];
        for (id, scope, card) in found {
            out.extend_from_slice(separator);
            separator = b",";
            if let Some(card) = card {
                out.extend_from_slice(&card.json);
                continue;
            }
            let write = |row: &dyn Row| self.cards.write(tenant, scope, mark, row, out);
            let written = tx.query_one(BY_ID, &[id.into()], write).await?;
            written.ok_or_else(|| StoreError::Failed("a listed ticket is gone".to_owned()))?;
        }
        Ok(next_cursor)
    }
}
