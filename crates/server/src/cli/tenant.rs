//! `flowbit tenant …`.

use flowbit_domain::{
    Role, Timestamp,
    company::RecordFounding,
    control::{Tenant, TenantState},
    user::{Authority, check_password},
};
use flowbit_store::{Mode, NewTenant, Store};
use serde::Serialize;
use std::sync::Arc;

use super::{Failure, Outcome, args::NewTenantArgs, context, find_tenant, open_store, operator, say, secret};
use crate::{
    ambient::{SystemClock, SystemRandomness},
    config::Config,
    identity::{
        keys::Keys,
        password::Passwords,
        people::{NewPerson, add_person},
    },
};

pub(super) async fn create(config: &Config, new: &NewTenantArgs) -> Outcome {
    let password = secret::read_password()?;
    // Before anything is made.
    check_password("the admin's password", &password)?;
    let store = open_store(config, Mode::Exclusive).await?;
    let outcome = found(config, &store, new, password).await;
    store.close().await;
    outcome
}

async fn found(config: &Config, store: &Store, new: &NewTenantArgs, password: String) -> Outcome {
    let control = store.control();
    // So that what the command line exports later can be signed although no server has run yet.
    Keys::load(control.clone(), Arc::new(SystemClock), config.origin()).await?;
    let tenant = control
        .create_tenant(NewTenant {
            slug: new.slug.clone(),
            name: new.name.clone(),
            locale: new.locale.clone(),
            accent_color: new.accent_color.clone(),
        })
        .await?;
    if let Err(failure) = add_admin(store, &tenant, new, password).await {
        // A company without an admin is of no use, and its slug would be taken at the next try.
        control.erase_tenant(tenant.id).await?;
        return Err(failure);
    }
    say(format!("made the company {} with its admin {}", tenant.slug, new.admin_email))
}

async fn add_admin(store: &Store, tenant: &Tenant, new: &NewTenantArgs, password: String) -> Outcome {
    let ctx = context(tenant);
    let founding =
        RecordFounding { origin: operator(), slug: tenant.slug.clone(), name: tenant.name.clone() };
    store.write(&ctx, founding).await?;
    let name = new.admin_name.as_deref().or_else(|| new.admin_email.split('@').next()).unwrap_or_default();
    let admin = NewPerson {
        email: new.admin_email.clone(),
        name: name.to_owned(),
        role: Role::Admin,
        password: Some(password),
    };
    let passwords = Passwords::new(Arc::new(SystemRandomness::default()));
    add_person(store, &passwords, &ctx, Authority::Operator, operator(), admin).await?;
    Ok(())
}

/// A company in `tenant list --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    id: flowbit_domain::TenantId,
    slug: &'a str,
    name: &'a str,
    locale: &'a str,
    accent_color: &'a str,
    state: &'static str,
    created_at: Timestamp,
}

fn state_name(state: TenantState) -> &'static str {
    match state {
        TenantState::Active => "active",
        TenantState::Suspended => "suspended",
    }
}

pub(super) async fn list(config: &Config, json: bool) -> Outcome {
    let store = open_store(config, Mode::ReadOnly).await?;
    let tenants = store.control().tenants().await;
    store.close().await;
    let tenants = tenants?;
    if json {
        let listed: Vec<Listed<'_>> = tenants
            .iter()
            .map(|t| Listed {
                id: t.id,
                slug: &t.slug,
                name: &t.name,
                locale: &t.locale,
                accent_color: &t.accent_color,
                state: state_name(t.state),
                created_at: t.created_at,
            })
            .collect();
        return say(serde_json::to_string_pretty(&listed).map_err(Failure::new)?);
    }
    let width = tenants.iter().map(|t| t.slug.len()).max().unwrap_or(0).max(4);
    say(format!("{:width$}  {:9}  {:24}  NAME", "SLUG", "STATE", "SINCE"))?;
    for t in &tenants {
        say(format!("{:width$}  {:9}  {:24}  {}", t.slug, state_name(t.state), t.created_at, t.name))?;
    }
    Ok(())
}

pub(super) async fn suspend(config: &Config, slug: &str) -> Outcome {
    set_state(config, slug, TenantState::Suspended, "suspended").await
}

pub(super) async fn resume(config: &Config, slug: &str) -> Outcome {
    set_state(config, slug, TenantState::Active, "in use again").await
}

async fn set_state(config: &Config, slug: &str, state: TenantState, told: &str) -> Outcome {
    let store = open_store(config, Mode::Exclusive).await?;
    let outcome = async {
        let tenant = find_tenant(&store, slug).await?;
        store.control().set_tenant_state(tenant.id, state).await?;
        say(format!("{slug} is {told}"))
    }
    .await;
    store.close().await;
    outcome
}

pub(super) async fn erase(config: &Config, slug: &str) -> Outcome {
    let store = open_store(config, Mode::Exclusive).await?;
    let outcome = async {
        let tenant = find_tenant(&store, slug).await?;
        store.control().erase_tenant(tenant.id).await?;
        say(format!("{slug} and everything that it had is gone"))
    }
    .await;
    store.close().await;
    outcome
}
