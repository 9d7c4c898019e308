//! Filters as people build them: what each condition finds, and that what they type is never a part of a statement.

use flowbit_domain::{
    Principal,
    ticket::{Expression, ListTickets, NewTicket, Status, TicketFilter, TicketPatch, TicketSort},
};
use serde_json::{Value as Json, json};

use crate::{
    engines::{Engine, on_both_engines},
    lists::ten,
    support::{Desk, ticket},
};

on_both_engines!(
    each_condition_finds_what_it_says,
    what_is_typed_is_never_a_statement,
    custom_fields_are_compared_by_value_and_kind,
    a_requester_finds_only_their_own_whatever_the_filter,
    filters_page_without_gap_or_double,
);

pub(crate) fn expression(json: &Json) -> Expression {
    let expression: Expression = serde_json::from_value(json.clone()).unwrap();
    expression.check("filter").unwrap();
    expression
}

async fn found(desk: &Desk, by: &Principal, json: &Json) -> String {
    let filter = TicketFilter { expression: Some(expression(json)), ..TicketFilter::default() };
    desk.titles(by, filter).await.join(" ")
}

async fn each_condition_finds_what_it_says(engine: Engine) {
    let desk = Desk::new(engine).await;
    ten(&desk).await;
    let (agent, user) = (desk.agent.user, desk.user.user);
    let at_n4 = desk.list_all(&desk.admin).await.into_iter().find(|t| t.title == "n4").unwrap().created_at;
    let all = "n0 n1 n2 n3 n4 n5 n6 n7 n8 n9";
    let odd = "n1 n3 n5 n7 n9";
    for (filter, expected) in [
        (json!({"all": []}), all),
        (json!({"status": {"is": ["waiting"]}}), "n2 n7"),
        (json!({"status": {"is": ["open", "closed"]}}), "n0 n4 n5 n9"),
        (json!({"status": {"isNot": ["open", "closed", "waiting"]}}), "n1 n3 n6 n8"),
        (json!({"priority": {"is": ["urgent"]}}), "n3 n7"),
        (json!({"priority": {"isNot": ["low", "normal", "high"]}}), "n3 n7"),
        (json!({"assignee": {"is": ["none"]}}), "n0 n2 n4 n6 n8"),
        (json!({"assignee": {"is": ["me"]}}), odd),
        (json!({"assignee": {"isNot": ["me"]}}), "n0 n2 n4 n6 n8"),
        (json!({"assignee": {"is": [agent, "none"]}}), all),
        (json!({"requester": {"is": [user]}}), "n0 n2 n4 n6 n8"),
        (json!({"requester": {"isNot": [user]}}), odd),
        (json!({"tag": {"is": [" T2 "]}}), "n2 n5 n8"),
        (json!({"tag": {"is": ["t1", "t2"]}}), "n1 n2 n4 n5 n7 n8"),
        (json!({"tag": {"isNot": ["t1", "t2"]}}), "n0 n3 n6 n9"),
        (json!({"workflow": {"is": ["overdue"]}}), ""),
        (json!({"workflow": {"isNot": ["overdue"]}}), all),
        (json!({"text": {"contains": "common word3"}}), "n3"),
        (json!({"text": {"contains": "!?"}}), ""),
        (json!({"createdAt": {"after": at_n4}}), "n4 n5 n6 n7 n8 n9"),
        (json!({"createdAt": {"before": at_n4}}), "n0 n1 n2 n3"),
        (json!({"createdAt": {"withinDays": 1}}), all),
        (json!({"createdAt": {"olderThanDays": 1}}), ""),
        (json!({"updatedAt": {"withinDays": 1}}), all),
        (json!({"resolvedAt": {"withinDays": 7}}), "n3 n4 n8 n9"),
        (json!({"resolvedAt": {"olderThanDays": 7}}), ""),
        // Groups.
        (json!({"all": [{"status": {"is": ["open"]}}, {"tag": {"is": ["t2"]}}]}), "n5"),
        (json!({"any": [{"status": {"is": ["waiting"]}}, {"tag": {"is": ["t0"]}}]}), "n0 n2 n3 n6 n7 n9"),
        (
            json!({"all": [
                {"any": [{"status": {"is": ["open"]}}, {"status": {"is": ["waiting"]}}]},
                {"any": [{"assignee": {"is": ["none"]}}, {"priority": {"is": ["urgent"]}}]},
            ]}),
            "n0 n2 n7",
        ),
        (
            json!({"any": [
                {"all": [{"priority": {"is": ["urgent"]}}, {"tag": {"is": ["t1"]}}]},
                {"all": [{"text": {"contains": "word0"}}, {"assignee": {"is": ["none"]}}]},
            ]}),
            "n0 n7",
        ),
        // Beside what is unknown: nobody's tickets have no assignee to compare.
        (
            json!({"any": [{"assignee": {"is": ["me"]}}, {"resolvedAt": {"withinDays": 7}}]}),
            "n1 n3 n4 n5 n7 n8 n9",
        ),
        (json!({"all": [{"all": [{"status": {"is": ["open"]}}]}, {"all": []}]}), "n0 n5"),
    ] {
        assert_eq!(found(&desk, &desk.agent, &filter).await, expected, "{filter}");
    }
    // Beside the parameters of a list it narrows further, and `me` is who asks.
    let both = TicketFilter {
        status: vec![Status::Open],
        expression: Some(expression(&json!({"tag": {"is": ["t2"]}}))),
        ..TicketFilter::default()
    };
    assert_eq!(desk.titles(&desk.admin, both).await, ["n5"]);
    assert_eq!(found(&desk, &desk.admin, &json!({"assignee": {"is": ["me"]}})).await, "");
}

async fn what_is_typed_is_never_a_statement(engine: Engine) {
    let desk = Desk::new(engine).await;
    ten(&desk).await;
    let hostile = [
        "' OR 1 = 1 --",
        "x') OR (1 = 1",
        "\") OR 1=1 --",
        "$1",
        "$Q",
        "$K $V",
        "'; DROP TABLE tickets; --",
        "%",
        "_",
        "\\",
        "a' || 'b",
        "{ticket_text}: *",
        "NEAR(",
        "\u{200b}x",
    ];
    for text in hostile {
        for filter in [
            json!({"tag": {"is": [text]}}),
            json!({"text": {"contains": text}}),
            json!({"customField": {"key": "a", "is": [text]}}),
            json!({"all": [{"any": [{"tag": {"is": [text]}}, {"text": {"contains": text}}]}]}),
        ] {
            assert_eq!(found(&desk, &desk.agent, &filter).await, "", "{filter}");
        }
        if !text.contains(['"', '\\']) {
            let filter = json!({"customField": {"key": text, "is": ["x", 1, true]}});
            assert_eq!(found(&desk, &desk.agent, &filter).await, "", "{filter}");
        }
    }
    assert_eq!(desk.list_all(&desk.admin).await.len(), 10);
}

async fn custom_fields_are_compared_by_value_and_kind(engine: Engine) {
    let desk = Desk::new(engine).await;
    for (title, fields) in [
        ("text", json!({"order": "7", "it's": "quoted"})),
        ("number", json!({"order": 7, "a.b": "dotted"})),
        ("real", json!({"order": 7.0})),
        ("truth", json!({"order": true, "größe": "ü"})),
        ("several", json!({"order": ["7", "x", 8]})),
        ("null", json!({"order": null})),
        ("none", json!({})),
    ] {
        let input = NewTicket { custom_fields: fields.as_object().cloned(), ..ticket(title) };
        desk.raise(&desk.user, input).await.unwrap();
    }
    for (filter, expected) in [
        (json!({"key": "order", "is": ["7"]}), "text several"),
        (json!({"key": "order", "is": [7]}), "number real"),
        (json!({"key": "order", "is": [true]}), "truth"),
        (json!({"key": "order", "is": [1]}), ""),
        (json!({"key": "order", "is": [8, "7"]}), "text several"),
        (json!({"key": "order", "isNot": [7, true]}), "text several null none"),
        (json!({"key": "it's", "is": ["quoted"]}), "text"),
        (json!({"key": "a.b", "is": ["dotted"]}), "number"),
        (json!({"key": "größe", "is": ["ü"]}), "truth"),
        (json!({"key": "0", "is": ["7"]}), ""),
        (json!({"key": "other", "is": [false]}), ""),
    ] {
        let filter = json!({ "customField": filter });
        assert_eq!(found(&desk, &desk.agent, &filter).await, expected, "{filter}");
    }
}

async fn a_requester_finds_only_their_own_whatever_the_filter(engine: Engine) {
    let desk = Desk::new(engine).await;
    ten(&desk).await;
    let noted = desk.list_all(&desk.user).await.swap_remove(0);
    desk.say(&desk.agent, noted.id, "A secret between us", true).await.unwrap();
    let own = "n0 n2 n4 n6 n8";
    for (filter, expected) in [
        (json!({"all": []}), own),
        (json!({"any": [{"all": []}, {"requester": {"is": [desk.other.user]}}]}), own),
        (json!({"requester": {"is": [desk.other.user]}}), ""),
        (json!({"requester": {"isNot": ["me"]}}), ""),
        (json!({"requester": {"is": ["me"]}}), own),
        (json!({"text": {"contains": "secret"}}), ""),
        (json!({"any": [{"text": {"contains": "secret"}}, {"tag": {"is": ["nothing"]}}]}), ""),
    ] {
        assert_eq!(found(&desk, &desk.user, &filter).await, expected, "{filter}");
    }
    assert_eq!(found(&desk, &desk.agent, &json!({"text": {"contains": "secret"}})).await, noted.title);
}

async fn filters_page_without_gap_or_double(engine: Engine) {
    let desk = Desk::new(engine).await;
    ten(&desk).await;
    let filter = json!({"any": [{"resolvedAt": {"withinDays": 7}}, {"tag": {"is": ["t1", "t2"]}}]});
    // What is still open was never resolved, and has no place in that order.
    for (sort, expected) in
        [(TicketSort::CreatedDesc, 8), (TicketSort::ResolvedDesc, 4), (TicketSort::PriorityDesc, 8)]
    {
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let expression = Some(expression(&filter));
            let query = ListTickets {
                principal: desk.agent.clone(),
                filter: TicketFilter { expression, ..TicketFilter::default() },
                sort,
                limit: 3,
                cursor,
            };
            let page = desk.list(query).await;
            seen.extend(page.items.into_iter().map(|t| (t.resolved_at, t.number)));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let numbers: std::collections::HashSet<i64> = seen.iter().map(|(_, number)| *number).collect();
        assert_eq!((seen.len(), numbers.len()), (expected, expected), "{sort:?}");
        if sort == TicketSort::ResolvedDesc {
            assert!(seen.windows(2).all(|w| w[0] > w[1]), "{seen:?}");
        }
    }
    // One that is opened again leaves.
    let reopened = desk.list_all(&desk.admin).await.into_iter().find(|t| t.title == "n3").unwrap();
    let patch = TicketPatch { status: Some(Status::Open), ..TicketPatch::default() };
    desk.update(&desk.agent, reopened.id, patch).await.unwrap();
    assert_eq!(found(&desk, &desk.agent, &json!({"resolvedAt": {"withinDays": 7}})).await, "n4 n8 n9");
}
