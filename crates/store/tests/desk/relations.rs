//! Tickets that are merged into others, and tickets that are linked.

use flowbit_domain::{
    Error, Principal, Result,
    id::TicketId,
    macros::{CreateMacro, NewMacro},
    notice::NoticeKind,
    retention::{HasExpired, RemoveExpired},
    ticket::{
        BulkChange, BulkOutcome, ChangeTickets, LinkTickets, ListLinks, MergeTicket, NewLink, NewMerge,
        NewSplit, RestoreTicket, SplitTicket, Status, Ticket, UnmergeTicket,
    },
};

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, apply, is_conflict, origin, refused_at, status, ticket, until},
};

on_both_engines! {
    a_merged_ticket_leads_to_the_other_and_takes_nothing_more,
    only_tickets_of_one_requester_are_merged,
    a_merge_is_undone,
    a_link_has_no_direction_and_is_for_the_staff_alone,
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
    assert_eq!(desk.told_kinds(&desk.agent).await, [NoticeKind::Replied]);

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

    // What leads to a ticket that can't be restored any more goes with it.
    desk.delete(&desk.admin, third.id).await.unwrap();
    desk.wait(25 * 60 * 60 * 1000);
    assert!(desk.store.read(&desk.tenant, HasExpired).await.unwrap());
    desk.store.write(&desk.tenant, RemoveExpired { limit: 100 }).await.unwrap();
    let left = desk.everything().await;
    assert!(!left.lines().any(|line| line.contains("linkedAt") && line.contains(&third.id.to_string())));
    assert_eq!(linked(&desk, &desk.agent, one.id).await.unwrap().len(), 49);
}
