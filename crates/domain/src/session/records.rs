//! What changes nothing and still belongs in the audit trail: refusals and exports.

use serde::Serialize;
use serde_json::json;

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    id::UserId,
    ledger,
    policy::{self, Deed, Subject},
    principal::{Actor, ActorKind, Origin, Principal},
    tx::{Command, TenantTx},
};

/// Why a sign-in was refused. Only admins of the company learn it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RefusalReason {
    /// The password was wrong.
    WrongPassword,
    /// The person may not sign in.
    Inactive,
    /// The person has yet to accept an invitation.
    NoPassword,
}

/// Records a refused sign-in by an address of this company.
#[derive(Debug, Clone)]
pub struct RecordRefusal {
    /// From where. Its actor is replaced by an unknown person with this address.
    pub origin: Origin,
    /// The address that was tried.
    pub email: String,
    /// Whose it is.
    pub user: UserId,
    /// Why it was refused.
    pub reason: RefusalReason,
}

impl Command for RecordRefusal {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let Self { mut origin, email, user, reason } = self;
        // Nobody knows who it was: not an act of the person whose address it is.
        origin.actor = Actor { kind: ActorKind::User, id: None, name: email };
        let draft = EventDraft {
            action: Action::AuthRefused,
            audience: Audience::Admins,
            origin,
            ticket: None,
            requester: None,
            data: json!({ "userId": user, "reason": reason }).to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(())
    }
}

/// Records that someone signed in asked for what their role does not allow.
#[derive(Debug, Clone)]
pub struct RecordDenial {
    /// Who.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// The HTTP method.
    pub method: String,
    /// The route, such as `/api/admin/users/{id}`.
    pub route: String,
}

impl Command for RecordDenial {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let Self { principal, mut origin, method, route } = self;
        origin.actor = Actor::from(&principal);
        let draft = EventDraft {
            action: Action::AccessDenied,
            audience: Audience::Admins,
            origin,
            ticket: None,
            requester: None,
            data: json!({ "method": method, "route": route, "role": principal.role }).to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(())
    }
}

/// Records that the audit trail is exported.
#[derive(Debug, Clone)]
pub struct RecordExport {
    /// Who.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// In which form: `ndjson` or `csv`.
    pub format: &'static str,
}

impl Command for RecordExport {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let Self { principal, origin, format } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let draft = EventDraft {
            action: Action::AuditExported,
            audience: Audience::Admins,
            origin,
            ticket: None,
            requester: None,
            data: json!({ "format": format }).to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(())
    }
}
