//! People and tickets as tables: CSV (RFC 4180) in UTF-8, with or without a byte order mark, its values
//! apart by commas, semicolons or tabs. The first row names the columns.

use std::{
    io::BufRead,
    path::{Path, PathBuf},
    sync::Arc,
};

use csv::{ByteRecord, Reader, ReaderBuilder};
use flowbit_domain::{import::Remark, text::fold_email};
use sha2::{Digest, Sha256};

use super::{
    mapping::{Collection, Mapping, TICKET, USER},
    shapes::{read_person, read_ticket},
    source::{Item, Items, Piece, Source, name_of, open, told, until_fault},
    value::{Document, Fields, Value, fold},
};
use crate::cli::{Failure, Outcome};

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Tables of one company.
pub(super) struct Tables {
    company: String,
    tables: Vec<Table>,
    mapping: Mapping,
}

/// One file.
struct Table {
    path: PathBuf,
    collection: Collection,
    delimiter: u8,
    columns: Vec<String>,
}

impl Tables {
    /// Opens tables and looks at their columns.
    ///
    /// # Errors
    /// When one can't be read, or lacks a column without which nothing could be taken.
    pub(super) fn find(
        company: &str,
        people: Option<&Path>,
        tickets: Option<&Path>,
        delimiter: Option<u8>,
        mapping: Mapping,
    ) -> Outcome<Self> {
        let mut tables = Vec::new();
        for (path, collection) in [(people, Collection::User), (tickets, Collection::Ticket)] {
            let Some(path) = path else { continue };
            let table = Table::look_at(path, collection, delimiter)?;
            let needed: &[&str] =
                if collection == Collection::User { &["email"] } else { &["id", "title", "requester"] };
            for field in needed {
                table.require(&mapping, field)?;
            }
            tables.push(table);
        }
        if tables.is_empty() {
            return Err(Failure::usage("say --people FILE, --tickets FILE or both"));
        }
        Ok(Self { company: company.to_owned(), tables, mapping })
    }
}

/// The file behind its byte order mark.
fn open_text(path: &Path) -> Outcome<Box<dyn BufRead>> {
    let mut reader = open(path)?;
    let start = reader.fill_buf().map_err(|e| told(path, e))?;
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        return Err(told(path, "line 1: it is UTF-16; save it as UTF-8"));
    }
    if start.starts_with(MARK) {
        reader.consume(MARK.len());
    }
    Ok(reader)
}

/// Rows may be of any length here: a row of another than the first is told by its line.
fn rows(reader: Box<dyn BufRead>, delimiter: u8) -> Reader<Box<dyn BufRead>> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(reader)
}

fn decode<'r>(path: &Path, line: u64, value: &'r [u8]) -> Outcome<&'r str> {
    std::str::from_utf8(value)
        .map_err(|_| told(path, format!("line {line}: it is not UTF-8; save it in that encoding")))
}

impl Table {
    fn look_at(path: &Path, collection: Collection, delimiter: Option<u8>) -> Outcome<Self> {
        let read = |delimiter: u8| -> Outcome<Vec<String>> {
            let mut row = ByteRecord::new();
            rows(open_text(path)?, delimiter).read_byte_record(&mut row).map_err(|e| told(path, e))?;
            row.iter().map(|name| Ok(decode(path, 1, name)?.trim().to_owned())).collect()
        };
        let mut best = (delimiter.unwrap_or(b','), read(delimiter.unwrap_or(b','))?);
        if delimiter.is_none() {
            for other in [b';', b'\t'] {
                let columns = read(other)?;
                if columns.len() > best.1.len() {
                    best = (other, columns);
                }
            }
        }
        let (delimiter, columns) = best;
        if columns.iter().all(String::is_empty) {
            return Err(told(path, "line 1: there are no names of columns"));
        }
        for (place, name) in columns.iter().enumerate() {
            if !name.is_empty() && columns[..place].contains(name) {
                return Err(told(path, format!("line 1: there are two columns {name:?}")));
            }
        }
        Ok(Self { path: path.to_owned(), collection, delimiter, columns })
    }

    /// Refuses a table in which no column could be this field.
    fn require(&self, mapping: &Mapping, field: &'static str) -> Outcome {
        let names = self.columns.iter().map(|name| (name.clone(), Value::Bool(true))).collect();
        let mut document = Document::new(Fields(names));
        if mapping.take(&mut document, self.collection, field).is_some() {
            return Ok(());
        }
        let (kind, columns) = (self.collection.name(), self.columns.join(", "));
        let why = format!(
            "no column is the {field}: say which with --map {kind}.{field}=COLUMN; there are {columns}"
        );
        Err(told(&self.path, why))
    }

    /// The columns that are neither understood nor named by the operator.
    fn unread(&self, mapping: &Mapping) -> Vec<String> {
        let all = if self.collection == Collection::User { USER } else { TICKET };
        let known = |name: &str| {
            let folded = fold(name);
            let of_names = ["firstname", "givenname", "lastname", "surname", "familyname"];
            all.iter().any(|(_, names)| names.contains(&folded.as_str()))
                || (self.collection == Collection::User && of_names.contains(&folded.as_str()))
                || mapping.names(name)
        };
        self.columns.iter().filter(|name| !name.is_empty() && !known(name)).cloned().collect()
    }
}

impl Source for Tables {
    fn items(&self) -> Items<'_> {
        Box::new(self.tables.iter().flat_map(|table| match open_text(&table.path) {
            Err(failure) => Box::new(std::iter::once(Err(failure))) as Items<'_>,
            Ok(reader) => {
                let mut rows = Rows {
                    rows: rows(reader, table.delimiter),
                    table,
                    company: &self.company,
                    mapping: &self.mapping,
                    unread: table.unread(&self.mapping).iter().map(|name| fold(name)).collect(),
                    file: name_of(&table.path),
                    is_first: true,
                };
                until_fault(move || rows.next())
            }
        }))
    }

    fn passed_over(&self) -> Vec<(String, String)> {
        let of_table = |table: &Table| {
            let file = name_of(&table.path);
            let why = if table.collection == Collection::User {
                "a column that has no place in a person".to_owned()
            } else {
                "a column that has no place in a ticket: --map ticket.custom.NAME=COLUMN keeps it".to_owned()
            };
            let unread = table.unread(&self.mapping);
            unread.into_iter().map(move |name| (format!("{file}: {name}"), why.clone()))
        };
        self.tables.iter().flat_map(of_table).collect()
    }
}

/// The rows of a table.
struct Rows<'s> {
    rows: Reader<Box<dyn BufRead>>,
    table: &'s Table,
    company: &'s str,
    mapping: &'s Mapping,
    /// Columns that are told of once (folded).
    unread: Vec<String>,
    file: Arc<str>,
    is_first: bool,
}

impl Rows<'_> {
    fn next(&mut self) -> Outcome<Option<Item>> {
        let mut row = ByteRecord::new();
        loop {
            if !self.rows.read_byte_record(&mut row).map_err(|e| told(&self.table.path, e))? {
                return Ok(None);
            }
            if !std::mem::take(&mut self.is_first) {
                break;
            }
        }
        let line = row.position().map_or(0, csv::Position::line);
        let mut fields = Vec::with_capacity(row.len());
        for (place, value) in row.iter().enumerate() {
            let text = decode(&self.table.path, line, value)?;
            let name = self.table.columns.get(place).cloned().unwrap_or_default();
            if !text.trim().is_empty() && !name.is_empty() {
                fields.push((name, Value::Text(text.to_owned())));
            }
        }
        Ok(Some(self.understand(line, row.len(), Fields(fields))))
    }

    fn understand(&self, line: u64, length: usize, fields: Fields) -> Item {
        let mut document = Document::new(fields);
        let quiet: Vec<&str> = self.unread.iter().map(String::as_str).collect();
        let expected = self.table.columns.len();
        let read = if length == expected {
            match self.table.collection {
                Collection::User => {
                    let id_of = |email: &str| Some(id_of_address(email));
                    read_person(self.mapping, &mut document, id_of, &quiet).map(Piece::Person)
                }
                _ => read_ticket(self.mapping, &mut document, &quiet).map(|mut ticket| {
                    // In a table the id is what people call a ticket by.
                    ticket.number = ticket.number.or_else(|| Some(ticket.source_id.clone()));
                    Piece::Ticket(ticket)
                }),
            }
        } else {
            let why = format!(
                "it has {length} values, and there are {expected} columns: is a quotation mark open?"
            );
            Err(Remark::refused("", why))
        };
        let id = match &read {
            Ok(Piece::Person(person)) => person.source_id.clone(),
            Ok(Piece::Ticket(ticket)) => ticket.source_id.clone(),
            _ => String::new(),
        };
        let of = (self.company.to_owned(), self.table.collection, id);
        Item::new((&self.file, line), of, read, document.remarks)
    }
}

/// What people without an id are remembered by: their address, which nobody can read out of it.
fn id_of_address(email: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(fold_email(email))))
}

/// Reads a `--delimiter`.
///
/// # Errors
/// Wrong usage.
pub(super) fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\t" => Ok(b'\t'),
        _ => match text.as_bytes() {
            [one] if one.is_ascii_punctuation() && *one != b'"' => Ok(*one),
            _ => Err("it must be one character, such as ; or tab".to_owned()),
        },
    }
}
