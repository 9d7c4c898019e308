//! What belongs to no tenant: the list of tenants, the directory of sign-in addresses, signing keys.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    event::Hash,
    id::{EndpointId, TenantId},
    time::Timestamp,
};

/// A customer company, as the operator keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its language, `en` or `de`.
    pub locale: String,
    /// Its accent colour, `#rrggbb`.
    pub accent_color: String,
    /// Whether its people may use Flowbit.
    pub state: TenantState,
    /// Since when.
    pub created_at: Timestamp,
}

/// Whether a tenant is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantState {
    /// In use.
    Active,
    /// Kept, but nobody can sign in and nothing is delivered.
    Suspended,
}

/// A company as its people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its language, `en` or `de`.
    pub locale: String,
    /// Its accent colour, `#rrggbb`.
    pub accent_color: String,
}

impl From<&Tenant> for Customer {
    fn from(t: &Tenant) -> Self {
        Self {
            id: t.id,
            slug: t.slug.clone(),
            name: t.name.clone(),
            locale: t.locale.clone(),
            accent_color: t.accent_color.clone(),
        }
    }
}

/// A key that signs tokens and checkpoints (Ed25519, RFC 8032).
#[derive(Clone)]
pub struct SigningKey {
    /// Its id, as in the tokens' `kid`.
    pub kid: String,
    /// The private key, PKCS#8 v2 (RFC 5958).
    pub pkcs8: Vec<u8>,
    /// The public key, 32 bytes.
    pub public: Vec<u8>,
    /// Since when it is known. It signs until a newer one is.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Whose shared secret it is, found by the SHA-256 of the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretOwner {
    /// The tenant.
    pub tenant: TenantId,
    /// The endpoint.
    pub endpoint: EndpointId,
}

/// SHA-256 of a shared secret, the key of the directory of secrets.
pub type SecretHash = Hash;
