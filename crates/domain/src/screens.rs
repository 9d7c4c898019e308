//! Screens: which programs a company's people have in their navigation.
//!
//! The registry (a file of the operator's) declares them; a company's admins switch them on and off,
//! order them and narrow who sees them. What is stored here are only those choices, so a screen that
//! the registry gains or loses later needs no change of a tenant's store.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    ledger,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal, Role},
    text::Checks,
    tx::{Command, Query, TenantRead, TenantTx, Value},
};

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
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Who has it: some of the roles that the registry declares for it.
    #[serde(default)]
    pub roles: Option<Vec<Role>>,
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
            enabled: choice.enabled,
        })
    });
    let known: HashSet<&str> = choices.iter().map(|c| c.id.as_str()).collect();
    let rest = declared.iter().filter(|d| !known.contains(d.screen.id.as_str())).map(|d| ScreenSetting {
        screen: d.screen.clone(),
        roles: d.roles.clone(),
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

/// Switches, orders and narrows a company's screens. Event: `screens.updated`, when anything changed.
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
fn decide(
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
fn describe_change(before: &[ScreenSetting], after: &[ScreenSetting]) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(id: &str, module: &str, roles: &[Role]) -> DeclaredScreen {
        DeclaredScreen {
            screen: Screen {
                id: id.into(),
                title: id.to_uppercase(),
                path: format!("/{id}"),
                icon: "ticket".into(),
                remote: Remote {
                    name: "admin".into(),
                    entry: "/remotes/admin/mf-manifest.json".into(),
                    module: module.into(),
                    integrity: None,
                },
            },
            roles: roles.to_vec(),
        }
    }

    fn declared() -> Vec<DeclaredScreen> {
        vec![
            screen("tickets", "./Tickets", &[Role::User, Role::Agent, Role::Admin]),
            screen("users", "./Users", &[Role::Admin]),
            screen("screens", SCREENS_MODULE, &[Role::Admin]),
        ]
    }

    fn change(id: &str, enabled: Option<bool>, roles: Option<&[Role]>) -> ScreenChange {
        ScreenChange { id: id.into(), enabled, roles: roles.map(<[Role]>::to_vec) }
    }

    fn ids(settings: &[ScreenSetting]) -> Vec<&str> {
        settings.iter().map(|s| s.screen.id.as_str()).collect()
    }

    #[test]
    fn named_screens_come_first_and_the_others_keep_their_order() {
        let declared = declared();
        let before = apply_choices(&declared, &[]);
        let after = decide(&declared, &before, vec![change("screens", None, None)]).unwrap();
        assert_eq!(ids(&after), ["screens", "tickets", "users"]);
        let data = describe_change(&before, &after).unwrap();
        assert_eq!(
            data,
            r#"{"changes":{},"order":{"from":["tickets","users","screens"],"to":["screens","tickets","users"]}}"#
        );
        assert_eq!(describe_change(&before, &before), None);
    }

    #[test]
    fn what_cannot_be_is_named_by_its_path() {
        let declared = declared();
        let before = apply_choices(&declared, &[]);
        let changes = vec![
            change("tickets", None, Some(&[])),
            change("tickets", Some(true), None),
            change("reports", None, None),
            change("users", None, Some(&[Role::Agent])),
        ];
        let Err(Error::Validation(errors)) = decide(&declared, &before, changes) else {
            panic!("it was accepted")
        };
        let found: Vec<_> = errors.iter().map(|e| (e.path.as_str(), e.message.as_str())).collect();
        assert_eq!(
            found,
            [
                ("screens[0].roles", "must name a role; switch the screen off to hide it from all"),
                ("screens[1].id", "is named twice"),
                ("screens[2].id", "is no screen of your company"),
                ("screens[3].roles", "may only be some of admin for this screen, not agent"),
            ]
        );
    }

    #[test]
    fn admins_cannot_lock_themselves_out() {
        let declared = declared();
        let before = apply_choices(&declared, &[]);
        let refused = decide(&declared, &before, vec![change("screens", Some(false), None)]);
        assert!(matches!(refused, Err(Error::Conflict { code: "screen_required", .. })), "{refused:?}");
    }

    #[test]
    fn a_choice_never_widens_what_the_registry_allows() {
        let declared = declared();
        let choices = [
            Choice { id: "users".into(), enabled: true, roles: Some(vec![Role::User, Role::Admin]) },
            Choice { id: "gone".into(), enabled: true, roles: None },
            Choice { id: "tickets".into(), enabled: false, roles: Some(vec![]) },
        ];
        let settings = apply_choices(&declared, &choices);
        assert_eq!(ids(&settings), ["users", "tickets", "screens"]);
        assert_eq!(settings[0].roles, [Role::Admin]);
        assert_eq!(
            settings[1].roles, declared[0].roles,
            "roles that no longer exist do not hide it for ever"
        );
        assert!(!settings[1].enabled);
    }
}
