//! Everything of a company, for taking it along to another server or engine.
//!
//! An archive has one file of lines (NDJSON) for each table of [`TABLES`], in which a line is a row, and the
//! ledger in the form in which its chain can be verified without Flowbit's store ([`LedgerLine`]). A table
//! joins it by its declaration in [`table`] alone; what is left out, and why, stands in [`table::LEFT_OUT`].
//! `docs/ARCHIVE.md` describes the format to those who read archives with something else.

use serde_json::value::RawValue;

use crate::{
    audit::{GetHead, Head},
    error::{Error, Result},
    feed::{event_from_row, select_event},
    tx::{Query, TenantRead},
};

mod ledger_line;
mod line;
mod load;
pub mod table;

pub use ledger_line::LedgerLine;
pub use line::LineFault;
pub(crate) use load::index_anew;
pub use load::{
    INDEXED_AT_ONCE, IndexPage, Indexed, Statement, insert_events, insert_rows, read_messages, read_tickets,
    set_head,
};
pub use table::{TABLES, Table};

/// The file of a table's rows, without the ending.
pub const LEDGER: &str = "ledger";

/// One record of an archive.
#[derive(Debug)]
pub struct Record {
    /// The table that it is a row of, or [`LEDGER`].
    pub table: &'static str,
    /// The row; of an event byte for byte what its hash covers.
    pub line: Box<RawValue>,
}

/// Takes records as they are read; an error ends the reading.
pub type Sink = Box<dyn FnMut(Record) -> Result<(), String> + Send>;

/// Reads everything of a company as it is at one moment, record by record: the tables in their order, then the
/// ledger.
pub struct ReadArchive {
    /// Who takes them.
    pub sink: Sink,
}

/// How far a company was when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The end of its ledger.
    pub head: Head,
    /// The number that was given to a ticket last.
    pub last_number: i64,
}

impl Query for ReadArchive {
    type Output = Reached;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Reached> {
        const EVENTS: &str = select_event!("ORDER BY seq");
        const LAST_NUMBER: &str = "SELECT last_number FROM head";
        let mut sink = self.sink;
        let tenant = tx.tenant();
        // Handed on row by row: the whole of a company never has to fit into memory.
        for table in TABLES {
            tx.query(&table.select(), &[], |row| {
                let line = table.line_of(row)?;
                sink(Record { table: table.name, line }).map_err(crate::StoreError::Failed)
            })
            .await
            .map_err(Error::from)?;
        }
        tx.query(EVENTS, &[], |row| {
            let line = line::raw(&LedgerLine::new(&event_from_row(row)?, tenant))?;
            sink(Record { table: LEDGER, line }).map_err(crate::StoreError::Failed)
        })
        .await
        .map_err(Error::from)?;
        let last_number = tx.query_one(LAST_NUMBER, &[], |row| row.int(0)).await?.unwrap_or(0);
        Ok(Reached { head: GetHead.run(tx).await?, last_number })
    }
}

/// Counts the rows of each table, and the events.
#[derive(Debug)]
pub struct CountRows;

impl Query for CountRows {
    type Output = Vec<(&'static str, i64)>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Self::Output> {
        let mut counts = Vec::with_capacity(TABLES.len() + 1);
        for (name, sql) in TABLES
            .iter()
            .map(|table| (table.name, table.count()))
            .chain([(LEDGER, "SELECT count(*) FROM events".to_owned())])
        {
            let count = tx.query_one(&sql, &[], |row| row.int(0)).await?;
            counts.push((name, count.unwrap_or(0)));
        }
        Ok(counts)
    }
}
