//! Where things are: the checkout, cargo's output, the cache that survives checkouts.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use flowbit_connect::private::{private_folder, write_private};

/// The checkout this xtask was built from.
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map_or_else(|| manifest.clone(), Path::to_path_buf)
}

/// `${XDG_CACHE_HOME:-$HOME/.cache}/flowbit`: what is large, can be made again and belongs to no checkout.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set, so there is no place for the cache")?;
    Ok(base.join("flowbit"))
}

/// The cargo that runs this xtask, or the one in PATH.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Where cargo puts what it builds, whatever the environment and its configuration say.
pub(crate) fn target() -> Result<PathBuf> {
    let text = crate::process::output(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text).context("cargo metadata is no JSON")?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata names no target_directory")?;
    Ok(PathBuf::from(folder))
}

/// A port of the loopback interface that nobody uses at this moment.
pub(crate) fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
    Ok(listener.local_addr().context("a port without a number")?.port())
}

/// Makes git overlook a folder, wherever it is: it holds secrets, and may well be inside the checkout.
pub(crate) fn hide_from_git(folder: &Path) -> Result<()> {
    let file = folder.join(".gitignore");
    if file.exists() {
        return Ok(());
    }
    std::fs::write(&file, "*\n").with_context(|| format!("cannot write {}", file.display()))
}

/// Takes `<path>` for this process alone; the system gives it back when the process ends, however it ends.
/// `Ok(None)`: another one has it.
pub(crate) fn lock(path: &Path) -> Result<Option<std::fs::File>> {
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_exclude() {
        let folder = std::env::temp_dir().join(format!("flowbit-places-{}", std::process::id()));
        private_folder(&folder).unwrap();
        let held = lock(&folder.join("lock")).unwrap();
        assert!(held.is_some());
        assert!(lock(&folder.join("lock")).unwrap().is_none());
        drop(held);
        assert!(lock(&folder.join("lock")).unwrap().is_some());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
