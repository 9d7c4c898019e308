//! Invitations: a link by which a person chooses a password, once.

use serde_json::json;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::UserId,
    ledger,
    principal::{Actor, Origin},
    session::{self, Started},
    tx::{Command, TenantTx},
    user::{Authority, Invitation, invite, load},
};

/// Makes a new invitation for a person, which also lets someone who forgot their password in.
/// An earlier one is no longer good.
#[derive(Debug, Clone)]
pub struct InviteUser {
    /// Who asks.
    pub by: Authority,
    /// From where.
    pub origin: Origin,
    /// Whom.
    pub id: UserId,
}

impl Command for InviteUser {
    type Output = Invitation;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Invitation> {
        self.by.require_admin()?;
        let user = load(tx, self.id).await?.ok_or(Error::NotFound)?;
        if !user.active {
            return Err(Error::Conflict {
                code: "user_inactive",
                detail: "this person may not sign in: activate them first".into(),
            });
        }
        let invitation = invite(tx, user.id).await?;
        let draft = EventDraft {
            action: Action::UserInvited,
            audience: Audience::Admins,
            origin: self.origin,
            ticket: None,
            requester: None,
            data: json!({ "userId": user.id, "email": user.email, "until": invitation.until }).to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(invitation)
    }
}

/// Uses an invitation: sets the password, ends all sessions and begins one.
#[derive(Debug, Clone)]
pub struct AcceptInvitation {
    /// From where. Its actor is replaced by the person.
    pub origin: Origin,
    /// Who, as the link says.
    pub user: UserId,
    /// What the link carries.
    pub invitation: Uuid,
    /// The hash of the chosen password, already checked.
    pub password_hash: String,
    /// The client's `User-Agent`.
    pub user_agent: Option<String>,
}

impl Command for AcceptInvitation {
    type Output = Started;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Started> {
        // One statement finds and spends it: of two at once only one gets a row.
        const SPEND: &str = "UPDATE users
            SET invitation_id = NULL, invited_until = NULL, password_hash = $3, updated_at = $4
            WHERE id = $1 AND invitation_id = $2 AND invited_until > $4 AND active RETURNING id";
        let Self { mut origin, user, invitation, password_hash, user_agent } = self;
        let now = tx.now();
        tx.query_one(SPEND, &[user.into(), invitation.into(), password_hash.into(), now.into()], |row| {
            row.uuid(0)
        })
        .await?
        .ok_or(Error::Unauthorized { code: "invalid_invitation" })?;
        session::revoke_all(tx, user, None).await?;
        let user = load(tx, user).await?.ok_or(Error::NotFound)?;
        origin.actor = Actor::user(user.id, &user.name);
        let draft = EventDraft {
            action: Action::UserInvitationAccepted,
            audience: Audience::Admins,
            origin: origin.clone(),
            ticket: None,
            requester: None,
            data: json!({ "userId": user.id, "email": user.email }).to_string(),
        };
        ledger::record(tx, draft).await?;
        session::begin(tx, origin, &user, user_agent).await
    }
}
