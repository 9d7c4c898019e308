//! Messages, internal notes, and who sees which.

use flowbit_domain::{
    Error, Principal,
    id::{MessageId, TicketId},
    idempotency::IdempotencyKey,
    message::{CreateMessage, ListMessages, Message, NewMessage},
    rich::RichText,
    ticket::{NewSplit, SplitTicket, Status, TicketPatch},
    user::{Authority, EraseUser},
};
use uuid::Uuid;

use crate::engines::{Engine, on_both_engines};
use crate::support::{Desk, origin, ticket};

async fn notes_are_for_the_staff_alone_by_every_way(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Late")).await.unwrap();
    desk.say(&desk.user, raised.id, "where is it", false).await.unwrap();
    desk.say(&desk.agent, raised.id, "zebrafish suspected", true).await.unwrap();
    desk.say(&desk.agent, raised.id, "on its way", false).await.unwrap();

    assert_eq!(
        desk.conversation(&desk.agent, raised.id).await.unwrap(),
        ["where is it", "zebrafish suspected", "on its way"]
    );
    assert_eq!(desk.conversation(&desk.user, raised.id).await.unwrap(), ["where is it", "on its way"]);
    assert!(matches!(desk.conversation(&desk.other, raised.id).await, Err(Error::NotFound)));
    assert_eq!(desk.get(&desk.agent, raised.id).await.unwrap().message_count, 3);
    assert_eq!(desk.get(&desk.user, raised.id).await.unwrap().message_count, 2);
    assert_eq!(desk.search(&desk.agent, "zebrafish").await, ["Late"]);
    assert!(desk.search(&desk.user, "zebrafish").await.is_empty());
    assert_eq!(desk.search(&desk.user, "way").await, ["Late"]);
    assert!(desk.search(&desk.other, "way").await.is_empty());
    assert!(matches!(desk.say(&desk.user, raised.id, "sneaky", true).await, Err(Error::Forbidden(_))));
    assert!(matches!(desk.say(&desk.other, raised.id, "hello", false).await, Err(Error::NotFound)));
}

async fn a_requesters_answer_opens_what_was_waiting_or_solved(engine: Engine) {
    let desk = Desk::new(engine).await;
    for status in [Status::Waiting, Status::Resolved, Status::Closed] {
        let raised = desk.raise(&desk.user, ticket("Again")).await.unwrap();
        let patch = TicketPatch { status: Some(status), ..TicketPatch::default() };
        desk.update(&desk.agent, raised.id, patch).await.unwrap();
        desk.say(&desk.agent, raised.id, "please answer", false).await.unwrap();
        assert_eq!(desk.get(&desk.agent, raised.id).await.unwrap().status, status);
        let before = desk.ledger().await.len();
        desk.say(&desk.user, raised.id, "still broken", false).await.unwrap();
        assert_eq!(desk.get(&desk.agent, raised.id).await.unwrap().status, Status::Open);
        assert_eq!(desk.actions_after(before).await, ["message.created", "ticket.updated"]);
    }
}

async fn pages_of_a_conversation_follow_each_other_without_gap_or_double(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Long")).await.unwrap();
    for i in 0..7 {
        desk.say(&desk.agent, raised.id, &format!("m{i}"), i % 3 == 2).await.unwrap();
    }
    for (by, expected) in [(&desk.agent, "m0 m1 m2 m3 m4 m5 m6"), (&desk.user, "m0 m1 m3 m4 m6")] {
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let query = ListMessages { principal: by.clone(), ticket: raised.id, limit: 2, cursor };
            let page = desk.store.read(&desk.tenant, query).await.unwrap();
            assert!(page.items.len() <= 2);
            seen.extend(page.items.into_iter().map(|m| m.body));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen.join(" "), expected);
    }
    let blank = desk.say(&desk.agent, raised.id, " \u{200b}\n", false).await;
    assert!(matches!(blank, Err(Error::Validation(_))));
}

async fn reply(
    desk: &Desk,
    by: &Principal,
    ticket: TicketId,
    last: Option<MessageId>,
    key: Option<&str>,
) -> Result<Message, Error> {
    let input = NewMessage { body: "on it".into(), last_message_id: Some(last), ..NewMessage::default() };
    let idempotency = key.map(|key| IdempotencyKey::new(key, [7; 32]).unwrap());
    let command = CreateMessage { principal: by.clone(), origin: origin(by), ticket, input, idempotency };
    Ok(desk.store.write(&desk.tenant, command).await?.answer)
}

fn is_held(answer: &Result<Message, Error>, by: &str) -> bool {
    matches!(answer, Err(Error::Conflict { code: "conversation_moved", detail }) if detail.starts_with(by))
}

async fn nobody_answers_past_somebody_else(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Late")).await.unwrap().id;
    // Nothing is there, and what one said oneself crosses nobody.
    let first = reply(&desk, &desk.agent, raised, None, Some("k")).await.unwrap();
    reply(&desk, &desk.agent, raised, None, None).await.unwrap();
    let before = desk.ledger().await.len();
    for (by, last) in [(&desk.admin, None), (&desk.admin, Some(first.id)), (&desk.user, Some(first.id))] {
        assert!(is_held(&reply(&desk, by, raised, last, None).await, "Greta"), "{last:?}");
    }
    assert_eq!(desk.ledger().await.len(), before);
    // A request sent again has its answer, whatever came since.
    desk.say(&desk.user, raised, "and now?", false).await.unwrap();
    assert_eq!(reply(&desk, &desk.agent, raised, None, Some("k")).await.unwrap().id, first.id);
    assert!(is_held(&reply(&desk, &desk.agent, raised, Some(first.id), None).await, "Uwe"));

    // A note holds back those who may read it, and tells the others nothing: not even that it is one of here.
    let asked = desk.say(&desk.user, raised, "hello?", false).await.unwrap();
    let note = desk.say(&desk.admin, raised, "I call her", true).await.unwrap();
    assert!(is_held(&reply(&desk, &desk.agent, raised, Some(asked.id), None).await, "Ada"));
    reply(&desk, &desk.user, raised, Some(asked.id), None).await.unwrap();
    reply(&desk, &desk.agent, raised, Some(note.id), None).await.unwrap_err();
    let unread = [Some(note.id), Some(MessageId(Uuid::nil()))];
    for last in unread {
        assert!(is_held(&reply(&desk, &desk.user, raised, last, None).await, "Greta"));
    }
}

async fn a_public_message_becomes_a_ticket_and_a_note_never_does(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Two things")).await.unwrap();
    let elsewhere = desk.raise(&desk.user, ticket("Elsewhere")).await.unwrap();
    let asked = desk.say(&desk.user, raised.id, "and the invoice is wrong", false).await.unwrap();
    let note = desk.say(&desk.agent, raised.id, "zebrafish suspected", true).await.unwrap();
    let split = |by: &Principal, ticket, message_id, title: &str| SplitTicket {
        principal: by.clone(),
        origin: origin(by),
        ticket,
        input: NewSplit { message_id, title: title.into() },
        idempotency: None,
    };
    let before = desk.ledger().await.len();
    for (by, ticket, message) in [
        (&desk.agent, raised.id, note.id),
        (&desk.admin, raised.id, note.id),
        (&desk.agent, elsewhere.id, asked.id),
    ] {
        let refused = desk.store.write(&desk.tenant, split(by, ticket, message, "Apart")).await;
        assert!(matches!(refused, Err(Error::Validation(_))));
    }
    let blank = desk.store.write(&desk.tenant, split(&desk.agent, raised.id, asked.id, " ")).await;
    assert!(matches!(blank, Err(Error::Validation(_))));
    let by_requester = desk.store.write(&desk.tenant, split(&desk.user, raised.id, asked.id, "Apart")).await;
    assert!(matches!(by_requester, Err(Error::Forbidden(_))));
    let by_other = desk.store.write(&desk.tenant, split(&desk.other, raised.id, asked.id, "Apart")).await;
    assert!(matches!(by_other, Err(Error::NotFound)));
    assert_eq!(desk.ledger().await.len(), before);

    let apart = desk.store.write(&desk.tenant, split(&desk.agent, raised.id, asked.id, "Invoice")).await;
    let apart = apart.unwrap().answer;
    let read = desk.get(&desk.user, apart.id).await.unwrap();
    assert_eq!((read.title.as_str(), read.description.as_str()), ("Invoice", "and the invoice is wrong"));
    assert_eq!(read.requester.id, desk.user.user);
    assert_eq!(desk.actions_after(before).await, ["ticket.created", "ticket.split", "ticket.split"]);
    assert_eq!(desk.conversation(&desk.user, raised.id).await.unwrap(), ["and the invoice is wrong"]);
    assert!(matches!(desk.get(&desk.other, apart.id).await, Err(Error::NotFound)));
    assert_eq!(desk.search(&desk.user, "invoice").await, ["Two things", "Invoice"]);

    // Who has been erased is not given another ticket, which nobody could erase them from.
    let by = Authority::Person(desk.admin.clone());
    let erase = EraseUser { by, origin: origin(&desk.admin), id: desk.user.user, texts: true };
    desk.store.write(&desk.tenant, erase).await.unwrap();
    let after = desk.ledger().await.len();
    let again = desk.store.write(&desk.tenant, split(&desk.agent, raised.id, asked.id, "Invoice")).await;
    assert!(matches!(again, Err(Error::Validation(_))));
    assert_eq!(desk.ledger().await.len(), after);
}

on_both_engines!(
    a_public_message_becomes_a_ticket_and_a_note_never_does,
    nobody_answers_past_somebody_else,
    notes_are_for_the_staff_alone_by_every_way,
    a_requesters_answer_opens_what_was_waiting_or_solved,
    pages_of_a_conversation_follow_each_other_without_gap_or_double,
    formatting_is_kept_beside_the_text,
);

async fn formatting_is_kept_beside_the_text(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Late")).await.unwrap().id;
    let write = async |by: &Principal, body: &str, html: &str| {
        let html = Some(RichText::read(html).unwrap());
        let input = NewMessage { body: body.into(), html, ..NewMessage::default() };
        let command = CreateMessage {
            principal: by.clone(),
            origin: origin(by),
            ticket: raised,
            input,
            idempotency: None,
        };
        desk.store.write(&desk.tenant, command).await.map(|answered| answered.answer)
    };
    let messages = async |by: &Principal| {
        let query = ListMessages { principal: by.clone(), ticket: raised, limit: 100, cursor: None };
        desk.store.read(&desk.tenant, query).await.unwrap().items
    };
    let hostile = "<ul><li>gate <strong>zebrafish</strong></li></ul><img src=x onerror=alert(1)>";
    let sent = write(&desk.user, "", hostile).await.unwrap();
    let clean = "<ul><li>gate <strong>zebrafish</strong></li></ul>";
    for said in [&sent, &messages(&desk.agent).await[0], &messages(&desk.user).await[0]] {
        assert_eq!((said.body.as_str(), said.html.as_deref()), ("* gate zebrafish", Some(clean)));
    }
    assert_eq!(desk.search(&desk.agent, "zebrafish").await, ["Late"]);
    assert_eq!(desk.search(&desk.agent, "strong").await, [""; 0]);
    desk.say(&desk.agent, raised, "plain", false).await.unwrap();
    assert_eq!(messages(&desk.user).await[1].html, None);
    // One of both, with something in it that can be seen.
    for (body, html, path) in
        [("both", "<p>both</p>", "html"), ("", "<p> <br></p>", "html"), ("", "<script>1</script>", "html")]
    {
        let refused = write(&desk.agent, body, html).await;
        assert!(matches!(refused, Err(Error::Validation(errors)) if errors[0].path == path), "{html}");
    }
    let long = write(&desk.agent, "", &format!("<p>{}</p>", "x".repeat(20_001))).await;
    assert!(matches!(long, Err(Error::Validation(errors)) if errors[0].path == "html"));
    assert_eq!(messages(&desk.agent).await.len(), 2);
    // Whose texts go, theirs go in both forms.
    let by = Authority::Person(desk.admin.clone());
    let erase = EraseUser { by, origin: origin(&desk.admin), id: desk.user.user, texts: true };
    desk.store.write(&desk.tenant, erase).await.unwrap();
    let left = &messages(&desk.agent).await[0];
    assert!(!left.body.contains("zebrafish"));
    assert_eq!(left.html, None);
}
