//! Bringing an archive in: its lines as statements, and the search index anew.
//!
//! Who runs the statements is the store's business: nobody may see the company before all of it is there.

use super::{
    line::LineFault,
    table::{Table, insert},
};
use crate::{
    attachment::file_names,
    audit::Head,
    error::Result,
    event::StoredEvent,
    id::TicketId,
    tx::{Row, SearchDialect, StoreError, TenantTx, Value},
};

/// A statement with its values.
pub type Statement = (String, Vec<Value>);

/// The values that one statement may have on every engine.
const VALUES_MAX: usize = 4_000;

/// Cuts rows into statements, so that all but the last of each table have the same text.
fn chunks(rows: Vec<Vec<Value>>, columns: usize, text: impl Fn(usize) -> String) -> Vec<Statement> {
    let most = (VALUES_MAX / columns.max(1)).clamp(1, 64);
    let mut statements = Vec::with_capacity(rows.len() / most + 1);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let piece: Vec<_> = rows.by_ref().take(most).collect();
        statements.push((text(piece.len()), piece.into_iter().flatten().collect()));
    }
    statements
}

/// The statements that insert rows of a table, each as [`Table::values_of`] reads it.
#[must_use]
pub fn insert_rows(table: &Table, rows: Vec<Vec<Value>>) -> Vec<Statement> {
    chunks(rows, table.columns.len(), |rows| table.insert(rows))
}

const EVENT_COLUMNS: &str = "seq, id, at, action, actor_kind, actor_id, actor_name, ticket_id, requester_id, \
    audience, ip, request_id, data, data_hash, prev_hash, hash";

/// The statements that insert events as they stand, in their order.
///
/// # Errors
/// When one has text in it that not every engine keeps.
pub fn insert_events(events: &[StoredEvent]) -> Result<Vec<Statement>, LineFault> {
    let has_nul = |event: &StoredEvent| {
        let texts = [Some(&event.data), Some(&event.actor.name), Some(&event.action), event.ip.as_ref()];
        texts.into_iter().flatten().chain(&event.request_id).any(|text| text.contains('\0'))
    };
    if let Some(event) = events.iter().find(|event| has_nul(event)) {
        return Err(LineFault(format!("seq {}: it contains U+0000", event.seq)));
    }
    let rows = events.iter().map(|event| event.values().to_vec()).collect();
    Ok(chunks(rows, 16, |rows| insert("events", EVENT_COLUMNS, 16, rows)))
}

/// The statement that says where the ledger ends, and which number was given last.
#[must_use]
pub fn set_head(head: Head, last_number: i64) -> Statement {
    const SET: &str = "UPDATE head SET seq = $1, hash = $2, last_number = $3";
    (SET.to_owned(), vec![head.size.into(), head.hash.to_vec().into(), last_number.into()])
}

/// How many documents are read and indexed at once.
pub const INDEXED_AT_ONCE: i64 = 500;

/// A page of what is to be indexed: the statement that reads it, and its values.
pub type IndexPage = (&'static str, Vec<Value>);

/// A document of the index: where the page after it begins, and the statement that adds it.
pub type Indexed = (Vec<Value>, Statement);

/// The tickets after the number `after`, in pages.
#[must_use]
pub fn read_tickets(after: Option<Vec<Value>>) -> IndexPage {
    const PAGE: &str = concat!(
        "SELECT t.number, t.title, t.description, ",
        file_names!("t.id", "0"),
        " FROM tickets t WHERE t.number > $1 ORDER BY t.number LIMIT $2"
    );
    let mut values = after.unwrap_or_else(|| vec![0_i64.into()]);
    values.push(INDEXED_AT_ONCE.into());
    (PAGE, values)
}

/// The messages after the ticket and ordinal `after`, in pages.
#[must_use]
pub fn read_messages(after: Option<Vec<Value>>) -> IndexPage {
    const PAGE: &str = concat!(
        "SELECT m.ticket_id, m.ordinal, t.number, m.body, m.internal, ",
        file_names!("m.ticket_id", "m.ordinal"),
        " FROM messages m JOIN tickets t ON t.id = m.ticket_id WHERE (m.ticket_id, m.ordinal) > ($1, $2)
        ORDER BY m.ticket_id, m.ordinal LIMIT $3"
    );
    let mut values = after.unwrap_or_else(|| vec![uuid::Uuid::nil().into(), 0_i64.into()]);
    values.push(INDEXED_AT_ONCE.into());
    (PAGE, values)
}

/// Makes the documents of one ticket anew, or (`part`: 0 its own text, 1… a message) one of them, which is not there.
///
/// # Errors
/// The store's.
pub(crate) async fn index_anew(tx: &mut impl TenantTx, ticket: TicketId, part: Option<i64>) -> Result<()> {
    const TICKET: &str = concat!(
        "SELECT t.number, t.title, t.description, ",
        file_names!("t.id", "0"),
        " FROM tickets t WHERE t.id = $1"
    );
    const MESSAGES: &str = concat!(
        "SELECT m.ticket_id, m.ordinal, t.number, m.body, m.internal, ",
        file_names!("m.ticket_id", "m.ordinal"),
        " FROM messages m JOIN tickets t ON t.id = m.ticket_id
        WHERE m.ticket_id = $1 AND m.ordinal BETWEEN $2 AND $3 ORDER BY m.ordinal"
    );
    let search = tx.search();
    let mut documents = Vec::new();
    if part.is_none_or(|part| part == 0) {
        documents = tx.query(TICKET, &[ticket.into()], |row| search.index_ticket(row)).await?;
    }
    if part != Some(0) {
        let (first, last) = part.map_or((1, i64::MAX), |part| (part, part));
        let params = [ticket.into(), first.into(), last.into()];
        documents.extend(tx.query(MESSAGES, &params, |row| search.index_message(row)).await?);
    }
    for (_, (_, values)) in documents {
        tx.put(search.add, values);
    }
    Ok(())
}

impl SearchDialect {
    /// A ticket of [`read_tickets`] as a document.
    ///
    /// # Errors
    /// When a column is not what it should be.
    pub fn index_ticket(&self, row: &dyn Row) -> Result<Indexed, StoreError> {
        let number = row.int(0)?;
        let text = (self.document)(&format!("{}\n{}\n{}", row.text(1)?, row.text(2)?, row.text(3)?));
        let values = vec![number.into(), 0_i64.into(), text.into(), Value::Null, Value::Null];
        Ok((vec![number.into()], (self.add.to_owned(), values)))
    }

    /// A message of [`read_messages`] as a document.
    ///
    /// # Errors
    /// When a column is not what it should be.
    pub fn index_message(&self, row: &dyn Row) -> Result<Indexed, StoreError> {
        let (ticket, ordinal, number) = (row.uuid(0)?, row.int(1)?, row.int(2)?);
        let text = Value::from((self.document)(&format!("{}\n{}", row.text(3)?, row.text(5)?)));
        let (public, note) = if row.bool(4)? { (Value::Null, text) } else { (text, Value::Null) };
        let values = vec![number.into(), ordinal.into(), Value::Null, public, note];
        Ok((vec![ticket.into(), ordinal.into()], (self.add.to_owned(), values)))
    }
}
