//! Custom fields: what is checked, what must be there, and what a requester never sees.

use flowbit_domain::{
    Error, Principal, Result,
    feed::ListEvents,
    fields::{CreateField, Field, FieldKind, FieldPatch, ListFields, NewField, Required, UpdateField},
    id::FieldId,
    macros::{CreateMacro, MacroActions, NewMacro},
    ticket::{ListTickets, NewTicket, Status, Ticket, TicketFilter, TicketPatch, TicketSort},
};
use serde_json::{Value as Json, json};

use crate::{
    engines::{Engine, on_both_engines},
    filters::expression,
    support::{Desk, apply, origin, ticket},
};

on_both_engines! {
    values_are_checked_and_unknown_keys_kept,
    a_field_can_be_required_of_a_new_ticket,
    a_field_can_be_required_of_a_solved_ticket,
    a_hidden_value_reaches_no_requester,
    a_hidden_value_stays_hidden_when_its_field_is_switched_off,
    requesters_set_only_what_they_see,
    requesters_find_only_by_what_they_see,
    definitions_are_the_admins_and_never_change_kind,
    a_field_behind_the_last_place_can_be_changed,
}

fn field(key: &str, kind: FieldKind) -> NewField {
    NewField {
        key: key.into(),
        label: format!("The {key}"),
        kind,
        options: match kind {
            FieldKind::Choice | FieldKind::Choices => vec!["red".into(), "green".into()],
            _ => Vec::new(),
        },
        required: Required::Never,
        shown_to_requesters: true,
    }
}

async fn define(desk: &Desk, input: NewField) -> Result<Field> {
    let by = &desk.admin;
    desk.store.write(&desk.tenant, CreateField { principal: by.clone(), origin: origin(by), input }).await
}

async fn redefine(desk: &Desk, by: &Principal, id: FieldId, patch: FieldPatch) -> Result<Field> {
    let update = UpdateField { principal: by.clone(), origin: origin(by), id, patch };
    desk.store.write(&desk.tenant, update).await
}

fn with(values: &Json) -> NewTicket {
    NewTicket { custom_fields: values.as_object().cloned(), ..ticket("Pallet 7") }
}

fn set(values: &Json) -> TicketPatch {
    TicketPatch { custom_fields: values.as_object().cloned(), ..TicketPatch::default() }
}

fn values(ticket: &Ticket) -> Json {
    serde_json::from_str(ticket.custom_fields.get()).unwrap()
}

fn paths(error: Error) -> Vec<String> {
    match error {
        Error::Validation(errors) => errors.into_iter().map(|error| error.path).collect(),
        other => panic!("{other:?}"),
    }
}

async fn values_are_checked_and_unknown_keys_kept(engine: Engine) {
    let desk = Desk::new(engine).await;
    define(&desk, field("order", FieldKind::Number)).await.unwrap();
    define(&desk, field("colour", FieldKind::Choice)).await.unwrap();
    define(&desk, field("extras", FieldKind::Choices)).await.unwrap();
    let bad = json!({ "order": "7", "colour": "blue", "extras": ["red"], "other": { "any": [1] } });
    let error = desk.raise(&desk.user, with(&bad)).await.unwrap_err();
    assert_eq!(paths(error), ["customFields.colour", "customFields.order"]);
    let good = json!({ "order": 7, "colour": "red", "extras": ["green", "red"], "other": { "any": [1] } });
    let raised = desk.raise(&desk.user, with(&good)).await.unwrap();
    let kept = json!({ "order": 7, "colour": "red", "extras": ["red", "green"], "other": { "any": [1] } });
    assert_eq!(values(&raised), kept);
    let error = desk.update(&desk.agent, raised.id, set(&json!({ "order": true }))).await.unwrap_err();
    assert!(error.to_string().contains("customFields.order: \"The order\" must be a number"), "{error}");
    let before = desk.ledger().await.len();
    let patch = json!({ "order": 8, "colour": null, "extras": ["red", "green"] });
    let changed = desk.update(&desk.agent, raised.id, set(&patch)).await.unwrap();
    assert_eq!(values(&changed), json!({ "order": 8, "extras": ["red", "green"], "other": { "any": [1] } }));
    assert_eq!(changed.version, raised.version + 1);
    let event = &desk.ledger().await[before];
    let data: Json = serde_json::from_str(&event.data).unwrap();
    assert_eq!(
        data["changes"],
        json!({ "customFields.order": { "from": 7, "to": 8 }, "customFields.colour": { "from": "red", "to": null } })
    );
    // What is no change is none.
    let same = desk.update(&desk.agent, raised.id, set(&json!({ "order": 8 }))).await.unwrap();
    assert_eq!(same.version, changed.version);
    let large = json!({ "other": "x".repeat(16 * 1024) });
    let error = desk.update(&desk.agent, raised.id, set(&large)).await.unwrap_err();
    assert_eq!(paths(error), ["customFields"]);
}

async fn a_field_can_be_required_of_a_new_ticket(engine: Engine) {
    let desk = Desk::new(engine).await;
    let required = Required::Create;
    define(&desk, NewField { required, ..field("order", FieldKind::Text) }).await.unwrap();
    let hidden = NewField { shown_to_requesters: false, required, ..field("score", FieldKind::Number) };
    define(&desk, hidden).await.unwrap();
    let error = desk.raise(&desk.user, with(&json!({ "order": " " }))).await.unwrap_err();
    assert_eq!(paths(error), ["customFields.order"], "nobody is asked for what they do not see");
    desk.raise(&desk.user, with(&json!({ "order": "A1" }))).await.unwrap();
    let error = desk.raise(&desk.agent, with(&json!({ "order": "A1" }))).await.unwrap_err();
    assert_eq!(paths(error), ["customFields.score"]);
    desk.raise(&desk.agent, with(&json!({ "order": "A1", "score": 0 }))).await.unwrap();
}

async fn a_field_can_be_required_of_a_solved_ticket(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let solved = NewField { required: Required::Solve, ..field("cause", FieldKind::Choice) };
    let defined = define(&desk, solved).await.unwrap();
    let status = |status| TicketPatch { status: Some(status), ..TicketPatch::default() };
    for solving in [Status::Resolved, Status::Closed] {
        let error = desk.update(&desk.agent, raised.id, status(solving)).await.unwrap_err();
        assert_eq!(paths(error), ["customFields.cause"]);
    }
    desk.update(&desk.agent, raised.id, status(Status::Waiting)).await.unwrap();
    // A macro is no way round.
    let actions = MacroActions { status: Some(Status::Resolved), ..MacroActions::default() };
    let input =
        NewMacro { name: "Solve".into(), body: "Done".into(), shared: true, actions, ..NewMacro::default() };
    let create = CreateMacro { principal: desk.admin.clone(), origin: origin(&desk.admin), input };
    let made = desk.store.write(&desk.tenant, create).await.unwrap();
    let apply = || apply(&desk.agent, raised.id, made.id);
    let error = desk.store.write(&desk.tenant, apply()).await.unwrap_err();
    assert_eq!(paths(error), ["customFields.cause"]);
    assert!(desk.conversation(&desk.agent, raised.id).await.unwrap().is_empty(), "nothing of it was done");
    // Both at once will do, and what is solved stays so without more questions.
    let both = TicketPatch { status: Some(Status::Resolved), ..set(&json!({ "cause": "red" })) };
    desk.update(&desk.agent, raised.id, both).await.unwrap();
    desk.update(&desk.agent, raised.id, set(&json!({ "cause": null }))).await.unwrap();
    desk.update(&desk.agent, raised.id, status(Status::Closed)).await.unwrap();
    desk.update(&desk.agent, raised.id, status(Status::Open)).await.unwrap();
    let off = FieldPatch { active: Some(false), ..FieldPatch::default() };
    redefine(&desk, &desk.admin, defined.id, off).await.unwrap();
    desk.store.write(&desk.tenant, apply()).await.unwrap();
}

/// All that a requester can read of their tickets and of what happened.
async fn all_that_is_seen(desk: &Desk, by: &Principal, id: flowbit_domain::TicketId) -> String {
    let list = ListTickets {
        principal: by.clone(),
        filter: TicketFilter::default(),
        sort: TicketSort::default(),
        limit: 100,
        cursor: None,
    };
    let events = ListEvents { principal: by.clone(), after: 0, limit: 100, ticket: None };
    let events = desk.store.read(&desk.tenant, events).await.unwrap();
    let fields = desk.store.read(&desk.tenant, ListFields { principal: by.clone() }).await.unwrap();
    // Read into tickets and written from cards: the list compares the two.
    let page = desk.list(list).await;
    let ticket = desk.get(by, id).await.unwrap();
    [json!(events), json!(fields), json!(page), json!(ticket)].map(|json| json.to_string()).join("\n")
}

async fn a_hidden_value_reaches_no_requester(engine: Engine) {
    let desk = Desk::new(engine).await;
    let hidden = NewField { shown_to_requesters: false, ..field("margin", FieldKind::Text) };
    let defined = define(&desk, hidden).await.unwrap();
    define(&desk, field("order", FieldKind::Text)).await.unwrap();
    let raised = desk.raise(&desk.user, with(&json!({ "order": "A1" }))).await.unwrap();
    let patch = json!({ "margin": "thin", "order": "A2", "free": 1 });
    desk.update(&desk.agent, raised.id, set(&patch)).await.unwrap();
    desk.update(&desk.agent, raised.id, set(&json!({ "margin": "thinner" }))).await.unwrap();
    let seen = all_that_is_seen(&desk, &desk.user, raised.id).await;
    assert!(!seen.contains("margin") && !seen.contains("thin"), "{seen}");
    assert!(seen.contains(r#""customFields":{"free":1,"order":"A2"}"#), "{seen}");
    assert!(seen.contains("customFields.order"), "{seen}");
    let seen = all_that_is_seen(&desk, &desk.agent, raised.id).await;
    assert!(seen.contains(r#""margin":"thinner""#) && seen.contains("customFields.margin"), "{seen}");
    // It is seen as soon as it is to be, also in a list that was written before.
    let shown = FieldPatch { shown_to_requesters: Some(true), ..FieldPatch::default() };
    redefine(&desk, &desk.admin, defined.id, shown).await.unwrap();
    let seen = all_that_is_seen(&desk, &desk.user, raised.id).await;
    assert!(seen.contains(r#""customFields":{"free":1,"margin":"thinner","order":"A2"}"#), "{seen}");
    let hidden = FieldPatch { shown_to_requesters: Some(false), ..FieldPatch::default() };
    redefine(&desk, &desk.admin, defined.id, hidden).await.unwrap();
    let seen = all_that_is_seen(&desk, &desk.user, raised.id).await;
    assert!(!seen.contains("margin"), "{seen}");
}

async fn a_hidden_value_stays_hidden_when_its_field_is_switched_off(engine: Engine) {
    let desk = Desk::new(engine).await;
    let hidden = NewField { shown_to_requesters: false, ..field("margin", FieldKind::Text) };
    let defined = define(&desk, hidden).await.unwrap();
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    desk.update(&desk.agent, raised.id, set(&json!({ "margin": "thin" }))).await.unwrap();
    let off = FieldPatch { active: Some(false), ..FieldPatch::default() };
    redefine(&desk, &desk.admin, defined.id, off).await.unwrap();
    desk.update(&desk.agent, raised.id, set(&json!({ "margin": "thinner" }))).await.unwrap();
    let seen = all_that_is_seen(&desk, &desk.user, raised.id).await;
    assert!(!seen.contains("margin"), "{seen}");
}

async fn requesters_set_only_what_they_see(engine: Engine) {
    let desk = Desk::new(engine).await;
    let hidden = NewField { shown_to_requesters: false, ..field("margin", FieldKind::Text) };
    define(&desk, hidden).await.unwrap();
    let error = desk.raise(&desk.user, with(&json!({ "margin": "mine", "free": 1 }))).await.unwrap_err();
    assert_eq!(paths(error), ["customFields.margin"]);
    desk.raise(&desk.agent, with(&json!({ "margin": "ours" }))).await.unwrap();
}

async fn requesters_find_only_by_what_they_see(engine: Engine) {
    let desk = Desk::new(engine).await;
    let hidden = NewField { shown_to_requesters: false, ..field("margin", FieldKind::Text) };
    define(&desk, hidden).await.unwrap();
    define(&desk, field("order", FieldKind::Text)).await.unwrap();
    let raised = desk.raise(&desk.user, with(&json!({ "order": "A1" }))).await.unwrap();
    desk.update(&desk.agent, raised.id, set(&json!({ "margin": "thin" }))).await.unwrap();
    let is = |key: &str, value: &str| json!({ "customField": { "key": key, "is": [value] } });
    for (by, filter, expected) in [
        (&desk.user, is("order", "A1"), 1),
        (&desk.user, is("order", "A2"), 0),
        (&desk.user, is("margin", "thin"), 0),
        (&desk.user, json!({ "any": [is("margin", "thin"), is("order", "A2")] }), 0),
        // As if there were no value, whichever it is.
        (&desk.user, json!({ "customField": { "key": "margin", "isNot": ["thin"] } }), 1),
        (&desk.agent, is("margin", "thin"), 1),
    ] {
        let found = TicketFilter { expression: Some(expression(&filter)), ..TicketFilter::default() };
        assert_eq!(desk.titles(by, found).await.len(), expected, "{filter} for {:?}", by.role);
    }
}

async fn definitions_are_the_admins_and_never_change_kind(engine: Engine) {
    let desk = Desk::new(engine).await;
    let defined = define(&desk, field("colour", FieldKind::Choice)).await.unwrap();
    let create = CreateField {
        principal: desk.agent.clone(),
        origin: origin(&desk.agent),
        input: field("mine", FieldKind::Text),
    };
    let error = desk.store.write(&desk.tenant, create).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    let renamed = || FieldPatch { label: Some("Paint".into()), version: Some(1), ..FieldPatch::default() };
    let error = redefine(&desk, &desk.agent, defined.id, renamed()).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    redefine(&desk, &desk.admin, defined.id, renamed()).await.unwrap();
    let error = redefine(&desk, &desk.admin, defined.id, renamed()).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { code: "conflict", .. }), "{error:?}");
    let event = desk.ledger().await.pop().unwrap();
    assert_eq!(event.action, "field.updated");
    assert!(
        event.data.contains(r#""changes":{"label":{"from":"The colour","to":"Paint"}}"#),
        "{}",
        event.data
    );
    let again = define(&desk, field("colour", FieldKind::Text)).await.unwrap_err();
    assert_eq!(paths(again), ["key"]);
    let bad = NewField { options: vec!["a".into(), "a".into()], ..field("1x", FieldKind::Choice) };
    assert_eq!(paths(define(&desk, bad).await.unwrap_err()), ["key", "options[1]"]);
    let bad = NewField { options: vec!["a".into()], ..field("x", FieldKind::Date) };
    assert_eq!(paths(define(&desk, bad).await.unwrap_err()), ["options"]);
    let none = FieldPatch { options: Some(Vec::new()), ..FieldPatch::default() };
    assert_eq!(paths(redefine(&desk, &desk.admin, defined.id, none).await.unwrap_err()), ["options"]);
}

async fn a_field_behind_the_last_place_can_be_changed(engine: Engine) {
    let desk = Desk::new(engine).await;
    let first = define(&desk, field("first", FieldKind::Text)).await.unwrap();
    let last = FieldPatch { position: Some(10_000), ..FieldPatch::default() };
    redefine(&desk, &desk.admin, first.id, last).await.unwrap();
    let behind = define(&desk, field("second", FieldKind::Text)).await.unwrap();
    let renamed = FieldPatch { label: Some("Behind".into()), ..FieldPatch::default() };
    let renamed = redefine(&desk, &desk.admin, behind.id, renamed).await.unwrap();
    assert_eq!((renamed.label.as_str(), renamed.position), ("Behind", 10_000));
}
