//! Who is at a ticket is told to the company's agents and admins, and to nobody else.

use serde_json::json;

use crate::{
    company::Desk,
    harness::{Person, socket::Socket},
};

const TAB: [&str; 2] = ["0198c0de-5678-7abc-8def-000000000001", "0198c0de-5678-7abc-8def-000000000002"];

#[tokio::test]
async fn who_is_at_a_ticket_is_told_to_the_staff_alone() {
    let desk = Desk::open().await;
    let (agent, admin) = (&desk.ours.agent, &desk.ours.admin);
    let listeners: [&Person; 5] = [agent, admin, &desk.ours.user, &desk.theirs.agent, &desk.theirs.admin];
    let mut sockets = Vec::new();
    for person in listeners {
        sockets.push(Socket::open(&person.web, &person.token).await);
    }
    let ledger = admin.get("/api/events?limit=1").await.expect(200)["lastSeq"].clone();
    let path = format!("/api/tickets/{}/presence", desk.ours.ticket);
    let here =
        json!({ "ticketId": desk.ours.ticket, "people": [{ "userId": agent.id, "activity": "writing" }] });
    let writing = json!({ "activity": "writing", "tab": TAB[0], "count": 1 });
    assert_eq!(agent.put(&path, &writing).await.expect(200), here);
    for socket in &sockets[..2] {
        assert_eq!(socket.presences(1).await, std::slice::from_ref(&here));
    }
    // An admin without an activity looks who is there and is not there.
    let looking = json!({ "activity": null, "tab": TAB[1], "count": 1 });
    assert_eq!(admin.put(&path, &looking).await.expect(200), here);
    let gone = json!({ "tab": TAB[0], "count": 2 });
    let nobody = json!({ "ticketId": desk.ours.ticket, "people": [] });
    assert_eq!(agent.put(&path, &gone).await.expect(200), nobody);
    for socket in &sockets[..2] {
        assert_eq!(socket.presences(2).await, [here.clone(), nobody.clone()]);
    }
    // Each socket is told in order: what comes after it comes last.
    assert_eq!(
        admin.get("/api/events?limit=1").await.expect(200)["lastSeq"],
        ledger,
        "nothing is written down"
    );
    let answer = json!({ "body": "Hello" });
    for (person, ticket) in [(admin, desk.ours.ticket.as_str()), (&desk.theirs.admin, &desk.theirs.ticket)] {
        person.post(&format!("/api/tickets/{ticket}/messages"), &answer).await.expect(201);
    }
    for (at, person) in listeners.into_iter().enumerate().skip(2) {
        let head = person.get("/api/events?limit=500").await.expect(200);
        let last = head["items"].as_array().and_then(|items| items.last()).unwrap();
        sockets[at].events(last["seq"].as_i64().unwrap()).await;
        assert_eq!(sockets[at].presences(0).await, Vec::<serde_json::Value>::new(), "{at}");
    }
    let wrong = agent.put(&path, &json!({ "activity": "viewing", "tab": TAB[0], "count": -1 })).await;
    wrong.expect_problem(422, "validation_failed");
    assert_eq!(wrong.wrong_paths(), ["count"]);
    assert_eq!(admin.put(&path, &json!({ "tab": TAB[1], "count": 2 })).await.expect(200), nobody);
}
