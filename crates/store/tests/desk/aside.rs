//! Tickets that are put aside, merged and linked, and what is being written at them.

use flowbit_domain::{
    Error, Principal, Result, Timestamp,
    delivery::{ClaimDeliveries, NextDue},
    draft::{Draft, DraftKind, ListDrafts, NewDraft, SaveDraft},
    id::TicketId,
    macros::{CreateMacro, NewMacro},
    notice::{ListNotices, NoticeKind},
    retention::{HasExpired, RemoveExpired},
    ticket::{
        BulkChange, BulkOutcome, ChangeTickets, Expression, LinkTickets, ListLinks, MergeTicket, NewLink,
        NewMerge, NewSnooze, NewSplit, RestoreTicket, SplitTicket, Status, Ticket, TicketFilter, TicketPatch,
        UnmergeTicket,
    },
    user::{Authority, EraseUser, UpdateUser, UserPatch},
    view::{BuiltIn, CountViews},
};

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, apply, origin, ticket},
};

on_both_engines! {
    a_ticket_is_put_aside_until_its_time,
    an_answer_of_the_requester_wakes_it_and_what_is_solved_is_not_put_aside,
    what_is_put_aside_is_the_staffs_business,
    a_merged_ticket_leads_to_the_other_and_takes_nothing_more,
    only_tickets_of_one_requester_are_merged,
    a_merge_is_undone,
    a_link_has_no_direction_and_is_for_the_staff_alone,
    a_draft_is_its_writers_alone,
    what_is_sent_is_no_draft_any_more,
    drafts_go_with_the_ticket_and_with_their_writer,
}

const HOUR: i64 = 60 * 60 * 1000;

fn until(until: Option<Timestamp>) -> TicketPatch {
    TicketPatch { snooze: Some(Some(NewSnooze { until })), ..TicketPatch::default() }
}

fn status(status: Status) -> TicketPatch {
    TicketPatch { status: Some(status), ..TicketPatch::default() }
}

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

async fn kinds(desk: &Desk, who: &Principal) -> Vec<NoticeKind> {
    let list = ListNotices { principal: who.clone(), unread: false, limit: 100, cursor: None };
    let page = desk.store.read(&desk.tenant, list).await.unwrap();
    page.items.into_iter().map(|notice| notice.kind).collect()
}

fn refused_at(refused: Result<Ticket>) -> String {
    match refused {
        Err(Error::Validation(mut errors)) => errors.remove(0).path,
        other => panic!("{other:?}"),
    }
}

fn is_conflict<T: std::fmt::Debug>(answer: Result<T>, expected: &str) -> bool {
    match answer {
        Err(Error::Conflict { code, .. }) => code == expected,
        other => panic!("{other:?}"),
    }
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
    assert_eq!(kinds(&desk, &desk.agent).await, [NoticeKind::Woken]);
    assert_eq!(kinds(&desk, &desk.user).await, []);
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
    assert_eq!(kinds(&desk, &desk.agent).await, [NoticeKind::Replied], "once");

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
    let bulk = ChangeTickets { principal: by.clone(), origin: origin(by), input, idempotency: None };
    let results = desk.store.write(&desk.tenant, bulk).await.unwrap().answer.results;
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

async fn merge(desk: &Desk, by: &Principal, ticket: TicketId, into_id: TicketId) -> Result<Ticket> {
    let input = NewMerge { into_id };
    let merge = MergeTicket { principal: by.clone(), origin: origin(by), ticket, input };
    desk.store.write(&desk.tenant, merge).await
}

async fn unmerge(desk: &Desk, by: &Principal, ticket: TicketId) -> Result<Ticket> {
    let unmerge = UnmergeTicket { principal: by.clone(), origin: origin(by), ticket };
    desk.store.write(&desk.tenant, unmerge).await
}

async fn a_merged_ticket_leads_to_the_other_and_takes_nothing_more(engine: Engine) {
    let desk = Desk::new(engine).await;
    let one = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let other = desk.raise(&desk.user, ticket("Pallet 7 again")).await.unwrap();
    let said = desk.say(&desk.user, other.id, "zebrafish", false).await.unwrap();
    desk.update(&desk.agent, other.id, until(None)).await.unwrap();
    let input = NewMacro { name: "Greet".into(), body: "Hello".into(), shared: true, ..NewMacro::default() };
    let make = CreateMacro { principal: desk.admin.clone(), origin: origin(&desk.admin), input };
    let greet = desk.store.write(&desk.tenant, make).await.unwrap();
    let before = desk.ledger().await.len();
    let merged = merge(&desk, &desk.agent, other.id, one.id).await.unwrap();
    let into = merged.merged_into.unwrap();
    assert_eq!((into.id, into.number), (one.id, one.number));
    assert_eq!((merged.status, merged.snooze), (Status::Closed, None));
    assert!(merged.resolved_at.is_some());
    assert_eq!(desk.actions_after(before).await, ["ticket.updated", "ticket.merged", "ticket.merged"]);
    // Whoever raised them sees both, and where the one has gone; the words are found where they are.
    let seen = desk.get(&desk.user, other.id).await.unwrap();
    assert_eq!(seen.merged_into, merged.merged_into);
    assert_eq!(desk.conversation(&desk.user, other.id).await.unwrap(), ["zebrafish"]);
    assert_eq!(desk.search(&desk.user, "zebrafish").await, ["Pallet 7 again"]);
    assert_eq!(desk.list_all(&desk.agent).await[1].merged_into, merged.merged_into);
    // Who put the one aside watches the other now, and hears of it.
    desk.say(&desk.user, one.id, "And now?", false).await.unwrap();
    assert_eq!(kinds(&desk, &desk.agent).await, [NoticeKind::Replied]);

    let before = desk.ledger().await.len();
    assert!(is_conflict(desk.say(&desk.user, other.id, "Hello?", false).await, "merged"));
    assert!(is_conflict(desk.say(&desk.agent, other.id, "Hello?", true).await, "merged"));
    assert!(is_conflict(desk.update(&desk.agent, other.id, status(Status::Open)).await, "merged"));
    assert!(is_conflict(merge(&desk, &desk.agent, other.id, one.id).await, "merged"));
    let applied = desk.store.write(&desk.tenant, apply(&desk.agent, other.id, greet.id)).await;
    assert!(is_conflict(applied.map(|done| done.answer), "merged"));
    let by = &desk.agent;
    let split = SplitTicket {
        principal: by.clone(),
        origin: origin(by),
        ticket: other.id,
        input: NewSplit { message_id: said.id, title: "Apart".into() },
        idempotency: None,
    };
    assert!(is_conflict(desk.store.write(&desk.tenant, split).await.map(|done| done.answer), "merged"));
    let input = BulkChange { ids: vec![other.id], status: Some(Status::Open), ..BulkChange::default() };
    let bulk = ChangeTickets { principal: by.clone(), origin: origin(by), input, idempotency: None };
    let result = desk.store.write(&desk.tenant, bulk).await.unwrap().answer.results.remove(0);
    assert_eq!((result.outcome, result.code.as_deref()), (BulkOutcome::Refused, Some("merged")));
    assert_eq!(desk.ledger().await.len(), before, "nothing has happened");
}

async fn only_tickets_of_one_requester_are_merged(engine: Engine) {
    let desk = Desk::new(engine).await;
    let one = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let other = desk.raise(&desk.user, ticket("Pallet 7 again")).await.unwrap();
    let third = desk.raise(&desk.user, ticket("Pallet 7 once more")).await.unwrap();
    let foreign = desk.raise(&desk.other, ticket("Another's")).await.unwrap();
    let before = desk.ledger().await.len();
    let nothing = TicketId(uuid::Uuid::from_u128(7));
    for into in [one.id, foreign.id, nothing] {
        assert_eq!(refused_at(merge(&desk, &desk.agent, one.id, into).await), "intoId");
    }
    assert!(matches!(merge(&desk, &desk.user, one.id, other.id).await, Err(Error::Forbidden(_))));
    assert!(matches!(merge(&desk, &desk.other, one.id, other.id).await, Err(Error::NotFound)));
    assert!(matches!(unmerge(&desk, &desk.user, one.id).await, Err(Error::Forbidden(_))));
    assert!(is_conflict(unmerge(&desk, &desk.agent, one.id).await, "not_merged"));
    assert_eq!(desk.ledger().await.len(), before);
    // One after the other, and never round in a circle.
    merge(&desk, &desk.agent, one.id, other.id).await.unwrap();
    assert_eq!(refused_at(merge(&desk, &desk.agent, third.id, one.id).await), "intoId");
    assert_eq!(refused_at(merge(&desk, &desk.agent, other.id, one.id).await), "intoId");
    merge(&desk, &desk.agent, other.id, third.id).await.unwrap();
}

async fn a_merge_is_undone(engine: Engine) {
    let desk = Desk::new(engine).await;
    let one = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let other = desk.raise(&desk.user, ticket("Pallet 7 again")).await.unwrap();
    let solved = desk.raise(&desk.user, ticket("Pallet 6")).await.unwrap();
    desk.update(&desk.agent, other.id, status(Status::Waiting)).await.unwrap();
    let solved = desk.update(&desk.agent, solved.id, status(Status::Resolved)).await.unwrap();
    for (id, was) in [(other.id, Status::Waiting), (solved.id, Status::Resolved)] {
        let merged = merge(&desk, &desk.agent, id, one.id).await.unwrap();
        let before = desk.ledger().await.len();
        let back = unmerge(&desk, &desk.agent, id).await.unwrap();
        assert_eq!((back.status, back.merged_into), (was, None));
        assert_eq!(back.version, merged.version + 1);
        assert_eq!(desk.actions_after(before).await, ["ticket.unmerged", "ticket.unmerged"]);
        desk.say(&desk.agent, id, "Here again", false).await.unwrap();
    }
    assert_eq!(desk.get(&desk.agent, other.id).await.unwrap().resolved_at, None);
    assert_eq!(desk.get(&desk.agent, solved.id).await.unwrap().resolved_at, solved.resolved_at);
    // Also when the other one is gone.
    merge(&desk, &desk.agent, other.id, one.id).await.unwrap();
    desk.delete(&desk.admin, one.id).await.unwrap();
    let before = desk.ledger().await.len();
    assert_eq!(unmerge(&desk, &desk.agent, other.id).await.unwrap().status, Status::Waiting);
    assert_eq!(desk.actions_after(before).await, ["ticket.unmerged"]);
}

async fn link(desk: &Desk, by: &Principal, ticket: TicketId, other: TicketId, linked: bool) -> Result<()> {
    let input = NewLink { ticket_id: other, linked: Some(linked) };
    let link = LinkTickets { principal: by.clone(), origin: origin(by), ticket, input };
    desk.store.write(&desk.tenant, link).await
}

async fn linked(desk: &Desk, by: &Principal, ticket: TicketId) -> Result<Vec<String>> {
    let list = ListLinks { principal: by.clone(), ticket };
    Ok(desk.store.read(&desk.tenant, list).await?.items.into_iter().map(|link| link.ticket.title).collect())
}

async fn a_link_has_no_direction_and_is_for_the_staff_alone(engine: Engine) {
    let desk = Desk::new(engine).await;
    let one = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let other = desk.raise(&desk.other, ticket("Ramp 3")).await.unwrap();
    let third = desk.raise(&desk.user, ticket("Gate 1")).await.unwrap();
    let before = desk.ledger().await.len();
    for (by, forbidden) in [(&desk.user, true), (&desk.other, false)] {
        let refused =
            [link(&desk, by, one.id, other.id, true).await, linked(&desk, by, one.id).await.map(drop)];
        for refused in refused {
            assert!(matches!(
                (refused, forbidden),
                (Err(Error::Forbidden(_)), true) | (Err(Error::NotFound), false)
            ));
        }
    }
    let nothing = TicketId(uuid::Uuid::from_u128(7));
    for wrong in [one.id, nothing] {
        let refused = link(&desk, &desk.agent, one.id, wrong, true).await;
        assert!(matches!(refused, Err(Error::Validation(errors)) if errors[0].path == "ticketId"));
    }
    assert_eq!(desk.ledger().await.len(), before);
    for (ticket, with) in [(one.id, other.id), (other.id, one.id), (third.id, one.id)] {
        link(&desk, &desk.agent, ticket, with, true).await.unwrap();
    }
    assert_eq!(linked(&desk, &desk.agent, one.id).await.unwrap(), ["Gate 1", "Ramp 3"]);
    assert_eq!(linked(&desk, &desk.agent, other.id).await.unwrap(), ["Pallet 7"]);
    let events = desk.ledger().await.split_off(before);
    assert_eq!(events.len(), 4, "the second time was no change");
    assert!(events.iter().all(|event| event.audience == flowbit_domain::event::Audience::Staff));
    // A deleted ticket is not shown, and is linked as it was when it comes back.
    desk.delete(&desk.admin, other.id).await.unwrap();
    assert_eq!(linked(&desk, &desk.agent, one.id).await.unwrap(), ["Gate 1"]);
    let by = &desk.admin;
    let restore = RestoreTicket { principal: by.clone(), origin: origin(by), id: other.id };
    desk.store.write(&desk.tenant, restore).await.unwrap();
    assert_eq!(linked(&desk, &desk.agent, one.id).await.unwrap(), ["Gate 1", "Ramp 3"]);
    link(&desk, &desk.agent, other.id, one.id, false).await.unwrap();
    link(&desk, &desk.agent, one.id, other.id, false).await.unwrap();
    assert_eq!(linked(&desk, &desk.agent, one.id).await.unwrap(), ["Gate 1"]);

    for n in 0..49 {
        let more = desk.raise(&desk.user, ticket(&format!("More {n}"))).await.unwrap();
        link(&desk, &desk.agent, one.id, more.id, true).await.unwrap();
    }
    assert!(is_conflict(link(&desk, &desk.agent, other.id, one.id, true).await, "too_many_links"));
}

async fn save(
    desk: &Desk,
    by: &Principal,
    ticket: TicketId,
    kind: DraftKind,
    body: &str,
) -> Result<Vec<Draft>> {
    let input = NewDraft { kind, body: body.into() };
    let save = SaveDraft { principal: by.clone(), ticket, input };
    Ok(desk.store.write(&desk.tenant, save).await?.items)
}

async fn drafts(desk: &Desk, by: &Principal, ticket: TicketId) -> Result<Vec<(DraftKind, String)>> {
    let list = ListDrafts { principal: by.clone(), ticket };
    let drafts = desk.store.read(&desk.tenant, list).await?;
    Ok(drafts.items.into_iter().map(|draft| (draft.kind, draft.body)).collect())
}

async fn a_draft_is_its_writers_alone(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let before = desk.ledger().await.len();
    save(&desk, &desk.agent, raised.id, DraftKind::Note, "zebrafish suspected").await.unwrap();
    save(&desk, &desk.agent, raised.id, DraftKind::Reply, "Dear").await.unwrap();
    let kept = save(&desk, &desk.agent, raised.id, DraftKind::Reply, "Dear Uwe, ").await.unwrap();
    assert_eq!(kept.len(), 2);
    save(&desk, &desk.user, raised.id, DraftKind::Reply, "It is here").await.unwrap();
    assert_eq!(
        drafts(&desk, &desk.agent, raised.id).await.unwrap(),
        [(DraftKind::Reply, "Dear Uwe, ".to_owned()), (DraftKind::Note, "zebrafish suspected".to_owned())]
    );
    assert_eq!(
        drafts(&desk, &desk.user, raised.id).await.unwrap(),
        [(DraftKind::Reply, "It is here".to_owned())]
    );
    assert_eq!(drafts(&desk, &desk.admin, raised.id).await.unwrap(), []);
    assert!(matches!(drafts(&desk, &desk.other, raised.id).await, Err(Error::NotFound)));
    let by_other = save(&desk, &desk.other, raised.id, DraftKind::Reply, "Mine?").await;
    assert!(matches!(by_other, Err(Error::NotFound)));
    let note = save(&desk, &desk.user, raised.id, DraftKind::Note, "Mine?").await;
    assert!(matches!(note, Err(Error::Forbidden(_))));
    let long = save(&desk, &desk.agent, raised.id, DraftKind::Reply, &"x".repeat(20_001)).await;
    assert!(matches!(long, Err(Error::Validation(errors)) if errors[0].path == "body"));
    // Nothing of it is found, told or recorded.
    assert_eq!(desk.search(&desk.agent, "zebrafish").await, [""; 0]);
    assert_eq!(desk.ledger().await.len(), before);
    assert_eq!(kinds(&desk, &desk.admin).await, []);
    // A role that is taken back takes the notes along.
    let by = &desk.admin;
    let demote = UpdateUser {
        by: Authority::Person(by.clone()),
        origin: origin(by),
        id: desk.agent.user,
        patch: UserPatch { role: Some(flowbit_domain::Role::User), ..UserPatch::default() },
    };
    desk.store.write(&desk.tenant, demote).await.unwrap();
    let demoted = Principal { role: flowbit_domain::Role::User, ..desk.agent.clone() };
    assert!(matches!(drafts(&desk, &demoted, raised.id).await, Err(Error::NotFound)));
    save(&desk, &desk.user, raised.id, DraftKind::Reply, " \n").await.unwrap();
    assert_eq!(drafts(&desk, &desk.user, raised.id).await.unwrap(), []);
}

async fn what_is_sent_is_no_draft_any_more(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    save(&desk, &desk.agent, raised.id, DraftKind::Note, "Hm").await.unwrap();
    save(&desk, &desk.agent, raised.id, DraftKind::Reply, "Dear").await.unwrap();
    save(&desk, &desk.admin, raised.id, DraftKind::Reply, "Also").await.unwrap();
    desk.say(&desk.agent, raised.id, "Dear Uwe", false).await.unwrap();
    assert_eq!(drafts(&desk, &desk.agent, raised.id).await.unwrap(), [(DraftKind::Note, "Hm".to_owned())]);
    desk.say(&desk.agent, raised.id, "Hm.", true).await.unwrap();
    assert_eq!(drafts(&desk, &desk.agent, raised.id).await.unwrap(), []);
    assert_eq!(drafts(&desk, &desk.admin, raised.id).await.unwrap().len(), 1);
    let input = NewMacro { name: "Greet".into(), body: "Hello".into(), shared: true, ..NewMacro::default() };
    let make = CreateMacro { principal: desk.admin.clone(), origin: origin(&desk.admin), input };
    let greet = desk.store.write(&desk.tenant, make).await.unwrap();
    desk.store.write(&desk.tenant, apply(&desk.admin, raised.id, greet.id)).await.unwrap();
    assert_eq!(drafts(&desk, &desk.admin, raised.id).await.unwrap(), []);
}

async fn drafts_go_with_the_ticket_and_with_their_writer(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    save(&desk, &desk.agent, raised.id, DraftKind::Reply, "Dear").await.unwrap();
    desk.delete(&desk.admin, raised.id).await.unwrap();
    let by = &desk.admin;
    let restore = RestoreTicket { principal: by.clone(), origin: origin(by), id: raised.id };
    desk.store.write(&desk.tenant, restore).await.unwrap();
    assert_eq!(drafts(&desk, &desk.agent, raised.id).await.unwrap().len(), 1);
    save(&desk, &desk.user, raised.id, DraftKind::Reply, "quagga").await.unwrap();
    save(&desk, &desk.agent, raised.id, DraftKind::Reply, "okapi for Uwe").await.unwrap();
    let erase =
        EraseUser { by: Authority::Person(by.clone()), origin: origin(by), id: desk.user.user, texts: true };
    desk.store.write(&desk.tenant, erase).await.unwrap();
    let left = desk.everything().await;
    assert!(!left.contains("quagga") && !left.contains("okapi"), "{left}");
    save(&desk, &desk.agent, raised.id, DraftKind::Reply, "Dear").await.unwrap();
    desk.wait(91 * 24 * HOUR);
    assert!(desk.store.read(&desk.tenant, HasExpired).await.unwrap());
    desk.store.write(&desk.tenant, RemoveExpired { limit: 100 }).await.unwrap();
    assert_eq!(drafts(&desk, &desk.agent, raised.id).await.unwrap(), []);
}
