//! Checkpoints: signed statements of how long a ledger was and how it ended. A chain alone does not show that its
//! tail was cut off.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use flowbit_content::Contents;
use flowbit_domain::{TenantId, Timestamp, audit::Head, event::checkpoint_bytes, time::Clock};
use flowbit_store::Store;
use serde::{Deserialize, Serialize};

use crate::{ambient::SystemClock, identity::keys::thumbprint};

/// A signed statement of how long a ledger was and how it ended; the same as
/// `GET /api/admin/audit/checkpoint` answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checkpoint {
    pub(crate) customer_id: TenantId,
    pub(crate) size: i64,
    pub(crate) head: String,
    pub(crate) timestamp: Timestamp,
    pub(crate) key_id: String,
    pub(crate) public_key: String,
    pub(crate) signature: String,
}

impl Checkpoint {
    /// Signs a head with the newest key.
    ///
    /// # Errors
    /// One line that says why it can't be.
    pub(crate) async fn sign(store: &Store, tenant: TenantId, head: Head) -> Result<Self, String> {
        let keys = store.control().signing_keys().await.map_err(|e| e.to_string())?;
        let key = keys.first().ok_or("there is no signing key yet: start the server once")?;
        let pair = Ed25519KeyPair::from_pkcs8(&key.pkcs8).map_err(|e| format!("signing key: {e}"))?;
        let timestamp = SystemClock.now();
        let signature = pair.sign(&checkpoint_bytes(tenant, head.size, &head.hash, timestamp));
        Ok(Self {
            customer_id: tenant,
            size: head.size,
            head: hex::encode(head.hash),
            timestamp,
            key_id: key.kid.clone(),
            public_key: hex::encode(&key.public),
            signature: hex::encode(signature),
        })
    }

    /// Checks that its key is the one that it names and has signed what it says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn verify(&self) -> Result<(), &'static str> {
        if !self.is_signed() {
            return Err("the checkpoint's signature is not of what it says");
        }
        if !self.names_its_key() {
            return Err("the checkpoint's key is not the one that it names");
        }
        Ok(())
    }

    /// The end of the ledger that it states. `None`: its hash is none.
    pub(crate) fn head(&self) -> Option<Head> {
        Some(Head { size: self.size, hash: decode::<32>(&self.head)? })
    }

    /// Whether its key is the one that it names. A key's name is its thumbprint, so that whoever
    /// compares names has compared keys.
    fn names_its_key(&self) -> bool {
        hex::decode(&self.public_key).is_ok_and(|key| thumbprint(&key) == self.key_id)
    }

    /// Whether its key has signed what it says.
    fn is_signed(&self) -> bool {
        let Some(head) = decode::<32>(&self.head) else { return false };
        let (Ok(key), Ok(signature)) = (hex::decode(&self.public_key), hex::decode(&self.signature)) else {
            return false;
        };
        let bytes = checkpoint_bytes(self.customer_id, self.size, &head, self.timestamp);
        UnparsedPublicKey::new(&ED25519, key).verify(&bytes, &signature).is_ok()
    }
}

/// Signs where the ledgers of erased companies ended, as far as nobody has, after what is left of their files: an erasure
/// that was interrupted is finished at the next start.
///
/// # Errors
/// One line that says why one can't be.
pub(crate) async fn attest_erasures(store: &Store, contents: &Contents) -> Result<(), String> {
    let erasures = store.control().erasures().await.map_err(|e| e.to_string())?;
    let unsigned = erasures.iter().filter(|e| e.finished_at.is_some() && e.checkpoint.is_none());
    for erasure in unsigned {
        remove_erased(store, contents, erasure.tenant).await?;
        let Some(head) = erasure.head else { continue };
        let checkpoint = Checkpoint::sign(store, erasure.tenant, head).await?;
        let text = serde_json::to_string(&checkpoint).map_err(|e| e.to_string())?;
        store.control().attest_erasure(erasure, &text).await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// Removes what is left of the files of a company that there is not, and that is not being brought in.
///
/// # Errors
/// One line that says why some may be left.
pub(crate) async fn remove_erased(
    store: &Store,
    contents: &Contents,
    tenant: TenantId,
) -> Result<(), String> {
    let control = store.control();
    let coming = control.unfinished_imports().await.map_err(|e| e.to_string())?;
    if contents.is_coming(tenant) || coming.iter().any(|(id, ..)| *id == tenant) {
        return Ok(());
    }
    // After that: what was coming is there by now.
    if control.tenant(tenant).await.map_err(|e| e.to_string())?.is_some() {
        return Ok(());
    }
    let removed = contents.remove_all(tenant).await;
    removed.map_err(|e| format!("the files of a company that is gone could not be removed: {e}"))
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode(text).ok()?.try_into().ok()
}
