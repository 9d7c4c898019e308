//! A dump by `mongodump`: a folder with a file of BSON documents for each collection, as a ticket desk on
//! MongoDB has them: `users`, `tickets` and `auditlogs`, every document with its `customerId`.

use std::{
    io::{BufRead, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use bson::{RawArray, RawBsonRef, RawDocument, RawDocumentBuf};
use flowbit_domain::import::{Remark, is_source_id};

use super::{
    mapping::{Collection, Mapping},
    said::read_entry,
    shapes::{read_person, read_ticket},
    source::{Item, Items, Piece, Source, name_of, open, told, until_fault},
    value::{Document, Fields, Value, valid_moment},
};
use crate::cli::{Failure, Outcome};

/// MongoDB holds documents of 16 MiB, and a little more for its own use.
const DOCUMENT_MAX: i32 = 16 * 1024 * 1024 + 16 * 1024;
/// MongoDB lets documents be nested so deep.
const DEPTH_MAX: usize = 100;
/// The collections that are read, in this order; the names that each may have.
const COLLECTIONS: [(Collection, &[&str]); 3] = [
    (Collection::User, &["users"]),
    (Collection::Ticket, &["tickets"]),
    (Collection::Entry, &["auditlogs", "auditLogs", "audit_logs"]),
];

/// A dump.
pub(super) struct Dump {
    files: Vec<(Collection, PathBuf)>,
    others: Vec<String>,
    mapping: Mapping,
}

impl Dump {
    /// Finds the files of a dump, in its folder or in that of its only database.
    ///
    /// # Errors
    /// When it is not there, or could be one of several.
    pub(super) fn find(folder: &Path, mapping: Mapping) -> Outcome<Self> {
        if folder.is_file() {
            let why = "is a file: unpack an archive first, such as with mongorestore and mongodump --out";
            return Err(told(folder, why));
        }
        let (files, others) = look_into(folder)?;
        if !files.is_empty() {
            return Self::whole(folder, files, others, mapping);
        }
        let mut found = Vec::new();
        for path in list(folder)? {
            if path.is_dir() {
                let (files, others) = look_into(&path)?;
                if !files.is_empty() {
                    found.push((path, files, others));
                }
            }
        }
        match (found.len(), found.pop()) {
            (1, Some((path, files, others))) => Self::whole(&path, files, others, mapping),
            (0, _) | (_, None) => {
                Err(told(folder, "has no users.bson and tickets.bson, in itself or a folder in it"))
            }
            (_, Some((last, ..))) => {
                let names: Vec<String> = found
                    .iter()
                    .map(|(path, ..)| path)
                    .chain([&last])
                    .map(|path| path.display().to_string())
                    .collect();
                Err(Failure::usage(format!("say which database it is: {}", names.join(", "))))
            }
        }
    }

    fn whole(
        folder: &Path,
        files: Vec<(Collection, PathBuf)>,
        others: Vec<String>,
        mapping: Mapping,
    ) -> Outcome<Self> {
        if !files.iter().any(|(collection, _)| *collection == Collection::User) {
            return Err(told(folder, "has no users.bson: nobody would have raised the tickets"));
        }
        Ok(Self { files, others, mapping })
    }
}

fn list(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|e| told(folder, e))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<PathBuf>, _>>()
        .map_err(|e| told(folder, e))?;
    paths.sort();
    Ok(paths)
}

/// The collections in a folder, and what else is there.
type Found = (Vec<(Collection, PathBuf)>, Vec<String>);

fn look_into(folder: &Path) -> Outcome<Found> {
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for path in list(folder)? {
        let name = name_of(&path);
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let Some(collection) = plain.strip_suffix(".bson") else { continue };
        match COLLECTIONS.iter().find(|(_, names)| names.contains(&collection)) {
            Some((kind, _)) => files.push((*kind, path)),
            None => others.push(name.to_string()),
        }
    }
    files.sort();
    if let Some(twice) = files.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(told(&twice[1].1, format!("is there twice, beside {}", twice[0].1.display())));
    }
    Ok((files, others))
}

impl Source for Dump {
    fn items(&self) -> Items<'_> {
        Box::new(self.files.iter().flat_map(|(collection, path)| match open(path) {
            Ok(reader) => {
                let mut documents = Documents {
                    reader,
                    path,
                    file: name_of(path),
                    collection: *collection,
                    mapping: &self.mapping,
                    at: 0,
                    bytes: 0,
                };
                until_fault(move || documents.next())
            }
            Err(failure) => Box::new(std::iter::once(Err(failure))),
        }))
    }

    fn passed_over(&self) -> Vec<(String, String)> {
        let why = "is a collection that is not read";
        self.others.iter().map(|name| (name.clone(), why.to_owned())).collect()
    }
}

/// The documents of one file.
struct Documents<'s> {
    reader: Box<dyn BufRead>,
    path: &'s Path,
    file: Arc<str>,
    collection: Collection,
    mapping: &'s Mapping,
    at: u64,
    bytes: u64,
}

impl Documents<'_> {
    fn next(&mut self) -> Outcome<Option<Item>> {
        match self.read() {
            Ok(fields) => Ok(fields.map(|fields| self.understand(fields))),
            Err(why) => {
                let (at, bytes) = (self.at, self.bytes);
                Err(told(
                    self.path,
                    format!("document {at}, which begins at byte {bytes}, is damaged: {why}"),
                ))
            }
        }
    }

    /// The next document, if there is one.
    fn read(&mut self) -> Result<Option<Fields>, String> {
        self.at += 1;
        if self.reader.fill_buf().map_err(|e| e.to_string())?.is_empty() {
            return Ok(None);
        }
        let mut length = [0; 4];
        self.reader.read_exact(&mut length).map_err(|_| "the file ends in its midst".to_owned())?;
        // Before room is made for it.
        let size = i32::from_le_bytes(length);
        if !(5..=DOCUMENT_MAX).contains(&size) {
            return Err(format!("it says that it has {size} bytes"));
        }
        let document = RawDocumentBuf::from_reader((&length[..]).chain(&mut self.reader))
            .map_err(|e| format!("it is cut off, or is none ({e})"))?;
        let fields = read_fields(&document, 0)?;
        self.bytes += u64::from(size.unsigned_abs());
        Ok(Some(fields))
    }

    fn understand(&self, fields: Fields) -> Item {
        let mut document = Document::new(fields);
        let id = document.fields.clone().take(&["id"]).and_then(|(_, value)| value.id()).unwrap_or_default();
        let customer = take_customer(&mut document);
        let (customer, read) = match customer {
            Err(why) => (String::new(), Err(why)),
            Ok(customer) => {
                let (mapping, document) = (self.mapping, &mut document);
                let read = match self.collection {
                    Collection::User => read_person(mapping, document, |_| None, &[]).map(Piece::Person),
                    Collection::Ticket => read_ticket(mapping, document, &[]).map(Piece::Ticket),
                    Collection::Message | Collection::Entry => {
                        read_entry(mapping, document).map(Piece::Entry)
                    }
                };
                (customer, read)
            }
        };
        Item::new((&self.file, self.at), (customer, self.collection, id), read, document.remarks)
    }
}

/// Whose a document is. Nobody's is not taken.
fn take_customer(document: &mut Document) -> Result<String, Remark> {
    let Some((name, value)) = document.fields.take(&["customerid"]) else {
        return Err(Remark::refused("customerId", "it does not say whose it is"));
    };
    match value {
        Value::Text(_) | Value::ObjectId(_) | Value::Int(_) => value.id().filter(|id| is_source_id(id)),
        _ => None,
    }
    .ok_or_else(|| Remark::refused(name, format!("is {}, not a customer", value.kind())))
}

fn read_fields(document: &RawDocument, depth: usize) -> Result<Fields, String> {
    if depth > DEPTH_MAX {
        return Err(format!("it is nested deeper than {DEPTH_MAX}"));
    }
    let mut fields = Vec::new();
    for element in document {
        let (name, value) = element.map_err(|e| e.to_string())?;
        fields.push((name.as_str().to_owned(), read_value(value, depth)?));
    }
    Ok(Fields(fields))
}

fn read_list(list: &RawArray, depth: usize) -> Result<Vec<Value>, String> {
    if depth > DEPTH_MAX {
        return Err(format!("it is nested deeper than {DEPTH_MAX}"));
    }
    list.into_iter().map(|value| read_value(value.map_err(|e| e.to_string())?, depth)).collect()
}

fn read_value(value: RawBsonRef<'_>, depth: usize) -> Result<Value, String> {
    Ok(match value {
        RawBsonRef::Null | RawBsonRef::Undefined => Value::Null,
        RawBsonRef::Boolean(truth) => Value::Bool(truth),
        RawBsonRef::Int32(number) => Value::Int(number.into()),
        RawBsonRef::Int64(number) => Value::Int(number),
        // A number of JavaScript's.
        RawBsonRef::Double(number) => Value::Float(number),
        RawBsonRef::Decimal128(number) => Value::Text(number.to_string()),
        RawBsonRef::String(text) | RawBsonRef::Symbol(text) => Value::Text(text.to_owned()),
        RawBsonRef::ObjectId(id) => Value::ObjectId(id.to_hex()),
        RawBsonRef::DateTime(at) => match valid_moment(at.timestamp_millis()) {
            Ok(at) => Value::Time(at),
            Err(_) => Value::Other("a time beyond all calendars"),
        },
        RawBsonRef::Array(list) => Value::List(read_list(list, depth + 1)?),
        RawBsonRef::Document(inner) => Value::Map(read_fields(inner, depth + 1)?),
        RawBsonRef::Timestamp(_) => Value::Other("a timestamp of MongoDB's own"),
        RawBsonRef::Binary(_) => Value::Other("bytes"),
        RawBsonRef::RegularExpression(_) => Value::Other("a regular expression"),
        RawBsonRef::JavaScriptCode(_) | RawBsonRef::JavaScriptCodeWithScope(_) => Value::Other("a program"),
        RawBsonRef::DbPointer(_) => Value::Other("a pointer"),
        RawBsonRef::MaxKey | RawBsonRef::MinKey => Value::Other("an end of all keys"),
    })
}
