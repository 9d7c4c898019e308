//! Whether files changed since something was last made: a digest of names and contents, kept in a
//! file beside cargo's output. Times are not asked, because a checkout sets them anew.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Folders that are made, not written, wherever they are.
const MADE: [&str; 4] = ["node_modules", "dist", "target", "test-results"];

/// The digest of all files at or below `entries` (relative to `root`); missing ones count as missing.
pub(crate) fn digest(root: &Path, entries: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for entry in entries {
        collect(&root.join(entry), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        // Lengths first, so that no two different trees run together into the same bytes.
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    Ok(hex::encode(hash.finalize()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let Ok(entries) = std::fs::read_dir(path) else { return Ok(()) };
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", path.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || MADE.contains(&name.as_str()) || name.ends_with(".tsbuildinfo") {
            continue;
        }
        collect(&entry.path(), files)?;
    }
    Ok(())
}

/// Whether `file` says that `digest` is what was made last.
pub(crate) fn is_current(file: &Path, digest: &str) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.trim() == digest)
}

/// Notes that `digest` has been made.
pub(crate) fn write(file: &Path, digest: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(file, digest).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_changes_with_sources_alone() {
        let root = std::env::temp_dir().join(format!("flowbit-stamp-{}", std::process::id()));
        std::fs::create_dir_all(root.join("web/src")).unwrap();
        std::fs::create_dir_all(root.join("web/dist")).unwrap();
        std::fs::write(root.join("web/src/a.ts"), "1").unwrap();
        let take = || digest(&root, &["web", "package.json"]).unwrap();
        let first = take();
        assert_eq!(first, take());

        std::fs::write(root.join("web/dist/a.js"), "made").unwrap();
        std::fs::create_dir_all(root.join("web/node_modules/x")).unwrap();
        std::fs::write(root.join("web/node_modules/x/index.js"), "").unwrap();
        assert_eq!(first, take(), "what is made does not count");

        std::fs::write(root.join("web/src/a.ts"), "2").unwrap();
        let second = take();
        assert_ne!(first, second, "contents count");

        std::fs::rename(root.join("web/src/a.ts"), root.join("web/src/b.ts")).unwrap();
        assert_ne!(second, take(), "names count");

        let file = root.join("stamps/web");
        assert!(!is_current(&file, &first));
        write(&file, &first).unwrap();
        assert!(is_current(&file, &first) && !is_current(&file, &second));
        std::fs::remove_dir_all(&root).unwrap();
    }
}
