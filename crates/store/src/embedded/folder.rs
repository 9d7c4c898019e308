//! The data folder: what lies where, who may read it, and which process writes there.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use flowbit_domain::id::TenantId;

use crate::options::{Mode, OpenError};

/// Ends the name of a file that is not yet whole.
const UNFINISHED: &str = "unfinished";

/// The paths within a data folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

/// Held for as long as this process is the one that writes.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The lock itself goes with the descriptor; an empty file names no process that is gone.
        let _ = self.file.set_len(0);
    }
}

impl Folder {
    /// The folder, made if it is absent and may be; nobody but the owner can enter it.
    pub(crate) fn open(root: &Path, mode: Mode) -> Result<Self, OpenError> {
        let folder = Self { root: root.to_owned() };
        match mode {
            Mode::Exclusive => {
                make_private(&folder.root).map_err(|cause| failed("making the data folder", root, cause))?;
                let tenants = folder.tenants();
                make_private(&tenants).map_err(|cause| failed("making the folder", &tenants, cause))?;
            }
            Mode::ReadOnly if !folder.control().is_file() => return Err(OpenError::Absent(root.to_owned())),
            Mode::ReadOnly => {}
        }
        Ok(folder)
    }

    /// Keeps other writers out, or says who is in.
    pub(crate) fn lock(&self) -> Result<Lock, OpenError> {
        let path = self.lock_path();
        let failed = |cause| failed("locking", &path, cause);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::InUse { folder: self.root.clone(), pid: read_pid(&mut file) });
            }
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        file.set_len(0).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Lock { file })
    }

    /// The process that writes here now, if one does and says so.
    pub(crate) fn writer_pid(&self) -> Option<u32> {
        let mut file = File::open(self.lock_path()).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => read_pid(&mut file),
            _ => None,
        }
    }

    fn lock_path(&self) -> PathBuf {
        self.root.join("lock")
    }

    pub(crate) fn control(&self) -> PathBuf {
        self.root.join("control.db")
    }

    fn tenants(&self) -> PathBuf {
        self.root.join("tenants")
    }

    pub(crate) fn tenant(&self, id: TenantId) -> PathBuf {
        self.tenants().join(format!("{id}.db"))
    }

    /// Where the template for new tenants' files is made.
    pub(crate) fn template(&self) -> PathBuf {
        self.tenants().join(format!("template.{UNFINISHED}"))
    }

    /// Makes an empty private file if there is none, so that the engine never makes a readable one.
    pub(crate) fn touch(path: &Path) -> io::Result<()> {
        OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        Ok(())
    }

    /// Makes a tenant's file with this content: it is there whole or not at all, also after a crash.
    pub(crate) fn create_tenant(&self, id: TenantId, content: &[u8]) -> io::Result<()> {
        let path = self.tenant(id);
        let unfinished = self.tenants().join(format!("{id}.{UNFINISHED}"));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        sync_folder(&self.tenants())
    }

    /// Where a tenant's file is made that is being brought in; a crash leaves it to [`Folder::sweep`].
    pub(crate) fn import(&self, id: TenantId) -> PathBuf {
        self.tenants().join(format!("{id}.import.{UNFINISHED}"))
    }

    /// Makes a finished file of [`Folder::import`] the tenant's.
    pub(crate) fn adopt_tenant(&self, id: TenantId) -> io::Result<()> {
        let path = self.import(id);
        File::open(&path)?.sync_all()?;
        fs::rename(&path, self.tenant(id))?;
        sync_folder(&self.tenants())
    }

    /// Removes a tenant's file with its log, if they are there.
    pub(crate) fn remove_tenant(&self, id: TenantId) -> io::Result<()> {
        remove_database(&self.tenant(id))?;
        sync_folder(&self.tenants())
    }

    /// Whether there is the file of any tenant.
    pub(crate) fn has_tenants(&self) -> io::Result<bool> {
        for entry in fs::read_dir(self.tenants())? {
            if entry?.path().extension().is_some_and(|ending| ending == "db") {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes files that a crash left unfinished.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.tenants())? {
            let path = entry?.path();
            if path.to_string_lossy().contains(UNFINISHED) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Makes the names of files made in the root folder outlast a crash.
    pub(crate) fn sync(&self) -> io::Result<()> {
        sync_folder(&self.root)
    }
}

/// Removes a database with its log. The log goes first: it must not be found beside another file.
pub(crate) fn remove_database(path: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm", ""] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(name) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

/// Makes a folder that only its owner can enter, and makes its name outlast a crash.
fn make_private(path: &Path) -> io::Result<()> {
    let is_new = !path.is_dir();
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))?;
    if is_new && let Some(parent) = path.canonicalize()?.parent() {
        sync_folder(parent)?;
    }
    Ok(())
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

pub(crate) fn failed(what: &str, path: &Path, cause: io::Error) -> OpenError {
    OpenError::Io { what: format!("{what} {}", path.display()), cause }
}
