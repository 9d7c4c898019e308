//! What all sources have in common: they hand over one document after the other, in an order in which
//! each comes after those that it names, and can do so again from the beginning.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
    sync::Arc,
};

use flate2::read::MultiGzDecoder;
use flowbit_domain::import::{IncomingEntry, IncomingPerson, IncomingTicket, LooseMessage, Remark};

use super::mapping::Collection;
use crate::cli::{Failure, Outcome};

/// A document that was understood.
pub(super) enum Piece {
    Person(IncomingPerson),
    Ticket(IncomingTicket),
    Message(LooseMessage),
    Entry(IncomingEntry),
}

/// A document, where it stands, and what there is to say of it. Without a piece it is not taken: the last
/// remark says why.
pub(super) struct Item {
    pub(super) file: Arc<str>,
    /// Its place in the file: the line, or the how-manieth document.
    pub(super) at: u64,
    /// Whose it is.
    pub(super) customer: String,
    pub(super) collection: Collection,
    pub(super) id: String,
    pub(super) piece: Option<Piece>,
    pub(super) remarks: Vec<Remark>,
}

impl Item {
    /// What came of reading a document.
    pub(super) fn new(
        (file, at): (&Arc<str>, u64),
        (customer, collection, id): (String, Collection, String),
        read: Result<Piece, Remark>,
        mut remarks: Vec<Remark>,
    ) -> Self {
        let piece = match read {
            Ok(piece) => Some(piece),
            Err(why) => {
                remarks.push(why);
                None
            }
        };
        Self { file: Arc::clone(file), at, customer, collection, id, piece, remarks }
    }
}

/// The documents of a source. A failure ends them: the source is damaged.
pub(super) type Items<'s> = Box<dyn Iterator<Item = Outcome<Item>> + 's>;

/// Reads on until there is nothing more, or to the first fault: behind that nobody knows where the next one begins.
pub(super) fn until_fault<'s>(mut read: impl FnMut() -> Outcome<Option<Item>> + 's) -> Items<'s> {
    let mut is_over = false;
    Box::new(std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        let read = read();
        is_over = !matches!(read, Ok(Some(_)));
        read.transpose()
    }))
}

/// Where documents come from.
pub(super) trait Source {
    /// All documents, from the beginning: people, then tickets, then messages, then entries.
    fn items(&self) -> Items<'_>;
    /// What of the source as a whole is not looked at: where, and why.
    fn passed_over(&self) -> Vec<(String, String)>;
}

/// Opens a file, unpacking it if its name ends with `.gz`.
pub(super) fn open(path: &Path) -> Outcome<Box<dyn BufRead>> {
    let file = File::open(path).map_err(|e| told(path, e))?;
    if path.extension().is_some_and(|ext| ext == "gz") {
        let unpacked: Box<dyn Read> = Box::new(MultiGzDecoder::new(BufReader::new(file)));
        return Ok(Box::new(BufReader::with_capacity(1 << 16, unpacked)));
    }
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

/// A failure of a file.
pub(super) fn told(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {why}", path.display()))
}

/// The name of a file, for a report.
pub(super) fn name_of(path: &Path) -> Arc<str> {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()).into()
}
