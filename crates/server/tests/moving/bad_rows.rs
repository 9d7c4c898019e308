//! Each kind of document that can't be taken, or not as it is: it is told with its id, field and reason,
//! and a rehearsal tells the same and writes nothing.

use bson::{Binary, Bson, doc, spec::BinarySubtype};
use serde_json::json;

use crate::{
    harness::{Server, beside::Beside, beside::select},
    mongodump::sign_in,
    sources::{Import, bytes_of, minute, oid, ticket, user, with, write_dump},
};

fn bad_users() -> Vec<bson::Document> {
    let mut nobodys = user(10, "x", "a@acme.example", "user");
    nobodys.remove("customerId");
    let mut nameless = user(11, "acme", "n@acme.example", "user");
    nameless.remove("name");
    let mut addressless = user(12, "acme", "x", "user");
    addressless.remove("email");
    let of = |n, email: &str| user(n, "acme", email, "user");
    vec![
        user(1, "acme", "one@acme.example", "admin"),
        nobodys,
        nameless,
        addressless,
        of(13, "no address"),
        user(14, "acme", "boss@acme.example", "superadmin"),
        with(of(15, "plain@acme.example"), "password", "plain text"),
        with(
            of(16, "dear@acme.example"),
            "password",
            "$2b$31$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",
        ),
        with(of(17, "maybe@acme.example"), "isActive", "perhaps"),
        with(of(18, "long@acme.example"), "name", "n".repeat(150)),
        with(of(19, "extra@acme.example"), "department", "Sales"),
        with(of(21, "odd@acme.example"), "status", "on leave"),
        with(of(22, "blocked@acme.example"), "status", "Blocked"),
        with(of(23, "left@acme.example"), "deletedAt", minute(3)),
        // The same address, in other letters.
        of(20, "ONE@acme.example"),
    ]
}

fn bad_tickets() -> Vec<bson::Document> {
    let of = |n| ticket(n, "acme", 1);
    let mut untitled = of(107);
    untitled.remove("title");
    let mut empty = of(108);
    empty.remove("title");
    empty.remove("description");
    let bytes = Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: vec![1] });
    let comments = vec![
        doc! { "user": oid(999), "text": "of somebody unknown", "createdAt": minute(12) },
        doc! { "user": oid(1), "text": " " },
        doc! { "user": oid(1), "text": "secret?", "isInternal": "maybe" },
    ];
    let mut requesterless = of(109);
    requesterless.remove("userId");
    vec![
        with(of(101), "number", 5),
        with(of(102), "number", 5),
        with(of(103), "number", "TCK-7"),
        with(of(104), "status", "blocked"),
        with(of(105), "priority", "P0"),
        ticket(106, "acme", 20),
        untitled,
        empty,
        requesterless,
        with(of(110), "assignedTo", oid(15)),
        with(of(111), "createdAt", bson::DateTime::from_millis(32_000_000_000_000)),
        with(of(112), "title", "t".repeat(300)),
        with(of(113), "description", "d".repeat(20_001)),
        with(of(114), "comments", comments),
        with(of(115), "category", "Billing"),
        with(of(116), "tags", vec!["x".repeat(41), "fine".to_owned()]),
        with(of(117), "attachment", bytes),
        with(of(118), "isDeleted", true),
        with(with(of(119), "deletedAt", Bson::Null), "isDeleted", false),
        // Once more the id of another.
        of(101),
    ]
}

#[tokio::test]
async fn each_bad_document_is_told_and_a_rehearsal_tells_the_same() {
    let mut server = Server::new();
    server.create_company("before");
    let logs = [
        doc! { "_id": oid(501), "customerId": "acme", "userId": oid(1), "timestamp": minute(1) },
        doc! { "_id": oid(502), "customerId": "acme", "action": "SEEN", "ticketId": oid(999), "timestamp": "yesterday" },
    ];
    let dump = write_dump(server.folder(), &bad_users(), &bad_tickets(), &logs);
    std::fs::write(dump.join("desk").join("sessions.bson"), bytes_of(&[doc! { "a": 1 }])).unwrap();
    let dump = dump.to_str().unwrap();

    let rehearsed = Import::run(&server, &["mongodump", dump, "--dry-run"]).expect(3);
    assert!(rehearsed.printed.contains("nothing was written"), "{}", rehearsed.printed);
    let listed = server.run_well(&["tenant", "list"], "");
    assert!(!listed.contains("acme"), "{listed}");
    let import = Import::run(&server, &["mongodump", dump]).expect(3);
    assert_eq!(rehearsed.report, import.report);

    let line = |weight: &str, kind: &str, id: u32, field: &str| {
        let id = oid(id).to_hex();
        (weight.to_owned(), kind.to_owned(), id[id.len() - 3..].to_owned(), field.to_owned())
    };
    let (refused, left, changed) = ("refused", "leftOut", "changed");
    let expected = vec![
        (left.to_owned(), "source".to_owned(), String::new(), String::new()),
        line(refused, "user", 10, "customerId"),
        line(refused, "user", 12, "email"),
        line(refused, "user", 14, "role"),
        line(refused, "user", 17, "isActive"),
        line(refused, "user", 21, "status"),
        line(refused, "ticket", 118, "isDeleted"),
        line(refused, "user", 11, "name"),
        line(refused, "user", 13, "email"),
        line(left, "user", 15, "password"),
        line(left, "user", 16, "password"),
        line(left, "user", 18, "name"),
        line(left, "user", 19, "department"),
        line(refused, "user", 20, "email"),
        line(refused, "ticket", 104, "status"),
        line(refused, "ticket", 105, "priority"),
        line(refused, "ticket", 101, "id"),
        line(changed, "ticket", 102, "number"),
        line(changed, "ticket", 103, "number"),
        line(refused, "ticket", 106, "requester"),
        line(changed, "ticket", 107, "title"),
        line(refused, "ticket", 108, "title"),
        line(refused, "ticket", 109, "requester"),
        line(left, "ticket", 110, "assignee"),
        line(left, "ticket", 111, "createdAt"),
        line(changed, "ticket", 112, "title"),
        line(changed, "ticket", 113, "description"),
        line(left, "ticket", 114, "comments[2].isInternal"),
        line(left, "ticket", 114, "messages[0].author"),
        line(left, "ticket", 114, "messages[1]"),
        line(left, "ticket", 115, "category"),
        line(left, "ticket", 116, "tags"),
        line(left, "ticket", 117, "attachment"),
        line(left, "entry", 502, "timestamp"),
        line(refused, "entry", 501, "action"),
        line(changed, "entry", 502, "ticket"),
    ];
    let (mut told, mut wanted) = (import.short(), expected);
    told.sort();
    wanted.sort();
    assert_eq!(told, wanted);
    let all = serde_json::to_string(&import.report).unwrap();
    assert!(!all.contains("plain text") && !all.contains("$2b$"), "a report tells no password: {all}");
    assert!(import.reason(&oid(104).to_hex(), "status").contains("--map 'status:blocked="));

    server.start().await;
    let admin = sign_in(&server, "one@acme.example", "acme").await;
    let people = admin.all("/api/admin/users").await;
    for email in ["blocked@acme.example", "left@acme.example"] {
        let person = people.iter().find(|person| person["email"] == email).unwrap();
        assert_eq!(person["active"], false, "{person}");
    }
    let tickets = admin.all("/api/tickets").await;
    let find =
        |title: &str| tickets.iter().find(|t| t["title"].as_str().unwrap().starts_with(title)).unwrap();
    assert_eq!(find("Ticket 101")["number"], 5);
    assert_eq!(find("Ticket 102")["customFields"], json!({ "sourceNumber": "5" }));
    assert_eq!(find("Ticket 103")["customFields"], json!({ "sourceNumber": "TCK-7" }));
    assert_eq!(find("All of 107")["description"], "All of 107");
    assert_eq!(find("ttt")["customFields"]["sourceTitle"], "t".repeat(300));
    assert_eq!(find("Ticket 113")["messageCount"], 1, "the rest of a long text is a message");
    assert_eq!(find("Ticket 114")["messageCount"], 1, "what may be a note is not shown");
    assert_eq!(find("Ticket 116")["tags"], json!(["fine"]));

    // What the operator says afterwards takes what is missing, and nothing twice.
    let before = tickets.len();
    let more = [
        "mongodump",
        dump,
        "--map",
        "status:blocked=waiting",
        "--map",
        "priority:P0=urgent",
        "--map",
        "role:superadmin=admin",
        "--map",
        "ticket.custom.category=category",
        "--same-address",
        "merge",
        "--fallback-requester",
        "one@acme.example",
    ];
    Import::run(&server, &more).expect(3);
    let tickets = admin.all("/api/tickets").await;
    assert_eq!(tickets.len(), before + 4, "104, 105, 106 and 109");
    let merged = tickets.iter().find(|t| t["title"] == "Ticket 106 of acme").unwrap();
    assert_eq!(merged["requester"]["name"], "Person 1");
}

#[tokio::test]
async fn a_damaged_dump_is_refused_whole() {
    let server = Server::new();
    server.create_company("before");
    let users = [user(1, "acme", "one@acme.example", "admin"), user(2, "acme", "two@acme.example", "user")];
    let tickets: Vec<_> = (101..110).map(|n| ticket(n, "acme", 2)).collect();
    let good = bytes_of(&tickets);
    let mut deep = doc! { "end": 1 };
    for _ in 0..150 {
        deep = doc! { "in": deep };
    }
    let cut = good[..good.len() - 3].to_vec();
    let mut long = good.clone();
    long[3] = 0x7f;
    let mut text = good.clone();
    let place = text.windows(6).position(|part| part == b"Ticket").unwrap();
    text[place] = 0xff;
    let wrong = [
        ("cut off", cut),
        ("it says that it has", long),
        ("UTF-8", text),
        ("nested deeper", bytes_of(&[with(ticket(1, "acme", 2), "deep", deep)])),
        ("in its midst", [good.clone(), vec![1, 2]].concat()),
    ];
    for (told, bytes) in wrong {
        let dump = write_dump(server.folder(), &users, &[], &[]);
        std::fs::write(dump.join("desk").join("tickets.bson"), bytes).unwrap();
        let import = Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(1);
        let said = import.said.to_lowercase();
        assert!(
            said.contains(&told.to_lowercase()) && said.contains("tickets.bson") && said.contains("document"),
            "{told}: {said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
        let listed = server.run_well(&["tenant", "list"], "");
        assert!(!listed.contains("acme"), "{listed}");
    }
    let none = Import::run(&server, &["mongodump", server.folder().to_str().unwrap(), "--tenant", "x=y"]);
    assert!(none.code != 0, "{}", none.printed);
}

#[tokio::test]
async fn a_number_that_a_deleted_ticket_had_is_nobody_elses() {
    let server = Server::with_companies(&["acme"]).await;
    let admin = server.web().sign_in("admin@acme.example").await;
    let raised = admin.post("/api/tickets", &json!({ "title": "To go" })).await.expect(201);
    assert_eq!(raised["number"], 1);
    admin.delete(&format!("/api/tickets/{}", raised["id"].as_str().unwrap())).await.expect_empty(204);
    let users = [user(1, "acme", "one@acme.example", "user")];
    let tickets = [with(ticket(101, "acme", 1), "number", 1), with(ticket(102, "acme", 1), "number", 2)];
    let dump = write_dump(server.folder(), &users, &tickets, &[]);
    let import =
        Import::run(&server, &["mongodump", dump.to_str().unwrap(), "--tenant", "acme=acme"]).expect(0);
    assert!(import.reason(&oid(101).to_hex(), "number").contains("another ticket's"));
    let beside = Beside::open(&server).await;
    let tenant = beside.tenant("acme").await;
    let numbers = select(&server, tenant, "SELECT number, title FROM tickets ORDER BY number").await;
    assert_eq!(numbers, [["2", "Ticket 102 of acme"], ["3", "Ticket 101 of acme"]]);
}
