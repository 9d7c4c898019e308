//! Backups of the data folder while a server runs, and putting one back.
//!
//! A backup is a folder with a copy of each file, each as it was at one moment, and a list with their checksums. It
//! has its name only when all of it is there. A company's copy is consistent in itself; the copy of what belongs to
//! no company is taken last, so that whoever is in a company's copy is found by it.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
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
/// Begins the name of a folder that is not whole yet.
const UNFINISHED: &str = ".unfinished-";

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

/// Copies all data into a new folder within `to`, named after the moment.
///
/// # Errors
/// One line that says why; then there is no new folder.
pub(crate) async fn make(store: &Store, to: &Path) -> Result<Backup, String> {
    let begun_at = SystemClock.now();
    make_folder(to)?;
    // Colons are no letters of a name everywhere.
    let name = begun_at.to_string().replace(':', "-");
    let unfinished = to.join(format!("{UNFINISHED}{name}"));
    let copied = copy_all(store, &unfinished, begun_at).await;
    let finished = copied.and_then(|companies| {
        let folder = to.join(name);
        fs::rename(&unfinished, &folder).map_err(|e| fault(&folder, e))?;
        sync_folder(to)?;
        Ok(Backup { folder, begun_at, companies })
    });
    if finished.is_err() {
        // A part has no name of a whole one; if it can't be removed, the error says enough.
        let _ = fs::remove_dir_all(&unfinished);
    }
    finished
}

async fn copy_all(store: &Store, folder: &Path, begun_at: Timestamp) -> Result<usize, String> {
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
    let files = paths.map(|path| describe(folder, path)).collect::<Result<Vec<_>, _>>()?;
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

/// The newest backup in a folder that was begun at a moment or before.
///
/// # Errors
/// When there is none.
pub(crate) fn find(within: &Path, at: Option<Timestamp>) -> Result<PathBuf, String> {
    let entries = fs::read_dir(within).map_err(|e| fault(within, e))?;
    let mut found: Option<(Timestamp, PathBuf)> = None;
    for entry in entries {
        let path = entry.map_err(|e| fault(within, e))?.path();
        let is_one = path.join(LIST).is_file() && !path.to_string_lossy().contains(UNFINISHED);
        if !is_one {
            continue;
        }
        let begun_at = read_list(&path)?.begun_at;
        if at.is_none_or(|at| begun_at <= at) && found.as_ref().is_none_or(|(newest, _)| begun_at > *newest) {
            found = Some((begun_at, path));
        }
    }
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
    // Beside it, also if its name ends with a slash.
    let mut aside = data.components().collect::<PathBuf>().into_os_string();
    aside.push(UNFINISHED);
    let aside = PathBuf::from(aside);
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
        companies: list.files.len().saturating_sub(1),
    })
}

fn put_aside(list: &List, from: &Path, aside: &Path) -> Result<(), String> {
    match fs::remove_dir_all(aside) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(fault(aside, e)),
        _ => {}
    }
    make_folder(&aside.join("tenants"))?;
    for copied in &list.files {
        // A list that names anything else is none of ours.
        let id = copied.path.strip_prefix("tenants/").and_then(|name| name.strip_suffix(".db"));
        if copied.path != CONTROL && id.is_none_or(|id| uuid::Uuid::parse_str(id).is_err()) {
            return Err(fault(&from.join(LIST), format!("{:?} is no file of a backup", copied.path)));
        }
        let (source, target) = (from.join(&copied.path), aside.join(&copied.path));
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&target)?;
            io::copy(&mut File::open(&source)?, &mut file)?;
            file.sync_all()
        })();
        written.map_err(|e| fault(&source, e))?;
        // What is on its new place is what is compared.
        let found = describe(aside, copied.path.clone())?;
        if (found.bytes, &found.sha256) != (copied.bytes, &copied.sha256) {
            return Err(fault(&source, format!("it is damaged: its checksum is not the one in {LIST}")));
        }
    }
    sync_folder(&aside.join("tenants"))?;
    sync_folder(aside)
}
