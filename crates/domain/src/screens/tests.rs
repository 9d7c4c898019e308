//! What an admin can make of the screens, and what not.

use super::{
    update::{decide, describe_change},
    *,
};
use crate::error::Error;

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
    assert!(
        settings.iter().zip([1, 0, 2]).all(|(s, i)| s.allowed_roles == declared[i].roles),
        "what could be chosen"
    );
    assert_eq!(settings[1].roles, declared[0].roles, "roles that no longer exist do not hide it for ever");
    assert!(!settings[1].enabled);
}
