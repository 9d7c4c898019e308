//! Saved views: who has which, who hears of them, and how many tickets are in each.

use flowbit_domain::{
    Error, Principal, Result,
    event::Audience,
    feed::ListEvents,
    id::ViewId,
    policy,
    ticket::TicketSort,
    user::{Authority, EraseUser},
    view::{
        CountViews, CreateView, DeleteView, ListViews, NewView, UpdateView, View, ViewColumn, ViewCount,
        ViewPatch,
    },
};
use serde_json::{Value as Json, json};

use crate::{
    engines::{Engine, on_both_engines},
    filters::expression,
    lists::ten,
    support::{Desk, origin, ticket},
};

on_both_engines!(
    own_views_are_ones_own_and_shared_ones_everybodys,
    what_changed_is_in_the_ledger_and_told_to_whom_it_concerns,
    what_was_not_shared_is_not_told_by_sharing,
    what_is_wrong_with_a_view_is_said,
    the_last_place_has_room_behind_it_and_says_nothing_of_others,
    views_are_counted_however_much_is_in_them,
    an_erased_person_leaves_no_view_of_their_own,
    each_view_is_counted_and_no_further_than_worth_it,
);

fn new(name: &str, shared: bool, filter: &Json) -> NewView {
    let filter = expression(filter);
    NewView { name: name.into(), shared, filter, sort: TicketSort::default(), columns: None, position: None }
}

async fn save(desk: &Desk, by: &Principal, input: NewView) -> Result<View> {
    desk.store.write(&desk.tenant, CreateView { principal: by.clone(), origin: origin(by), input }).await
}

async fn patch(desk: &Desk, by: &Principal, id: ViewId, patch: ViewPatch) -> Result<View> {
    desk.store.write(&desk.tenant, UpdateView { principal: by.clone(), origin: origin(by), id, patch }).await
}

async fn remove(desk: &Desk, by: &Principal, id: ViewId) -> Result<()> {
    desk.store.write(&desk.tenant, DeleteView { principal: by.clone(), origin: origin(by), id }).await
}

async fn names(desk: &Desk, by: &Principal) -> Vec<String> {
    let views = desk.store.read(&desk.tenant, ListViews { principal: by.clone() }).await.unwrap();
    views.items.into_iter().map(|view| view.name).collect()
}

fn renamed(name: &str) -> ViewPatch {
    ViewPatch { name: Some(name.into()), ..ViewPatch::default() }
}

async fn own_views_are_ones_own_and_shared_ones_everybodys(engine: Engine) {
    let desk = Desk::new(engine).await;
    let filter = json!({"status": {"is": ["open"]}});
    let (agent, admin, user) = (&desk.agent, &desk.admin, &desk.user);
    let own = save(&desk, agent, new("Own", false, &filter)).await.unwrap();
    let shared = save(&desk, agent, new("Shared", true, &filter)).await.unwrap();
    save(&desk, admin, new("Of the admin", false, &filter)).await.unwrap();
    assert_eq!(names(&desk, agent).await, ["Own", "Shared"]);
    assert_eq!(names(&desk, admin).await, ["Shared", "Of the admin"]);
    // Another's own is as good as none, for admins as well.
    assert!(matches!(patch(&desk, admin, own.id, renamed("Taken")).await, Err(Error::NotFound)));
    assert!(matches!(remove(&desk, admin, own.id).await, Err(Error::NotFound)));
    // A shared one is changed by whoever works on tickets.
    let columns = Some(Some(vec![ViewColumn::Status, ViewColumn::Assignee]));
    let change =
        ViewPatch { columns, sort: Some(TicketSort::PriorityDesc), position: Some(0), ..renamed("First") };
    let changed = patch(&desk, admin, shared.id, change).await.unwrap();
    assert_eq!(changed.columns.as_deref(), Some(&[ViewColumn::Status, ViewColumn::Assignee][..]));
    assert_eq!(names(&desk, agent).await, ["First", "Own"]);
    // Who only raises tickets has none, and can't touch any.
    for refused in [
        save(&desk, user, new("Mine", false, &filter)).await.map(|_| ()),
        save(&desk, user, new("Ours", true, &filter)).await.map(|_| ()),
        patch(&desk, user, shared.id, renamed("Taken")).await.map(|_| ()),
        remove(&desk, user, shared.id).await,
        remove(&desk, user, own.id).await,
    ] {
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let listed = desk.store.read(&desk.tenant, ListViews { principal: user.clone() }).await;
    assert!(matches!(listed, Err(Error::Forbidden(_))), "{listed:?}");
    // Given to all, and taken back by another: then it is theirs.
    let share = |shared| ViewPatch { shared: Some(shared), ..ViewPatch::default() };
    patch(&desk, agent, own.id, share(true)).await.unwrap();
    assert_eq!(names(&desk, admin).await, ["First", "Own", "Of the admin"]);
    patch(&desk, admin, own.id, share(false)).await.unwrap();
    assert_eq!(names(&desk, agent).await, ["First"]);
    remove(&desk, admin, own.id).await.unwrap();
    assert!(matches!(remove(&desk, admin, own.id).await, Err(Error::NotFound)));
    assert_eq!(names(&desk, admin).await, ["First", "Of the admin"]);
}

async fn what_changed_is_in_the_ledger_and_told_to_whom_it_concerns(engine: Engine) {
    let desk = Desk::new(engine).await;
    let before = desk.ledger().await.len();
    let filter = json!({"tag": {"is": ["refund"]}});
    let (agent, admin) = (&desk.agent, &desk.admin);
    let own = save(&desk, agent, new("Own", false, &filter)).await.unwrap();
    patch(&desk, agent, own.id, renamed("Renamed")).await.unwrap();
    // Nothing new is nothing that happened.
    patch(&desk, agent, own.id, renamed("Renamed")).await.unwrap();
    let share = ViewPatch { shared: Some(true), ..ViewPatch::default() };
    patch(&desk, agent, own.id, share).await.unwrap();
    remove(&desk, admin, own.id).await.unwrap();
    let events: Vec<_> = desk.ledger().await.into_iter().skip(before).collect();
    let told: Vec<(&str, Audience)> = events.iter().map(|e| (e.action.as_str(), e.audience)).collect();
    assert_eq!(
        told,
        [
            ("view.created", Audience::Person),
            ("view.updated", Audience::Person),
            ("view.updated", Audience::Staff),
            ("view.deleted", Audience::Staff),
        ]
    );
    let data = |at: usize| serde_json::from_str::<Json>(&events[at].data).unwrap();
    assert_eq!(data(0)["filter"], filter);
    assert_eq!(data(1)["changes"], json!({"name": {"from": "Own", "to": "Renamed"}}));
    assert_eq!(data(2)["changes"], json!({"shared": {"from": false, "to": true}}));
    for (person, seen) in [(agent, 4), (admin, 2), (&desk.user, 0), (&desk.other, 0)] {
        assert_eq!(events.iter().filter(|event| policy::may_see(person, event)).count(), seen);
        let feed = ListEvents { principal: person.clone(), after: 0, limit: 500, ticket: None };
        let feed = desk.store.read(&desk.tenant, feed).await.unwrap().items;
        assert_eq!(feed.iter().filter(|event| event.action.starts_with("view.")).count(), seen);
    }
}

async fn what_was_not_shared_is_not_told_by_sharing(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (agent, admin) = (&desk.agent, &desk.admin);
    let secret = json!({"text": {"contains": "salary"}});
    let own = save(&desk, agent, new("My secret", false, &secret)).await.unwrap();
    let before = desk.ledger().await.len();
    let plain = Some(expression(&json!({"all": []})));
    let given = ViewPatch { shared: Some(true), filter: plain, ..renamed("For all") };
    patch(&desk, agent, own.id, given).await.unwrap();
    let taken = ViewPatch { shared: Some(false), filter: Some(expression(&secret)), ..renamed("My secret") };
    let taken = patch(&desk, agent, own.id, taken).await.unwrap();
    assert!(!taken.shared && taken.name == "My secret");
    let events: Vec<_> = desk.ledger().await.into_iter().skip(before).collect();
    let said: Vec<String> =
        events.iter().filter(|event| policy::may_see(admin, event)).map(|event| event.data.clone()).collect();
    assert_eq!(said.len(), 2, "that it came and went: {said:?}");
    for data in &said {
        assert!(data.contains("For all") && !data.contains("secret") && !data.contains("salary"), "{data}");
    }
    // Its owner, and the audit trail, have the whole of it.
    let all: String = events.iter().map(|event| event.data.as_str()).collect();
    assert!(all.contains(r#""name":{"from":"My secret","to":"For all"}"#), "{all}");
    assert!(all.contains(r#""name":{"from":"For all","to":"My secret"}"#), "{all}");
    assert_eq!(events.iter().filter(|event| policy::may_see(agent, event)).count(), events.len());
}

async fn the_last_place_has_room_behind_it_and_says_nothing_of_others(engine: Engine) {
    let desk = Desk::new(engine).await;
    let filter = json!({"all": []});
    let last = NewView { position: Some(1_000_000), ..new("Last", false, &filter) };
    save(&desk, &desk.agent, last).await.unwrap();
    let behind = save(&desk, &desk.agent, new("Behind", false, &filter)).await.unwrap();
    assert_eq!(behind.position, 1_000_000);
    let stay = ViewPatch { position: Some(behind.position), ..renamed("Stays") };
    patch(&desk, &desk.agent, behind.id, stay).await.unwrap();
    let first = save(&desk, &desk.admin, new("First", false, &filter)).await.unwrap();
    assert_eq!(first.position, 1, "where another's own views stand is not told");
}

async fn views_are_counted_however_much_is_in_them(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    // As much as one may hold, as often as one may be.
    let condition =
        |at: usize| json!({"customField": {"key": format!("k{at}"), "is": ["a", "b", "c", "d", "e"]}});
    let any: Vec<Json> = (0..50).map(condition).collect();
    for (shared, by) in [(true, &desk.admin), (false, &desk.agent)] {
        for at in 0..100 {
            save(&desk, by, new(&format!("View {at}"), shared, &json!({ "any": any }))).await.unwrap();
        }
    }
    let counts = CountViews { principal: desk.agent.clone() };
    let counts = desk.store.read(&desk.tenant, counts).await.unwrap().items;
    assert_eq!(counts.len(), 209);
    assert!(counts[9..].iter().all(|view| view.count == Some(0)), "{counts:?}");
    assert_eq!(counts[8].count, Some(1));
}

async fn what_is_wrong_with_a_view_is_said(engine: Engine) {
    let desk = Desk::new(engine).await;
    let filter = json!({"all": []});
    let twice = vec![ViewColumn::Tags, ViewColumn::Tags];
    for (input, path) in [
        (new(" ", false, &filter), "name"),
        (new(&"x".repeat(81), false, &filter), "name"),
        (NewView { columns: Some(Vec::new()), ..new("x", false, &filter) }, "columns"),
        (NewView { columns: Some(twice), ..new("x", false, &filter) }, "columns"),
        (NewView { position: Some(-1), ..new("x", false, &filter) }, "position"),
    ] {
        match save(&desk, &desk.agent, input).await {
            Err(Error::Validation(errors)) => assert_eq!(errors[0].path, path),
            other => panic!("{path}: {other:?}"),
        }
    }
    for at in 0..100 {
        save(&desk, &desk.agent, new(&format!("View {at}"), false, &filter)).await.unwrap();
    }
    let more = save(&desk, &desk.agent, new("One more", false, &filter)).await;
    assert!(matches!(more, Err(Error::Conflict { code: "too_many_views", .. })), "{more:?}");
    save(&desk, &desk.admin, new("Another's", false, &filter)).await.unwrap();
    let shared = save(&desk, &desk.admin, new("Shared", true, &filter)).await.unwrap();
    let take = ViewPatch { shared: Some(false), ..ViewPatch::default() };
    let taken = patch(&desk, &desk.agent, shared.id, take).await;
    assert!(matches!(taken, Err(Error::Conflict { code: "too_many_views", .. })), "{taken:?}");
}

async fn an_erased_person_leaves_no_view_of_their_own(engine: Engine) {
    let desk = Desk::new(engine).await;
    let filter = json!({"all": []});
    save(&desk, &desk.agent, new("Zebra's own", false, &filter)).await.unwrap();
    save(&desk, &desk.agent, new("For all", true, &filter)).await.unwrap();
    let doomed = desk.raise(&desk.user, ticket("Giraffe")).await.unwrap();
    desk.say(&desk.agent, doomed.id, "Seen by the okapi", false).await.unwrap();
    desk.delete(&desk.admin, doomed.id).await.unwrap();
    assert!(desk.everything().await.contains("okapi"));
    let by = Authority::Person(desk.admin.clone());
    let erase = EraseUser { by, origin: origin(&desk.admin), id: desk.agent.user, texts: false };
    desk.store.write(&desk.tenant, erase).await.unwrap();
    let left = desk.everything().await;
    for trace in ["Zebra", "okapi", "Greta"] {
        assert!(!left.contains(trace), "{trace} is left");
    }
    assert_eq!(names(&desk, &desk.admin).await, ["For all"]);
}

async fn each_view_is_counted_and_no_further_than_worth_it(engine: Engine) {
    let desk = Desk::new(engine).await;
    ten(&desk).await;
    let count = async |by: &Principal| -> Vec<(String, Option<i64>, bool)> {
        let counts = desk.store.read(&desk.tenant, CountViews { principal: by.clone() }).await.unwrap();
        counts.items.into_iter().map(|ViewCount { view, count, or_more }| (view, count, or_more)).collect()
    };
    let built_in = |counts: &[i64; 9]| -> Vec<(String, Option<i64>, bool)> {
        let names =
            ["mine", "mentioned", "my_teams", "unassigned", "open", "snoozed", "overdue", "solved", "all"];
        names.into_iter().zip(counts).map(|(name, count)| (name.to_owned(), Some(*count), false)).collect()
    };
    assert_eq!(count(&desk.agent).await, built_in(&[3, 0, 0, 3, 6, 0, 0, 4, 10]));
    assert_eq!(count(&desk.admin).await, built_in(&[0, 0, 0, 3, 6, 0, 0, 4, 10]));
    assert_eq!(count(&desk.user).await, built_in(&[0, 0, 0, 3, 3, 0, 0, 2, 5]));

    let filters = [
        (json!({"tag": {"is": ["t1"]}}), Some(3)),
        (json!({"all": [{"tag": {"is": ["t1"]}}, {"status": {"is": ["open", "in_progress"]}}]}), Some(1)),
        (json!({"all": [{"requester": {"is": [desk.user.user]}}, {"priority": {"is": ["high"]}}]}), Some(2)),
        (json!({"any": [{"assignee": {"is": ["me"]}}, {"status": {"is": ["closed"]}}]}), Some(6)),
        (json!({"createdAt": {"withinDays": 1}}), Some(10)),
        (json!({"status": {"is": ["closed"]}}), Some(2)),
        (json!({"customField": {"key": "a", "isNot": ["b"]}}), Some(10)),
        (json!({"workflow": {"is": ["failed"]}}), Some(0)),
        (json!({"all": [{"text": {"contains": "common"}}, {"status": {"is": ["open"]}}]}), None),
    ];
    for (filter, _) in &filters {
        save(&desk, &desk.agent, new("Saved", true, filter)).await.unwrap();
    }
    // Whoever asks is `me`, and the ticket's scope holds for each.
    let counted: Vec<Option<i64>> = count(&desk.agent).await.into_iter().skip(9).map(|(_, n, _)| n).collect();
    let mut expected: Vec<Option<i64>> = filters.iter().map(|(_, count)| *count).collect();
    assert_eq!(counted, expected);
    expected[3] = Some(2);
    let counted: Vec<Option<i64>> = count(&desk.admin).await.into_iter().skip(9).map(|(_, n, _)| n).collect();
    assert_eq!(counted, expected);
    assert_eq!(count(&desk.user).await.len(), 9);

    let many = (0..996).map(|n| ticket(&format!("m{n}")));
    for input in many {
        desk.raise(&desk.user, input).await.unwrap();
    }
    let counts = count(&desk.agent).await;
    assert_eq!(counts[3], ("unassigned".into(), Some(999), false));
    assert_eq!(counts[4], ("open".into(), Some(1000), true));
    assert_eq!(counts[8], ("all".into(), Some(1000), true));
}
