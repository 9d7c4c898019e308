//! Tags: counted as tickets get and lose them, and moved in steps that a crash does not lose.

use flowbit_domain::{
    Error, Principal, Result,
    macros::{CreateMacro, ListMacros, MacroActions, NewMacro},
    tags::{ColorTag, ContinueTagMoves, HasTagMoves, ListTags, MoveTag, Tag, TagColor, TagMove, TagMoved},
    ticket::{DeleteTicket, NewTicket, RestoreTicket, TicketFilter, TicketPatch},
    view::{CreateView, ListViews, NewView},
};
use serde_json::{Value as Json, json};

use crate::{
    engines::{Engine, on_both_engines},
    filters::expression,
    support::{Desk, origin, ticket},
};

on_both_engines! {
    tags_are_counted_whoever_gives_and_takes_them,
    a_renamed_tag_is_renamed_everywhere_with_one_event,
    a_merge_is_asked_for_and_gives_no_tag_twice,
    saved_views_follow_their_tags,
    a_tag_has_one_form_however_it_is_typed,
    a_deleted_tag_leaves_its_tickets,
    a_ticket_that_comes_back_has_the_tags_of_today,
    a_move_of_many_goes_on_in_steps,
    tags_are_kept_by_admins,
}

async fn tags(desk: &Desk) -> Vec<Tag> {
    desk.store.read(&desk.tenant, ListTags { principal: desk.agent.clone() }).await.unwrap().items
}

async fn counts(desk: &Desk) -> Vec<(String, i64)> {
    tags(desk).await.into_iter().map(|tag| (tag.name, tag.tickets)).collect()
}

fn tagged(tags: &[&str]) -> NewTicket {
    NewTicket { tags: tags.iter().map(|&tag| tag.into()).collect(), ..ticket("Pallet 7") }
}

async fn shift(desk: &Desk, by: &Principal, from: &str, to: Option<&str>, merge: bool) -> Result<TagMoved> {
    let input = TagMove { from: from.into(), to: to.map(Into::into), merge };
    desk.store
        .write(&desk.tenant, MoveTag { principal: by.clone(), origin: origin(by), input, limit: 100 })
        .await
}

async fn color(desk: &Desk, by: &Principal, name: &str, color: Option<&str>) -> Result<()> {
    let input = TagColor { name: name.into(), color: Some(color.map(Into::into)) };
    desk.store.write(&desk.tenant, ColorTag { principal: by.clone(), origin: origin(by), input }).await
}

fn counted(all: &[(&str, i64)]) -> Vec<(String, i64)> {
    all.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

async fn tags_are_counted_whoever_gives_and_takes_them(engine: Engine) {
    let desk = Desk::new(engine).await;
    let first = desk.raise(&desk.user, tagged(&["a", "b"])).await.unwrap();
    let second = desk.raise(&desk.user, tagged(&["b"])).await.unwrap();
    assert_eq!(counts(&desk).await, counted(&[("a", 1), ("b", 2)]));
    let patch = TicketPatch { tags: Some(vec!["b".into(), "c".into()]), ..TicketPatch::default() };
    desk.update(&desk.agent, first.id, patch).await.unwrap();
    assert_eq!(counts(&desk).await, counted(&[("b", 2), ("c", 1)]));
    let delete = DeleteTicket { principal: desk.admin.clone(), origin: origin(&desk.admin), id: second.id };
    desk.store.write(&desk.tenant, delete).await.unwrap();
    assert_eq!(counts(&desk).await, counted(&[("b", 1), ("c", 1)]));
}

async fn a_renamed_tag_is_renamed_everywhere_with_one_event(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, tagged(&["refund", "zebra"])).await.unwrap();
    color(&desk, &desk.admin, "refund", Some("red")).await.unwrap();
    let actions = MacroActions { add_tags: vec!["refund".into()], ..MacroActions::default() };
    let input = NewMacro { name: "M".into(), body: "Hello".into(), actions, ..NewMacro::default() };
    let create = CreateMacro { principal: desk.agent.clone(), origin: origin(&desk.agent), input };
    desk.store.write(&desk.tenant, create).await.unwrap();
    // So that there is a page that was written from cards before.
    assert_eq!(desk.titles(&desk.agent, TicketFilter::default()).await.len(), 1);
    let before = desk.ledger().await.len();
    let moved = shift(&desk, &desk.admin, "Refund ", Some("money back"), false).await.unwrap();
    assert_eq!((moved.tickets, moved.left), (1, 0));
    assert_eq!(desk.actions_after(before).await, ["tag.renamed"]);
    let after = desk.get(&desk.agent, raised.id).await.unwrap();
    assert_eq!(after.tags, ["money back", "zebra"]);
    assert_eq!((after.version, after.updated_at), (raised.version + 1, raised.updated_at));
    let filter = |tag: &str| TicketFilter { tag: Some(tag.into()), ..TicketFilter::default() };
    assert_eq!(desk.titles(&desk.agent, filter("money back")).await.len(), 1);
    assert!(desk.titles(&desk.agent, filter("refund")).await.is_empty());
    let all = tags(&desk).await;
    assert_eq!(all[0].color.as_deref(), Some("red"), "the colour comes along");
    assert_eq!(counts(&desk).await, counted(&[("money back", 1), ("zebra", 1)]));
    let macros = ListMacros { principal: desk.agent.clone(), ticket: None };
    let macros = desk.store.read(&desk.tenant, macros).await.unwrap();
    assert_eq!(macros.items[0].found.actions.add_tags, ["money back"]);
    let error = shift(&desk, &desk.admin, "refund", Some("x"), false).await.unwrap_err();
    assert!(error.to_string().starts_with("from: is no tag"), "{error}");
}

async fn a_merge_is_asked_for_and_gives_no_tag_twice(engine: Engine) {
    let desk = Desk::new(engine).await;
    let both = desk.raise(&desk.user, tagged(&["a", "b"])).await.unwrap();
    let one = desk.raise(&desk.user, tagged(&["a"])).await.unwrap();
    let error = shift(&desk, &desk.admin, "a", Some("b"), false).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { code: "tag_exists", .. }), "{error:?}");
    let before = desk.ledger().await.len();
    shift(&desk, &desk.admin, "a", Some("b"), true).await.unwrap();
    assert_eq!(desk.actions_after(before).await, ["tag.merged"]);
    for id in [both.id, one.id] {
        assert_eq!(desk.get(&desk.agent, id).await.unwrap().tags, ["b"]);
    }
    assert_eq!(counts(&desk).await, counted(&[("b", 2)]));
}

async fn saved_views_follow_their_tags(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.raise(&desk.user, tagged(&["refund", "zebra"])).await.unwrap();
    let views = [
        (
            "Own",
            false,
            json!({"all": [{"status": {"is": ["open"]}}, {"any": [{"tag": {"is": ["Refund "]}}]}]}),
        ),
        ("Not", true, json!({"tag": {"isNot": ["zebra", "refund"]}})),
        ("Other", true, json!({"tag": {"is": ["refunds"]}})),
    ];
    for (at, (name, shared, filter)) in (0..).zip(&views) {
        let by = if *shared { &desk.admin } else { &desk.agent };
        let input = NewView {
            name: (*name).into(),
            shared: *shared,
            filter: expression(filter),
            sort: Default::default(),
            columns: None,
            position: Some(at),
        };
        let create = CreateView { principal: by.clone(), origin: origin(by), input };
        desk.store.write(&desk.tenant, create).await.unwrap();
    }
    let filters = async || -> Vec<Json> {
        let list = ListViews { principal: desk.agent.clone() };
        let views = desk.store.read(&desk.tenant, list).await.unwrap().items;
        views.into_iter().map(|view| json!(view.filter)).collect()
    };
    let before = desk.ledger().await.len();
    shift(&desk, &desk.admin, "refund", Some("money back"), false).await.unwrap();
    let own = |tag: &str| json!({"all": [{"status": {"is": ["open"]}}, {"any": [{"tag": {"is": [tag]}}]}]});
    let other = json!({"tag": {"is": ["refunds"]}});
    assert_eq!(
        filters().await,
        [own("money back"), json!({"tag": {"isNot": ["zebra", "money back"]}}), other.clone()]
    );
    let event = &desk.ledger().await[before];
    let data: Json = serde_json::from_str(&event.data).unwrap();
    assert_eq!(data["views"], 2, "it is said how many went along: {data}");
    // Made one, each tag stands there once; a view of a tag that is no more finds what has it: nothing.
    shift(&desk, &desk.admin, "money back", Some("zebra"), true).await.unwrap();
    assert_eq!(filters().await, [own("zebra"), json!({"tag": {"isNot": ["zebra"]}}), other.clone()]);
    shift(&desk, &desk.admin, "zebra", None, false).await.unwrap();
    assert_eq!(filters().await, [own("zebra"), json!({"tag": {"isNot": ["zebra"]}}), other]);
}

async fn a_tag_has_one_form_however_it_is_typed(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, tagged(&["Caf\u{e9}", "cafe\u{301}"])).await.unwrap();
    assert_eq!(raised.tags, ["caf\u{e9}"]);
    for typed in ["CAF\u{c9}", "cafe\u{301}"] {
        let filter = expression(&json!({"tag": {"is": [typed]}}));
        let filter = TicketFilter { expression: Some(filter), ..TicketFilter::default() };
        assert_eq!(desk.titles(&desk.agent, filter).await.len(), 1, "{typed}");
        let filter = TicketFilter { tag: Some(typed.into()), ..TicketFilter::default() };
        assert_eq!(desk.titles(&desk.agent, filter).await.len(), 1, "{typed}");
    }
    // One letter that is two in lower case: what is kept is what may be 40 characters long.
    let error = desk.raise(&desk.user, tagged(&[&"\u{130}".repeat(21)])).await.unwrap_err();
    assert_eq!(error.to_string(), "tags[0]: must be at most 40 characters, is 42");
    shift(&desk, &desk.admin, "CAFE\u{301}", Some("tea"), false).await.unwrap();
    assert_eq!(counts(&desk).await, counted(&[("tea", 1)]));
}

async fn a_deleted_tag_leaves_its_tickets(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, tagged(&["a", "b"])).await.unwrap();
    color(&desk, &desk.admin, "b", Some("blue")).await.unwrap();
    let before = desk.ledger().await.len();
    shift(&desk, &desk.admin, "b", None, false).await.unwrap();
    assert_eq!(desk.actions_after(before).await, ["tag.deleted"]);
    assert_eq!(desk.get(&desk.agent, raised.id).await.unwrap().tags, ["a"]);
    assert_eq!(counts(&desk).await, counted(&[("a", 1)]));
}

async fn a_ticket_that_comes_back_has_the_tags_of_today(engine: Engine) {
    let desk = Desk::new(engine).await;
    let kept = desk.raise(&desk.user, tagged(&["a", "c", "gone", "x"])).await.unwrap();
    let there = desk.raise(&desk.user, tagged(&["a", "c", "gone"])).await.unwrap();
    // What was moved before it was deleted is another tag of that name.
    shift(&desk, &desk.admin, "x", Some("y"), false).await.unwrap();
    desk.update(
        &desk.admin,
        kept.id,
        TicketPatch { tags: Some(tags_of(&["a", "c", "gone", "x"])), ..TicketPatch::default() },
    )
    .await
    .unwrap();
    desk.delete(&desk.admin, kept.id).await.unwrap();
    shift(&desk, &desk.admin, "a", Some("b"), false).await.unwrap();
    shift(&desk, &desk.admin, "b", Some("c"), true).await.unwrap();
    shift(&desk, &desk.admin, "gone", None, false).await.unwrap();
    let restore = RestoreTicket { principal: desk.admin.clone(), origin: origin(&desk.admin), id: kept.id };
    let back = desk.store.write(&desk.tenant, restore).await.unwrap();
    assert_eq!(back.tags, ["c", "x"]);
    assert_eq!(desk.get(&desk.agent, there.id).await.unwrap().tags, ["c"]);
    assert_eq!(counts(&desk).await, counted(&[("c", 2), ("x", 1)]));
}

fn tags_of(tags: &[&str]) -> Vec<String> {
    tags.iter().map(|&tag| tag.into()).collect()
}

async fn a_move_of_many_goes_on_in_steps(engine: Engine) {
    let desk = Desk::new(engine).await;
    let total = 203;
    for _ in 0..total {
        desk.raise(&desk.user, tagged(&["many"])).await.unwrap();
    }
    let before = desk.ledger().await.len();
    let moved = shift(&desk, &desk.admin, "many", Some("all"), false).await.unwrap();
    assert_eq!((moved.tickets, moved.left), (total, 103));
    assert!(desk.store.read(&desk.tenant, HasTagMoves).await.unwrap());
    assert!(tags(&desk).await.iter().any(|tag| tag.name == "many" && tag.moving));
    let error = shift(&desk, &desk.admin, "all", Some("x"), false).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { code: "tag_moving", .. }), "{error:?}");
    // Whoever still gives the old one meanwhile is followed as well.
    desk.raise(&desk.user, tagged(&["many"])).await.unwrap();
    while desk.store.write(&desk.tenant, ContinueTagMoves { limit: 100 }).await.unwrap() {}
    assert!(!desk.store.read(&desk.tenant, HasTagMoves).await.unwrap());
    assert_eq!(counts(&desk).await, counted(&[("all", total + 1)]));
    let actions = desk.actions_after(before).await;
    assert_eq!(
        actions,
        ["tag.renamed", "ticket.created", "tag.moved", "tag.moved"],
        "one event for each step"
    );
}

async fn tags_are_kept_by_admins(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.raise(&desk.user, tagged(&["a"])).await.unwrap();
    for who in [&desk.agent, &desk.user] {
        let error = shift(&desk, who, "a", Some("b"), false).await.unwrap_err();
        assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
        let error = color(&desk, who, "a", Some("red")).await.unwrap_err();
        assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    }
    let list = ListTags { principal: desk.user.clone() };
    let error = desk.store.read(&desk.tenant, list).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    let error = color(&desk, &desk.admin, "a", Some("beige")).await.unwrap_err();
    assert!(error.to_string().starts_with("color: must be one of"), "{error}");
    color(&desk, &desk.admin, "a", Some("violet")).await.unwrap();
    let seq = desk.ledger().await.len();
    color(&desk, &desk.admin, "a", Some("violet")).await.unwrap();
    assert_eq!(desk.ledger().await.len(), seq, "nothing changed");
    color(&desk, &desk.admin, "a", None).await.unwrap();
    assert_eq!(tags(&desk).await[0].color, None);
}
