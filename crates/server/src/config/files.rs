//! What the operator says of attached files.

use std::path::{Path, PathBuf};

use flowbit_content::{ContentError, Contents, Place};
use url::Url;

use super::{ConfigError, Settings, parsed};

const MIB: i64 = 1 << 20;

/// Where attached files are kept, and how many.
#[derive(Debug, Clone)]
pub struct Files {
    /// Where.
    pub(crate) place: Place,
    /// Where what arrives is put aside.
    pub(crate) aside: PathBuf,
    /// The largest that is taken, in bytes.
    pub(crate) largest: u64,
    /// How much one company may keep, in bytes.
    pub(crate) quota: i64,
}

impl Files {
    /// Opens the place where they are.
    ///
    /// # Errors
    /// When it can't be.
    pub(crate) fn open(&self) -> Result<Contents, ContentError> {
        Contents::open(&self.place, &self.aside)
    }
}

pub(super) fn read(all: &Settings, data: &Path) -> Result<Files, ConfigError> {
    let usual = Place::Folder(data.join("contents"));
    let place = all.take("files", "a folder, or a bucket such as s3://bucket/prefix", usual, read_place)?;
    let largest = all.take("file_max", "a number of MiB from 1 to 10240", 25, |t| {
        parsed::<u64>(t).filter(|n| (1..=10_240).contains(n))
    })?;
    let quota = all.take("files_quota", "a number of MiB from 1 to 1000000000", 10_240, |t| {
        parsed::<i64>(t).filter(|n| (1..=1_000_000_000).contains(n))
    })?;
    Ok(Files { place, aside: data.join("arriving"), largest: largest << 20, quota: quota * MIB })
}

fn read_place(text: &str) -> Option<Place> {
    if !text.contains("://") {
        return Some(Place::Folder(text.into()));
    }
    let url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    (url.scheme() == "s3" && url.host_str().is_some_and(|host| !host.is_empty()) && is_plain)
        .then_some(Place::Bucket(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        assert_eq!(read_place("/srv/files"), Some(Place::Folder("/srv/files".into())));
        let bucket = Url::parse("s3://desk/files").unwrap();
        assert_eq!(read_place("s3://desk/files"), Some(Place::Bucket(bucket)));
        for wrong in ["s3://", "https://desk/files", "s3://key:secret@desk", "s3://desk?region=eu"] {
            assert_eq!(read_place(wrong), None, "{wrong}");
        }
    }
}
