//! For how long an answer of its requester opens a solved ticket again, and who decides it.

use flowbit_domain::{
    Error, Principal, Result, Timestamp,
    event::Audience,
    settings::{CompanySettings, GetSettings, SettingsPatch, UpdateSettings},
    ticket::{MergeTicket, NewMerge, Status, Ticket},
};
use serde_json::json;

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, is_conflict, origin, status, ticket},
};

on_both_engines! {
    a_solved_ticket_is_opened_again_within_its_window_alone,
    the_window_is_the_companys_and_all_tickets_follow_it,
    settings_are_the_admins,
}

const DAY: i64 = 24 * 60 * 60 * 1000;

async fn set(desk: &Desk, by: &Principal, days: Option<i64>) -> Result<CompanySettings> {
    let patch = SettingsPatch { reopen_days: Some(days), version: None };
    let command = UpdateSettings { principal: by.clone(), origin: origin(by), patch };
    desk.store.write(&desk.tenant, command).await
}

async fn get(desk: &Desk, by: &Principal) -> Result<CompanySettings> {
    desk.store.read(&desk.tenant, GetSettings { principal: by.clone() }).await
}

/// A ticket of the user's, as it is answered when it is solved.
async fn solved(desk: &Desk, by: Status) -> Ticket {
    let raised = desk.raise(&desk.user, ticket("Solved")).await.unwrap();
    assert_eq!(raised.reopen_until, None);
    let solved = desk.update(&desk.agent, raised.id, status(by)).await.unwrap();
    let read = desk.get(&desk.agent, raised.id).await.unwrap();
    assert_eq!(serde_json::to_value(&solved).unwrap(), serde_json::to_value(&read).unwrap());
    solved
}

fn days_after(ticket: &Ticket, days: i64) -> Option<Timestamp> {
    ticket.resolved_at.map(|at| at.plus_ms(days * DAY))
}

async fn a_solved_ticket_is_opened_again_within_its_window_alone(engine: Engine) {
    let desk = Desk::new(engine).await;
    for by in [Status::Resolved, Status::Closed] {
        let early = solved(&desk, by).await;
        let late = solved(&desk, by).await;
        assert_eq!(late.reopen_until, days_after(&late, 30));
        desk.wait(29 * DAY);
        desk.say(&desk.user, early.id, "still broken", false).await.unwrap();
        let opened = desk.get(&desk.user, early.id).await.unwrap();
        assert_eq!((opened.status, opened.resolved_at, opened.reopen_until), (Status::Open, None, None));
        desk.wait(DAY);
        let before = desk.ledger().await.len();
        assert!(is_conflict(desk.say(&desk.user, late.id, "and again", false).await, "reopen_expired"));
        assert_eq!(desk.ledger().await.len(), before);
        assert!(desk.conversation(&desk.user, late.id).await.unwrap().is_empty());
        // Staff may always write, and open it.
        for (who, internal) in [(&desk.agent, false), (&desk.admin, true)] {
            desk.say(who, late.id, "for the record", internal).await.unwrap();
        }
        assert_eq!(desk.get(&desk.user, late.id).await.unwrap().reopen_until, late.reopen_until);
        desk.update(&desk.agent, late.id, status(Status::Open)).await.unwrap();
        desk.say(&desk.user, late.id, "thanks", false).await.unwrap();
    }
    // One of the staff who has asked is one of the staff.
    let own = desk.raise(&desk.agent, ticket("Own")).await.unwrap();
    desk.update(&desk.admin, own.id, status(Status::Closed)).await.unwrap();
    desk.wait(31 * DAY);
    desk.say(&desk.agent, own.id, "one more", false).await.unwrap();
}

async fn the_window_is_the_companys_and_all_tickets_follow_it(engine: Engine) {
    let desk = Desk::new(engine).await;
    let ticket = solved(&desk, Status::Resolved).await;
    let other = solved(&desk, Status::Closed).await;
    for (days, until) in [(Some(1), days_after(&ticket, 1)), (None, None), (Some(0), ticket.resolved_at)] {
        set(&desk, &desk.admin, days).await.unwrap();
        // In each list, and in what was made of a ticket for lists before.
        for who in [&desk.user, &desk.agent, &desk.admin] {
            assert_eq!(desk.get(who, ticket.id).await.unwrap().reopen_until, until, "{days:?}");
            assert_eq!(desk.list_all(who).await[0].reopen_until, until, "{days:?}");
        }
    }
    // Never, also in the moment in which it was solved.
    assert!(is_conflict(desk.say(&desk.user, ticket.id, "but", false).await, "reopen_expired"));
    desk.stop_clock();
    let at_once = solved(&desk, Status::Resolved).await;
    assert!(is_conflict(desk.say(&desk.user, at_once.id, "but", false).await, "reopen_expired"));
    set(&desk, &desk.admin, None).await.unwrap();
    desk.wait(5_000 * DAY);
    desk.say(&desk.user, ticket.id, "after all", false).await.unwrap();
    assert_eq!(desk.get(&desk.user, ticket.id).await.unwrap().status, Status::Open);
    // What was merged is opened by nobody.
    set(&desk, &desk.admin, Some(365)).await.unwrap();
    let input = NewMerge { into_id: ticket.id };
    let merge =
        MergeTicket { principal: desk.agent.clone(), origin: origin(&desk.agent), ticket: other.id, input };
    assert_eq!(desk.store.write(&desk.tenant, merge).await.unwrap().reopen_until, None);
    assert!(is_conflict(desk.say(&desk.user, other.id, "hm", false).await, "merged"));
}

async fn settings_are_the_admins(engine: Engine) {
    let desk = Desk::new(engine).await;
    for who in [&desk.user, &desk.agent] {
        assert!(matches!(get(&desk, who).await, Err(Error::Forbidden(_))));
        assert!(matches!(set(&desk, who, Some(3)).await, Err(Error::Forbidden(_))));
    }
    let usual = CompanySettings { reopen_days: Some(30), version: 1 };
    assert_eq!(get(&desk, &desk.admin).await.unwrap(), usual);
    for days in [-1, 366, i64::MAX] {
        match set(&desk, &desk.admin, Some(days)).await {
            Err(Error::Validation(errors)) => assert_eq!(errors[0].path, "reopenDays"),
            other => panic!("{other:?}"),
        }
    }
    let before = desk.ledger().await.len();
    assert_eq!(set(&desk, &desk.admin, Some(30)).await.unwrap(), usual);
    assert_eq!(desk.ledger().await.len(), before);
    assert_eq!(
        set(&desk, &desk.admin, None).await.unwrap(),
        CompanySettings { reopen_days: None, version: 2 }
    );
    let stale = SettingsPatch { reopen_days: Some(Some(7)), version: Some(1) };
    let stale = UpdateSettings { principal: desk.admin.clone(), origin: origin(&desk.admin), patch: stale };
    assert!(is_conflict(desk.store.write(&desk.tenant, stale).await, "conflict"));
    assert_eq!(get(&desk, &desk.admin).await.unwrap(), CompanySettings { reopen_days: None, version: 2 });
    assert_eq!(
        set(&desk, &desk.admin, Some(7)).await.unwrap(),
        CompanySettings { reopen_days: Some(7), version: 3 }
    );
    let events = desk.ledger().await.split_off(before);
    let changes = [(json!(30), json!(null)), (json!(null), json!(7))];
    assert_eq!(events.len(), changes.len());
    for (event, (from, to)) in events.into_iter().zip(changes) {
        assert_eq!((event.action.as_str(), event.audience), ("settings.changed", Audience::Admins));
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(data, json!({ "changes": { "reopenDays": { "from": from, "to": to } } }));
    }
}
