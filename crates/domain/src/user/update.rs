//! Changing a person's name, role or state.

use serde::Deserialize;
use serde_json::{Map, json};
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::UserId,
    ledger, patch,
    principal::{Origin, Role},
    session,
    text::Checks,
    tx::{Command, TenantTx},
    user::{Authority, NAME_MAX, User, folded, load},
};

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserPatch {
    /// Their name, 1 to 100 characters.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, max_length = 100, min_length = 1)]
    pub name: Option<String>,
    /// What they may do; it counts from their next request.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Role, required = false)]
    pub role: Option<Role>,
    /// Whether they may sign in; false ends their sessions at once.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = bool, required = false)]
    pub active: Option<bool>,
}

/// Changes a person.
#[derive(Debug, Clone)]
pub struct UpdateUser {
    /// Who asks.
    pub by: Authority,
    /// From where.
    pub origin: Origin,
    /// Whom.
    pub id: UserId,
    /// What is to change.
    pub patch: UserPatch,
}

impl Command for UpdateUser {
    type Output = User;

    async fn run(self, tx: &mut impl TenantTx) -> Result<User> {
        const UPDATE: &str =
            "UPDATE users SET name = $2, folded = $3, role = $4, active = $5, updated_at = $6
            WHERE id = $1";
        const WITHDRAW_INVITATION: &str =
            "UPDATE users SET invitation_id = NULL, invited_until = NULL WHERE id = $1";
        let Self { by, origin, id, patch } = self;
        by.require_admin()?;
        let mut checks = Checks::default();
        let name = patch.name.map(|name| checks.line("name", &name, NAME_MAX));
        checks.finish()?;
        let before = load(tx, id).await?.ok_or(Error::NotFound)?;
        let mut user = before.clone();
        user.name = name.unwrap_or(user.name);
        user.role = patch.role.unwrap_or(user.role);
        user.active = patch.active.unwrap_or(user.active);

        let mut changes = Map::new();
        if user.name != before.name {
            changes.insert("name".into(), json!({ "from": before.name, "to": user.name }));
        }
        if user.role != before.role {
            changes.insert("role".into(), json!({ "from": before.role, "to": user.role }));
        }
        if user.active != before.active {
            changes.insert("active".into(), json!({ "from": before.active, "to": user.active }));
        }
        if changes.is_empty() {
            return Ok(before);
        }
        let was_admin = before.active && before.role == Role::Admin;
        if was_admin && !(user.active && user.role == Role::Admin) {
            keep_an_admin(tx, id).await?;
        }
        user.updated_at = tx.now();
        tx.execute(
            UPDATE,
            &[
                id.into(),
                user.name.as_str().into(),
                folded(&user.name, &user.email).into(),
                user.role.as_str().into(),
                user.active.into(),
                user.updated_at.into(),
            ],
        )
        .await?;
        if before.active && !user.active {
            session::revoke_all(tx, id, None).await?;
            tx.execute(WITHDRAW_INVITATION, &[id.into()]).await?;
        }
        let draft = EventDraft {
            action: Action::UserUpdated,
            audience: Audience::Admins,
            origin,
            ticket: None,
            requester: None,
            data: json!({ "userId": id, "email": user.email, "changes": changes }).to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(user)
    }
}

/// Refuses to go on when nobody but `leaving` could still administer the company: an admin who is
/// active and has a password.
pub(super) async fn keep_an_admin(tx: &mut impl TenantTx, leaving: UserId) -> Result<()> {
    // Changing nothing locks the rows: of two admins who demote each other at once the second waits
    // for the first and then finds itself the last.
    const LOCK_ADMINS: &str = "UPDATE users SET active = active
        WHERE active AND role = 'admin' AND password_hash IS NOT NULL RETURNING id";
    let admins = tx.query(LOCK_ADMINS, &[], |row| row.uuid(0)).await?;
    if admins.iter().any(|id| *id != leaving.0) {
        return Ok(());
    }
    Err(Error::Conflict {
        code: "last_admin",
        detail: "this is the last active admin of your company: make someone else an admin first".into(),
    })
}
