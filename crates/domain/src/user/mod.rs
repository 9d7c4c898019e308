//! People of a company: who they are, how they get in, and what an admin may change about them.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    id::{TenantId, UserId},
    policy::{self, Deed, Subject},
    principal::{Principal, Role},
    text::{Checks, fold_email},
    ticket::damaged,
    time::Timestamp,
    tx::{Query, Row, StoreError, TenantRead, TenantTx},
    words,
};

mod availability;
mod create;
mod erase;
mod invite;
mod list;
mod password;
mod update;

pub use availability::{Availability, OutOfOffice, SetAvailability};
pub use create::{CreateUser, CreatedUser, NewUser};
pub(crate) use erase::is_nowhere;
pub use erase::{EraseUser, ErasedUser};
pub use invite::{AcceptInvitation, InviteUser};
pub use list::ListUsers;
pub use password::{
    ChangePassword, FindPassword, PASSWORD_MAX_BYTES, PASSWORD_MIN, ResetPassword, check_password,
};
use update::keep_an_admin;
pub use update::{UpdateUser, UserPatch};

/// The longest name, in characters.
pub const NAME_MAX: usize = 100;
/// The longest address, in bytes (RFC 5321).
pub const EMAIL_MAX: usize = 254;
/// How long an invitation is good, in milliseconds: 7 days.
pub const INVITATION_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// A person, as admins see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// The address by which they sign in, lower case.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub active: bool,
    /// Whether they have yet to accept an invitation and choose a password.
    pub invited: bool,
    /// That they are out of office; null when they are not.
    #[schema(required)]
    pub out_of_office: Option<OutOfOffice>,
    /// When they last signed in.
    #[schema(required)]
    pub last_login_at: Option<Timestamp>,
    /// Since when they are known.
    pub created_at: Timestamp,
    /// When name, role or state last changed.
    pub updated_at: Timestamp,
}

/// A person, as they see themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Their id.
    pub id: UserId,
    /// The address by which they sign in.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// That they are out of office; null when they are not.
    #[schema(required)]
    pub out_of_office: Option<OutOfOffice>,
    /// Their company.
    pub customer_id: TenantId,
}

/// An invitation, before it becomes a signed link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invitation {
    /// For whom.
    pub user: UserId,
    /// What the link must carry; a newer invitation replaces it.
    pub id: Uuid,
    /// Until when it is good.
    pub until: Timestamp,
}

/// On whose authority people are managed.
#[derive(Debug, Clone)]
pub enum Authority {
    /// That of a person, who is asked for their role.
    Person(Principal),
    /// That of whoever has the command line of the server.
    Operator,
}

impl Authority {
    /// Refuses whoever may not manage people.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn require_admin(&self) -> Result<()> {
        match self {
            Self::Person(principal) => policy::require(principal, Deed::Administer, Subject::Company),
            Self::Operator => Ok(()),
        }
    }
}

/// The columns that [`user_from_row`] reads.
macro_rules! select_user {
    ($rest:literal) => {
        concat!(
            "SELECT id, email, name, role, active, password_hash IS NULL, last_login_at, created_at, updated_at, \
             out_of_office, out_of_office_until FROM users ",
            $rest
        )
    };
}
pub(crate) use select_user;

pub(crate) fn user_from_row(row: &dyn Row) -> Result<User, StoreError> {
    Ok(User {
        id: UserId(row.uuid(0)?),
        email: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        role: Role::parse(row.text(3)?).ok_or_else(|| damaged("role"))?,
        active: row.bool(4)?,
        invited: row.bool(5)?,
        last_login_at: row.opt_time(6)?,
        created_at: row.time(7)?,
        updated_at: row.time(8)?,
        out_of_office: OutOfOffice::read(row, 9)?,
    })
}

pub(crate) async fn load(tx: &mut impl TenantRead, id: UserId) -> Result<Option<User>, StoreError> {
    const BY_ID: &str = select_user!("WHERE id = $1");
    tx.query_one(BY_ID, &[id.into()], user_from_row).await
}

/// Loads what a person may know of themselves.
#[derive(Debug)]
pub struct GetProfile {
    /// Who asks.
    pub principal: Principal,
}

impl Query for GetProfile {
    type Output = Profile;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Profile> {
        let user = load(tx, self.principal.user).await?.ok_or(Error::NotFound)?;
        Ok(Profile {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            out_of_office: user.out_of_office,
            customer_id: tx.tenant(),
        })
    }
}

/// How people are found by a few letters: name and address, lower case, the name also without accents.
pub(crate) fn folded(name: &str, email: &str) -> String {
    let (name, plain) = (name.to_lowercase().nfc().collect::<String>(), words::fold(name));
    if plain == name { format!("{name} {email}") } else { format!("{name} {plain} {email}") }
}

/// Folds an address and checks its shape. Whether mail arrives there only a mail can show.
pub(crate) fn check_email(checks: &mut Checks, path: &str, email: &str) -> String {
    let email = fold_email(email);
    let shaped = email.split_once('@').is_some_and(|(local, domain)| {
        let plain = |c: char| {
            !c.is_whitespace() && !c.is_control() && !matches!(c, '@' | ',' | ';' | '<' | '>' | '"')
        };
        let label = |l: &str| {
            !l.is_empty()
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        (1..=64).contains(&local.len()) && local.chars().all(plain) && domain.split('.').all(label)
    });
    if !shaped || email.len() > EMAIL_MAX {
        checks.fail(path, "must be an e-mail address");
    }
    email
}

/// Makes an invitation for a person; it replaces an earlier one.
async fn invite(tx: &mut impl TenantTx, user: UserId) -> Result<Invitation> {
    const INVITE: &str = "UPDATE users SET invitation_id = $2, invited_until = $3 WHERE id = $1";
    let invitation = Invitation { user, id: random_id(tx), until: tx.now().plus_ms(INVITATION_MS) };
    tx.execute(INVITE, &[user.into(), invitation.id.into(), invitation.until.into()]).await?;
    Ok(invitation)
}

/// An id that can't be guessed, unlike [`TenantTx::new_id`]'s, which begin with the time.
pub(crate) fn random_id(tx: &mut impl TenantTx) -> Uuid {
    let random = tx.random();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&random[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_and_checked_simply() {
        let check = |email: &str| {
            let mut checks = Checks::default();
            let email = check_email(&mut checks, "email", email);
            checks.finish().map(|()| email).ok()
        };
        assert_eq!(check(" Ada@Example.COM ").as_deref(), Some("ada@example.com"));
        assert_eq!(check("jürgen+x@büro.example").as_deref(), Some("jürgen+x@büro.example"));
        for wrong in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "ada@exa mple.com",
            "a@b@c",
            "a@-b.de",
            "a@b..de",
            "<a@b.de>",
        ] {
            assert_eq!(check(wrong), None, "{wrong}");
        }
        assert_eq!(check(&format!("a@{}.de", "b".repeat(300))), None);
    }
}
