//! A file on its way in: put aside piece by piece, hashed as it comes. What breaks off is gone with it.

use std::path::Path;

use sha2::{Digest, Sha256};
use tokio::{
    fs::File,
    io::{AsyncSeekExt, AsyncWriteExt},
};

use crate::{ContentError, kind};

/// A file that is arriving.
#[derive(Debug)]
pub struct Arrival {
    file: File,
    hasher: Sha256,
    head: Vec<u8>,
    size: u64,
}

/// A file that has arrived.
#[derive(Debug)]
pub struct Arrived {
    pub(crate) file: File,
    /// The hash of all of it.
    pub sha256: [u8; 32],
    /// How large it is, in bytes.
    pub size: u64,
    /// What it is, found from its first bytes.
    pub media_type: &'static str,
}

impl Arrived {
    /// A file that was put aside by somebody else, who has looked at its hash and size.
    #[must_use]
    pub fn of(file: std::fs::File, sha256: [u8; 32], size: u64) -> Self {
        Self { file: File::from_std(file), sha256, size, media_type: "" }
    }
}

impl Arrival {
    /// Begins to put a file aside within `folder`, which is made if it is not there. It has no name there: nothing is
    /// left of it when whoever writes it is killed.
    ///
    /// # Errors
    /// When the folder can't be written to.
    pub async fn begin(folder: &Path) -> Result<Self, ContentError> {
        let folder = folder.to_owned();
        let file = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            tempfile::tempfile_in(&folder)
        });
        let file = file.await.map_err(std::io::Error::other)??;
        Ok(Self { file: File::from_std(file), hasher: Sha256::new(), head: Vec::new(), size: 0 })
    }

    /// How much has arrived, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next piece.
    ///
    /// # Errors
    /// When the disk is full, say.
    pub async fn add(&mut self, piece: &[u8]) -> Result<(), ContentError> {
        let missing = kind::HEAD.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(piece.get(..missing).unwrap_or_default());
        self.hasher.update(piece);
        self.size += piece.len() as u64;
        self.file.write_all(piece).await?;
        Ok(())
    }

    /// All of it is here.
    ///
    /// # Errors
    /// When it could not be written to its end.
    pub async fn finish(mut self) -> Result<Arrived, ContentError> {
        self.file.flush().await?;
        self.file.rewind().await?;
        let media_type = kind::find(&self.head);
        Ok(Arrived { file: self.file, sha256: self.hasher.finalize().into(), size: self.size, media_type })
    }
}
