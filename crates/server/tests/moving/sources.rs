//! What the tests move in, and the command that does it.

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use bson::{Bson, DateTime, Document, doc, oid::ObjectId};
use serde_json::Value as Json;

use crate::harness::Server;

/// The password of everybody in the dumps.
pub(crate) const OLD_PASSWORD: &str = "as it was on the old desk";

/// A hash as the old desk has it, of the lowest cost.
pub(crate) fn old_hash(password: &str) -> String {
    bcrypt::hash(password, 4).expect("a hash")
}

/// An id that is `n`'s, made in November 2023.
pub(crate) fn oid(n: u32) -> ObjectId {
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&1_700_000_000_u32.to_be_bytes());
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    ObjectId::from_bytes(bytes)
}

/// A moment after 2023-11-14T22:13:20Z, in minutes.
pub(crate) fn minute(n: i64) -> DateTime {
    DateTime::from_millis(1_700_000_000_000 + n * 60_000)
}

/// The same, as the desk shows it.
pub(crate) fn shown(at: DateTime) -> String {
    flowbit_domain::Timestamp(at.timestamp_millis()).to_string()
}

/// A person of a dump.
pub(crate) fn user(n: u32, customer: &str, email: &str, role: &str) -> Document {
    doc! {
        "_id": oid(n), "customerId": customer, "email": email, "name": format!("Person {n}"),
        "password": old_hash(OLD_PASSWORD), "role": role, "createdAt": minute(0), "updatedAt": minute(1), "__v": 0,
    }
}

/// A ticket of a dump, raised by `by`.
pub(crate) fn ticket(n: u32, customer: &str, by: u32) -> Document {
    doc! {
        "_id": oid(n), "customerId": customer, "title": format!("Ticket {n} of {customer}"),
        "description": format!("All of {n}"), "status": "open", "priority": "medium", "userId": oid(by),
        "createdAt": minute(10), "updatedAt": minute(20), "__v": 0,
    }
}

/// Changes a document.
pub(crate) fn with(mut document: Document, name: &str, value: impl Into<Bson>) -> Document {
    document.insert(name, value);
    document
}

/// The bytes of a collection.
pub(crate) fn bytes_of(documents: &[Document]) -> Vec<u8> {
    documents.iter().flat_map(|document| document.to_vec().expect("BSON")).collect()
}

/// Writes a dump as `mongodump` does; answers its folder.
pub(crate) fn write_dump(
    folder: &Path,
    users: &[Document],
    tickets: &[Document],
    logs: &[Document],
) -> PathBuf {
    let database = folder.join("dump").join("desk");
    std::fs::create_dir_all(&database).expect("a folder");
    for (name, documents) in [("users", users), ("tickets", tickets), ("auditlogs", logs)] {
        std::fs::write(database.join(format!("{name}.bson")), bytes_of(documents)).expect("a file");
        let metadata = format!(r#"{{"indexes":[],"collectionName":"{name}"}}"#);
        std::fs::write(database.join(format!("{name}.metadata.json")), metadata).expect("a file");
    }
    folder.join("dump")
}

/// What an import has said.
pub(crate) struct Import {
    pub(crate) code: i32,
    pub(crate) printed: String,
    pub(crate) said: String,
    pub(crate) report: Vec<Json>,
}

impl Import {
    /// Runs `flowbit import …` with a report of its own.
    pub(crate) fn run(server: &Server, arguments: &[&str]) -> Self {
        let report = server.folder().join("report.ndjson");
        let path = report.to_str().expect("a path").to_owned();
        let arguments = [&["import"], arguments, &["--report", &path]].concat();
        let Output { status, stdout, stderr } = server.run(&arguments, "");
        let lines = std::fs::read_to_string(&report).unwrap_or_default();
        let _ = std::fs::remove_file(&report);
        Self {
            code: status.code().expect("an exit code"),
            printed: String::from_utf8(stdout).expect("text"),
            said: String::from_utf8(stderr).expect("text"),
            report: lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(),
        }
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        let Self { printed, said, report, .. } = &self;
        assert_eq!(self.code, code, "{printed}\n{said}\n{report:#?}");
        self
    }

    /// The report in short: weight, kind, id's last letters, field.
    pub(crate) fn short(&self) -> Vec<(String, String, String, String)> {
        let text = |line: &Json, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let short = |line: &Json| {
            let id = text(line, "id");
            let tail = id[id.len().saturating_sub(3)..].to_owned();
            (text(line, "weight"), text(line, "kind"), tail, text(line, "field"))
        };
        self.report.iter().map(short).collect()
    }

    /// The reason of the one line about a field of a document.
    #[track_caller]
    pub(crate) fn reason(&self, id: &str, field: &str) -> String {
        let lines: Vec<&Json> = self.report.iter().filter(|l| l["id"] == id && l["field"] == field).collect();
        assert_eq!(lines.len(), 1, "{id} {field}: {:#?}", self.report);
        lines[0]["reason"].as_str().unwrap_or_default().to_owned()
    }
}
