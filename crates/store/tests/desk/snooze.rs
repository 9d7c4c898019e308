//! Tickets that are put aside until a time or until their requester replies.

use flowbit_domain::{
    Error, Principal, Timestamp,
    delivery::{ClaimDeliveries, NextDue},
    notice::NoticeKind,
    ticket::{
        BulkChange, BulkOutcome, ChangeTickets, Expression, NewSnooze, Status, TicketFilter, TicketPatch,
    },
    view::{BuiltIn, CountViews},
};

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, origin, refused_at, status, ticket, until},
};

on_both_engines! {
    a_ticket_is_put_aside_until_its_time,
    an_answer_of_the_requester_wakes_it_and_what_is_solved_is_not_put_aside,
    what_is_put_aside_is_the_staffs_business,
}

const HOUR: i64 = 60 * 60 * 1000;

/// The titles in a view that everybody has, and the number beside it.
async fn view(desk: &Desk, by: &Principal, view: BuiltIn) -> Vec<String> {
    let filter = TicketFilter { expression: Some(view.filter()), ..TicketFilter::default() };
    let titles = desk.titles(by, filter).await;
    let counts = desk.store.read(&desk.tenant, CountViews { principal: by.clone() }).await.unwrap();
    let count = counts.items.iter().find(|count| count.view == view.as_str()).unwrap().count;
    assert_eq!(count, Some(i64::try_from(titles.len()).unwrap()), "{view:?}");
    titles
}

/// Does what is due, as the worker does.
async fn work(desk: &Desk) -> Option<Timestamp> {
    let claim = ClaimDeliveries { limit: 8, per_endpoint: 4, lease_ms: 60_000 };
    desk.store.write(&desk.tenant, claim).await.unwrap().next_due
}

async fn a_ticket_is_put_aside_until_its_time(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    desk.raise(&desk.user, ticket("Pallet 8")).await.unwrap();
    assert_eq!(view(&desk, &desk.agent, BuiltIn::Open).await, ["Pallet 7", "Pallet 8"]);
    let then = raised.updated_at.plus_ms(HOUR);
    let due = NextDue { per_endpoint: 4 };
    assert_eq!(desk.store.read(&desk.tenant, due).await.unwrap(), None);
    let before = desk.ledger().await.len();
    let put = desk.update(&desk.agent, raised.id, until(Some(then))).await.unwrap();
    assert_eq!(put.snooze.unwrap().until, Some(then));
    assert_eq!(desk.get(&desk.agent, raised.id).await.unwrap().snooze, put.snooze);
    // To the same time again is no change.
    let again = desk.update(&desk.agent, raised.id, until(Some(then))).await.unwrap();
    assert_eq!((again.version, again.snooze), (put.version, put.snooze));
    let events = desk.ledger().await.split_off(before);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].audience, flowbit_domain::event::Audience::Staff);
    assert!(events[0].data.contains(&format!(r#""until":"{then}""#)), "{}", events[0].data);

    for empty in [BuiltIn::Open, BuiltIn::Unassigned] {
        assert_eq!(view(&desk, &desk.agent, empty).await, ["Pallet 8"]);
    }
    assert_eq!(view(&desk, &desk.agent, BuiltIn::Snoozed).await, ["Pallet 7"]);
    let due = NextDue { per_endpoint: 4 };
    assert_eq!(desk.store.read(&desk.tenant, due).await.unwrap(), Some(then));
    assert_eq!(work(&desk).await, Some(then), "it is not time");
    assert!(desk.get(&desk.agent, raised.id).await.unwrap().snooze.is_some());

    desk.wait(HOUR);
    assert_eq!(work(&desk).await, None);
    let woken = desk.get(&desk.agent, raised.id).await.unwrap();
    assert_eq!((woken.snooze, woken.version), (None, put.version + 1));
    assert_eq!(view(&desk, &desk.agent, BuiltIn::Open).await, ["Pallet 7", "Pallet 8"]);
    assert_eq!(view(&desk, &desk.agent, BuiltIn::Snoozed).await, [""; 0]);
    // Who has put it aside is told.
    assert_eq!(desk.told_kinds(&desk.agent).await, [NoticeKind::Woken]);
    assert_eq!(desk.told_kinds(&desk.user).await, []);
    assert_eq!(desk.actions_after(before + 1).await, ["ticket.updated"]);
}

async fn an_answer_of_the_requester_wakes_it_and_what_is_solved_is_not_put_aside(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    desk.update(&desk.agent, raised.id, until(None)).await.unwrap();
    assert_eq!(work(&desk).await, None, "it has no time");
    desk.say(&desk.agent, raised.id, "Still looking", false).await.unwrap();
    assert!(desk.get(&desk.agent, raised.id).await.unwrap().snooze.is_some());
    let before = desk.ledger().await.len();
    desk.say(&desk.user, raised.id, "Found it", false).await.unwrap();
    let woken = desk.get(&desk.agent, raised.id).await.unwrap();
    assert_eq!((woken.snooze, woken.status), (None, Status::Open));
    assert_eq!(desk.actions_after(before).await, ["message.created", "ticket.updated"]);
    assert_eq!(desk.told_kinds(&desk.agent).await, [NoticeKind::Replied], "once");

    // One of the staff may have asked: their note is no answer.
    let own = desk.raise(&desk.admin, ticket("Ramp 3")).await.unwrap();
    desk.update(&desk.agent, own.id, until(None)).await.unwrap();
    desk.say(&desk.admin, own.id, "Hm", true).await.unwrap();
    assert!(desk.get(&desk.agent, own.id).await.unwrap().snooze.is_some());
    desk.say(&desk.admin, own.id, "It is free", false).await.unwrap();
    assert_eq!(desk.get(&desk.agent, own.id).await.unwrap().snooze, None);

    let now = desk.get(&desk.agent, own.id).await.unwrap().updated_at;
    let year = until(Some(now.plus_ms(367 * 24 * HOUR)));
    for wrong in [until(Some(now)), year] {
        assert_eq!(refused_at(desk.update(&desk.agent, raised.id, wrong).await), "snooze.until");
    }
    let solved = TicketPatch { status: Some(Status::Resolved), ..until(None) };
    assert_eq!(refused_at(desk.update(&desk.agent, raised.id, solved).await), "snooze");
    desk.update(&desk.agent, raised.id, until(None)).await.unwrap();
    let solved = desk.update(&desk.agent, raised.id, status(Status::Resolved)).await.unwrap();
    assert_eq!(solved.snooze, None);
    assert_eq!(refused_at(desk.update(&desk.agent, raised.id, until(None)).await), "snooze");
    desk.update(&desk.agent, raised.id, status(Status::Open)).await.unwrap();

    let other = desk.raise(&desk.user, ticket("Pallet 8")).await.unwrap();
    desk.update(&desk.agent, other.id, status(Status::Closed)).await.unwrap();
    let input = BulkChange {
        ids: vec![raised.id, other.id],
        snooze: Some(Some(NewSnooze { until: None })),
        ..BulkChange::default()
    };
    let by = &desk.agent;
    let bulk = |input| ChangeTickets { principal: by.clone(), origin: origin(by), input, idempotency: None };
    // What can be right for none of them is said at its place.
    let past = Some(Some(NewSnooze { until: Some(now.to_string()) }));
    let solved = BulkChange { status: Some(Status::Resolved), ..input.clone() };
    for (wrong, path) in [(BulkChange { snooze: past, ..input.clone() }, "snooze.until"), (solved, "snooze")]
    {
        let refused = desk.store.write(&desk.tenant, bulk(wrong)).await;
        assert!(matches!(refused, Err(Error::Validation(errors)) if errors[0].path == path));
    }
    let results = desk.store.write(&desk.tenant, bulk(input)).await.unwrap().answer.results;
    let outcomes: Vec<_> = results.iter().map(|r| (r.outcome, r.code.as_deref())).collect();
    assert_eq!(outcomes, [(BulkOutcome::Changed, None), (BulkOutcome::Refused, Some("validation_failed"))]);
}

async fn what_is_put_aside_is_the_staffs_business(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let refused = desk.update(&desk.user, raised.id, until(None)).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    desk.update(&desk.agent, raised.id, until(None)).await.unwrap();
    assert_eq!(desk.get(&desk.user, raised.id).await.unwrap().snooze, None);
    assert_eq!(desk.list_all(&desk.user).await[0].snooze, None);
    assert!(desk.list_all(&desk.agent).await[0].snooze.is_some());
    assert_eq!(view(&desk, &desk.user, BuiltIn::Open).await, ["Pallet 7"]);
    assert_eq!(view(&desk, &desk.user, BuiltIn::Snoozed).await, [""; 0]);
    let not = |snoozed| TicketFilter {
        expression: Some(Expression::Any(vec![Expression::Snoozed(snoozed)])),
        ..TicketFilter::default()
    };
    assert_eq!(desk.titles(&desk.user, not(false)).await, ["Pallet 7"]);
    assert_eq!(desk.titles(&desk.user, not(true)).await, [""; 0]);
    assert_eq!(desk.titles(&desk.agent, not(true)).await, ["Pallet 7"]);
}
