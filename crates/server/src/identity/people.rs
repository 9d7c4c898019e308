//! Adding people and setting passwords: what needs the directory or a hash besides the use-case.
//! The HTTP handlers and the command line both come through here.

use flowbit_domain::{
    Error, Result, Role, TenantCtx, UserId,
    principal::Origin,
    user::{
        Authority, CreateUser, CreatedUser, EraseUser, ErasedUser, NewUser, ResetPassword, check_password,
    },
};
use flowbit_store::Store;

use super::password::Passwords;

/// A person to be added.
pub(crate) struct NewPerson {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    /// Without one they are invited to choose it.
    pub(crate) password: Option<String>,
}

/// Adds a person and notes in the directory where their address may sign in.
pub(crate) async fn add_person(
    store: &Store,
    passwords: &Passwords,
    ctx: &TenantCtx,
    by: Authority,
    origin: Origin,
    person: NewPerson,
) -> Result<CreatedUser> {
    by.require_admin()?;
    let NewPerson { email, name, role, password } = person;
    let user = NewUser { email, name, role, password_hash: None };
    let mut user = match (user.checked(), password.as_deref().map(|p| check_password("password", p))) {
        (Err(Error::Validation(mut errors)), Some(Err(Error::Validation(more)))) => {
            errors.extend(more);
            return Err(Error::Validation(errors));
        }
        (Err(error), _) | (_, Some(Err(error))) => return Err(error),
        (Ok(user), _) => user,
    };
    if let Some(password) = password {
        user.password_hash = Some(passwords.hash(&password).await?);
    }
    // Before the commit: a hint that leads nowhere is harmless, a person who can't be found is not.
    store.control().add_email(&user.email, ctx.tenant()).await?;
    store.write(ctx, CreateUser { by, origin, user }).await
}

/// Forgets a person. Their address is then nobody's, and may be somebody's again.
pub(crate) async fn erase_person(store: &Store, ctx: &TenantCtx, erase: EraseUser) -> Result<ErasedUser> {
    let erased = store.write(ctx, erase).await?;
    // After the commit: until then they can still sign in.
    store.control().remove_email(&erased.email, ctx.tenant()).await?;
    Ok(erased)
}

/// Sets a person's password by the operator.
pub(crate) async fn reset_password(
    store: &Store,
    passwords: &Passwords,
    ctx: &TenantCtx,
    origin: Origin,
    email: String,
    password: &str,
) -> Result<UserId> {
    check_password("password", password)?;
    let new_hash = passwords.hash(password).await?;
    store.write(ctx, ResetPassword { by: Authority::Operator, origin, email, new_hash }).await
}
