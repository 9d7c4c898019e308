//! Passwords: which are acceptable, and changing them. Hashing is the server's work; here only
//! finished hashes are seen.

use serde_json::json;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::UserId,
    ledger,
    principal::{Origin, Principal},
    session,
    text::{self, Checks, fold_email},
    tx::{Command, Query, TenantRead, TenantTx},
    user::{Authority, load},
};

/// The fewest characters of a password.
pub const PASSWORD_MIN: usize = 12;
/// The most bytes of a password: more would only make hashing it slower.
pub const PASSWORD_MAX_BYTES: usize = 256;

/// Checks a password that is to be set: 12 characters or more, at most 256 bytes (after NIST
/// SP 800-63B: long rather than ornate).
///
/// # Errors
/// [`Error::Validation`] at `path`.
pub fn check_password(path: &str, password: &str) -> Result<()> {
    let mut checks = Checks::default();
    if password.chars().count() < PASSWORD_MIN {
        checks.fail(path, format!("must have at least {PASSWORD_MIN} characters"));
    } else if password.len() > PASSWORD_MAX_BYTES {
        checks.fail(path, format!("must have at most {PASSWORD_MAX_BYTES} bytes"));
    } else if text::is_blank(password) || password.contains('\0') {
        checks.fail(path, "must have visible characters and no U+0000");
    }
    checks.finish()
}

/// Finds the hash of a person's password.
#[derive(Debug)]
pub struct FindPassword {
    /// Whose.
    pub user: UserId,
}

impl Query for FindPassword {
    type Output = Option<String>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Option<String>> {
        const SQL: &str = "SELECT password_hash FROM users WHERE id = $1 AND active";
        let found =
            tx.query_one(SQL, &[self.user.into()], |row| Ok(row.opt_text(0)?.map(str::to_owned))).await?;
        Ok(found.flatten())
    }
}

/// Changes a person's own password and ends their other sessions.
#[derive(Debug, Clone)]
pub struct ChangePassword {
    /// Who.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// The hash against which the current password was verified.
    pub seen_hash: String,
    /// The hash of the new one, already checked.
    pub new_hash: String,
}

impl Command for ChangePassword {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const CHANGE: &str = "UPDATE users
            SET password_hash = $3, invitation_id = NULL, invited_until = NULL, updated_at = $4
            WHERE id = $1 AND password_hash = $2 AND active";
        let Self { principal, origin, seen_hash, new_hash } = self;
        let user = principal.user;
        let now = tx.now();
        let changed =
            tx.execute(CHANGE, &[user.into(), seen_hash.into(), new_hash.into(), now.into()]).await?;
        if changed == 0 {
            return Err(Error::Conflict {
                code: "conflict",
                detail: "the password was changed meanwhile".into(),
            });
        }
        session::revoke_all(tx, user, Some(principal.session)).await?;
        record_change(tx, origin, user).await
    }
}

/// Sets a person's password by the operator and ends all their sessions.
#[derive(Debug, Clone)]
pub struct ResetPassword {
    /// Who asks.
    pub by: Authority,
    /// From where.
    pub origin: Origin,
    /// Their address.
    pub email: String,
    /// The hash of the new one, already checked.
    pub new_hash: String,
}

impl Command for ResetPassword {
    type Output = UserId;

    async fn run(self, tx: &mut impl TenantTx) -> Result<UserId> {
        const RESET: &str = "UPDATE users
            SET password_hash = $2, invitation_id = NULL, invited_until = NULL, updated_at = $3
            WHERE email = $1 RETURNING id";
        self.by.require_admin()?;
        let now = tx.now();
        let params = [fold_email(&self.email).into(), self.new_hash.into(), now.into()];
        let user =
            tx.query_one(RESET, &params, |row| row.uuid(0)).await?.map(UserId).ok_or(Error::NotFound)?;
        session::revoke_all(tx, user, None).await?;
        record_change(tx, self.origin, user).await?;
        Ok(user)
    }
}

async fn record_change(tx: &mut impl TenantTx, origin: Origin, user: UserId) -> Result<()> {
    let email = load(tx, user).await?.ok_or(Error::NotFound)?.email;
    let draft = EventDraft {
        action: Action::AuthPasswordChanged,
        audience: Audience::Admins,
        origin,
        ticket: None,
        requester: None,
        data: json!({ "userId": user, "email": email }).to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_rather_than_ornate() {
        assert!(check_password("password", "correct horse battery").is_ok());
        assert!(check_password("password", "пароль-пароль").is_ok());
        assert!(check_password("password", "short").is_err());
        assert!(check_password("password", &"\u{200b}".repeat(20)).is_err());
        assert!(check_password("password", &"x".repeat(257)).is_err());
    }
}
