//! Doing one thing to many tickets, and bringing back what was deleted by mistake.

use flowbit_domain::{
    Error, Principal, Result,
    id::TicketId,
    idempotency::IdempotencyKey,
    retention::{HasExpired, RemoveExpired},
    ticket::{
        BulkChange, BulkOutcome, BulkResult, ChangeTickets, NewTicket, Priority, RestoreTicket, Status,
        Ticket, TicketPatch,
    },
};
use uuid::Uuid;

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, origin, ticket},
};

on_both_engines!(
    each_ticket_answers_for_itself_as_a_single_change_would,
    what_one_may_not_do_is_refused_ticket_by_ticket,
    sent_twice_it_happens_once,
    what_is_wrong_with_the_request_changes_nothing,
    a_deleted_ticket_comes_back_whole_within_a_day,
);

async fn bulk(desk: &Desk, by: &Principal, input: BulkChange, key: Option<&str>) -> Result<Vec<BulkResult>> {
    let idempotency = key.map(|key| IdempotencyKey::new(key, [1; 32]).unwrap());
    let command = ChangeTickets { principal: by.clone(), origin: origin(by), input, idempotency };
    Ok(desk.store.write(&desk.tenant, command).await?.answer.results)
}

fn summary(results: &[BulkResult]) -> Vec<(BulkOutcome, Option<&str>)> {
    results.iter().map(|result| (result.outcome, result.code.as_deref())).collect()
}

async fn raise(desk: &Desk, count: usize) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    for at in 0..count {
        let input = NewTicket { tags: vec!["old".into()], ..ticket(&format!("Ticket {at}")) };
        tickets.push(desk.raise(&desk.user, input).await.unwrap());
    }
    tickets
}

const NOBODYS: TicketId = TicketId(Uuid::from_u128(7));

async fn each_ticket_answers_for_itself_as_a_single_change_would(engine: Engine) {
    let desk = Desk::new(engine).await;
    let tickets = raise(&desk, 60).await;
    let done = TicketPatch {
        status: Some(Status::Waiting),
        assignee_id: Some(Some(desk.agent.user)),
        tags: Some(vec!["new".into()]),
        ..TicketPatch::default()
    };
    desk.update(&desk.agent, tickets[1].id, done).await.unwrap();
    let full =
        TicketPatch { tags: Some((0..20).map(|n| format!("t{n}")).collect()), ..TicketPatch::default() };
    desk.update(&desk.agent, tickets[2].id, full).await.unwrap();
    let before = desk.ledger().await.len();
    let mut ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id).collect();
    ids.insert(3, NOBODYS);
    let input = BulkChange {
        ids: ids.clone(),
        status: Some(Status::Waiting),
        assignee_id: Some(Some(desk.agent.user)),
        add_tags: vec!["New".into()],
        remove_tags: vec!["old".into()],
        ..BulkChange::default()
    };
    let results = bulk(&desk, &desk.agent, input, None).await.unwrap();
    assert_eq!(results.iter().map(|result| result.id).collect::<Vec<_>>(), ids);
    let outcomes = summary(&results);
    assert_eq!(
        outcomes[..4],
        [
            (BulkOutcome::Changed, None),
            (BulkOutcome::Unchanged, None),
            (BulkOutcome::Refused, Some("validation_failed")),
            (BulkOutcome::Refused, Some("not_found")),
        ]
    );
    assert!(outcomes[4..].iter().all(|outcome| *outcome == (BulkOutcome::Changed, None)), "{outcomes:?}");
    for (result, ticket) in results.iter().zip(&ids) {
        let Ok(now) = desk.get(&desk.agent, *ticket).await else { continue };
        if result.outcome == BulkOutcome::Changed {
            assert_eq!((now.status, now.version, now.tags), (Status::Waiting, 2, vec!["new".to_owned()]));
            assert_eq!((now.assignee.unwrap().id, result.version), (desk.agent.user, Some(2)));
        }
    }
    // Refused as a whole: the status and the assignee stayed as well.
    let refused = desk.get(&desk.agent, tickets[2].id).await.unwrap();
    assert_eq!((refused.status, refused.assignee.is_none()), (Status::Open, true));
    // One event each, as from a single change, that only its requester and the staff see.
    let events: Vec<_> = desk.ledger().await.into_iter().skip(before).collect();
    assert_eq!(events.len(), 58);
    assert!(
        events
            .iter()
            .all(|event| event.action == "ticket.updated" && event.requester == Some(desk.user.user))
    );
    assert!(events[0].data.contains(r#""tags":{"from":["old"],"to":["new"]}"#), "{}", events[0].data);
}

async fn what_one_may_not_do_is_refused_ticket_by_ticket(engine: Engine) {
    let desk = Desk::new(engine).await;
    let tickets = raise(&desk, 2).await;
    let ids = vec![tickets[0].id, NOBODYS];
    let before = desk.ledger().await.len();
    let delete = || BulkChange { ids: ids.clone(), delete: true, ..BulkChange::default() };
    let refused = bulk(&desk, &desk.agent, delete(), None).await.unwrap();
    assert_eq!(
        summary(&refused),
        [(BulkOutcome::Refused, Some("forbidden")), (BulkOutcome::Refused, Some("not_found"))]
    );
    // Who only raises tickets changes none, their own neither.
    let close = BulkChange { ids: ids.clone(), status: Some(Status::Closed), ..BulkChange::default() };
    for input in [close, delete()] {
        let refused = bulk(&desk, &desk.user, input, None).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    assert_eq!(desk.ledger().await.len(), before);
    let deleted = bulk(&desk, &desk.admin, delete(), None).await.unwrap();
    assert_eq!(summary(&deleted), [(BulkOutcome::Deleted, None), (BulkOutcome::Refused, Some("not_found"))]);
    assert_eq!(desk.actions_after(before).await, ["ticket.deleted"]);
}

async fn sent_twice_it_happens_once(engine: Engine) {
    let desk = Desk::new(engine).await;
    let tickets = raise(&desk, 2).await;
    let input = || BulkChange {
        ids: tickets.iter().map(|ticket| ticket.id).collect(),
        priority: Some(Priority::High),
        ..BulkChange::default()
    };
    let first = bulk(&desk, &desk.agent, input(), Some("once")).await.unwrap();
    let back = TicketPatch { priority: Some(Priority::Low), ..TicketPatch::default() };
    desk.update(&desk.agent, tickets[0].id, back).await.unwrap();
    let before = desk.ledger().await.len();
    assert_eq!(bulk(&desk, &desk.agent, input(), Some("once")).await.unwrap(), first);
    assert_eq!(desk.ledger().await.len(), before);
    assert_eq!(desk.get(&desk.agent, tickets[0].id).await.unwrap().priority, Priority::Low);
}

async fn what_is_wrong_with_the_request_changes_nothing(engine: Engine) {
    let desk = Desk::new(engine).await;
    let tickets = raise(&desk, 2).await;
    let before = desk.ledger().await.len();
    let id = tickets[0].id;
    let close = || BulkChange { ids: vec![id], status: Some(Status::Closed), ..BulkChange::default() };
    let many = (0..501).map(|n| TicketId(Uuid::from_u128(n))).collect();
    for (input, path) in [
        (BulkChange { ids: Vec::new(), ..close() }, "ids"),
        (BulkChange { ids: many, ..close() }, "ids"),
        (BulkChange { ids: vec![tickets[1].id, id, id], ..close() }, "ids[2]"),
        (BulkChange { ids: vec![id], ..BulkChange::default() }, "."),
        (BulkChange { delete: true, ..close() }, "."),
        (BulkChange { add_tags: vec![" ".into()], ..close() }, "addTags[0]"),
        (
            BulkChange { add_tags: vec!["a".into()], remove_tags: vec!["b".into(), "A".into()], ..close() },
            "removeTags",
        ),
        (BulkChange { assignee_id: Some(Some(desk.user.user)), ..close() }, "assigneeId"),
    ] {
        match bulk(&desk, &desk.agent, input, None).await {
            Err(Error::Validation(errors)) => assert_eq!(errors[0].path, path),
            other => panic!("{path}: {other:?}"),
        }
    }
    assert_eq!(desk.ledger().await.len(), before);
}

async fn a_deleted_ticket_comes_back_whole_within_a_day(engine: Engine) {
    let desk = Desk::new(engine).await;
    let restore = async |by: &Principal, id| {
        let command = RestoreTicket { principal: by.clone(), origin: origin(by), id };
        desk.store.write(&desk.tenant, command).await
    };
    let input = NewTicket { tags: vec!["zoo".into()], description: "A zebra".into(), ..ticket("Stripes") };
    let raised = desk.raise(&desk.user, input).await.unwrap();
    desk.say(&desk.user, raised.id, "Near the giraffe", false).await.unwrap();
    desk.say(&desk.agent, raised.id, "Between us: okapi", true).await.unwrap();
    let before = desk.get(&desk.admin, raised.id).await.unwrap();
    desk.delete(&desk.admin, raised.id).await.unwrap();
    // It is gone from everything.
    assert!(matches!(desk.get(&desk.admin, raised.id).await, Err(Error::NotFound)));
    for word in ["zebra", "giraffe", "okapi"] {
        assert!(desk.search(&desk.agent, word).await.is_empty(), "{word}");
    }
    for by in [&desk.user, &desk.other, &desk.agent] {
        for id in [raised.id, NOBODYS] {
            let refused = restore(by, id).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        }
    }
    let seq = desk.ledger().await.len();
    let back = restore(&desk.admin, raised.id).await.unwrap();
    assert_eq!(desk.actions_after(seq).await, ["ticket.restored"]);
    assert_eq!(back.version, before.version + 1);
    let same = |ticket: &Ticket| {
        let mut ticket = ticket.clone();
        (ticket.version, ticket.updated_at) = (0, before.updated_at);
        serde_json::to_string(&ticket).unwrap()
    };
    assert_eq!(same(&back), same(&before));
    assert_eq!(
        desk.conversation(&desk.admin, raised.id).await.unwrap(),
        ["Near the giraffe", "Between us: okapi"]
    );
    for word in ["zebra", "giraffe", "okapi"] {
        assert_eq!(desk.search(&desk.agent, word).await, ["Stripes"], "{word}");
    }
    assert!(desk.search(&desk.user, "okapi").await.is_empty(), "a note stays a note");
    // Only what is deleted comes back, and only once.
    assert!(matches!(restore(&desk.admin, raised.id).await, Err(Error::NotFound)));
    assert!(matches!(restore(&desk.admin, NOBODYS).await, Err(Error::NotFound)));
    // After a day it is gone for good.
    desk.delete(&desk.admin, raised.id).await.unwrap();
    assert!(desk.everything().await.contains("okapi"));
    desk.wait(25 * 60 * 60 * 1000);
    assert!(matches!(restore(&desk.admin, raised.id).await, Err(Error::NotFound)));
    assert!(desk.store.read(&desk.tenant, HasExpired).await.unwrap());
    desk.store.write(&desk.tenant, RemoveExpired { limit: 100 }).await.unwrap();
    assert!(!desk.everything().await.contains("okapi"));
}
