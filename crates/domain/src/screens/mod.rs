//! Screens: which programs a company's people have in their navigation.
//!
//! The registry (a file of the operator's) declares them; a company's admins switch them on and off,
//! order them and narrow who sees them. What is stored here are only those choices, so a screen that
//! the registry gains or loses later needs no change of a tenant's store.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::Result,
    policy::{self, Deed, Subject},
    principal::{Principal, Role},
    tx::{Query, TenantRead},
};

mod update;

#[cfg(test)]
mod tests;

pub use update::{ScreenChange, ScreensChange, UpdateScreens};

/// The module by which screens are administered; a company that has it can't switch it off.
pub const SCREENS_MODULE: &str = "./Screens";

/// Where a screen's program is loaded from (Module Federation).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Remote {
    /// The remote's name, a JavaScript identifier.
    #[schema(example = "support_tickets")]
    pub name: String,
    /// Its manifest: a path of this origin or an `https` address.
    #[schema(example = "/remotes/support-tickets/mf-manifest.json")]
    pub entry: String,
    /// The module that it exposes.
    #[schema(example = "./Tickets")]
    pub module: String,
    /// Hash of the manifest (`sha256-…`, as in Subresource Integrity), if the registry pins it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integrity: Option<String>,
}

/// A screen as a person's navigation shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Screen {
    /// Its id, unique within the company.
    #[schema(example = "tickets")]
    pub id: String,
    /// What the navigation calls it.
    pub title: String,
    /// Where it stands in the address.
    #[schema(example = "/tickets")]
    pub path: String,
    /// Name of an icon of the kit.
    #[schema(example = "ticket")]
    pub icon: String,
    /// Its program.
    pub remote: Remote,
}

/// A screen as the registry declares it for one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredScreen {
    /// What people see of it.
    pub screen: Screen,
    /// Who may have it, at most.
    pub roles: Vec<Role>,
}

/// A screen as the company's admins see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScreenSetting {
    /// What people see of it.
    #[serde(flatten)]
    pub screen: Screen,
    /// Who has it.
    pub roles: Vec<Role>,
    /// Who can have it: a choice can only narrow what the operator's registry declares.
    pub allowed_roles: Vec<Role>,
    /// Whether it is switched on.
    pub enabled: bool,
}

/// All screens of a company, in the order of the navigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScreenSettings {
    /// The screens.
    pub items: Vec<ScreenSetting>,
}

/// One person's screens, in the order of the navigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MyScreens {
    /// The screens.
    pub screens: Vec<Screen>,
}

/// The choices stored for one screen.
struct Choice {
    id: String,
    enabled: bool,
    roles: Option<Vec<Role>>,
}

const SELECT_CHOICES: &str =
    "SELECT screen_id, enabled, roles FROM screen_settings ORDER BY position, screen_id";

async fn load_choices(tx: &mut impl TenantRead) -> Result<Vec<Choice>> {
    let choices = tx
        .query(SELECT_CHOICES, &[], |row| {
            Ok(Choice {
                id: row.text(0)?.to_owned(),
                enabled: row.bool(1)?,
                roles: row.opt_text(2)?.map(|names| names.split(',').filter_map(Role::parse).collect()),
            })
        })
        .await?;
    Ok(choices)
}

/// What the registry declares, with the company's choices applied. Screens without a choice come
/// last, in the registry's order, switched on. A choice never widens what the registry allows.
fn apply_choices(declared: &[DeclaredScreen], choices: &[Choice]) -> Vec<ScreenSetting> {
    let by_id: HashMap<&str, &DeclaredScreen> = declared.iter().map(|d| (d.screen.id.as_str(), d)).collect();
    let chosen = choices.iter().filter_map(|choice| {
        let declared = by_id.get(choice.id.as_str())?;
        let narrowed = choice.roles.as_ref().map(|wanted| intersect(&declared.roles, wanted));
        Some(ScreenSetting {
            screen: declared.screen.clone(),
            // The registry may have withdrawn every role that was chosen: then its own roles hold.
            roles: narrowed.filter(|r| !r.is_empty()).unwrap_or_else(|| declared.roles.clone()),
            allowed_roles: declared.roles.clone(),
            enabled: choice.enabled,
        })
    });
    let known: HashSet<&str> = choices.iter().map(|c| c.id.as_str()).collect();
    let rest = declared.iter().filter(|d| !known.contains(d.screen.id.as_str())).map(|d| ScreenSetting {
        screen: d.screen.clone(),
        roles: d.roles.clone(),
        allowed_roles: d.roles.clone(),
        enabled: true,
    });
    chosen.chain(rest).collect()
}

/// Those of `allowed` that are wanted, in the order of `allowed`.
fn intersect(allowed: &[Role], wanted: &[Role]) -> Vec<Role> {
    allowed.iter().copied().filter(|role| wanted.contains(role)).collect()
}

/// The screens that a person has.
pub struct ListMyScreens {
    /// Who asks.
    pub principal: Principal,
    /// What the registry declares for their company.
    pub declared: Arc<[DeclaredScreen]>,
}

impl Query for ListMyScreens {
    type Output = MyScreens;

    async fn run(self, tx: &mut impl TenantRead) -> Result<MyScreens> {
        let choices = load_choices(tx).await?;
        let screens = apply_choices(&self.declared, &choices)
            .into_iter()
            .filter(|setting| setting.enabled && setting.roles.contains(&self.principal.role))
            .map(|setting| setting.screen)
            .collect();
        Ok(MyScreens { screens })
    }
}

/// All screens of a company, for its admins.
pub struct ListScreenSettings {
    /// Who asks.
    pub principal: Principal,
    /// What the registry declares for their company.
    pub declared: Arc<[DeclaredScreen]>,
}

impl Query for ListScreenSettings {
    type Output = ScreenSettings;

    async fn run(self, tx: &mut impl TenantRead) -> Result<ScreenSettings> {
        policy::require(&self.principal, Deed::Administer, Subject::Company)?;
        let choices = load_choices(tx).await?;
        Ok(ScreenSettings { items: apply_choices(&self.declared, &choices) })
    }
}
