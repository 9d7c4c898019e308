//! `flowbit tenant …`.

use flowbit_domain::{Timestamp, control::TenantState, user::check_password};
use flowbit_store::{Erasure, Mode};
use serde::Serialize;
use serde_json::value::RawValue;

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

/// An erased company in `tenant erasures --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedErasure<'a> {
    id: flowbit_domain::TenantId,
    slug: &'a str,
    begun_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// How many events its ledger had, and the hash of the last; null if it could not be read.
    size: Option<i64>,
    head: Option<String>,
    counts: Option<&'a RawValue>,
    /// Signed, as beside an export of the ledger.
    checkpoint: Option<&'a RawValue>,
}

impl<'a> From<&'a Erasure> for ListedErasure<'a> {
    fn from(e: &'a Erasure) -> Self {
        let json = |text: &'a str| serde_json::from_str(text).ok();
        Self {
            id: e.tenant,
            slug: &e.slug,
            begun_at: e.begun_at,
            finished_at: e.finished_at,
            size: e.head.map(|head| head.size),
            head: e.head.map(|head| hex::encode(head.hash)),
            counts: json(&e.counts),
            checkpoint: e.checkpoint.as_deref().and_then(json),
        }
    }
}

pub(super) async fn erasures(config: &Config, json: bool) -> Outcome {
    let store = open_store(config, Mode::ReadOnly).await?;
    let erasures = store.control().erasures().await;
    store.close().await;
    let erasures = erasures?;
    let listed: Vec<ListedErasure<'_>> = erasures.iter().map(Into::into).collect();
    if json {
        return say(serde_json::to_string_pretty(&listed).map_err(Failure::new)?);
    }
    for e in &listed {
        let end = match (e.size, &e.head) {
            (Some(size), Some(head)) => format!("{size} events, ending in {head}"),
            _ => "its ledger could not be read".to_owned(),
        };
        say(format!("{}  {}  {}  {end}", e.begun_at, e.slug, e.id))?;
    }
    Ok(())
}
