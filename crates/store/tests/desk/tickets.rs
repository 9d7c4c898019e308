//! Raising, changing and deleting tickets.

use flowbit_domain::{
    Error,
    id::{TicketId, UserId},
    idempotency::IdempotencyKey,
    ticket::{CreateTicket, DeleteTicket, NewTicket, Priority, Status, TicketPatch},
};
use uuid::Uuid;

use crate::engines::{Engine, on_both_engines};
use crate::support::{Desk, origin, ticket};

fn paths(error: Error) -> Vec<String> {
    match error {
        Error::Validation(errors) => errors.into_iter().map(|e| e.path).collect(),
        other => panic!("{other:?}"),
    }
}

async fn a_new_ticket_is_what_was_said_and_is_recorded(engine: Engine) {
    let desk = Desk::new(engine).await;
    let before = desk.ledger().await.len();
    let input = NewTicket {
        title: "  Pallet 7 is late ".into(),
        description: "Since Monday.\n".into(),
        priority: Some(Priority::High),
        tags: vec!["Customs".into(), "delay".into(), "customs".into()],
        custom_fields: serde_json::json!({ "order": 17 }).as_object().cloned(),
        ..NewTicket::default()
    };
    let raised = desk.raise(&desk.user, input).await.unwrap();
    assert_eq!((raised.number, raised.version, raised.status), (1, 1, Status::Open));
    assert_eq!(raised.title, "Pallet 7 is late");
    assert_eq!(raised.description, "Since Monday.");
    assert_eq!(raised.tags, ["customs", "delay"]);
    assert_eq!(raised.custom_fields.get(), r#"{"order":17}"#);
    assert_eq!(raised.requester.name, "Uwe User");
    assert!(raised.assignee.is_none() && raised.workflow.is_none() && raised.resolved_at.is_none());
    assert_eq!(desk.raise(&desk.agent, ticket("Next")).await.unwrap().number, 2);

    let events = desk.ledger().await;
    let event = &events[before];
    assert_eq!(event.action, "ticket.created");
    assert_eq!(event.actor.name, "Uwe User");
    assert_eq!(event.ip.as_deref(), Some("192.0.2.1"));
    assert_eq!(event.ticket, Some(raised.id));
    assert_eq!(event.requester, Some(desk.user.user));
}

async fn what_is_wrong_is_named_and_nothing_is_changed(engine: Engine) {
    let desk = Desk::new(engine).await;
    let before = desk.ledger().await.len();
    let input = NewTicket {
        title: "\u{200b}\u{2060} ".into(),
        description: "x".repeat(20_001),
        tags: vec!["ok".into(), "two\nlines".into()],
        ..NewTicket::default()
    };
    let error = desk.raise(&desk.agent, input).await.unwrap_err();
    assert_eq!(paths(error), ["title", "description", "tags[1]"]);
    let error = desk.raise(&desk.agent, ticket(&"x".repeat(201))).await.unwrap_err();
    assert_eq!(paths(error), ["title"]);
    let stranger = NewTicket { assignee_id: Some(UserId(Uuid::from_u128(7))), ..ticket("To nobody") };
    assert_eq!(paths(desk.raise(&desk.agent, stranger).await.unwrap_err()), ["assigneeId"]);
    let requester = NewTicket { assignee_id: Some(desk.user.user), ..ticket("To a requester") };
    assert_eq!(paths(desk.raise(&desk.agent, requester).await.unwrap_err()), ["assigneeId"]);
    assert_eq!(desk.ledger().await.len(), before);
    assert_eq!(desk.raise(&desk.agent, ticket("First")).await.unwrap().number, 1, "no number was used up");
}

async fn a_requester_assigns_changes_and_deletes_nothing(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mine = desk.raise(&desk.user, ticket("Mine")).await.unwrap();
    let before = desk.ledger().await.len();
    let assigned = NewTicket { assignee_id: Some(desk.agent.user), ..ticket("Assigned") };
    assert!(matches!(desk.raise(&desk.user, assigned).await, Err(Error::Forbidden(_))));
    let patch = TicketPatch { status: Some(Status::Closed), ..TicketPatch::default() };
    assert!(matches!(desk.update(&desk.user, mine.id, patch.clone()).await, Err(Error::Forbidden(_))));
    // Of another's ticket they don't even learn that it exists.
    assert!(matches!(desk.update(&desk.other, mine.id, patch).await, Err(Error::NotFound)));
    assert!(matches!(desk.get(&desk.other, mine.id).await, Err(Error::NotFound)));
    for (by, hidden) in [(&desk.user, false), (&desk.other, true), (&desk.agent, false)] {
        let delete = DeleteTicket { principal: by.clone(), origin: origin(by), id: mine.id };
        match desk.store.write(&desk.tenant, delete).await {
            Err(Error::NotFound) => assert!(hidden),
            Err(Error::Forbidden(_)) => assert!(!hidden),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(desk.ledger().await.len(), before);
}

async fn a_change_says_what_it_was_before_and_a_stale_one_is_refused(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Scanner broken")).await.unwrap();
    let before = desk.ledger().await.len();
    let patch = TicketPatch {
        status: Some(Status::Resolved),
        assignee_id: Some(Some(desk.agent.user)),
        tags: Some(vec!["Hardware".into()]),
        version: Some(1),
        ..TicketPatch::default()
    };
    let changed = desk.update(&desk.agent, raised.id, patch.clone()).await.unwrap();
    assert_eq!((changed.version, changed.status), (2, Status::Resolved));
    assert!(changed.resolved_at.is_some());
    let stored = desk.get(&desk.agent, raised.id).await.unwrap();
    assert_eq!(serde_json::to_value(&stored).unwrap(), serde_json::to_value(&changed).unwrap());

    let events = desk.ledger().await;
    let data: serde_json::Value = serde_json::from_str(&events[before].data).unwrap();
    assert_eq!(data["changes"]["status"], serde_json::json!({ "from": "open", "to": "resolved" }));
    assert_eq!(data["changes"]["assignee"]["to"]["name"], "Greta Agent");
    assert_eq!(data["changes"]["tags"], serde_json::json!({ "from": [], "to": ["hardware"] }));

    let Err(Error::Conflict { code: "conflict", .. }) = desk.update(&desk.agent, raised.id, patch).await
    else {
        panic!("a stale change was taken")
    };
    // The same again without a version changes nothing and is not recorded.
    let same = TicketPatch { status: Some(Status::Resolved), ..TicketPatch::default() };
    assert_eq!(desk.update(&desk.agent, raised.id, same).await.unwrap().version, 2);
    assert_eq!(desk.ledger().await.len(), before + 1);

    let again = TicketPatch { status: Some(Status::Open), assignee_id: Some(None), ..TicketPatch::default() };
    let reopened = desk.update(&desk.agent, raised.id, again).await.unwrap();
    assert!(reopened.resolved_at.is_none() && reopened.assignee.is_none());
}

async fn a_deleted_ticket_is_gone_with_its_text_and_its_number_is_not_used_again(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Secretword")).await.unwrap();
    desk.say(&desk.agent, raised.id, "whispered", false).await.unwrap();
    let before = desk.ledger().await.len();
    let delete = DeleteTicket { principal: desk.admin.clone(), origin: origin(&desk.admin), id: raised.id };
    desk.store.write(&desk.tenant, delete).await.unwrap();
    assert!(matches!(desk.get(&desk.admin, raised.id).await, Err(Error::NotFound)));
    assert!(matches!(desk.conversation(&desk.admin, raised.id).await, Err(Error::NotFound)));
    assert!(desk.search(&desk.admin, "secretword").await.is_empty());
    assert!(desk.search(&desk.admin, "whispered").await.is_empty());
    assert_eq!(desk.actions_after(before).await, ["ticket.deleted"]);
    assert_eq!(desk.raise(&desk.user, ticket("Next")).await.unwrap().number, 2);
    let missing = DeleteTicket {
        principal: desk.admin.clone(),
        origin: origin(&desk.admin),
        id: TicketId(Uuid::from_u128(1)),
    };
    assert!(matches!(desk.store.write(&desk.tenant, missing).await, Err(Error::NotFound)));
}

async fn the_same_key_raises_one_ticket_and_another_request_under_it_is_refused(engine: Engine) {
    let desk = Desk::new(engine).await;
    let command = |title: &str, fingerprint: u8| CreateTicket {
        principal: desk.user.clone(),
        origin: origin(&desk.user),
        input: ticket(title),
        idempotency: Some(IdempotencyKey::new("key-1", [fingerprint; 32]).unwrap()),
    };
    let first = desk.store.write(&desk.tenant, command("Once", 1)).await.unwrap();
    let second = desk.store.write(&desk.tenant, command("Once", 1)).await.unwrap();
    assert!(!first.replayed && second.replayed);
    assert_eq!(serde_json::to_value(&first.answer).unwrap(), serde_json::to_value(&second.answer).unwrap());
    let error = desk.store.write(&desk.tenant, command("Twice", 2)).await.unwrap_err();
    assert_eq!(paths(error), ["Idempotency-Key"]);
    // Another person's key of the same text is another key.
    let mut theirs = command("Once", 1);
    theirs.principal = desk.other.clone();
    assert!(!desk.store.write(&desk.tenant, theirs).await.unwrap().replayed);
}

on_both_engines!(
    a_new_ticket_is_what_was_said_and_is_recorded,
    what_is_wrong_is_named_and_nothing_is_changed,
    a_requester_assigns_changes_and_deletes_nothing,
    a_change_says_what_it_was_before_and_a_stale_one_is_refused,
    a_deleted_ticket_is_gone_with_its_text_and_its_number_is_not_used_again,
    the_same_key_raises_one_ticket_and_another_request_under_it_is_refused,
);
