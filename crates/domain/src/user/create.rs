//! Adding a person.

use serde_json::json;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::UserId,
    ledger,
    principal::{Origin, Role},
    text::Checks,
    tx::{Command, TenantTx, Value},
    user::{Authority, Invitation, NAME_MAX, User, check_email, folded, invite},
};

/// Who is to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The address by which they will sign in.
    pub email: String,
    /// Their name, 1 to 100 characters.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The hash of their password, already checked; without one they are invited to choose it.
    pub password_hash: Option<String>,
}

/// Adds a person.
#[derive(Debug, Clone)]
pub struct CreateUser {
    /// Who asks.
    pub by: Authority,
    /// From where.
    pub origin: Origin,
    /// Who is to be added.
    pub user: NewUser,
}

/// A person just added.
#[derive(Debug, Clone)]
pub struct CreatedUser {
    /// They.
    pub user: User,
    /// Their invitation, if they have no password yet.
    pub invitation: Option<Invitation>,
}

impl NewUser {
    /// Checks and tidies what can be checked without the store.
    ///
    /// # Errors
    /// [`Error::Validation`].
    pub fn checked(mut self) -> Result<Self> {
        let mut checks = Checks::default();
        self.email = check_email(&mut checks, "email", &self.email);
        self.name = checks.line("name", &self.name, NAME_MAX);
        checks.finish()?;
        Ok(self)
    }
}

impl Command for CreateUser {
    type Output = CreatedUser;

    async fn run(self, tx: &mut impl TenantTx) -> Result<CreatedUser> {
        const TAKEN: &str = "SELECT 1 FROM users WHERE email = $1";
        const INSERT: &str = "INSERT INTO users
            (id, email, name, folded, role, active, password_hash, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (email) DO NOTHING";
        let Self { by, origin, user } = self;
        by.require_admin()?;
        let NewUser { email, name, role, password_hash } = user.checked()?;
        let taken = || Error::Conflict {
            code: "email_taken",
            detail: "someone in your company already has this address".into(),
        };
        if tx.query_one(TAKEN, &[email.as_str().into()], |row| row.int(0)).await?.is_some() {
            return Err(taken());
        }
        let now = tx.now();
        let id = UserId(tx.new_id());
        let params: [Value; 8] = [
            id.into(),
            email.as_str().into(),
            name.as_str().into(),
            folded(&name, &email).into(),
            role.as_str().into(),
            true.into(),
            password_hash.as_deref().into(),
            now.into(),
        ];
        // Two at once with one address: only one of them finds it free.
        if tx.execute(INSERT, &params).await? == 0 {
            return Err(taken());
        }
        let invited = password_hash.is_none();
        let invitation = if invited { Some(invite(tx, id).await?) } else { None };
        let data = json!({ "userId": id, "email": email, "name": name, "role": role, "invited": invited });
        let draft = EventDraft {
            action: Action::UserCreated,
            audience: Audience::Admins,
            origin,
            ticket: None,
            requester: None,
            data: data.to_string(),
        };
        ledger::record(tx, draft).await?;
        let user = User {
            id,
            email,
            name,
            role,
            active: true,
            invited,
            out_of_office: None,
            last_login_at: None,
            created_at: now,
            updated_at: now,
        };
        Ok(CreatedUser { user, invitation })
    }
}
