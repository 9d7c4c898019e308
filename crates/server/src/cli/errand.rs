//! What the operator wants done to companies and their people: a value, because a command beside a
//! running server hands it over to that (see [`super::door`]).

use std::sync::Arc;

use flowbit_domain::{
    Role,
    company::RecordFounding,
    control::{Tenant, TenantState},
    time::Clock,
    user::Authority,
};
use flowbit_store::{NewTenant, Store};
use serde::{Deserialize, Serialize};

use super::{Failure, Outcome, context, find_tenant, import::Step, operator};
use crate::{
    ambient::SystemClock,
    identity::{
        keys::{Keys, Purpose},
        password::Passwords,
        people::{self, NewPerson, add_person},
        tokens::InvitationClaims,
    },
};

/// Something to be done. It holds passwords, so it is never shown.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Errand {
    /// Make a company with its first admin.
    Found(Founding),
    /// Let nobody into a company, or everybody again.
    SetState { slug: String, active: bool },
    /// Remove a company.
    Erase { slug: String },
    /// Add a person; without a password they are invited.
    AddPerson { tenant: String, email: String, name: String, role: Role, password: Option<String> },
    /// Set a person's password.
    ResetPassword { tenant: String, email: String, password: String },
    /// Do a step of an import; what came of it is one line of JSON.
    Import(Box<Step>),
}

/// A company to be made.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Founding {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) locale: String,
    pub(super) accent_color: String,
    pub(super) admin_email: String,
    pub(super) admin_name: String,
    pub(super) password: String,
}

/// What an errand is done with.
pub(super) struct Means<'a> {
    pub(super) store: &'a Store,
    pub(super) passwords: &'a Passwords,
    /// The public address, for links.
    pub(super) origin: &'a str,
}

impl Errand {
    /// Does it; answers what to print.
    pub(super) async fn run(self, means: &Means<'_>) -> Outcome<Vec<String>> {
        let control = means.store.control();
        match self {
            Self::Found(founding) => found(means, founding).await,
            Self::SetState { slug, active } => {
                let tenant = find_tenant(means.store, &slug).await?;
                let state = if active { TenantState::Active } else { TenantState::Suspended };
                control.set_tenant_state(tenant.id, state).await?;
                Ok(vec![format!("{slug} is {}", if active { "in use again" } else { "suspended" })])
            }
            Self::Erase { slug } => {
                let tenant = find_tenant(means.store, &slug).await?;
                control.erase_tenant(tenant.id).await?;
                Ok(vec![format!("{slug} and everything that it had is gone")])
            }
            Self::AddPerson { tenant, email, name, role, password } => {
                let tenant = find_tenant(means.store, &tenant).await?;
                add(means, &tenant, NewPerson { email, name, role, password }).await
            }
            Self::ResetPassword { tenant, email, password } => {
                reset_password(means, &tenant, &email, &password).await
            }
            Self::Import(step) => {
                let answer = step.run(means.store).await?;
                Ok(vec![serde_json::to_string(&answer).map_err(Failure::new)?])
            }
        }
    }
}

async fn found(means: &Means<'_>, new: Founding) -> Outcome<Vec<String>> {
    let control = means.store.control();
    // So that what the command line exports later can be signed although no server has run yet.
    Keys::load(control.clone(), Arc::new(SystemClock), means.origin).await?;
    let Founding { slug, name, locale, accent_color, admin_email, admin_name, password } = new;
    let tenant = control.create_tenant(NewTenant { slug, name, locale, accent_color }).await?;
    let admin = NewPerson {
        email: admin_email.clone(),
        name: admin_name,
        role: Role::Admin,
        password: Some(password),
    };
    if let Err(failure) = add_admin(means, &tenant, admin).await {
        // A company without an admin is of no use, and its slug would be taken at the next try.
        control.erase_tenant(tenant.id).await?;
        return Err(failure);
    }
    Ok(vec![format!("made the company {} with its admin {admin_email}", tenant.slug)])
}

async fn add_admin(means: &Means<'_>, tenant: &Tenant, admin: NewPerson) -> Outcome {
    let ctx = context(tenant);
    let founding =
        RecordFounding { origin: operator(), slug: tenant.slug.clone(), name: tenant.name.clone() };
    means.store.write(&ctx, founding).await?;
    add_person(means.store, means.passwords, &ctx, Authority::Operator, operator(), admin).await?;
    Ok(())
}

async fn add(means: &Means<'_>, tenant: &Tenant, person: NewPerson) -> Outcome<Vec<String>> {
    let ctx = context(tenant);
    let added =
        add_person(means.store, means.passwords, &ctx, Authority::Operator, operator(), person).await?;
    let mut lines =
        vec![format!("added {} to {} as {}", added.user.email, tenant.slug, added.user.role.as_str())];
    if let Some(invitation) = added.invitation {
        let keys = Keys::load(means.store.control().clone(), Arc::new(SystemClock), means.origin).await?;
        let claims =
            InvitationClaims { customer_id: tenant.id, user_id: invitation.user, jti: invitation.id };
        let lifetime = invitation.until.0.saturating_sub(SystemClock.now().0);
        let token = keys.sign(Purpose::Invitation, lifetime, &claims)?;
        lines.push(format!("they choose their password here, until {}:", invitation.until));
        lines.push(format!("{}/invite#{token}", means.origin));
    }
    Ok(lines)
}

async fn reset_password(means: &Means<'_>, slug: &str, email: &str, password: &str) -> Outcome<Vec<String>> {
    let tenant = find_tenant(means.store, slug).await?;
    let ctx = context(&tenant);
    people::reset_password(means.store, means.passwords, &ctx, operator(), email.to_owned(), password)
        .await
        .map_err(|error| match error {
            flowbit_domain::Error::NotFound => Failure::new(format!("there is no {email} in {slug}")),
            error => error.into(),
        })?;
    Ok(vec![format!("the password of {email} is set; all their sessions have ended")])
}
