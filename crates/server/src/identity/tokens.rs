//! What tokens say, and the memory of access tokens whose signature has been verified.

use std::sync::Arc;

use flowbit_domain::{
    id::{SessionId, TenantId, UserId},
    principal::Role,
    time::Timestamp,
};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An access token is good for so long, in milliseconds: 15 minutes.
pub(crate) const ACCESS_MS: i64 = 15 * 60 * 1000;
/// A device is recognised for so long after its last sign-in, in milliseconds: 90 days.
pub(crate) const DEVICE_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// The link by which one is rid of e-mails is good for so long, in milliseconds: 90 days.
pub(crate) const UNSUBSCRIBE_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// An access token's claims.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessClaims {
    pub(crate) sub: UserId,
    pub(crate) user_id: UserId,
    pub(crate) customer_id: TenantId,
    /// As it was when the token was made; what counts is what the store says now.
    pub(crate) role: Role,
    pub(crate) sid: SessionId,
}

/// A refresh token's claims.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshClaims {
    pub(crate) customer_id: TenantId,
    pub(crate) sid: SessionId,
    pub(crate) jti: Uuid,
}

/// An invitation's claims.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvitationClaims {
    pub(crate) customer_id: TenantId,
    pub(crate) user_id: UserId,
    pub(crate) jti: Uuid,
}

/// What the link in an e-mail says: who wants no more of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnsubscribeClaims {
    pub(crate) customer_id: TenantId,
    pub(crate) user_id: UserId,
}

/// Which accounts have signed in on a device.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeviceClaims {
    /// The device.
    pub(crate) jti: Uuid,
    /// Hashes of the addresses, last one first.
    pub(crate) accounts: Vec<String>,
}

/// What of an access token is needed for each request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access {
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) expires_at: Timestamp,
}

/// Access tokens whose signature has been verified, by their text: a lookup instead of a signature.
pub(crate) struct TokenCache(Cache<Box<str>, Arc<Access>>);

impl TokenCache {
    pub(crate) fn new() -> Self {
        // Half a kilobyte each.
        Self(Cache::new(16_384))
    }

    /// A token verified before, if it is still good.
    pub(crate) fn get(&self, token: &str, now: Timestamp) -> Option<Arc<Access>> {
        self.0.get(token).filter(|access| now < access.expires_at)
    }

    pub(crate) fn insert(&self, token: &str, access: Access) -> Arc<Access> {
        let access = Arc::new(access);
        self.0.insert(token.into(), access.clone());
        access
    }
}
