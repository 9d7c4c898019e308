//! What the operator wants done to companies and their people: a value, because a command beside a
//! running server hands it over to that (see [`super::door`]).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use flowbit_content::Contents;
use flowbit_domain::{
    Role, TenantId,
    archive::CountRows,
    company::RecordFounding,
    control::{Tenant, TenantState},
    session::FindLogin,
    text::fold_email,
    time::Clock,
    user::{Authority, EraseUser},
};
use flowbit_store::{Erasure, NewTenant, Store};
use serde::{Deserialize, Serialize};

use super::{Failure, Outcome, context, find_tenant, import::Step, operator};
use crate::{
    ambient::SystemClock,
    archive,
    checkpoint::{self, attest_erasures},
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
    /// Bring a company in from an archive.
    BringIn { file: PathBuf },
    /// Add a person; without a password they are invited.
    AddPerson { tenant: String, email: String, name: String, role: Role, password: Option<String> },
    /// Set a person's password.
    ResetPassword { tenant: String, email: String, password: String },
    /// Do a step of an import; what came of it is one line of JSON.
    Import(Box<Step>),
    /// Forget a person.
    ErasePerson { tenant: String, email: String, texts: bool },
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
    pub(super) contents: &'a Contents,
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
            Self::Erase { slug } => erase(means, &slug).await,
            Self::BringIn { file } => bring_in(means, &file).await,
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
            Self::ErasePerson { tenant, email, texts } => erase_person(means, &tenant, email, texts).await,
        }
    }

    /// How long it may take at most: as long as there is data.
    pub(super) fn patience(&self) -> Duration {
        match self {
            Self::BringIn { .. } | Self::Erase { .. } => Duration::from_secs(24 * 60 * 60),
            _ => Duration::from_secs(60),
        }
    }
}

/// What was there is counted first, as far as it can be read: a damaged company can be erased as well.
async fn erase(means: &Means<'_>, slug: &str) -> Outcome<Vec<String>> {
    let control = means.store.control();
    let Some(tenant) = control.tenant_by_slug(slug).await? else {
        return erase_rest(means, slug).await;
    };
    let counts = match means.store.read(&context(&tenant), CountRows).await {
        Ok(counts) => counts.into_iter().map(|(table, count)| (table.to_owned(), count.into())).collect(),
        Err(error) => {
            tracing::warn!(customerId = %tenant.id, %error, "what is erased could not be counted");
            serde_json::Map::new()
        }
    };
    let erasure = control.erase_tenant(tenant.id, &serde_json::Value::from(counts).to_string()).await?;
    remove_erased(means, tenant.id).await?;
    prove(means, slug, &erasure).await
}

/// Before the proof says that all of it is gone. What breaks off here is done by the command once more, or a start.
async fn remove_erased(means: &Means<'_>, tenant: TenantId) -> Outcome<()> {
    checkpoint::remove_erased(means.store, means.contents, tenant).await.map_err(Failure::new)
}

/// Says what was erased; its proof has been signed by then.
async fn prove(means: &Means<'_>, slug: &str, erasure: &Erasure) -> Outcome<Vec<String>> {
    let mut lines = vec![format!("{slug} and everything that it had is gone")];
    match erasure.head {
        None => lines.push("its ledger could not be read any more".to_owned()),
        Some(head) => {
            lines.push(format!(
                "its ledger had {} events and ended in {}",
                head.size,
                hex::encode(head.hash)
            ));
            attest_erasures(means.store, means.contents).await.map_err(Failure::new)?;
        }
    }
    lines.push("the proof is kept: flowbit tenant erasures".to_owned());
    Ok(lines)
}

/// A company that is not there: one that was being brought in, or one that is erased. When the erasure broke off,
/// opening the store has finished it, and its proof is yet to be signed.
async fn erase_rest(means: &Means<'_>, slug: &str) -> Outcome<Vec<String>> {
    let control = means.store.control();
    let unfinished = control.unfinished_imports().await?;
    if let Some((id, ..)) = unfinished.into_iter().find(|(_, of, _)| of == slug) {
        control.discard_import(id).await?;
        remove_erased(means, id).await?;
        return Ok(vec![format!("what was brought in of {slug} is gone")]);
    }
    // The last one comes first.
    match control.erasures().await?.into_iter().find(|erasure| erasure.slug == slug) {
        Some(erasure) if erasure.finished_at.is_some() => {
            remove_erased(means, erasure.tenant).await?;
            prove(means, slug, &erasure).await
        }
        Some(_) => Err(Failure::new(format!("{slug} is being erased: flowbit tenant erasures"))),
        None => Err(Failure::new(format!("there is no tenant {slug:?}"))),
    }
}

async fn bring_in(means: &Means<'_>, file: &Path) -> Outcome<Vec<String>> {
    // As when a company is made: what is exported of it must be signed.
    Keys::load(means.store.control().clone(), Arc::new(SystemClock), means.origin).await?;
    let (tenant, records) =
        archive::bring_in((means.store, means.contents), file, context).await.map_err(Failure::new)?;
    let mut lines = vec![format!("brought in {} with {records} records", tenant.slug)];
    if tenant.state == TenantState::Suspended {
        lines.push(format!("it is suspended, as it was: flowbit tenant resume {}", tenant.slug));
    }
    Ok(lines)
}

async fn erase_person(means: &Means<'_>, slug: &str, email: String, texts: bool) -> Outcome<Vec<String>> {
    let tenant = find_tenant(means.store, slug).await?;
    let ctx = context(&tenant);
    let email = fold_email(&email);
    let unknown = || Failure::new(format!("there is no {email} in {slug}"));
    let Some(login) = means.store.read(&ctx, FindLogin { email: email.clone() }).await? else {
        // An erasure that broke off behind its commit has left the address where sign-ins look for it.
        let control = means.store.control();
        if !control.tenants_of_email(&email).await?.contains(&tenant.id) {
            return Err(unknown());
        }
        control.remove_email(&email, tenant.id).await?;
        return Ok(vec![format!("{email} is erased: it was left in the directory, and is nowhere now")]);
    };
    let erase = EraseUser { by: Authority::Operator, origin: operator(), id: login.user, texts };
    let erased = people::erase_person(means.store, &ctx, erase).await?;
    Ok(vec![format!(
        "{email} is erased: the personal part of {} events is gone, and the ledger says so",
        erased.events
    )])
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
        control.discard_tenant(tenant.id).await?;
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
