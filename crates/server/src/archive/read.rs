//! Reading an archive to its end, checked on the way, in pieces that fit into a store.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use flowbit_content::Arrived;
use flowbit_domain::{
    Value,
    archive::{LEDGER, LedgerLine, Statement, TABLES, insert_events, insert_rows},
    audit::Head,
    event::{ChainVerifier, StoredEvent},
    id::ContentId,
};
use sha2::{Digest, Sha256};
use zip::{ZipArchive, result::ZipError};

use super::{CHECKPOINT, CONTENTS, ContentLine, Entry, FORMAT, MANIFEST, Manifest, VERSION, fault, files};
use crate::checkpoint::Checkpoint;

/// The longest line that is read, in bytes.
const LINE_MAX: u64 = 16 << 20;
/// The largest checkpoint, in bytes.
const CHECKPOINT_MAX: u64 = 64 << 10;
/// The highest number that a ticket may have had: beyond it browsers can't tell numbers apart.
const NUMBER_MAX: i64 = (1 << 53) - 1;
/// A piece has so many rows at most…
const PIECE_ROWS: usize = 2_000;
/// … or so many bytes.
const PIECE_BYTES: usize = 2 << 20;

/// Part of a company, on its way into the store.
pub(super) enum Piece {
    /// Rows, and where in the archive they stand.
    Rows { statements: Vec<Statement>, place: String },
    /// What was attached, and where it stands.
    Content { id: ContentId, arrived: Arrived, place: String },
}

/// Who takes the pieces; an error ends the reading.
pub(super) type Take<'t> = &'t mut dyn FnMut(Piece) -> Result<(), String>;

/// Who takes lines, each with its number; an error ends the reading.
type TakeLine<'t> = &'t mut dyn FnMut(&[u8], u64) -> Result<(), String>;

/// An archive whose manifest has been read.
pub(super) struct Archive {
    path: PathBuf,
    zip: ZipArchive<BufReader<File>>,
    /// Where what was attached is put aside; `None`: it is only looked at.
    aside: Option<PathBuf>,
    pub(super) manifest: Manifest,
}

impl Archive {
    /// Opens it. What was attached is handed on by the folder `aside`, or else only looked at.
    pub(super) fn open(path: &Path, aside: Option<&Path>) -> Result<Self, String> {
        let file = File::open(path).map_err(|e| fault(path, e))?;
        let zip = ZipArchive::new(BufReader::with_capacity(1 << 17, file));
        let mut zip = zip.map_err(|e| {
            fault(path, format!("it is no archive of a company, or its end was cut off: {e}"))
        })?;
        let mut text = Vec::new();
        let read =
            zip.by_name(MANIFEST).map_err(io).and_then(|entry| entry.take(LINE_MAX).read_to_end(&mut text));
        read.map_err(|e| fault(path, format!("{MANIFEST}: {e}")))?;
        let faulty = |why: String| fault(path, format!("{MANIFEST}: {why}"));
        // Before the rest, which another version may write otherwise.
        #[derive(serde::Deserialize)]
        struct Kind {
            format: String,
            version: u32,
        }
        let kind: Kind = serde_json::from_slice(&text).map_err(|e| faulty(e.to_string()))?;
        if kind.format != FORMAT {
            return Err(faulty(format!("it is a {:?}, and no {FORMAT}", kind.format)));
        }
        if kind.version != VERSION {
            return Err(faulty(format!(
                "the archive has version {} of the format, this program reads version {VERSION}",
                kind.version
            )));
        }
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|e| faulty(e.to_string()))?;
        let known = |path: &str| path == CHECKPOINT || files().any(|(_, file)| file == path);
        if let Some(unknown) = manifest.entries.iter().find(|entry| !known(&entry.path)) {
            return Err(faulty(format!(
                "{} is not known here: a newer Flowbit has written it",
                unknown.path
            )));
        }
        // What was attached is listed in a table.
        let listed = |name: &str| {
            name == MANIFEST || is_content(name) || manifest.entries.iter().any(|entry| entry.path == name)
        };
        for name in zip.file_names() {
            let name = name.map_err(|e| fault(path, e))?;
            if !listed(&name) {
                return Err(fault(path, format!("{name:?} is in it, and not in its manifest")));
            }
        }
        if zip.has_duplicate_names() {
            return Err(fault(path, "it has two files of one name"));
        }
        Ok(Self { path: path.to_owned(), zip, aside: aside.map(Path::to_owned), manifest })
    }

    fn entry(&self, path: &str) -> Result<&Entry, String> {
        let entry = self.manifest.entries.iter().find(|entry| entry.path == path);
        entry.ok_or_else(|| fault(&self.path, format!("{MANIFEST}: it has no {path}")))
    }

    fn checkpoint(&mut self) -> Result<Checkpoint, String> {
        let mut text = Vec::new();
        if self.entry(CHECKPOINT)?.bytes > CHECKPOINT_MAX {
            return Err(fault(&self.path, format!("{CHECKPOINT}: no checkpoint is as large")));
        }
        self.each_line(CHECKPOINT, &mut |line, _| {
            text.extend_from_slice(line);
            Ok(())
        })?;
        let faulty = |why: String| fault(&self.path, format!("{CHECKPOINT}: {why}"));
        let checkpoint: Checkpoint = serde_json::from_slice(&text).map_err(|e| faulty(e.to_string()))?;
        checkpoint.verify().map_err(|why| faulty(why.to_owned()))?;
        let Head { size, hash } =
            checkpoint.head().ok_or_else(|| faulty("its head is no hash".to_owned()))?;
        let ledger = &self.manifest.ledger;
        if (size, hex::encode(hash)) != (ledger.size, ledger.head.clone())
            || checkpoint.customer_id != self.manifest.tenant.id
        {
            return Err(faulty("it is not of the ledger that the manifest names".to_owned()));
        }
        Ok(checkpoint)
    }

    /// Hands on the lines of a file, each with its number, and checks what the manifest says of it.
    fn each_line(&mut self, path: &str, take: TakeLine<'_>) -> Result<(), String> {
        let whole = self.path.clone();
        let (records, bytes, sha256) = {
            let entry = self.entry(path)?;
            (entry.records, entry.bytes, entry.sha256.clone())
        };
        let faulty =
            |line: u64, why: &dyn std::fmt::Display| fault(&whole, format!("{path}, line {line}: {why}"));
        let entry = self.zip.by_name(path).map_err(|e| fault(&whole, format!("{path}: {e}")))?;
        let mut lines = BufReader::with_capacity(1 << 17, entry);
        let mut hasher = Sha256::new();
        let (mut number, mut length) = (0, 0);
        let mut line = Vec::new();
        loop {
            line.clear();
            number += 1;
            let read = Read::take(&mut lines, LINE_MAX).read_until(b'\n', &mut line);
            if read.map_err(|e| faulty(number, &format!("the archive is damaged: {e}")))? == 0 {
                break;
            }
            hasher.update(&line);
            length += line.len() as u64;
            if length > bytes {
                // Packed, it may be as large as the disk.
                return Err(fault(&whole, format!("{path}: it is longer than the manifest says")));
            }
            let content = line.strip_suffix(b"\n").ok_or_else(|| {
                let is_long = line.len() as u64 == LINE_MAX;
                faulty(number, &if is_long { "it is longer than 16 MiB" } else { "it has no end" })
            })?;
            take(content, number).map_err(|why| faulty(number, &why))?;
        }
        let lines = number - 1;
        if path != CHECKPOINT && lines != records {
            return Err(fault(
                &whole,
                format!("{path}: it has {lines} lines, and the manifest says {records}"),
            ));
        }
        if length != bytes || hex::encode(hasher.finalize()) != sha256 {
            return Err(fault(&whole, format!("{path}: its checksum is not the one in the manifest")));
        }
        Ok(())
    }

    /// Reads all of it, in order. Answers the end of the ledger.
    pub(super) fn read(mut self, take: Take<'_>) -> Result<Head, String> {
        self.checkpoint()?;
        let mut highest = 0;
        let mut contents: Vec<ContentLine> = Vec::new();
        for (table, (_, path)) in TABLES.iter().zip(files()) {
            if table.is_later && self.entry(&path).is_err() {
                continue;
            }
            let of_number = table.columns.iter().position(|c| (table.name, c.name) == ("tickets", "number"));
            let mut rows: Vec<Vec<Value>> = Vec::new();
            let (mut size, mut first) = (0, 1);
            let whole = self.path.clone();
            let mut send = |rows: &mut Vec<Vec<Value>>, first: u64, last: u64| {
                let place = fault(&whole, format!("{path}, lines {first} to {last}"));
                take(Piece::Rows { statements: insert_rows(table, std::mem::take(rows)), place })
            };
            let mut failed = None;
            let read = self.each_line(&path, &mut |line, number| {
                let row = table.values_of(line).map_err(|e| e.to_string())?;
                if let Some(Value::Int(number)) = of_number.and_then(|place| row.get(place)) {
                    highest = highest.max(*number);
                }
                if table.name == ContentLine::TABLE {
                    contents.push(serde_json::from_slice(line).map_err(|e| e.to_string())?);
                }
                rows.push(row);
                size += line.len();
                if rows.len() >= PIECE_ROWS || size >= PIECE_BYTES {
                    size = 0;
                    let sent = send(&mut rows, first, number);
                    first = number + 1;
                    return sent.inspect_err(|why| failed = Some(why.clone()));
                }
                Ok(())
            });
            // Whoever takes the pieces says by itself where it failed.
            read.map_err(|why| failed.take().unwrap_or(why))?;
            if !rows.is_empty() {
                let last = first + rows.len() as u64 - 1;
                send(&mut rows, first, last)?;
            }
        }
        let last = self.manifest.last_number;
        if !(highest..=NUMBER_MAX).contains(&last) {
            let why = format!("lastNumber is {last}, and must be {highest}, a ticket's, to {NUMBER_MAX}");
            return Err(fault(&self.path, format!("{MANIFEST}: {why}")));
        }
        self.read_contents(&contents, take)?;
        self.read_ledger(take)
    }

    /// Reads what was attached, all of it and nothing else.
    fn read_contents(&mut self, contents: &[ContentLine], take: Take<'_>) -> Result<(), String> {
        let mut found = 0;
        for line in contents {
            let path = line.path();
            let place = fault(&self.path, &path);
            let entry = match self.zip.by_name(&path) {
                Err(ZipError::FileNotFound) if !line.is_held() => continue,
                entry => entry.map_err(|e| format!("{place}: {e}"))?,
            };
            found += 1;
            let aside = self.aside.as_deref().map(put_aside).transpose()?;
            // One byte more shows that it is too long.
            let mut entry = Hashed { inner: entry.take(line.size + 1), hasher: Sha256::new() };
            let copied = match &aside {
                Some(file) => std::io::copy(&mut entry, &mut &*file),
                None => std::io::copy(&mut entry, &mut std::io::sink()),
            };
            let length = copied.map_err(|e| format!("{place}: it can't be read or put aside: {e}"))?;
            let sha256: [u8; 32] = entry.hasher.finalize().into();
            if length != line.size || hex::encode(sha256) != line.sha256 {
                return Err(format!("{place}: it is not what its line in contents says"));
            }
            if let Some(file) = aside {
                let arrived = Arrived::of(file, sha256, length);
                take(Piece::Content { id: line.id, arrived, place })?;
            }
        }
        let there = self.zip.file_names().filter(|name| name.as_ref().is_ok_and(|n| n.starts_with(CONTENTS)));
        if there.count() != found {
            return Err(fault(&self.path, format!("{CONTENTS} has files that no line in contents is about")));
        }
        Ok(())
    }

    fn read_ledger(&mut self, take: Take<'_>) -> Result<Head, String> {
        let path = format!("{LEDGER}.ndjson");
        let whole = self.path.clone();
        let tenant = self.manifest.tenant.id;
        let mut chain = ChainVerifier::default();
        let mut events: Vec<StoredEvent> = Vec::new();
        let mut size = 0;
        let mut failed = None;
        let mut send = |events: &mut Vec<StoredEvent>| {
            let (first, last) = (events.first().map_or(0, |e| e.seq), events.last().map_or(0, |e| e.seq));
            let place = fault(&whole, format!("{path}, lines {first} to {last}"));
            let statements = insert_events(events).map_err(|e| format!("{place}: {e}"))?;
            events.clear();
            take(Piece::Rows { statements, place })
        };
        let read = self.each_line(&path, &mut |line, _| {
            let line: LedgerLine = serde_json::from_slice(line).map_err(|e| e.to_string())?;
            if line.tenant() != tenant {
                return Err("it is of another company".to_owned());
            }
            let event = line.into_event().ok_or("it contradicts itself")?;
            chain.check(&event).map_err(|fault| fault.reason.to_owned())?;
            size += event.data.len();
            events.push(event);
            if events.len() >= PIECE_ROWS || size >= PIECE_BYTES {
                size = 0;
                return send(&mut events).inspect_err(|why| failed = Some(why.clone()));
            }
            Ok(())
        });
        read.map_err(|why| failed.take().unwrap_or(why))?;
        if !events.is_empty() {
            send(&mut events)?;
        }
        let chain =
            chain.finish().map_err(|f| fault(&whole, format!("{path}, line {}: {}", f.seq, f.reason)))?;
        let head = Head { size: chain.size, hash: chain.head };
        let ledger = &self.manifest.ledger;
        if (head.size, hex::encode(head.hash)) != (ledger.size, ledger.head.clone()) {
            return Err(fault(&whole, format!("{path}: it does not end where the manifest says")));
        }
        Ok(head)
    }
}

/// Hashes what is read.
struct Hashed<R> {
    inner: R,
    hasher: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        self.hasher.update(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// A file without a name in a folder, which is made if it is not there.
fn put_aside(folder: &Path) -> Result<File, String> {
    let made = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
    made.map_err(|e| fault(folder, e))
}

/// Whether a file's name is one of what was attached.
fn is_content(name: &str) -> bool {
    name.strip_prefix(CONTENTS).is_some_and(|id| uuid::Uuid::parse_str(id).is_ok())
}

fn io(e: ZipError) -> std::io::Error {
    std::io::Error::other(e)
}
