//! Who is at a ticket is told to those of the staff who are there themselves, and to nobody else.

use serde_json::{Value as Json, json};

use crate::{
    company::Desk,
    harness::{Person, socket::Socket},
};

/// The word of a window that is its person's only one.
fn word(activity: Option<&str>, count: i64) -> Json {
    json!({ "activity": activity, "tab": "0198c0de-5678-7abc-8def-000000000001", "count": count })
}

fn at(ticket: &str, people: &[(&Person, &str)]) -> Json {
    let mut people: Vec<_> = people.to_vec();
    people.sort_by_key(|(person, _)| person.id.clone());
    let people: Vec<Json> = people
        .iter()
        .map(|(person, activity)| json!({ "userId": person.id, "activity": activity }))
        .collect();
    json!({ "ticketId": ticket, "people": people })
}

async fn last_seq(person: &Person) -> i64 {
    let page = person.get("/api/events?limit=500").await.expect(200);
    page["items"].as_array().and_then(|items| items.last()).and_then(|event| event["seq"].as_i64()).unwrap()
}

#[tokio::test]
async fn who_is_at_a_ticket_is_told_to_the_staff_who_are_there_alone() {
    let desk = Desk::open().await;
    let (agent, admin, ticket) = (&desk.ours.agent, &desk.ours.admin, desk.ours.ticket.as_str());
    let colleague = admin.add("second@ours.example", "agent").await;
    let listeners: [&Person; 6] =
        [agent, admin, &colleague, &desk.ours.user, &desk.theirs.agent, &desk.theirs.admin];
    let mut sockets = Vec::new();
    for person in listeners {
        sockets.push(Socket::open(&person.web, &person.token).await);
    }
    let ledger = last_seq(admin).await;
    let path = format!("/api/tickets/{ticket}/presence");
    let first = at(ticket, &[(agent, "writing")]);
    assert_eq!(agent.put(&path, &word(Some("writing"), 1)).await.expect(200), first);
    // Whoever only asks is not there.
    assert_eq!(colleague.put(&path, &word(None, 1)).await.expect(200), first);
    let both = at(ticket, &[(agent, "writing"), (admin, "viewing")]);
    assert_eq!(admin.put(&path, &word(Some("viewing"), 1)).await.expect(200), both);
    // Several changes of one moment may be told as one, which is the last: each that must be heard is waited for.
    let left = at(ticket, &[(admin, "viewing")]);
    assert_eq!(agent.put(&path, &word(None, 2)).await.expect(200), left);
    let heard = sockets[0].presences_until(&left).await;
    assert!(heard.iter().all(|one| [&first, &both, &left].contains(&one)), "{heard:?}");
    let nobody = at(ticket, &[]);
    assert_eq!(admin.put(&path, &word(None, 2)).await.expect(200), nobody);
    let heard = sockets[1].presences_until(&nobody).await;
    assert!(heard.iter().all(|one| [&first, &both, &left, &nobody].contains(&one)), "{heard:?}");
    assert_eq!(sockets[0].presences().last(), Some(&left), "whoever has left hears of it, and nothing more");
    assert_eq!(last_seq(admin).await, ledger, "nothing is written down");
    // What comes later has come: nothing is on its way to the others any more.
    let answer = json!({ "body": "Hello" });
    for (person, ticket) in [(admin, ticket), (&desk.theirs.admin, &desk.theirs.ticket)] {
        person.post(&format!("/api/tickets/{ticket}/messages"), &answer).await.expect(201);
    }
    for (at, person) in listeners.into_iter().enumerate().skip(2) {
        sockets[at].events(last_seq(person).await).await;
        assert_eq!(sockets[at].presences(), Vec::<Json>::new(), "{at}");
    }
    let wrong = agent.put(&path, &word(Some("viewing"), -1)).await;
    wrong.expect_problem(422, "validation_failed");
    assert_eq!(wrong.wrong_paths(), ["count"]);
    assert_eq!(admin.put(&path, &word(None, 3)).await.expect(200), nobody);
}

#[tokio::test]
async fn who_signs_out_has_left_and_who_becomes_a_requester_hears_no_more() {
    let desk = Desk::open().await;
    let (agent, admin, ticket) = (&desk.ours.agent, &desk.ours.admin, desk.ours.ticket.as_str());
    let colleague = admin.add("second@ours.example", "agent").await;
    let path = format!("/api/tickets/{ticket}/presence");
    let socket = Socket::open(&admin.web, &admin.token).await;
    for (count, person) in [admin, agent, &colleague].into_iter().enumerate() {
        let count = i64::try_from(count).unwrap();
        person.put(&path, &word(Some("viewing"), count)).await.expect(200);
    }
    colleague.post("/api/auth/logout", &json!({})).await.expect_empty(204);
    let two = at(ticket, &[(admin, "viewing"), (agent, "viewing")]);
    socket.presences_until(&two).await;

    // An agent who is a requester from now on is still there for a while, and hears nothing of it.
    admin.patch(&format!("/api/admin/users/{}", agent.id), &json!({ "role": "user" })).await.expect(200);
    let requester = agent.web.sign_in(&agent.email).await;
    let theirs = Socket::open(&requester.web, &requester.token).await;
    assert_eq!(admin.put(&path, &word(Some("writing"), 9)).await.status, 200);
    socket.presences_until(&at(ticket, &[(admin, "writing"), (agent, "viewing")])).await;
    requester.post("/api/tickets", &json!({ "title": "Of my own" })).await.expect(201);
    theirs.events(last_seq(&requester).await).await;
    assert_eq!(theirs.presences(), Vec::<Json>::new());
}
