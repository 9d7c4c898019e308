//! A dump of two customers, moved in beside a running server.

use bson::doc;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::{
    harness::{
        Person, Server,
        beside::{Beside, assert_whole, select},
        client::Request,
    },
    sources::{Import, OLD_PASSWORD, minute, oid, old_hash, shown, ticket, user, with, write_dump},
};

pub(crate) async fn try_sign_in(
    server: &Server,
    email: &str,
    password: &str,
    slug: Option<&str>,
) -> (u16, Json) {
    let mut body = json!({ "email": email, "password": password });
    if let Some(slug) = slug {
        body["tenant"] = json!(slug);
    }
    let answer = server.web().send(&Request::new(Method::POST, "/api/auth/login").json(&body)).await;
    (answer.status, answer.json())
}

pub(crate) async fn sign_in(server: &Server, email: &str, slug: &str) -> Person {
    let (status, json) = try_sign_in(server, email, OLD_PASSWORD, Some(slug)).await;
    assert_eq!(status, 200, "{json}");
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    Person {
        web: server.web(),
        token: text(&json["accessToken"]),
        refresh: String::new(),
        id: text(&json["user"]["id"]),
        company: text(&json["customer"]["id"]),
        email: email.to_owned(),
    }
}

fn two_customers(server: &Server) -> std::path::PathBuf {
    let users = [
        user(1, "LogisticsCo", "ada@logistics.example", "admin"),
        user(2, "LogisticsCo", "Bob@Logistics.example", "support"),
        user(3, "LogisticsCo", "both@people.example", "user"),
        // The same address at another customer, with another password.
        with(user(4, "RetailGmbH", "both@people.example", "user"), "password", old_hash("another one")),
        user(5, "RetailGmbH", "carl@retail.example", "admin"),
        with(user(6, "RetailGmbH", "gone@retail.example", "user"), "isActive", false),
    ];
    let comments = vec![
        doc! { "_id": oid(900), "user": oid(3), "text": "It is worse now", "createdAt": minute(12) },
        doc! { "_id": oid(901), "user": oid(2), "text": "Only for us", "isInternal": true, "createdAt": minute(15) },
    ];
    let first = with(ticket(101, "LogisticsCo", 3), "comments", comments);
    let first = with(with(first, "ticketNumber", 40), "assignedTo", oid(2));
    let tickets = [
        first,
        with(with(ticket(102, "LogisticsCo", 3), "status", "Closed"), "closedAt", minute(19)),
        ticket(103, "RetailGmbH", 5),
        // Names a person of the other customer.
        ticket(104, "RetailGmbH", 1),
    ];
    let logs = [
        doc! {
            "_id": oid(501), "customerId": "LogisticsCo", "action": "TICKET_STATUS_CHANGED", "userId": oid(2),
            "ticketId": oid(101), "timestamp": minute(13), "details": { "from": "new", "to": "open", "token": "abc" },
        },
        doc! { "_id": oid(502), "customerId": "RetailGmbH", "action": "USER_LOGIN", "userId": oid(5), "timestamp": minute(14) },
    ];
    write_dump(server.folder(), &users, &tickets, &logs)
}

#[tokio::test]
async fn two_customers_move_in_and_stay_apart() {
    let mut server = Server::new();
    server.create_company("before");
    server.start().await;
    let dump = two_customers(&server);
    let import = Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(3);
    assert!(
        import.printed.contains(
            "logisticsco (new): took 3 people, 2 tickets, 2 messages (1 of them internal), 1 entries"
        ),
        "{}",
        import.printed
    );
    let of_other = oid(104).to_hex();
    assert!(import.reason(&of_other, "requester").contains("no person of this company"));
    assert_eq!(import.reason(&oid(501).to_hex(), "details.token"), "it is a secret by its name");

    // The old password, once; from then on it is a hash of today.
    let ada = sign_in(&server, "ada@logistics.example", "logisticsco").await;
    let beside = Beside::open(&server).await;
    let logistics = beside.tenant("logisticsco").await;
    let retail = beside.tenant("retailgmbh").await;
    let hash =
        select(&server, logistics, "SELECT password_hash FROM users WHERE email = 'ada@logistics.example'")
            .await;
    assert!(hash[0][0].starts_with("$argon2id$"), "{hash:?}");
    sign_in(&server, "ada@logistics.example", "logisticsco").await;
    let bob = sign_in(&server, "bob@logistics.example", "logisticsco").await;
    assert_eq!(try_sign_in(&server, "ada@logistics.example", "wrong", None).await.0, 401);
    assert_eq!(
        try_sign_in(&server, "gone@retail.example", OLD_PASSWORD, None).await.0,
        401,
        "was switched off"
    );
    // One address, two companies, two passwords: each opens its own.
    let (_, of_logistics) = try_sign_in(&server, "both@people.example", OLD_PASSWORD, None).await;
    let (_, of_retail) = try_sign_in(&server, "both@people.example", "another one", None).await;
    assert_eq!(of_logistics["customer"]["slug"], "logisticsco");
    assert_eq!(of_retail["customer"]["slug"], "retailgmbh");

    let tickets = bob.all("/api/tickets?sort=number").await;
    assert_eq!(tickets.len(), 2, "{tickets:?}");
    let first = tickets.iter().find(|t| t["number"] == 40).expect("its number is kept");
    assert_eq!(
        (&first["createdAt"], &first["updatedAt"]),
        (&json!(shown(minute(10))), &json!(shown(minute(20))))
    );
    assert_eq!((&first["priority"], &first["status"]), (&json!("normal"), &json!("open")));
    assert_eq!(first["assignee"]["name"], "Person 2");
    let second =
        tickets.iter().find(|t| t["number"] == 41).expect("one without a number comes after the highest");
    assert_eq!((&second["status"], &second["resolvedAt"]), (&json!("closed"), &json!(shown(minute(19)))));
    let messages = bob.all(&format!("/api/tickets/{}/messages", first["id"].as_str().unwrap())).await;
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0]["createdAt"], json!(shown(minute(12))));
    assert_eq!(
        (&messages[1]["internal"], &messages[1]["author"]["name"]),
        (&json!(true), &json!("Person 2"))
    );

    // The requester sees their own, and nothing of the note; words of it are found by the staff alone.
    let requester = sign_in(&server, "both@people.example", "logisticsco").await;
    assert_eq!(requester.all("/api/tickets").await.len(), 2);
    let events = requester.get("/api/events?after=0&limit=100").await.expect(200);
    let seen = events["items"].to_string();
    assert!(seen.contains("ticket.imported") && seen.contains("message.imported"), "{seen}");
    assert!(!seen.contains(r#""internal":true"#) && !seen.contains("history.imported"), "{seen}");
    assert_eq!(bob.all("/api/tickets?q=only+for+us").await.len(), 1);
    assert_eq!(requester.all("/api/tickets?q=only+for+us").await.len(), 0);

    // The ledger: what came, now and by the operator; what another program says is data.
    let history = ada.all("/api/admin/audit?action=history.imported").await;
    assert_eq!(history.len(), 1);
    let told = &history[0];
    assert_eq!((&told["actor"]["name"], &told["ticketId"]), (&json!("Operator"), &first["id"]));
    assert_eq!(
        (&told["data"]["action"], &told["data"]["at"]),
        (&json!("TICKET_STATUS_CHANGED"), &json!(shown(minute(13))))
    );
    assert_eq!(told["data"]["actor"]["userId"], bob.id);
    assert_eq!(told["data"]["details"], json!({ "details": { "from": "new", "to": "open", "token": null } }));
    assert!(told["timestamp"].as_str().unwrap() > "2025", "recorded when it was brought along: {told}");
    for tenant in [logistics, retail] {
        assert_whole(&beside.ledger(tenant).await);
    }
    // Nothing of one customer is in the other's data.
    for (tenant, other) in [(logistics, "RetailGmbH"), (retail, "LogisticsCo")] {
        let data: String = beside.ledger(tenant).await.iter().map(|event| event.data.clone()).collect();
        assert!(!data.contains(other), "{data}");
    }
    assert_eq!(select(&server, retail, "SELECT title FROM tickets").await, [["Ticket 103 of RetailGmbH"]]);

    // Again: all of it is known, and nothing is recorded.
    let before = beside.ledger(logistics).await.len();
    let again = Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(3);
    assert!(
        again.printed.contains(
            "logisticsco: took 0 people, 0 tickets, 0 messages, 0 entries of history; 6 were there"
        ),
        "{}",
        again.printed
    );
    assert_eq!(beside.ledger(logistics).await.len(), before);
}

#[tokio::test]
async fn no_workflow_is_told_of_what_is_old() {
    let server = Server::with_companies(&["acme"]).await;
    let admin = server.web().sign_in("admin@acme.example").await;
    let endpoint = json!({
        "url": "http://127.0.0.1:1/hook",
        "events": ["ticket.created", "ticket.updated", "ticket.deleted", "message.created"],
    });
    admin.post("/api/admin/endpoints", &endpoint).await.expect(201);
    let comments = vec![doc! { "user": oid(1), "text": "old words", "createdAt": minute(12) }];
    let tickets = [with(with(ticket(101, "Acme", 1), "comments", comments), "number", 7)];
    let users = [user(1, "Acme", "old@acme.example", "user"), user(2, "Acme", "admin@acme.example", "admin")];
    let dump = write_dump(server.folder(), &users, &tickets, &[]);
    // As `mongodump --gzip` has it.
    let plain = dump.join("desk").join("tickets.bson");
    let packed = std::fs::File::create(dump.join("desk").join("tickets.bson.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &std::fs::read(&plain).unwrap()).unwrap();
    packed.finish().unwrap();
    let dump = dump.to_str().unwrap();
    let twice = Import::run(&server, &["mongodump", dump, "--tenant", "Acme=acme"]).expect(1);
    assert!(twice.said.contains("is there twice"), "{}", twice.said);
    std::fs::remove_file(plain).unwrap();

    // A name that happens to be the same moves nothing into a company.
    let refused = Import::run(&server, &["mongodump", dump]).expect(1);
    assert!(refused.said.contains("--tenant 'Acme=acme'"), "{}", refused.said);
    let import = Import::run(&server, &["mongodump", dump, "--tenant", "Acme=acme"]).expect(0);
    assert!(import.reason(&oid(2).to_hex(), "email").contains("is here already"));
    // Whoever was here keeps their password; others come with theirs.
    server.web().sign_in("admin@acme.example").await;
    sign_in(&server, "old@acme.example", "acme").await;
    assert_eq!(admin.all("/api/admin/deliveries").await, [json!(null); 0]);
    let ticket = &admin.all("/api/tickets").await[0];
    assert_eq!((&ticket["number"], &ticket["workflow"]), (&json!(7), &json!(null)));
    // One that is raised now comes after it, and the workflow hears of it.
    let raised = admin.post("/api/tickets", &json!({ "title": "New" })).await.expect(201);
    assert_eq!(raised["number"], 8);
    assert_eq!(admin.all("/api/admin/deliveries").await.len(), 1);
}
