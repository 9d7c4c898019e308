//! Where contents are kept.

use std::{fmt, path::PathBuf, sync::Arc};

use bytes::Bytes;
use flowbit_domain::{ContentId, TenantId};
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart, aws::AmazonS3Builder, local::LocalFileSystem,
    path::Path as Key,
};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use url::Url;

use crate::{Arrived, ContentError};

/// A larger one goes to a bucket in pieces of this size, in bytes; S3 wants 5 MiB at least.
const PIECE: usize = 8 << 20;
/// So many pieces are on their way at once.
const PIECES_AT_ONCE: usize = 2;

/// Where contents are to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this folder, which is made if it is not there.
    Folder(PathBuf),
    /// In a bucket, `s3://bucket/prefix`.
    Bucket(Url),
}

/// The place where contents are, cheap to clone.
#[derive(Clone)]
pub struct Contents {
    store: Arc<dyn ObjectStore>,
    within: Key,
    /// The folder, when it is one.
    folder: Option<PathBuf>,
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "contents in {}", self.store)
    }
}

impl Contents {
    /// Opens the place. A bucket's region, endpoint and keys are read from the usual variables (`AWS_REGION`,
    /// `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, …) or the machine's role; it is not asked yet.
    ///
    /// # Errors
    /// When the folder can't be made, or what is said of the bucket is not enough.
    pub fn open(place: &Place) -> Result<Self, ContentError> {
        match place {
            Place::Folder(folder) => {
                std::fs::create_dir_all(folder)?;
                let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
                let store = Arc::new(store.with_automatic_cleanup(true));
                Ok(Self { store, within: Key::default(), folder: Some(folder.clone()) })
            }
            Place::Bucket(url) => {
                let store = AmazonS3Builder::from_env().with_url(url.as_str()).build()?;
                let within = Key::from_url_path(url.path()).map_err(object_store::Error::from)?;
                Ok(Self { store: Arc::new(store), within, folder: None })
            }
        }
    }

    /// The folder that they are in, unless they are in a bucket.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_deref()
    }

    fn of_tenant(&self, tenant: TenantId) -> Key {
        self.within.clone().join(tenant.to_string())
    }

    fn key(&self, tenant: TenantId, content: ContentId) -> Key {
        self.of_tenant(tenant).join(content.to_string())
    }

    /// Keeps a file that has arrived: it is there whole, and on the disk, when this is done. One that is kept already
    /// is kept anew.
    ///
    /// # Errors
    /// When the place does not take it; then there is nothing of it.
    pub async fn put(
        &self,
        tenant: TenantId,
        content: ContentId,
        arrived: &mut Arrived,
    ) -> Result<(), ContentError> {
        let key = self.key(tenant, content);
        arrived.file.rewind().await?;
        if arrived.size <= PIECE as u64 {
            let mut bytes = Vec::new();
            arrived.file.read_to_end(&mut bytes).await?;
            self.store.put(&key, PutPayload::from(bytes)).await?;
            return Ok(());
        }
        let mut upload = WriteMultipart::new_with_chunk_size(self.store.put_multipart(&key).await?, PIECE);
        let sent = async {
            loop {
                upload.wait_for_capacity(PIECES_AT_ONCE).await?;
                let mut piece = Vec::new();
                (&mut arrived.file).take(PIECE as u64).read_to_end(&mut piece).await?;
                if piece.is_empty() {
                    return Ok::<_, ContentError>(());
                }
                upload.put(Bytes::from(piece));
            }
        };
        match sent.await {
            Ok(()) => {
                upload.finish().await?;
                Ok(())
            }
            Err(error) => {
                upload.abort().await?;
                Err(error)
            }
        }
    }

    /// Reads one, piece by piece. It is as long as it must be, or this fails.
    ///
    /// # Errors
    /// When it is not there or of another length, or the place can't be reached.
    pub async fn get(
        &self,
        tenant: TenantId,
        content: ContentId,
        size: u64,
    ) -> Result<impl Stream<Item = Result<Bytes, ContentError>> + Send + 'static, ContentError> {
        let found = match self.store.get(&self.key(tenant, content)).await {
            Err(object_store::Error::NotFound { .. }) => return Err(ContentError::Missing(content)),
            found => found?,
        };
        if found.meta.size != size {
            return Err(ContentError::Missing(content));
        }
        Ok(found.into_stream().map_err(ContentError::from))
    }

    /// Removes one; it need not be there.
    ///
    /// # Errors
    /// When the place does not do it.
    pub async fn remove(&self, tenant: TenantId, content: ContentId) -> Result<(), ContentError> {
        match self.store.delete(&self.key(tenant, content)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes all that a company has.
    ///
    /// # Errors
    /// When the place does not do it; some may be gone.
    pub async fn remove_all(&self, tenant: TenantId) -> Result<(), ContentError> {
        let keys = self.store.list(Some(&self.of_tenant(tenant))).map_ok(|meta| meta.location).boxed();
        let mut removed = self.store.delete_stream(keys);
        while let Some(one) = removed.next().await {
            match one {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
