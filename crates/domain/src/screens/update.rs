//! Changing a company's screens.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    DeclaredScreen, SCREENS_MODULE, ScreenSetting, ScreenSettings, apply_choices, intersect, load_choices,
};
use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    ledger, patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal, Role},
    text::Checks,
    tx::{Command, TenantTx, Value},
};

/// Body of `PATCH /api/admin/screens`: screens in the wanted order. Those left out keep their place
/// after the ones named.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScreensChange {
    /// The screens.
    pub screens: Vec<ScreenChange>,
}

/// What is to become of one screen.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScreenChange {
    /// Which.
    pub id: String,
    /// Switches it on or off.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = bool, required = false)]
    pub enabled: Option<bool>,
    /// Who has it: some of the roles that the registry declares for it.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Vec<Role>, required = false)]
    pub roles: Option<Vec<Role>>,
}

/// Switches, orders and narrows a company's screens. Event: `screens.updated`, when anything changed.
#[derive(Clone)]
pub struct UpdateScreens {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// What the registry declares for their company.
    pub declared: Arc<[DeclaredScreen]>,
    /// What they want.
    pub change: ScreensChange,
}

impl Command for UpdateScreens {
    type Output = ScreenSettings;

    async fn run(self, tx: &mut impl TenantTx) -> Result<ScreenSettings> {
        policy::require(&self.principal, Deed::Administer, Subject::Company)?;
        let choices = load_choices(tx).await?;
        let before = apply_choices(&self.declared, &choices);
        let after = decide(&self.declared, &before, self.change.screens)?;
        if let Some(data) = describe_change(&before, &after) {
            save(tx, &self.declared, &after).await?;
            let draft = EventDraft {
                action: Action::ScreensUpdated,
                audience: Audience::Admins,
                origin: self.origin,
                ticket: None,
                requester: None,
                data,
            };
            ledger::record(tx, draft).await?;
        }
        Ok(ScreenSettings { items: after })
    }
}

/// The settings after the change, or why it can't be.
pub(super) fn decide(
    declared: &[DeclaredScreen],
    before: &[ScreenSetting],
    changes: Vec<ScreenChange>,
) -> Result<Vec<ScreenSetting>> {
    let allowed: HashMap<&str, &[Role]> =
        declared.iter().map(|d| (d.screen.id.as_str(), d.roles.as_slice())).collect();
    let mut rest: Vec<ScreenSetting> = before.to_vec();
    let mut after = Vec::with_capacity(before.len());
    let mut named = HashSet::new();
    let mut checks = Checks::default();
    for (index, change) in changes.into_iter().enumerate() {
        let path = format!("screens[{index}]");
        let Some(place) = rest.iter().position(|s| s.screen.id == change.id) else {
            let why =
                if named.contains(&change.id) { "is named twice" } else { "is no screen of your company" };
            checks.fail(format!("{path}.id"), why);
            continue;
        };
        let mut setting = rest.remove(place);
        if let Some(enabled) = change.enabled {
            setting.enabled = enabled;
        }
        if let Some(wanted) = change.roles {
            let most = allowed.get(change.id.as_str()).copied().unwrap_or_default();
            if wanted.is_empty() {
                checks.fail(
                    format!("{path}.roles"),
                    "must name a role; switch the screen off to hide it from all",
                );
            }
            if let Some(role) = wanted.iter().find(|role| !most.contains(role)) {
                let names = join_roles(most);
                checks.fail(
                    format!("{path}.roles"),
                    format!("may only be some of {names} for this screen, not {}", role.as_str()),
                );
            }
            setting.roles = intersect(most, &wanted);
        }
        named.insert(change.id);
        after.push(setting);
    }
    checks.finish()?;
    after.append(&mut rest);
    // Whoever locks this door can't open it again: nothing but the operator could bring it back.
    let locked_out = after
        .iter()
        .find(|s| s.screen.remote.module == SCREENS_MODULE && !(s.enabled && s.roles.contains(&Role::Admin)));
    match locked_out {
        Some(setting) => Err(Error::Conflict {
            code: "screen_required",
            detail: format!(
                "\"{}\" is where screens are administered: it stays switched on for admins",
                setting.screen.title
            ),
        }),
        None => Ok(after),
    }
}

/// The event's data, or nothing when nothing changed.
pub(super) fn describe_change(before: &[ScreenSetting], after: &[ScreenSetting]) -> Option<String> {
    #[derive(Serialize)]
    struct FromTo<T> {
        from: T,
        to: T,
    }
    #[derive(Serialize)]
    struct Changed<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        enabled: Option<FromTo<bool>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        roles: Option<FromTo<&'a [Role]>>,
    }
    #[derive(Serialize)]
    struct Data<'a> {
        changes: BTreeMap<&'a str, Changed<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        order: Option<FromTo<Vec<&'a str>>>,
    }
    fn order(settings: &[ScreenSetting]) -> Vec<&str> {
        settings.iter().map(|s| s.screen.id.as_str()).collect()
    }

    let old: HashMap<&str, &ScreenSetting> = before.iter().map(|s| (s.screen.id.as_str(), s)).collect();
    let mut changes = BTreeMap::new();
    for new in after {
        let Some(old) = old.get(new.screen.id.as_str()) else { continue };
        let enabled = (old.enabled != new.enabled).then_some(FromTo { from: old.enabled, to: new.enabled });
        let roles = (old.roles != new.roles).then_some(FromTo { from: &old.roles[..], to: &new.roles[..] });
        if enabled.is_some() || roles.is_some() {
            changes.insert(new.screen.id.as_str(), Changed { enabled, roles });
        }
    }
    let (from, to) = (order(before), order(after));
    let order = (from != to).then_some(FromTo { from, to });
    if changes.is_empty() && order.is_none() {
        return None;
    }
    serde_json::to_string(&Data { changes, order }).ok()
}

const UPSERT_CHOICE: &str = "INSERT INTO screen_settings (screen_id, position, enabled, roles) \
     VALUES ($1, $2, $3, $4) \
     ON CONFLICT (screen_id) DO UPDATE SET position = $2, enabled = $3, roles = $4";

async fn save(tx: &mut impl TenantTx, declared: &[DeclaredScreen], after: &[ScreenSetting]) -> Result<()> {
    let all: HashMap<&str, &[Role]> =
        declared.iter().map(|d| (d.screen.id.as_str(), d.roles.as_slice())).collect();
    for (position, setting) in (0_i64..).zip(after) {
        // Nothing narrowed is stored as nothing, so that roles which the registry adds later are seen.
        let narrowed =
            all.get(setting.screen.id.as_str()).is_none_or(|most| *most != setting.roles.as_slice());
        let roles = narrowed.then(|| setting.roles.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(","));
        let values: [Value; 4] =
            [setting.screen.id.as_str().into(), position.into(), setting.enabled.into(), roles.into()];
        tx.execute(UPSERT_CHOICE, &values).await?;
    }
    Ok(())
}

fn join_roles(roles: &[Role]) -> String {
    roles.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ")
}
