//! `flowbit tenant …`.

use flowbit_domain::{Timestamp, control::TenantState, user::check_password};
use flowbit_store::Mode;
use serde::Serialize;

use super::{
    Failure, Outcome,
    args::NewTenantArgs,
    door,
    errand::{Errand, Founding},
    open_store, say, secret,
};
use crate::config::Config;

pub(super) async fn create(config: &Config, new: &NewTenantArgs) -> Outcome {
    let password = secret::read_password()?;
    // Before anything is made.
    check_password("the admin's password", &password)?;
    let NewTenantArgs { slug, name, admin_email, admin_name, locale, accent_color, .. } = new;
    let usual_name = || admin_email.split('@').next().unwrap_or_default().to_owned();
    let founding = Founding {
        slug: slug.clone(),
        name: name.clone(),
        locale: locale.clone(),
        accent_color: accent_color.clone(),
        admin_email: admin_email.clone(),
        admin_name: admin_name.clone().unwrap_or_else(usual_name),
        password,
    };
    door::perform(config, Errand::Found(founding)).await
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
    door::perform(config, Errand::SetState { slug: slug.to_owned(), active: false }).await
}

pub(super) async fn resume(config: &Config, slug: &str) -> Outcome {
    door::perform(config, Errand::SetState { slug: slug.to_owned(), active: true }).await
}

pub(super) async fn erase(config: &Config, slug: &str) -> Outcome {
    door::perform(config, Errand::Erase { slug: slug.to_owned() }).await
}
