//! What is one person's own, and what names many things at once: the table knows one id a request.

use serde_json::{Value as Json, json};

use crate::{
    MISSING,
    company::Desk,
    harness::{Person, client::Request, socket::Socket},
};

async fn bulk(person: &Person, id: &str) -> Json {
    let change = json!({ "ids": [id], "status": "closed", "addTags": ["done"] });
    person.post("/api/tickets/bulk", &change).await.expect(200)["results"][0].clone()
}

#[tokio::test]
async fn many_at_once_answer_for_anothers_ticket_as_for_none() {
    let desk = Desk::open().await;
    let before = desk.state().await;
    let refused = |id: &str| json!({ "id": id, "outcome": "refused", "version": null, "code": "not_found" });
    for person in [&desk.ours.agent, &desk.ours.admin] {
        for id in [&desk.theirs.ticket, &desk.theirs.deleted_ticket, &desk.ours.deleted_ticket, MISSING] {
            assert_eq!(bulk(person, id).await, refused(id));
        }
    }
    assert!(before == desk.state().await, "something changed");
    let agent = &desk.ours.agent;
    let both = json!({ "ids": [desk.theirs.ticket, desk.ours.ticket], "delete": true });
    let results = agent.post("/api/tickets/bulk", &both).await.expect(200);
    let codes: Vec<&Json> = results["results"].as_array().unwrap().iter().map(|r| &r["code"]).collect();
    assert_eq!(codes, ["not_found", "forbidden"]);
    assert!(before == desk.state().await, "something changed");
    assert_eq!(bulk(agent, &desk.ours.ticket).await["outcome"], "changed");
    assert!(before[1] == desk.state().await[1], "the other company changed");
}

#[tokio::test]
async fn many_at_once_are_changed_once_per_key() {
    let desk = Desk::open().await;
    let change = json!({ "ids": [desk.ours.ticket], "priority": "urgent" });
    let request = desk.ours.agent.request(reqwest::Method::POST, "/api/tickets/bulk").json(&change);
    let request: Request = request.header("idempotency-key", "bulk-1");
    let first = desk.ours.agent.web.send(&request).await;
    let before = desk.state().await;
    let again = desk.ours.agent.web.send(&request).await;
    assert_eq!(again.expect(200), first.expect(200));
    assert!(before == desk.state().await, "it happened twice");
    for (answer, said) in [first, again].iter().zip(REPLAYED) {
        assert_eq!(answer.header("idempotency-replayed"), said);
    }
}

#[tokio::test]
async fn a_message_is_split_off_by_those_who_work_on_its_ticket_alone() {
    let desk = Desk::open().await;
    let (agent, user) = (&desk.ours.agent, &desk.ours.user);
    let said = json!({ "body": "And the invoice is wrong" });
    let path = format!("/api/tickets/{}", desk.ours.ticket);
    let own = user.post(&format!("{path}/messages"), &said).await.expect(201)["id"].clone();
    let answered = agent.post(&format!("{path}/messages"), &said).await.expect(201)["id"].clone();
    let strangers = &desk.theirs;
    let their_messages = format!("/api/tickets/{}/messages", strangers.ticket);
    let theirs = strangers.agent.post(&their_messages, &said).await.expect(201)["id"].clone();
    let split = |id: &Json| json!({ "messageId": id, "title": "The invoice" });
    let before = desk.state().await;
    for id in [&theirs, &answered, &json!(MISSING)] {
        let refused = agent.post(&format!("{path}/split"), &split(id)).await;
        refused.expect_problem(422, "validation_failed");
        assert_eq!(refused.wrong_paths(), ["messageId"]);
    }
    user.post(&format!("{path}/split"), &split(&own)).await.expect_problem(403, "forbidden");
    strangers.admin.post(&format!("{path}/split"), &split(&own)).await.expect_problem(404, "not_found");
    assert!(before == desk.state().await, "something changed");
    let raised = agent.post(&format!("{path}/split"), &split(&own)).await.expect(201);
    assert_eq!(raised["description"], said["body"]);
    assert_eq!(raised["requester"]["id"], user.id);
    assert!(before[1] == desk.their_state().await, "the other company changed");
}

/// What the first answer to a key says of itself, and the second.
const REPLAYED: [Option<&str>; 2] = [None, Some("true")];

#[tokio::test]
async fn whatever_takes_a_key_says_when_it_has_answered_it_before() {
    let desk = Desk::open().await;
    let agent = &desk.ours.agent;
    let of_ticket = |rest: &str| format!("/api/tickets/{}/{rest}", desk.ours.ticket);
    let said = desk.ours.user.post(&of_ticket("messages"), &json!({ "body": "Once" })).await.expect(201);
    for (path, body) in [
        ("/api/tickets".to_owned(), json!({ "title": "Twice" })),
        (of_ticket("messages"), json!({ "body": "Twice" })),
        (of_ticket("split"), json!({ "messageId": said["id"], "title": "Twice" })),
        (of_ticket("macros"), json!({ "macroId": desk.ours.shared_macro })),
    ] {
        let request = agent.request(reqwest::Method::POST, &path).json(&body);
        let request = request.header("idempotency-key", "twice");
        let first = agent.web.send(&request).await;
        let before = desk.state().await;
        let again = agent.web.send(&request).await;
        assert_eq!((again.status, again.json()), (first.status, first.json()), "{path}");
        assert!(first.status < 300 && before == desk.state().await, "{path}: {first:?}");
        for (answer, said) in [first, again].iter().zip(REPLAYED) {
            assert_eq!(answer.header("idempotency-replayed"), said, "{path}");
        }
    }
}

/// Two agents of one company with a view of their own each: neither's is there for the other, or for the admin, in
/// any answer, kept or fresh, or on the socket.
#[tokio::test]
async fn a_persons_own_view_is_there_for_nobody_else() {
    let desk = Desk::open().await;
    let (agent, admin) = (&desk.ours.agent, &desk.ours.admin);
    let colleague = admin.add("second@ours.example", "agent").await;
    let everybody = [agent, &colleague, admin, &desk.ours.user, &desk.theirs.agent];
    let mut sockets = Vec::new();
    for person in everybody {
        sockets.push(Socket::open(&person.web, &person.token).await);
    }
    let own = json!({ "name": "Zebra", "filter": { "assignee": { "is": ["me"] } } });
    let own = agent.post("/api/views", &own).await.expect(201);
    let path = format!("/api/views/{}", own["id"].as_str().unwrap());
    for person in [&colleague, admin] {
        person.patch(&path, &json!({ "name": "Taken" })).await.expect_problem(404, "not_found");
        person.delete(&path).await.expect_problem(404, "not_found");
    }
    agent.patch(&path, &json!({ "name": "Zebra crossing" })).await.expect(200);
    // The same addresses, one after the other: an answer that is kept for one is not served to another.
    for (person, sees) in [(agent, true), (&colleague, false), (admin, false), (agent, true)] {
        for address in ["/api/views", "/api/views/counts", "/api/events?limit=500"] {
            let answer = person.get(address).await;
            answer.expect(200);
            let named = if address.ends_with("counts") { own["id"].as_str().unwrap() } else { "Zebra" };
            assert_eq!(answer.text().contains(named), sees, "{address}");
        }
    }
    // Something that all who work on tickets hear comes after it.
    let shared = json!({ "name": "Okapi", "shared": true, "filter": { "all": [] } });
    admin.post("/api/views", &shared).await.expect(201);
    let head = admin.get("/api/events?limit=500").await.expect(200)["lastSeq"].as_i64().unwrap();
    for (at, sees) in [(0, true), (1, false), (2, false)] {
        let heard = sockets[at].events(head).await;
        let heard = serde_json::to_string(&heard).unwrap();
        assert!(heard.contains("Okapi"));
        assert_eq!(heard.contains("Zebra"), sees, "{at}: {heard}");
    }
    for socket in &sockets[3..] {
        let heard = serde_json::to_string(&socket.heard()).unwrap();
        assert!(!heard.contains("Zebra") && !heard.contains("Okapi"), "{heard}");
    }
    // The audit trail is the company's: it has all that happened.
    let audit = admin.get("/api/admin/audit?action=view.updated").await.expect(200);
    assert_eq!(
        audit["items"][0]["data"]["changes"]["name"],
        json!({ "from": "Zebra", "to": "Zebra crossing" })
    );
}

/// `me` is whoever asks, however the address writes it: an answer kept for one is not another's.
#[tokio::test]
async fn a_filter_that_says_me_is_answered_to_each_for_themselves() {
    let desk = Desk::open().await;
    let (agent, admin) = (&desk.ours.agent, &desk.ours.admin);
    // Of the same role, who would have the answer kept for that role.
    let colleague = admin.add(&format!("second@{}.example", desk.ours.slug), "agent").await;
    let assign = json!({ "assigneeId": agent.id });
    agent.patch(&format!("/api/tickets/{}", desk.ours.ticket), &assign).await.expect(200);
    let filter = r#"{"assignee":{"is":["me"]}}"#;
    let encoded: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let day = r#"{"all":[{"assignee":{"is":["me"]}},{"updatedAt":{"withinDays":1}}]}"#;
    let day: String = url::form_urlencoded::byte_serialize(day.as_bytes()).collect();
    for filter in [filter, &encoded, &day] {
        let path = format!("/api/tickets?filter={filter}");
        for (person, found) in [(agent, 1), (&colleague, 0), (admin, 0), (agent, 1), (&desk.ours.user, 0)] {
            let page = person.get(&path).await.expect(200);
            assert_eq!(page["items"].as_array().unwrap().len(), found, "{path}");
        }
    }
    // A query that speaks of one's own teams is one's own too.
    let team = json!({ "name": "Hers", "memberIds": [agent.id] });
    let team = admin.post("/api/admin/teams", &team).await.expect(201)["id"].clone();
    let path = format!("/api/tickets/{}", desk.ours.ticket);
    admin.patch(&path, &json!({ "teamId": team })).await.expect(200);
    for (person, found) in [(agent, 1), (&colleague, 0), (admin, 0), (agent, 1), (&desk.ours.user, 0)] {
        let page = person.get("/api/tickets?teamId=mine&limit=5").await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), found, "teams of {}", person.id);
    }
    let wrong = agent.get("/api/tickets?filter={\"all\":[{\"status\":{\"is\":[\"opne\"]}}]}").await;
    wrong.expect_problem(422, "validation_failed");
    assert_eq!(wrong.wrong_paths(), ["filter.all[0].status.is[0]"]);
    let wrong = agent.get("/api/tickets?filter={\"status\":{\"is\":[]}}").await;
    wrong.expect_problem(422, "validation_failed");
    assert_eq!(wrong.wrong_paths(), ["filter.status"]);
}

/// Of a note, whoever raised the ticket hears nothing: in their notices, on the socket, in a list or in what happened.
/// Who is named hears of it, and their notices are nobody else's.
#[tokio::test]
async fn a_note_reaches_no_requester_and_a_notice_its_owner_alone() {
    let desk = Desk::open().await;
    let (user, agent, admin) = (&desk.ours.user, &desk.ours.agent, &desk.ours.admin);
    let mut sockets = Vec::new();
    for person in [user, agent, &desk.theirs.agent] {
        sockets.push(Socket::open(&person.web, &person.token).await);
    }
    let path = format!("/api/tickets/{}", desk.ours.ticket);
    let note = json!({ "body": "Zebra @Nobody", "internal": true, "mentions": [agent.id] });
    admin.post(&format!("{path}/messages"), &note).await.expect(201);
    let wrong = json!({ "body": "Zebra", "internal": true, "mentions": [user.id] });
    let wrong = admin.post(&format!("{path}/messages"), &wrong).await;
    wrong.expect_problem(422, "validation_failed");
    assert_eq!(wrong.wrong_paths(), ["mentions[0]"]);
    let foreign = json!({ "body": "Zebra", "internal": true, "mentions": [desk.theirs.agent.id] });
    admin.post(&format!("{path}/messages"), &foreign).await.expect_problem(422, "validation_failed");
    let answer = json!({ "body": "Hello", "mentions": [user.id] });
    admin.post(&format!("{path}/messages"), &answer).await.expect(201);
    // The user has had an answer before.
    for (person, kinds) in [
        (user, json!(["mentioned", "answered"])),
        (agent, json!(["replied", "mentioned"])),
        (admin, json!([])),
    ] {
        let page = person.get("/api/notices").await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.iter().map(|item| item["kind"].clone()).collect::<Json>(), kinds);
        assert_eq!(page["unread"], items.len());
    }
    assert_eq!(desk.theirs.agent.get("/api/notices").await.expect(200)["items"], json!([]));
    // Who is named in a note can't be searched for either.
    let filter = json!({ "mentioned": { "is": [agent.id] } }).to_string();
    let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    for (person, found) in [(admin, 1), (user, 0), (&desk.theirs.admin, 0)] {
        let page = person.get(&format!("/api/tickets?filter={filter}")).await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), found);
    }
    let head = admin.get("/api/events?limit=500").await.expect(200)["lastSeq"].as_i64().unwrap();
    sockets[0].events(head).await;
    sockets[1].events(head).await;
    for (at, sees) in [(0, false), (1, true), (2, false)] {
        let heard = serde_json::to_string(&sockets[at].heard()).unwrap();
        assert_eq!(heard.contains(&format!("\"mentions\":[\"{}\"]", agent.id)), sees, "{at}: {heard}");
    }
    let told = user.get("/api/events?limit=500").await;
    assert!(!told.text().contains(&agent.id), "{}", told.text());
    // Read by one, unread by the other; of another company's ticket nothing is read.
    let newest = user.get("/api/notices").await.expect(200)["items"][0]["id"].clone();
    assert_eq!(admin.post("/api/notices/read", &json!({ "ids": [newest] })).await.expect(200)["unread"], 0);
    assert_eq!(user.get("/api/notices").await.expect(200)["unread"], 2);
    assert_eq!(user.post("/api/notices/read", &json!({ "upTo": newest })).await.expect(200)["unread"], 0);
    let elsewhere = json!({ "ticketId": desk.ours.ticket });
    desk.theirs.agent.post("/api/notices/read", &elsewhere).await.expect_problem(422, "validation_failed");
    assert_eq!(agent.get("/api/notices").await.expect(200)["unread"], 2);
}
