//! Macros: what one does happens at once and once, and whose it is decides who has it.

use flowbit_domain::{
    Error, Principal, Result,
    feed::ListEvents,
    id::{MacroId, TicketId},
    idempotency::IdempotencyKey,
    macros::{
        ApplyMacro, CreateMacro, DeleteMacro, ListMacros, Macro, MacroActions, MacroOutcome, MacroPatch,
        MacroUse, NewMacro, UpdateMacro,
    },
    ticket::{NewTicket, Priority, Status},
    user::{Authority, EraseUser},
};

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, origin, ticket},
};

on_both_engines! {
    a_macro_answers_and_changes_at_once,
    a_macro_that_cannot_be_done_does_nothing,
    a_repeated_request_is_applied_once,
    a_personal_macro_is_its_owners_alone,
    shared_macros_are_kept_by_admins,
    the_ledger_says_what_was_and_is_of_shared_ones_only,
    placeholders_are_checked_and_filled_in,
    an_erased_person_leaves_no_macros,
}

async fn make(desk: &Desk, by: &Principal, input: NewMacro) -> Result<Macro> {
    desk.store.write(&desk.tenant, CreateMacro { principal: by.clone(), origin: origin(by), input }).await
}

fn says(name: &str, body: &str, shared: bool) -> NewMacro {
    NewMacro { name: name.into(), body: body.into(), shared, ..NewMacro::default() }
}

fn uses(id: MacroId) -> MacroUse {
    MacroUse {
        macro_id: id,
        body: None,
        html: None,
        mentions: Vec::new(),
        attachments: Vec::new(),
        version: None,
        last_message_id: None,
    }
}

async fn apply(desk: &Desk, by: &Principal, ticket: TicketId, input: MacroUse) -> Result<MacroOutcome> {
    apply_by_key(desk, by, ticket, input, None).await
}

async fn apply_by_key(
    desk: &Desk,
    by: &Principal,
    ticket: TicketId,
    input: MacroUse,
    idempotency: Option<IdempotencyKey>,
) -> Result<MacroOutcome> {
    let command = ApplyMacro { principal: by.clone(), origin: origin(by), ticket, input, idempotency };
    Ok(desk.store.write(&desk.tenant, command).await?.answer)
}

async fn names(desk: &Desk, by: &Principal) -> Vec<String> {
    let list = ListMacros { principal: by.clone(), ticket: None };
    let list = desk.store.read(&desk.tenant, list).await.unwrap();
    list.items.into_iter().map(|item| item.found.name).collect()
}

async fn change(desk: &Desk, by: &Principal, id: MacroId, patch: MacroPatch) -> Result<Macro> {
    let command = UpdateMacro { principal: by.clone(), origin: origin(by), id, patch };
    desk.store.write(&desk.tenant, command).await
}

fn renamed(name: &str) -> MacroPatch {
    MacroPatch { name: Some(name.into()), ..MacroPatch::default() }
}

fn paths(error: Error) -> Vec<String> {
    match error {
        Error::Validation(errors) => errors.into_iter().map(|error| error.path).collect(),
        other => panic!("{other:?}"),
    }
}

async fn a_macro_answers_and_changes_at_once(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = NewTicket { tags: vec!["new".into(), "vip".into()], ..ticket("Pallet 7") };
    let raised = desk.raise(&desk.user, raised).await.unwrap();
    let input = NewMacro {
        actions: MacroActions {
            status: Some(Status::Waiting),
            priority: Some(Priority::High),
            add_tags: vec!["Asked".into()],
            remove_tags: vec!["new".into()],
            assignee: Some("me".into()),
            team_id: None,
        },
        ..says("Ask", "Hello {{requester.firstName}}, about #{{ticket.number}}: {{agent.name}}", true)
    };
    let made = make(&desk, &desk.admin, input).await.unwrap();
    let before = desk.ledger().await.len();
    let outcome = apply(&desk, &desk.agent, raised.id, uses(made.id)).await.unwrap();
    let message = outcome.message.unwrap();
    assert_eq!(message.body, "Hello Uwe, about #1: Greta Agent");
    assert!(!message.internal);
    assert_eq!(message.author.name, "Greta Agent");
    let after = outcome.ticket;
    assert_eq!((after.status, after.priority), (Status::Waiting, Priority::High));
    assert_eq!(after.tags, ["asked", "vip"]);
    assert_eq!(after.assignee.map(|a| a.id), Some(desk.agent.user));
    assert_eq!((after.message_count, after.version), (1, raised.version + 1));
    assert_eq!(desk.actions_after(before).await, ["message.created", "ticket.updated", "macro.applied"]);
    let list = ListMacros { principal: desk.agent.clone(), ticket: Some(raised.id) };
    let item = desk.store.read(&desk.tenant, list).await.unwrap().items.swap_remove(0);
    assert_eq!(item.found.usage_count, 1);
    assert!(item.found.last_used_at.is_some());
    assert_eq!(item.text.as_deref(), Some("Hello Uwe, about #1: Greta Agent"));
    // What somebody went over is said as it stands, and a note stays a note.
    let note = NewMacro { internal: true, ..says("Note", "{{ticket.title}}", false) };
    let note = make(&desk, &desk.agent, note).await.unwrap();
    let edited = MacroUse {
        body: Some("{{ticket.title}} checked".into()),
        mentions: vec![desk.admin.user],
        ..uses(note.id)
    };
    let unheard = MacroUse { mentions: vec![desk.admin.user, desk.user.user], ..edited.clone() };
    assert_eq!(paths(apply(&desk, &desk.agent, raised.id, unheard).await.unwrap_err()), ["mentions[1]"]);
    let said = apply(&desk, &desk.agent, raised.id, edited).await.unwrap().message.unwrap();
    assert_eq!(said.mentions.iter().map(|person| person.id).collect::<Vec<_>>(), [desk.admin.user]);
    assert_eq!((said.body.as_str(), said.internal), ("{{ticket.title}} checked", true));
    assert_eq!(desk.conversation(&desk.user, raised.id).await.unwrap().len(), 1, "the note is not for them");
}

async fn a_macro_that_cannot_be_done_does_nothing(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let actions = MacroActions { assignee: Some(desk.agent.user.to_string()), ..MacroActions::default() };
    let input = NewMacro { actions, ..says("To Greta", "Greta will look", true) };
    let made = make(&desk, &desk.admin, input).await.unwrap();
    let stale = MacroUse { version: Some(raised.version + 1), ..uses(made.id) };
    let error = apply(&desk, &desk.agent, raised.id, stale).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { code: "conflict", .. }), "{error:?}");
    // An answer to the requester waits until what they have said meanwhile is read; a note does not.
    desk.say(&desk.user, raised.id, "it has come", false).await.unwrap();
    let unread = |id| MacroUse { last_message_id: Some(None), ..uses(id) };
    let error = apply(&desk, &desk.agent, raised.id, unread(made.id)).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { code: "conversation_moved", .. }), "{error:?}");
    let note = NewMacro { internal: true, ..says("Seen", "Seen", true) };
    let note = make(&desk, &desk.admin, note).await.unwrap();
    apply(&desk, &desk.agent, raised.id, unread(note.id)).await.unwrap();
    // She leaves.
    let erase = EraseUser {
        by: Authority::Person(desk.admin.clone()),
        origin: origin(&desk.admin),
        id: desk.agent.user,
        texts: false,
    };
    desk.store.write(&desk.tenant, erase).await.unwrap();
    let before = desk.ledger().await.len();
    let error = apply(&desk, &desk.admin, raised.id, uses(made.id)).await.unwrap_err();
    assert_eq!(paths(error), ["actions.assignee"]);
    assert_eq!(desk.ledger().await.len(), before);
    assert_eq!(desk.conversation(&desk.admin, raised.id).await.unwrap(), ["it has come", "Seen"]);
}

async fn a_repeated_request_is_applied_once(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let made = make(&desk, &desk.admin, says("Hello", "Hello", true)).await.unwrap();
    let key = || Some(IdempotencyKey::new("once", [7; 32]).unwrap());
    let first = apply_by_key(&desk, &desk.agent, raised.id, uses(made.id), key()).await.unwrap();
    let seq = desk.ledger().await.len();
    let second = apply_by_key(&desk, &desk.agent, raised.id, uses(made.id), key()).await.unwrap();
    assert_eq!(first.message.map(|m| m.id), second.message.map(|m| m.id));
    assert_eq!(desk.ledger().await.len(), seq);
    assert_eq!(desk.conversation(&desk.agent, raised.id).await.unwrap().len(), 1);
}

async fn a_personal_macro_is_its_owners_alone(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let made = make(&desk, &desk.agent, says("Mine", "Between us", false)).await.unwrap();
    make(&desk, &desk.admin, says("Ours", "Hello", true)).await.unwrap();
    assert_eq!(names(&desk, &desk.agent).await, ["Mine", "Ours"]);
    assert_eq!(names(&desk, &desk.admin).await, ["Ours"], "not even an admin has it");
    let error = apply(&desk, &desk.admin, raised.id, uses(made.id)).await.unwrap_err();
    assert_eq!(paths(error), ["macroId"]);
    let error = change(&desk, &desk.admin, made.id, renamed("Taken")).await.unwrap_err();
    assert!(matches!(error, Error::NotFound), "{error:?}");
    let delete = DeleteMacro { principal: desk.admin.clone(), origin: origin(&desk.admin), id: made.id };
    let error = desk.store.write(&desk.tenant, delete).await.unwrap_err();
    assert!(matches!(error, Error::NotFound), "{error:?}");
    assert_eq!(names(&desk, &desk.agent).await, ["Mine", "Ours"]);
    for (by, heard) in [(&desk.agent, 2), (&desk.admin, 1), (&desk.user, 0)] {
        let events = ListEvents { principal: by.clone(), after: 0, limit: 100, ticket: None };
        let events = desk.store.read(&desk.tenant, events).await.unwrap().items;
        let of_macros = events.iter().filter(|event| event.action == "macro.created").count();
        assert_eq!(of_macros, heard, "{:?}", by.role);
    }
}

async fn shared_macros_are_kept_by_admins(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let made = make(&desk, &desk.admin, says("Ours", "Hello", true)).await.unwrap();
    let forbidden = |error: Error| assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    forbidden(make(&desk, &desk.agent, says("Mine for all", "Hello", true)).await.unwrap_err());
    forbidden(change(&desk, &desk.agent, made.id, renamed("Taken")).await.unwrap_err());
    let delete = |by: &Principal| DeleteMacro { principal: by.clone(), origin: origin(by), id: made.id };
    forbidden(desk.store.write(&desk.tenant, delete(&desk.agent)).await.unwrap_err());
    // Who raises tickets has none, makes none and applies none.
    forbidden(make(&desk, &desk.user, says("Mine", "Hello", false)).await.unwrap_err());
    forbidden(apply(&desk, &desk.user, raised.id, uses(made.id)).await.unwrap_err());
    let error = apply(&desk, &desk.other, raised.id, uses(made.id)).await.unwrap_err();
    assert!(matches!(error, Error::NotFound), "{error:?}");
    let list = ListMacros { principal: desk.user.clone(), ticket: None };
    forbidden(desk.store.read(&desk.tenant, list).await.unwrap_err());
    desk.store.write(&desk.tenant, delete(&desk.admin)).await.unwrap();
    assert!(names(&desk, &desk.agent).await.is_empty());
}

async fn the_ledger_says_what_was_and_is_of_shared_ones_only(engine: Engine) {
    let desk = Desk::new(engine).await;
    let ours = make(&desk, &desk.admin, says("Ours", "Hello", true)).await.unwrap();
    let mine = make(&desk, &desk.agent, says("Secret name", "Secret text", false)).await.unwrap();
    let renamed = |name: &str, version| MacroPatch { version: Some(version), ..renamed(name) };
    change(&desk, &desk.admin, ours.id, renamed("All", 1)).await.unwrap();
    let error = change(&desk, &desk.admin, ours.id, renamed("Late", 1)).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { code: "conflict", .. }), "{error:?}");
    change(&desk, &desk.agent, mine.id, renamed("Secret again", 1)).await.unwrap();
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    apply(&desk, &desk.agent, raised.id, uses(mine.id)).await.unwrap();
    let before = desk.ledger().await.len();
    change(&desk, &desk.admin, ours.id, renamed("All", 2)).await.unwrap();
    let events = desk.ledger().await;
    assert_eq!(events.len(), before, "nothing changed");
    let all: Vec<&str> =
        events.iter().filter(|e| e.action == "macro.updated").map(|e| e.data.as_str()).collect();
    assert!(all[0].contains(r#""changes":{"name":{"from":"Ours","to":"All"}}"#), "{}", all[0]);
    assert!(all[1].contains(r#""fields":["name"]"#), "{}", all[1]);
    assert!(
        !events.iter().any(|event| event.data.contains("Secret")),
        "a personal one is the owner's business"
    );
}

async fn placeholders_are_checked_and_filled_in(engine: Engine) {
    let desk = Desk::new(engine).await;
    let error = make(&desk, &desk.admin, says("Bad", "{{requester.password}}", true)).await.unwrap_err();
    assert!(error.to_string().contains("{{requester.password}} is no placeholder"), "{error}");
    let error = make(&desk, &desk.admin, says("Empty", " ", true)).await.unwrap_err();
    assert_eq!(paths(error), ["body"]);
    let actions = MacroActions {
        add_tags: vec!["a".into(), String::new()],
        remove_tags: vec!["a".into()],
        assignee: Some("somebody".into()),
        ..MacroActions::default()
    };
    let error = make(&desk, &desk.admin, NewMacro { actions, ..says("Bad", "", true) }).await.unwrap_err();
    assert_eq!(paths(error), ["actions.addTags[1]", "actions.removeTags", "actions.assignee"]);
    let actions = MacroActions { assignee: Some(desk.user.user.to_string()), ..MacroActions::default() };
    let error = make(&desk, &desk.admin, NewMacro { actions, ..says("Bad", "", true) }).await.unwrap_err();
    assert_eq!(paths(error), ["actions.assignee"]);
}

async fn an_erased_person_leaves_no_macros(engine: Engine) {
    let desk = Desk::new(engine).await;
    make(&desk, &desk.agent, says("Mine", "Hello", false)).await.unwrap();
    make(&desk, &desk.admin, says("Ours", "Hello", true)).await.unwrap();
    let erase = EraseUser {
        by: Authority::Person(desk.admin.clone()),
        origin: origin(&desk.admin),
        id: desk.agent.user,
        texts: true,
    };
    desk.store.write(&desk.tenant, erase).await.unwrap();
    assert_eq!(names(&desk, &desk.agent).await, ["Ours"]);
}
