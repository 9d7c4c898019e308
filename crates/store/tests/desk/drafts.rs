//! What people are writing and have not sent.

use flowbit_domain::{
    Error, Principal, Result,
    draft::{Draft, DraftKind, ListDrafts, NewDraft, SaveDraft},
    id::TicketId,
    macros::{CreateMacro, NewMacro},
    retention::{HasExpired, RemoveExpired},
    rich::RichText,
    ticket::RestoreTicket,
    user::{Authority, EraseUser, UpdateUser, UserPatch},
};

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, apply, origin, ticket},
};

on_both_engines! {
    a_draft_is_its_writers_alone,
    what_is_sent_is_no_draft_any_more,
    drafts_go_with_the_ticket_and_with_their_writer,
    a_draft_has_its_formatting,
}

async fn save(
    desk: &Desk,
    by: &Principal,
    ticket: TicketId,
    kind: DraftKind,
    body: &str,
) -> Result<Vec<Draft>> {
    let input = NewDraft { kind, body: body.into(), html: None };
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
    assert_eq!(desk.told_kinds(&desk.admin).await, []);
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
    let note = DraftKind::Note;
    let own = desk.raise(&desk.admin, ticket("Ramp 3")).await.unwrap();
    save(&desk, &desk.admin, own.id, note, "Hm").await.unwrap();
    let once = Principal { role: flowbit_domain::Role::User, ..desk.admin.clone() };
    assert_eq!(drafts(&desk, &once, own.id).await.unwrap(), []);
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
    desk.wait(91 * 24 * 60 * 60 * 1000);
    assert!(desk.store.read(&desk.tenant, HasExpired).await.unwrap());
    desk.store.write(&desk.tenant, RemoveExpired { limit: 100 }).await.unwrap();
    assert_eq!(drafts(&desk, &desk.agent, raised.id).await.unwrap(), []);
}

async fn a_draft_has_its_formatting(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let rich = RichText::read("<p>Dear <strong>Uwe</strong><script>x</script></p>").unwrap();
    let input = NewDraft { kind: DraftKind::Reply, body: "Dear Uwe ".into(), html: Some(rich) };
    let save_it = SaveDraft { principal: desk.agent.clone(), ticket: raised.id, input };
    let kept = desk.store.write(&desk.tenant, save_it).await.unwrap().items;
    assert_eq!(kept[0].body, "Dear Uwe ");
    assert_eq!(kept[0].html.as_deref(), Some("<p>Dear <strong>Uwe</strong></p>"));
    // What is written on without it has none.
    let kept = save(&desk, &desk.agent, raised.id, DraftKind::Reply, "Dear Uwe, you").await.unwrap();
    assert_eq!(kept[0].html, None);
}
