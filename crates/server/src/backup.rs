//! Backups of the data folder while a server runs, and putting one back.
//!
//! A backup is a folder with a copy of each file, each as it was at one moment, and a list with their checksums. It
//! has its name only when all of it is there. A company's copy is consistent in itself; the copy of what belongs to
//! no company is taken last, so that whoever is in a company's copy is found by it.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use flowbit_domain::{TenantCtx, TenantId, Timestamp, time::Clock};
use flowbit_store::{Mode, Store, StoreOptions, Unheard};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ambient::{SystemClock, SystemRandomness};

const FORMAT: &str = "flowbit-backup";
const VERSION: u32 = 1;
const LIST: &str = "backup.json";
const CONTROL: &str = "control.db";
/// The folder of what attached files hold, in a data folder as in a backup.
pub(crate) const CONTENTS: &str = "contents";
/// Begins the name of a folder that is not whole yet.
const UNFINISHED: &str = ".unfinished-";
/// Held by the backup that is under way in a folder of backups.
const LOCK: &str = ".lock";

/// What is in a backup.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    format: String,
    version: u32,
    written_by: String,
    /// When it was begun: what was acknowledged before is in it.
    begun_at: Timestamp,
    finished_at: Timestamp,
    files: Vec<Copied>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Copied {
    path: String,
    bytes: u64,
    sha256: String,
}

/// A backup that was made, or found.
#[derive(Debug)]
pub(crate) struct Backup {
    pub(crate) folder: PathBuf,
    pub(crate) begun_at: Timestamp,
    pub(crate) companies: usize,
    /// How many that had broken off were removed.
    pub(crate) removed: usize,
}

/// What is in a folder of backups.
#[derive(Debug)]
pub(crate) struct Stock {
    /// When the newest whole one was begun.
    pub(crate) newest: Option<Timestamp>,
    pub(crate) whole: usize,
    /// Those that are under way, or were when their process was killed.
    pub(crate) unfinished: Vec<PathBuf>,
    /// Whether a backup is under way.
    pub(crate) is_busy: bool,
}

fn fault(path: &Path, why: impl std::fmt::Display) -> String {
    format!("{}: {why}", path.display())
}

fn make_folder(path: &Path) -> Result<(), String> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| fault(path, e))
}

fn sync_folder(path: &Path) -> Result<(), String> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|e| fault(path, e))
}

fn tenant_path(id: TenantId) -> String {
    format!("tenants/{id}.db")
}

fn key(id: TenantId) -> TenantCtx {
    #[expect(clippy::disallowed_methods, reason = "an operator's command about all tenants")]
    TenantCtx::for_operator(id)
}

/// Takes the lock of a folder of backups. It goes with the file, so also when its process is killed.
fn lock(within: &Path) -> Result<File, String> {
    let path = within.join(LOCK);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|e| fault(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(fault(within, "another backup is under way there")),
        Err(TryLockError::Error(e)) => Err(fault(&path, e)),
    }
}

/// The folders that are not whole.
fn unfinished(within: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(within).map_err(|e| fault(within, e))? {
        let entry = entry.map_err(|e| fault(within, e))?;
        let is_folder = entry.file_type().map_err(|e| fault(&entry.path(), e))?.is_dir();
        if is_folder && entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Looks through a folder of backups, and changes nothing.
///
/// # Errors
/// When it can't be read, or a list in it can't be.
pub(crate) fn take_stock(within: &Path) -> Result<Stock, String> {
    let unfinished = unfinished(within)?;
    let whole = lists(within)?;
    // Only then is the lock touched: a backup that begins in this very moment would find it taken.
    let is_busy = !unfinished.is_empty()
        && File::open(within.join(LOCK))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)));
    let newest = whole.iter().map(|(begun_at, _)| *begun_at).max();
    Ok(Stock { newest, whole: whole.len(), unfinished, is_busy })
}

/// Copies all data into a new folder within `to`, named after the moment. What backups have left there whose process
/// was killed is removed first: whoever holds the lock knows that nobody is at work on it.
///
/// # Errors
/// One line that says why; then there is no new folder.
pub(crate) async fn make(store: &Store, contents: Option<&Path>, to: &Path) -> Result<Backup, String> {
    make_folder(to)?;
    let _lock = lock(to)?;
    let left = unfinished(to)?;
    for path in &left {
        fs::remove_dir_all(path).map_err(|e| fault(path, e))?;
    }
    let begun_at = SystemClock.now();
    // Colons are no letters of a name everywhere.
    let name = begun_at.to_string().replace(':', "-");
    let unfinished = to.join(format!("{UNFINISHED}{name}"));
    let copied = copy_all(store, contents, &unfinished, begun_at).await;
    let finished = copied.and_then(|companies| {
        let folder = to.join(name);
        fs::rename(&unfinished, &folder).map_err(|e| fault(&folder, e))?;
        sync_folder(to)?;
        Ok(Backup { folder, begun_at, companies, removed: left.len() })
    });
    if finished.is_err() {
        // A part has no name of a whole one; if it can't be removed, the error says enough.
        let _ = fs::remove_dir_all(&unfinished);
    }
    finished
}

async fn copy_all(
    store: &Store,
    contents: Option<&Path>,
    folder: &Path,
    begun_at: Timestamp,
) -> Result<usize, String> {
    make_folder(&folder.join("tenants"))?;
    let control = folder.join(CONTROL);
    let mut copied = BTreeSet::new();
    let mut failed: Option<(TenantId, String)> = None;
    // Until control's copy knows nobody who is not copied: it is then younger than all the others, also if companies
    // have come meanwhile.
    let kept = loop {
        store.export_control(&control).await.map_err(|e| e.to_string())?;
        let kept = companies_of(folder).await?;
        if let Some((_, why)) = failed.take().filter(|(id, _)| kept.contains(id)) {
            return Err(why);
        }
        let missing: Vec<TenantId> = kept.difference(&copied).copied().collect();
        if missing.is_empty() {
            break kept;
        }
        fs::remove_file(&control).map_err(|e| fault(&control, e))?;
        for id in missing {
            match store.export_tenant(&key(id), &folder.join(tenant_path(id))).await {
                Ok(()) => drop(copied.insert(id)),
                // It may have been erased since: the next look says so.
                Err(e) => failed = Some((id, format!("{id}: {e}"))),
            }
        }
    };
    for gone in copied.difference(&kept) {
        let path = folder.join(tenant_path(*gone));
        fs::remove_file(&path).map_err(|e| fault(&path, e))?;
    }
    let paths = kept.iter().map(|id| tenant_path(*id)).chain([CONTROL.to_owned()]);
    let mut files = paths.map(|path| describe(folder, path)).collect::<Result<Vec<_>, _>>()?;
    if let Some(contents) = contents {
        // Last: whatever the copies of the companies speak of was there before them.
        for id in &kept {
            copy_contents(contents, *id, folder, &mut files)?;
        }
    }
    let list = List {
        format: FORMAT.to_owned(),
        version: VERSION,
        written_by: concat!("flowbit ", env!("CARGO_PKG_VERSION")).to_owned(),
        begun_at,
        finished_at: SystemClock.now(),
        files,
    };
    let path = folder.join(LIST);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let text = serde_json::to_string_pretty(&list).map_err(|e| e.to_string())?;
    let written = file.as_mut().map_err(|e| fault(&path, e))?;
    writeln!(written, "{text}").and_then(|()| written.sync_all()).map_err(|e| fault(&path, e))?;
    sync_folder(&folder.join("tenants"))?;
    sync_folder(folder)?;
    Ok(kept.len())
}

/// Copies what a company's files hold.
fn copy_contents(from: &Path, id: TenantId, to: &Path, files: &mut Vec<Copied>) -> Result<(), String> {
    let source = from.join(id.to_string());
    let entries = match fs::read_dir(&source) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|e| fault(&source, e))?,
    };
    let target = to.join(CONTENTS).join(id.to_string());
    make_folder(&target)?;
    for entry in entries {
        let entry = entry.map_err(|e| fault(&source, e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // One that is still being written has another name.
        if uuid::Uuid::parse_str(&name).is_err() {
            continue;
        }
        match copy_file(&entry.path(), &target.join(&name)) {
            // Removed since the company was copied, which speaks of it no more, or just ceased to.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            copied => copied.map_err(|e| fault(&entry.path(), e))?,
        }
        files.push(describe(to, format!("{CONTENTS}/{id}/{name}"))?);
    }
    sync_folder(&target)?;
    sync_folder(&to.join(CONTENTS))
}

fn copy_file(source: &Path, target: &Path) -> io::Result<()> {
    let mut source = File::open(source)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target)?;
    io::copy(&mut source, &mut file)?;
    file.sync_all()
}

/// The companies that control's copy knows.
async fn companies_of(folder: &Path) -> Result<BTreeSet<TenantId>, String> {
    let store = open_for_reading(folder).await?;
    let tenants = store.control().tenants().await;
    store.close().await;
    Ok(tenants.map_err(|e| e.to_string())?.iter().map(|tenant| tenant.id).collect())
}

async fn open_for_reading(folder: &Path) -> Result<Store, String> {
    let randomness = Arc::new(SystemRandomness::default());
    let mut options = StoreOptions::new(folder, Arc::new(SystemClock), randomness, Arc::new(Unheard));
    options.mode = Mode::ReadOnly;
    Store::open(options).await.map_err(|e| e.to_string())
}

/// Puts a file on the disk and says what is in it.
fn describe(folder: &Path, path: String) -> Result<Copied, String> {
    let whole = folder.join(&path);
    let described = (|| {
        let mut file = File::open(&whole)?;
        let mut hasher = Sha256::new();
        let mut bytes = 0;
        let mut piece = vec![0; 1 << 17];
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                break;
            }
            hasher.update(piece.get(..read).unwrap_or_default());
            bytes += read as u64;
        }
        file.sync_all()?;
        Ok::<_, io::Error>((bytes, hex::encode(hasher.finalize())))
    })();
    let (bytes, sha256) = described.map_err(|e| fault(&whole, e))?;
    Ok(Copied { path, bytes, sha256 })
}

fn read_list(folder: &Path) -> Result<List, String> {
    let path = folder.join(LIST);
    let text = fs::read_to_string(&path).map_err(|e| fault(&path, e))?;
    let list: List =
        serde_json::from_str(&text).map_err(|e| fault(&path, format!("it is no backup: {e}")))?;
    if list.format != FORMAT || list.version != VERSION {
        return Err(fault(
            &path,
            format!("it is {} {}, and not {FORMAT} {VERSION}", list.format, list.version),
        ));
    }
    Ok(list)
}

/// The whole backups in a folder, with when each was begun.
fn lists(within: &Path) -> Result<Vec<(Timestamp, PathBuf)>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(within).map_err(|e| fault(within, e))? {
        let entry = entry.map_err(|e| fault(within, e))?;
        let path = entry.path();
        let is_whole = !entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if is_whole && path.join(LIST).is_file() {
            found.push((read_list(&path)?.begun_at, path));
        }
    }
    Ok(found)
}

/// The newest backup in a folder that was begun at a moment or before.
///
/// # Errors
/// When there is none.
pub(crate) fn find(within: &Path, at: Option<Timestamp>) -> Result<PathBuf, String> {
    let found = lists(within)?.into_iter().filter(|(begun_at, _)| at.is_none_or(|at| *begun_at <= at)).max();
    let when = at.map_or_else(String::new, |at| format!(" of {at} or before"));
    found.map(|(_, path)| path).ok_or_else(|| fault(within, format!("there is no backup{when}")))
}

/// Puts a backup back as the data folder, which must not be there. It is there whole or not at all.
///
/// # Errors
/// One line that says what is wrong with the backup, or why it can't be put there.
pub(crate) fn restore(from: &Path, data: &Path) -> Result<Backup, String> {
    let list = read_list(from)?;
    let is_there = fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_some());
    if is_there {
        return Err(fault(
            data,
            "there is something already: move it away, or name another folder with --data",
        ));
    }
    let aside = aside_of(data);
    let _lock = lock_aside(&aside)?;
    let put = put_aside(&list, from, &aside).and_then(|()| {
        if data.exists() {
            fs::remove_dir(data).map_err(|e| fault(data, e))?;
        }
        fs::rename(&aside, data).map_err(|e| fault(data, e))?;
        let parent = std::path::absolute(data).map_err(|e| fault(data, e))?;
        parent.parent().map_or(Ok(()), sync_folder)
    });
    if let Err(why) = put {
        let _ = fs::remove_dir_all(&aside);
        return Err(why);
    }
    Ok(Backup {
        folder: from.to_owned(),
        begun_at: list.begun_at,
        companies: list.files.iter().filter(|file| file.path.starts_with("tenants/")).count(),
        removed: 0,
    })
}

/// Where a data folder is put together: beside it, also if its name ends with a slash.
pub(crate) fn aside_of(data: &Path) -> PathBuf {
    let mut aside = data.components().collect::<PathBuf>().into_os_string();
    aside.push(UNFINISHED);
    PathBuf::from(aside)
}

/// Makes the folder aside and empties it of what a restore has left whose process was killed. Who holds the lock is
/// alone in it.
fn lock_aside(aside: &Path) -> Result<File, String> {
    make_folder(aside)?;
    let folder = File::open(aside).map_err(|e| fault(aside, e))?;
    let busy = || fault(aside, "another restore is under way there");
    match folder.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(busy()),
        Err(TryLockError::Error(e)) => return Err(fault(aside, e)),
    }
    // Another may have been done in between: then this folder is the data folder by now.
    let here = fs::metadata(aside).map(|found| found.ino()).ok();
    if here != Some(folder.metadata().map_err(|e| fault(aside, e))?.ino()) {
        return Err(busy());
    }
    for entry in fs::read_dir(aside).map_err(|e| fault(aside, e))? {
        let entry = entry.map_err(|e| fault(aside, e))?;
        let is_folder = entry.file_type().map_err(|e| fault(&entry.path(), e))?.is_dir();
        let path = entry.path();
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|e| fault(&path, e))?;
    }
    Ok(folder)
}

fn put_aside(list: &List, from: &Path, aside: &Path) -> Result<(), String> {
    let mut folders = BTreeSet::from([aside.to_path_buf()]);
    for copied in &list.files {
        if !is_ours(&copied.path) {
            return Err(fault(&from.join(LIST), format!("{:?} is no file of a backup", copied.path)));
        }
        let (source, target) = (from.join(&copied.path), aside.join(&copied.path));
        if let Some(folder) = target.parent().filter(|folder| !folders.contains(*folder)) {
            make_folder(folder)?;
            let within = folder.ancestors().take_while(|folder| folder.starts_with(aside));
            folders.extend(within.map(Path::to_path_buf));
        }
        copy_file(&source, &target).map_err(|e| fault(&source, e))?;
        // What is on its new place is what is compared.
        let found = describe(aside, copied.path.clone())?;
        if (found.bytes, &found.sha256) != (copied.bytes, &copied.sha256) {
            return Err(fault(&source, format!("it is damaged: its checksum is not the one in {LIST}")));
        }
    }
    folders.iter().rev().try_for_each(|folder| sync_folder(folder))
}

/// Whether a path is one of a backup's: a list that names anything else is none of ours.
fn is_ours(path: &str) -> bool {
    let is_id = |text: &str| uuid::Uuid::parse_str(text).is_ok();
    match path.split('/').collect::<Vec<_>>()[..] {
        [file] => file == CONTROL,
        ["tenants", file] => file.strip_suffix(".db").is_some_and(is_id),
        [CONTENTS, tenant, content] => is_id(tenant) && is_id(content),
        _ => false,
    }
}
