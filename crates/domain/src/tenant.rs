//! The key to a tenant's store.

use crate::{id::TenantId, principal::Principal};

/// Opens one tenant's store. It can't be made from a string of a request: its makers are banned by
/// `clippy.toml` but where a principal, a delivery or an operator's command has just been verified.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantCtx {
    tenant: TenantId,
}

impl TenantCtx {
    /// For someone whose token and session were verified.
    #[must_use]
    pub fn for_principal(principal: &Principal) -> Self {
        Self { tenant: principal.tenant }
    }

    /// For the tenant named by a verified signature or secret of Flowbit's own: a token that it
    /// signed, a shared secret that it made, a delivery that it claimed.
    #[must_use]
    pub fn for_delivery(tenant: TenantId) -> Self {
        Self { tenant }
    }

    /// For an operator's command, sign-in before there is a principal, and the system's own work.
    #[must_use]
    pub fn for_operator(tenant: TenantId) -> Self {
        Self { tenant }
    }

    /// Whose store it opens.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
}
