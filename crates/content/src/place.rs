//! Where contents are kept.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use flowbit_domain::{ContentId, TenantId};
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::{
    ClientConfigKey, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig, WriteMultipart,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path as Key,
};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use url::Url;

use crate::{Arrival, Arrived, ContentError};

/// A larger one goes to a bucket in pieces of this size, in bytes; S3 wants 5 MiB at least.
const PIECE: usize = 8 << 20;
/// How the notes of companies that are being brought in end.
const COMING: &str = ".coming";
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
    /// Where what arrives is put aside.
    aside: PathBuf,
    /// Companies whose contents are being brought in: there is no such company yet.
    coming: Arc<Mutex<BTreeSet<TenantId>>>,
}

/// Says that a company's contents are being brought in, until it is dropped.
#[derive(Debug)]
pub struct Coming {
    tenant: TenantId,
    all: Arc<Mutex<BTreeSet<TenantId>>>,
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.tenant);
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "contents in {}", self.store)
    }
}

impl Contents {
    /// Opens the place; what arrives is put aside in the folder `aside`. A bucket's region, endpoint and keys are read from the usual variables (`AWS_REGION`,
    /// `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, …) or the machine's role; it is not asked yet.
    ///
    /// # Errors
    /// When the folder can't be made, or what is said of the bucket is not enough.
    pub fn open(place: &Place, aside: &Path) -> Result<Self, ContentError> {
        let (store, within): (Arc<dyn ObjectStore>, Key) = match place {
            Place::Folder(folder) => {
                std::fs::create_dir_all(folder)?;
                let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
                (Arc::new(store.with_automatic_cleanup(true)), Key::default())
            }
            Place::Bucket(url) => {
                // A whole file takes as long as whoever reads it; what counts is that it goes on.
                let whole = AmazonS3ConfigKey::Client(ClientConfigKey::Timeout);
                let next = AmazonS3ConfigKey::Client(ClientConfigKey::ReadTimeout);
                // Somebody waits for the answer, and can ask again.
                let soon = RetryConfig {
                    max_retries: 3,
                    retry_timeout: Duration::from_secs(15),
                    ..RetryConfig::default()
                };
                let store = AmazonS3Builder::from_env()
                    .with_url(url.as_str())
                    .with_config(whole, "6 hours")
                    .with_config(next, "30 seconds")
                    .with_retry(soon)
                    .build()?;
                let within = Key::from_url_path(url.path()).map_err(object_store::Error::from)?;
                (Arc::new(store), within)
            }
        };
        Ok(Self { store, within, aside: aside.to_owned(), coming: Arc::default() })
    }

    /// Begins to put a file aside.
    ///
    /// # Errors
    /// When it can't be.
    pub async fn begin(&self) -> Result<Arrival, ContentError> {
        Arrival::begin(&self.aside).await
    }

    /// Where what arrives is put aside.
    #[must_use]
    pub fn aside(&self) -> &Path {
        &self.aside
    }

    /// Says that a company's contents are being brought in here, also to whoever comes after a kill.
    ///
    /// # Errors
    /// When it can't be written down.
    pub fn bring_in(&self, tenant: TenantId) -> Result<Coming, ContentError> {
        std::fs::create_dir_all(&self.aside)?;
        let file = std::fs::File::create(self.note_of(tenant))?;
        file.sync_all()?;
        std::fs::File::open(&self.aside)?.sync_all()?;
        self.coming.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant);
        Ok(Coming { tenant, all: Arc::clone(&self.coming) })
    }

    fn note_of(&self, tenant: TenantId) -> PathBuf {
        self.aside.join(format!("{tenant}{COMING}"))
    }

    /// The companies of which contents may be left here by somebody who was bringing them in.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn broken_off(&self) -> Result<Vec<TenantId>, ContentError> {
        let mut found = Vec::new();
        if !self.aside.exists() {
            return Ok(found);
        }
        for file in std::fs::read_dir(&self.aside)? {
            let name = file?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(COMING)?.parse().ok());
            found.extend(id.filter(|id| !self.is_coming(*id)));
        }
        Ok(found)
    }

    /// A company is here, or nothing of it is left.
    ///
    /// # Errors
    /// When it can't be written down.
    pub fn has_come(&self, tenant: TenantId) -> Result<(), ContentError> {
        match std::fs::remove_file(self.note_of(tenant)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Whether a company's contents are being brought in here.
    #[must_use]
    pub fn is_coming(&self, tenant: TenantId) -> bool {
        self.coming.lock().unwrap_or_else(PoisonError::into_inner).contains(&tenant)
    }

    /// The companies that have contents.
    ///
    /// # Errors
    /// When the place can't be asked.
    pub async fn tenants(&self) -> Result<Vec<TenantId>, ContentError> {
        let within = Some(&self.within).filter(|within| !within.as_ref().is_empty());
        let found = self.store.list_with_delimiter(within).await?;
        let id = |key: &Key| key.filename().and_then(|name| name.parse().ok());
        Ok(found.common_prefixes.iter().filter_map(id).collect())
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
                // Why it failed says more than that its parts are left, which the bucket ends by its rule.
                let _ = upload.abort().await;
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
