//! Files and folders that only their owner may read: what is in them opens doors.

use anyhow::{Context, Result};
use std::path::Path;

/// Makes a folder that only its owner may read.
///
/// # Errors
/// When it can't be made, or is somebody else's.
pub fn private_folder(path: &Path) -> Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    let failed = || format!("cannot make {}", path.display());
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).with_context(failed)
}

/// Writes a file that only its owner may read, whole or not at all.
///
/// # Errors
/// When it can't be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let failed = || format!("cannot write {}", path.display());
    let draft = path.with_extension("new");
    // A draft left by a killed run may have other permissions, which opening would keep.
    let _ = std::fs::remove_file(&draft);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .with_context(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(failed)?;
    std::fs::rename(&draft, path).with_context(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_files_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("flowbit-private-{}", std::process::id()));
        private_folder(&folder).unwrap();
        let file = folder.join("secret.json");
        write_private(&file, b"one").unwrap();
        write_private(&file, b"two").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
