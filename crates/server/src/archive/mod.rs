//! A company's archive: one ZIP file with everything of it, for another server or engine.
//!
//! `docs/ARCHIVE.md` says what is in it. Writing streams from one reading transaction, reading streams into an
//! import that nobody sees before it is whole: neither ever has a company in memory, but for the list of what was attached (some 150 bytes each).

use std::path::Path;

use flowbit_domain::{
    ContentId, TenantId, Timestamp,
    archive::{LEDGER, TABLES, table::camel_case},
    control::{Tenant, TenantState},
};
use serde::{Deserialize, Serialize};

mod bring_in;
mod read;
mod write;

pub(crate) use bring_in::{bring_in, check};
pub(crate) use write::write_archive;

/// What it calls itself.
const FORMAT: &str = "flowbit-tenant-archive";
/// The format's version: raised when a reader of the one before would be misled.
const VERSION: u32 = 2;
/// Begins the names of files that hold what was attached, as it is.
const CONTENTS: &str = "files/";
const MANIFEST: &str = "manifest.json";
const CHECKPOINT: &str = "checkpoint.json";

/// What is in an archive.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    format: String,
    version: u32,
    /// Which program has written it.
    written_by: String,
    exported_at: Timestamp,
    tenant: Company,
    /// The number that was given to a ticket last.
    last_number: i64,
    ledger: Ledger,
    entries: Vec<Entry>,
}

/// A company as the operator keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Company {
    id: TenantId,
    slug: String,
    name: String,
    locale: String,
    accent_color: String,
    suspended: bool,
    created_at: Timestamp,
}

/// Where the ledger ends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ledger {
    size: i64,
    head: String,
}

/// A file of the archive.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    path: String,
    /// Its lines.
    records: u64,
    /// As they are, not as they are packed.
    bytes: u64,
    sha256: String,
}

impl From<&Tenant> for Company {
    fn from(t: &Tenant) -> Self {
        Self {
            id: t.id,
            slug: t.slug.clone(),
            name: t.name.clone(),
            locale: t.locale.clone(),
            accent_color: t.accent_color.clone(),
            suspended: t.state == TenantState::Suspended,
            created_at: t.created_at,
        }
    }
}

impl From<Company> for Tenant {
    fn from(c: Company) -> Self {
        Self {
            id: c.id,
            slug: c.slug,
            name: c.name,
            locale: c.locale,
            accent_color: c.accent_color,
            state: if c.suspended { TenantState::Suspended } else { TenantState::Active },
            created_at: c.created_at,
        }
    }
}

/// What an archive says of a content, in its line of `contents`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContentLine {
    id: ContentId,
    sha256: String,
    size: u64,
    loose_at: Option<Timestamp>,
    condemned: bool,
}

impl ContentLine {
    /// The table that has them.
    const TABLE: &'static str = "contents";

    /// The file with what it holds.
    fn path(&self) -> String {
        format!("{CONTENTS}{}", self.id)
    }

    /// Whether its file must be there: of what nobody refers to it may have been removed already.
    fn is_held(&self) -> bool {
        self.loose_at.is_none() && !self.condemned
    }
}

/// The files of lines, by the table that each is of, in their order.
fn files() -> impl Iterator<Item = (&'static str, String)> {
    let tables = TABLES.iter().map(|table| (table.name, format!("tables/{}.ndjson", camel_case(table.name))));
    tables.chain([(LEDGER, format!("{LEDGER}.ndjson"))])
}

/// What is wrong, and with which file.
fn fault(path: &Path, why: impl std::fmt::Display) -> String {
    format!("{}: {why}", path.display())
}
