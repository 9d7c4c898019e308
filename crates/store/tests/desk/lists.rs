//! Lists: filters, orders, pages, search, counters.

use flowbit_domain::{
    Error,
    ticket::{
        AssigneeFilter, CountTickets, ListTickets, NewTicket, Priority, Status, TicketFilter, TicketPatch,
        TicketSort,
    },
};

use crate::engines::{Engine, on_both_engines};
use crate::support::{Desk, ticket};

/// Ten tickets whose properties follow from their number.
pub(crate) async fn ten(desk: &Desk) {
    const STATUSES: [Status; 5] =
        [Status::Open, Status::InProgress, Status::Waiting, Status::Resolved, Status::Closed];
    for i in 0..10_usize {
        let by = if i % 2 == 0 { &desk.user } else { &desk.other };
        let input = NewTicket {
            description: format!("common word{i}"),
            priority: Some(Priority::ALL[i % 4]),
            tags: vec![format!("t{}", i % 3)],
            ..ticket(&format!("n{i}"))
        };
        let raised = desk.raise(by, input).await.unwrap();
        let patch = TicketPatch {
            status: Some(STATUSES[i % 5]),
            assignee_id: (i % 2 == 1).then_some(Some(desk.agent.user)),
            ..TicketPatch::default()
        };
        desk.update(&desk.agent, raised.id, patch).await.unwrap();
    }
}

async fn filters_narrow_and_combine(engine: Engine) {
    let desk = Desk::new(engine).await;
    ten(&desk).await;
    let all = TicketFilter::default;
    let admin = &desk.admin;
    let cases: [(TicketFilter, &str); 9] = [
        (TicketFilter { status: vec![Status::Waiting], ..all() }, "n2 n7"),
        (TicketFilter { status: vec![Status::Open, Status::Closed], ..all() }, "n0 n4 n5 n9"),
        (TicketFilter { priority: Some(Priority::Urgent), ..all() }, "n3 n7"),
        (TicketFilter { assignee: Some(AssigneeFilter::Nobody), ..all() }, "n0 n2 n4 n6 n8"),
        (TicketFilter { assignee: Some(AssigneeFilter::Is(desk.agent.user)), ..all() }, "n1 n3 n5 n7 n9"),
        (TicketFilter { requester: Some(desk.user.user), ..all() }, "n0 n2 n4 n6 n8"),
        (TicketFilter { tag: Some("T2".into()), ..all() }, "n2 n5 n8"),
        (TicketFilter { tag: Some("t2".into()), status: vec![Status::Open], ..all() }, "n5"),
        (TicketFilter { text: Some("common".into()), status: vec![Status::Open], ..all() }, "n0 n5"),
    ];
    for (filter, expected) in cases {
        assert_eq!(desk.titles(admin, filter.clone()).await.join(" "), expected, "{filter:?}");
    }
    assert_eq!(desk.titles(&desk.user, all()).await.join(" "), "n0 n2 n4 n6 n8");
    let others = TicketFilter { requester: Some(desk.other.user), ..all() };
    assert!(desk.titles(&desk.user, others).await.is_empty());
}

async fn every_order_pages_through_all_without_gap_or_double(engine: Engine) {
    let desk = Desk::new(engine).await;
    ten(&desk).await;
    for sort in [
        TicketSort::UpdatedDesc,
        TicketSort::UpdatedAsc,
        TicketSort::CreatedDesc,
        TicketSort::CreatedAsc,
        TicketSort::NumberDesc,
        TicketSort::NumberAsc,
        TicketSort::PriorityDesc,
    ] {
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let query = ListTickets {
                principal: desk.agent.clone(),
                filter: TicketFilter::default(),
                sort,
                limit: 3,
                cursor,
            };
            let page = desk.list(query).await;
            seen.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let key = |t: &flowbit_domain::ticket::Ticket| match sort {
            TicketSort::UpdatedDesc => (-t.updated_at.0, 0),
            TicketSort::UpdatedAsc => (t.updated_at.0, 0),
            TicketSort::CreatedDesc => (-t.created_at.0, 0),
            TicketSort::CreatedAsc => (t.created_at.0, 0),
            TicketSort::NumberDesc => (-t.number, 0),
            TicketSort::NumberAsc => (t.number, 0),
            TicketSort::ResolvedDesc => (-t.resolved_at.map_or(0, |at| at.0), 0),
            TicketSort::PriorityDesc => (-t.priority.code(), -t.updated_at.0),
        };
        assert_eq!(seen.len(), 10, "{sort:?}");
        assert!(seen.windows(2).all(|w| key(&w[0]) < key(&w[1])), "{sort:?}");
    }
    let page = async |sort, cursor| {
        let (principal, filter) = (desk.agent.clone(), TicketFilter::default());
        let query = ListTickets { principal, filter, sort, limit: 3, cursor };
        desk.store.read(&desk.tenant, query).await
    };
    // Another order's cursor is a place in another list, also where it looks the same.
    let newest = page(TicketSort::CreatedDesc, None).await.unwrap().next_cursor;
    assert!(page(TicketSort::CreatedDesc, newest.clone()).await.is_ok());
    let wrong = ["x", "WzFd", "bnVsbA"].map(|text| Some(text.to_owned()));
    for cursor in wrong.into_iter().chain([newest]) {
        let answer = page(TicketSort::UpdatedDesc, cursor.clone()).await;
        assert!(matches!(answer, Err(Error::Validation(_))), "{cursor:?}");
    }
}

async fn search_finds_words_beginnings_and_accents_and_survives_any_typing(engine: Engine) {
    let desk = Desk::new(engine).await;
    let input =
        NewTicket { description: "Zollpapiere für Genève fehlen".into(), ..ticket("Lieferung hängt") };
    let raised = desk.raise(&desk.user, input).await.unwrap();
    desk.raise(&desk.user, ticket("Something else")).await.unwrap();
    for found in ["zollpapiere", "ZOLL", "geneve", "Genève fehlen", "hangt", "lieferung zollp"] {
        assert_eq!(desk.search(&desk.agent, found).await, ["Lieferung hängt"], "{found}");
    }
    for odd in
        ["\"", "zoll AND (", "NEAR(", "title:zoll", "*", "-zoll", "'; DROP TABLE tickets;--", "\u{200b}x"]
    {
        // Whatever it finds, it is an answer.
        desk.search(&desk.agent, odd).await;
    }
    assert_eq!(desk.search(&desk.agent, " #2 ").await, ["Something else"]);
    assert!(desk.search(&desk.other, "#2").await.is_empty(), "a number shows nothing that is another's");
    assert!(desk.search(&desk.agent, "#3").await.is_empty());
    // What was changed is found by its new words alone.
    let patch = TicketPatch { description: Some("Alles gut".into()), ..TicketPatch::default() };
    desk.update(&desk.agent, raised.id, patch).await.unwrap();
    assert!(desk.search(&desk.agent, "zollpapiere").await.is_empty());
    assert_eq!(desk.search(&desk.agent, "alles gut").await, ["Lieferung hängt"]);
}

async fn changes_of_one_moment_are_told_apart(engine: Engine) {
    let desk = Desk::new(engine).await;
    ten(&desk).await;
    desk.stop_clock();
    let filter = TicketFilter::default;
    assert_eq!(desk.titles(&desk.admin, filter()).await.len(), 10);
    let query = ListTickets {
        principal: desk.user.clone(),
        filter: filter(),
        sort: TicketSort::NumberAsc,
        limit: 100,
        cursor: None,
    };
    let first = desk.list(query.clone()).await.items.remove(0);
    for turn in 0..2 {
        let patch = TicketPatch { title: Some(format!("turn {turn}")), ..TicketPatch::default() };
        desk.update(&desk.agent, first.id, patch).await.unwrap();
        assert_eq!(desk.titles(&desk.admin, filter()).await[0], format!("turn {turn}"));
        for internal in [false, true] {
            desk.say(&desk.agent, first.id, "A word", internal).await.unwrap();
            assert_eq!(desk.titles(&desk.admin, filter()).await.len(), 10);
            assert_eq!(desk.list(query.clone()).await.items[0].message_count, turn + 1);
        }
        // The name stands in another row than the ticket.
        desk.rename(&desk.user, &format!("Uwe {turn}")).await;
        assert_eq!(desk.list(query.clone()).await.items[0].requester.name, format!("Uwe {turn}"));
    }
}

async fn counters_count_what_the_person_sees(engine: Engine) {
    let desk = Desk::new(engine).await;
    ten(&desk).await;
    let count = async |by: &flowbit_domain::Principal| {
        let counts = desk.store.read(&desk.tenant, CountTickets { principal: by.clone() }).await.unwrap();
        let by_status = counts.by_status;
        assert_eq!(
            by_status.open
                + by_status.in_progress
                + by_status.waiting
                + by_status.resolved
                + by_status.closed,
            counts.all
        );
        (counts.all, counts.open, counts.mine, counts.unassigned, counts.overdue)
    };
    assert_eq!(count(&desk.agent).await, (10, 6, 3, 3, 0));
    assert_eq!(count(&desk.admin).await, (10, 6, 0, 3, 0));
    assert_eq!(count(&desk.user).await, (5, 3, 3, 3, 0));
}

on_both_engines!(
    filters_narrow_and_combine,
    every_order_pages_through_all_without_gap_or_double,
    search_finds_words_beginnings_and_accents_and_survives_any_typing,
    counters_count_what_the_person_sees,
    changes_of_one_moment_are_told_apart,
);
