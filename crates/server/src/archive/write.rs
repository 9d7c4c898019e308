//! Writing an archive, from one reading transaction.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use flowbit_content::{ContentError, Contents};
use flowbit_domain::{
    Error, TenantCtx, TenantId,
    archive::{ReadArchive, Record},
    control::Tenant,
    time::Clock,
};
use flowbit_store::Store;
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{CHECKPOINT, ContentLine, Entry, FORMAT, Ledger, MANIFEST, Manifest, VERSION, fault, files};
use crate::{ambient::SystemClock, checkpoint::Checkpoint};

/// Ends the name of an archive that is not whole yet: what is left when whoever writes it is killed.
const UNFINISHED: &str = ".unfinished";

/// A file that says once that it can't be written. The packer ends the file also when it is given up, and would
/// complain to standard error that it can't.
struct Disk {
    file: File,
    has_failed: bool,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.has_failed {
            return Ok(bytes.len());
        }
        self.file.write(bytes).inspect_err(|e| self.has_failed = e.kind() != io::ErrorKind::Interrupted)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Disk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Disk {
    /// Sees to it that all of it is there.
    fn finish(self) -> io::Result<()> {
        if self.has_failed {
            return Err(io::Error::other("it could not be written"));
        }
        self.file.sync_all()
    }
}

/// A ZIP file in the making, its files one after the other.
struct Writer {
    zip: ZipWriter<BufWriter<Disk>>,
    entries: Vec<Entry>,
    /// The files to come, the next one last.
    to_come: Vec<(&'static str, String)>,
    open: Option<Open>,
    /// What was attached, whose bytes are yet to come.
    contents: Vec<ContentLine>,
}

/// The file that lines are added to.
struct Open {
    table: &'static str,
    path: String,
    records: u64,
    bytes: u64,
    hasher: Sha256,
}

fn options() -> SimpleFileOptions {
    // Any table may be larger than what the plain format counts to.
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .large_file(true)
        .unix_permissions(0o600)
}

impl Writer {
    fn add(&mut self, record: &Record) -> Result<(), String> {
        while self.open.as_ref().is_none_or(|open| open.table != record.table) {
            if !self.begin_next()? {
                return Err(format!("there is no place for {} in an archive", record.table));
            }
        }
        if record.table == ContentLine::TABLE {
            let line = serde_json::from_str(record.line.get()).map_err(|e| e.to_string())?;
            self.contents.push(line);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        for piece in [record.line.get().as_bytes(), b"\n"] {
            self.zip.write_all(piece).map_err(|e| e.to_string())?;
            open.hasher.update(piece);
            open.bytes += piece.len() as u64;
        }
        open.records += 1;
        Ok(())
    }

    /// Ends the open file and begins the next; `false` when there is none.
    fn begin_next(&mut self) -> Result<bool, String> {
        if let Some(Open { path, records, bytes, hasher, .. }) = self.open.take() {
            self.entries.push(Entry { path, records, bytes, sha256: hex::encode(hasher.finalize()) });
        }
        let Some((table, path)) = self.to_come.pop() else { return Ok(false) };
        self.zip.start_file(&path, options()).map_err(|e| e.to_string())?;
        self.open = Some(Open { table, path, records: 0, bytes: 0, hasher: Sha256::new() });
        Ok(true)
    }

    /// What was attached, as it is: most of it is packed already.
    async fn add_contents(&mut self, contents: &Contents, tenant: TenantId) -> Result<(), String> {
        for line in std::mem::take(&mut self.contents) {
            let mut pieces = match contents.get(tenant, line.id, line.size).await {
                Ok(pieces) => Box::pin(pieces),
                Err(ContentError::Missing(_)) if !line.is_held() => continue,
                Err(e) => return Err(format!("a file that was attached: {e}")),
            };
            let options = options().compression_method(CompressionMethod::Stored).compression_level(None);
            self.zip.start_file(line.path(), options).map_err(|e| e.to_string())?;
            let mut hasher = Sha256::new();
            while let Some(piece) = pieces.try_next().await.map_err(|e| e.to_string())? {
                hasher.update(&piece);
                self.zip.write_all(&piece).map_err(|e| e.to_string())?;
            }
            if hex::encode(hasher.finalize()) != line.sha256 {
                return Err(format!("a file that was attached: {}", ContentError::Missing(line.id)));
            }
        }
        Ok(())
    }

    /// A file of its own, whole.
    fn add_whole(&mut self, path: &str, value: &impl serde::Serialize) -> Result<Entry, String> {
        let mut content = serde_json::to_vec_pretty(value).map_err(|e| e.to_string())?;
        content.push(b'\n');
        self.zip.start_file(path, options()).map_err(|e| e.to_string())?;
        self.zip.write_all(&content).map_err(|e| e.to_string())?;
        let sha256 = hex::encode(Sha256::digest(&content));
        Ok(Entry { path: path.to_owned(), records: 1, bytes: content.len() as u64, sha256 })
    }
}

/// Writes everything of a company to a new file, private to its owner: it has secrets in it. Answers the records.
/// The file has its name only when all of it is there and on the disk.
///
/// # Errors
/// One line that says why, with the file.
pub(crate) async fn write_archive(
    (store, contents): (&Store, &Contents),
    tenant: &Tenant,
    key: &TenantCtx,
    out: &Path,
) -> Result<u64, String> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let taken = || fault(out, "it exists already");
    if out.exists() {
        return Err(taken());
    }
    let aside = tempfile::Builder::new().prefix(".").suffix(UNFINISHED).tempfile_in(folder);
    let aside = aside.map_err(|e| fault(out, e))?;
    let file = aside.as_file().try_clone().map_err(|e| fault(out, e))?;
    let records = write_into((store, contents), tenant, key, file).await.map_err(|e| fault(out, e))?;
    aside.persist_noclobber(out).map_err(|e| match e.error.kind() {
        io::ErrorKind::AlreadyExists => taken(),
        _ => fault(out, e.error),
    })?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| fault(folder, e))?;
    Ok(records)
}

async fn write_into(
    (store, contents): (&Store, &Contents),
    tenant: &Tenant,
    key: &TenantCtx,
    file: File,
) -> Result<u64, String> {
    let mut to_come: Vec<_> = files().collect();
    to_come.reverse();
    let disk = Disk { file, has_failed: false };
    let zip = ZipWriter::new(BufWriter::with_capacity(1 << 18, disk));
    let writer =
        Arc::new(Mutex::new(Writer { zip, entries: Vec::new(), to_come, open: None, contents: Vec::new() }));
    // The records are packed on the thread that reads them.
    let sink = {
        let writer = Arc::clone(&writer);
        move |record: Record| writer.lock().unwrap_or_else(PoisonError::into_inner).add(&record)
    };
    let reached = store.read(key, ReadArchive { sink: Box::new(sink) }).await.map_err(|e| match e {
        // What the sink said.
        Error::Internal(why) => why,
        e => e.to_string(),
    })?;
    let checkpoint = Checkpoint::sign(store, tenant.id, reached.head).await?;
    let writer = Arc::into_inner(writer).ok_or("it is still being written")?;
    let mut writer = writer.into_inner().unwrap_or_else(PoisonError::into_inner);
    while writer.begin_next()? {}
    writer.add_contents(contents, tenant.id).await?;
    let records = writer.entries.iter().map(|entry| entry.records).sum();
    let entry = writer.add_whole(CHECKPOINT, &checkpoint)?;
    writer.entries.push(entry);
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        written_by: concat!("flowbit ", env!("CARGO_PKG_VERSION")).to_owned(),
        exported_at: SystemClock.now(),
        tenant: tenant.into(),
        last_number: reached.last_number,
        ledger: Ledger { size: reached.head.size, head: hex::encode(reached.head.hash) },
        entries: std::mem::take(&mut writer.entries),
    };
    writer.add_whole(MANIFEST, &manifest)?;
    let buffer = writer.zip.finish().map_err(|e| e.to_string())?;
    let synced = buffer.into_inner().map_err(|e| e.into_error()).and_then(Disk::finish);
    synced.map_err(|e| e.to_string())?;
    Ok(records)
}
