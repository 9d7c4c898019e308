//! What is odd in a source without being damaged: it is taken as far as it goes, told, and breaks nothing.

use bson::{Bson, doc};
use serde_json::json;

use crate::{
    harness::{
        Server,
        beside::{Beside, assert_whole, select},
        client::until,
    },
    mongodump::sign_in,
    sources::{Import, minute, oid, ticket, user, with, write_dump},
};

/// A note is internal although it does not say so itself, by its name; and a requester can't even count notes.
#[tokio::test]
async fn a_list_of_notes_is_internal_and_is_not_counted_for_a_requester() {
    let mut server = Server::new();
    server.create_company("before");
    let said = |text: &str| doc! { "user": oid(1), "text": text, "createdAt": minute(12) };
    let users = [user(1, "acme", "one@acme.example", "admin"), user(2, "acme", "two@acme.example", "user")];
    let first = with(ticket(101, "acme", 2), "comments", vec![said("for all")]);
    let first = with(first, "internalNotes", vec![said("a whisper")]);
    let tickets = [first, with(ticket(102, "acme", 2), "notes", "another whisper")];
    let dump = write_dump(server.folder(), &users, &tickets, &[]);
    Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(3);
    server.start().await;
    let admin = sign_in(&server, "one@acme.example", "acme").await;
    let requester = sign_in(&server, "two@acme.example", "acme").await;
    let mut seen = Vec::new();
    for person in [&admin, &requester] {
        for ticket in person.all("/api/tickets?sort=number").await {
            let messages =
                person.all(&format!("/api/tickets/{}/messages", ticket["id"].as_str().unwrap())).await;
            assert_eq!(ticket["messageCount"], messages.len(), "{ticket}");
            seen.push((messages.len(), messages.iter().filter(|m| m["internal"] == true).count()));
        }
        assert_eq!(person.all("/api/tickets?q=whisper").await.is_empty(), person.id == requester.id);
    }
    seen.sort_unstable();
    assert_eq!(seen, [(0, 0), (1, 0), (1, 1), (2, 1)], "a requester sees one message, the staff three");
}

/// The same for private comments, in their ticket and in documents of their own: whatever a requester asks, they learn of none.
#[tokio::test]
async fn a_private_comment_is_a_note_counted_as_one_and_unknown_to_a_requester() {
    let server = Server::with_companies(&["acme"]).await;
    let admin = server.web().sign_in("admin@acme.example").await;
    let requester = admin.add("end@acme.example", "user").await;
    let write = |name: &str, text: serde_json::Value| {
        let path = server.folder().join(name);
        std::fs::write(&path, text.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let users = write(
        "users.json",
        json!({ "users": [{ "id": 1, "name": "End", "email": "end@acme.example", "role": "end-user" }] }),
    );
    let said = |id: u32, public: bool| {
        let body = format!("{} {id}", if public { "Said" } else { "Whispered" });
        json!({ "id": id, "ticket_id": 7, "author_id": 1, "body": body,
        "public": public, "created_at": "2024-02-02T10:00:00Z" })
    };
    // One within its ticket does not say whose it is.
    let mut within = said(9, false);
    within.as_object_mut().unwrap().remove("ticket_id");
    let tickets = write(
        "tickets.json",
        json!({ "tickets": [{ "id": 7, "subject": "T", "description": "D", "status": "open",
        "requester_id": 1, "created_at": "2024-02-01T10:00:00Z", "comments": [within] }] }),
    );
    let comments =
        write("comments.json", json!({ "comments": [said(1, true), said(2, false), said(3, false)] }));
    let arguments = ["zendesk", "--tenant", "acme", &users, &tickets, &comments];
    let counted = "1 tickets, 4 messages (3 of them internal), ";
    let rehearsed = Import::run(&server, &[&arguments[..], &["--dry-run"]].concat()).expect(0);
    assert!(rehearsed.printed.contains(&format!("would take 1 people, {counted}")), "{}", rehearsed.printed);
    let import = Import::run(&server, &arguments).expect(0);
    assert!(import.printed.contains(&format!("took 1 people, {counted}")), "{}", import.printed);
    let finished = admin.all("/api/admin/audit?action=import.finished").await;
    let taken = &finished[0]["data"]["taken"];
    assert_eq!((&taken["messages"], &taken["internal"]), (&json!(4), &json!(3)), "{finished:?}");
    for (person, count) in [(&admin, 4), (&requester, 1)] {
        let ticket = &person.all("/api/tickets").await[0];
        assert_eq!(ticket["messageCount"], count, "{ticket}");
        let messages = person.all(&format!("/api/tickets/{}/messages", ticket["id"].as_str().unwrap())).await;
        assert_eq!(messages.len(), count);
        let is_staff = person.id == admin.id;
        assert_eq!(messages.iter().filter(|m| m["internal"] == true).count(), if is_staff { 3 } else { 0 });
        assert_eq!(person.all("/api/tickets?q=whispered").await.len(), usize::from(is_staff));
        let events = person.get("/api/events?after=0&limit=100").await.expect(200);
        let of_notes = events["items"].as_array().unwrap().iter().filter(|e| e["data"]["internal"] == true);
        assert_eq!(of_notes.count(), if is_staff { 2 } else { 0 }, "{events}");
    }
}

#[tokio::test]
async fn a_customer_that_is_none_is_refused_document_by_document() {
    let server = Server::new();
    server.create_company("before");
    let odd: [Bson; 6] = [
        "".into(),
        "c".repeat(300).into(),
        "a\u{0}b".into(),
        "a\nb".into(),
        vec!["acme", "other"].into(),
        true.into(),
    ];
    let mut users = vec![user(1, "acme", "one@acme.example", "admin")];
    let many = (2..).zip(odd);
    users.extend(many.map(|(n, customer)| {
        with(user(n, "x", &format!("p{n}@acme.example"), "user"), "customerId", customer)
    }));
    let dump = write_dump(server.folder(), &users, &[], &[]);
    let import = Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(3);
    let told: Vec<_> = import.short().into_iter().map(|(weight, _, id, field)| (weight, id, field)).collect();
    let refused = |n: u32| ("refused".to_owned(), format!("{n:03x}"), "customerId".to_owned());
    assert_eq!(told, (2..8).map(refused).collect::<Vec<_>>(), "{:#?}", import.report);
    let listed = server.run_well(&["tenant", "list", "--json"], "");
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let slugs: Vec<_> = listed.as_array().unwrap().iter().map(|t| t["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["acme", "before"]);
}

/// A company that can't be made is told before any is.
#[tokio::test]
async fn a_name_that_is_none_is_refused_before_anything_is_written() {
    let server = Server::new();
    server.create_company("before");
    let users = [user(1, "Acme", "one@acme.example", "admin"), user(2, "Zoo", "two@zoo.example", "admin")];
    let dump = write_dump(server.folder(), &users, &[], &[]);
    for (named, told) in [("Zoo=Bad Slug", "slug: "), ("Zoo=zoo,", "name: "), ("Zoo=-", "slug: ")] {
        let import =
            Import::run(&server, &["mongodump", dump.to_str().unwrap(), "--tenant", named]).expect(1);
        assert!(import.said.contains(told) && import.said.contains("Zoo"), "{named}: {}", import.said);
        let listed = server.run_well(&["tenant", "list"], "");
        assert!(!listed.contains("acme") && !listed.contains("zoo"), "{named}: {listed}");
    }
}

/// Texts of a million characters in places that are for a few: nothing that is kept or told is as long.
#[tokio::test]
async fn a_field_of_a_million_characters_is_cut_and_told() {
    let mut server = Server::new();
    server.create_company("before");
    let long = "\u{1}x".repeat(500_000);
    let users = [
        with(user(1, "acme", "one@acme.example", "admin"), "name", long.as_str()),
        with(user(2, "acme", "two@acme.example", "admin"), "role", long.as_str()),
        user(3, "acme", &format!("{long}@acme.example"), "user"),
    ];
    let tickets = [
        with(ticket(101, "acme", 1), "title", long.as_str()),
        with(ticket(102, "acme", 1), "number", long.as_str()),
        with(ticket(103, "acme", 1), "tags", vec![long.as_str()]),
        with(ticket(104, "acme", 1), "userId", long.as_str()),
        with(ticket(105, "acme", 1), "status", long.as_str()),
        with(ticket(106, "acme", 1), "comments", vec![doc! { "author": long.as_str(), "text": "x" }]),
    ];
    let entry =
        |n: u32| doc! { "_id": oid(n), "customerId": "acme", "action": "SEEN", "timestamp": minute(1) };
    let logs = [
        with(entry(501), "action", long.as_str()),
        with(entry(502), "userName", long.as_str()),
        with(entry(503), "userId", long.as_str()),
        with(entry(504), "ticketId", long.as_str()),
        with(entry(505), "details", long.as_str()),
    ];
    let dump = write_dump(server.folder(), &users, &tickets, &logs);
    let import = Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(3);
    for line in &import.report {
        assert!(
            line.to_string().len() < 4_000,
            "{}…",
            line.to_string().chars().take(300).collect::<String>()
        );
    }
    assert!(import.printed.contains("took 1 people, 4 tickets"), "{}", import.printed);
    assert!(import.printed.contains("5 entries"), "{}", import.printed);
    let beside = Beside::open(&server).await;
    let acme = beside.tenant("acme").await;
    let ledger = beside.ledger(acme).await;
    assert_whole(&ledger);
    for event in &ledger {
        assert!(event.data.len() < 20_000, "{} has {} bytes", event.action, event.data.len());
    }
    for sql in [
        "SELECT max(length(title)), max(length(custom_fields)), max(length(tags)) FROM tickets",
        "SELECT max(length(name)), max(length(email)) FROM users",
        "SELECT max(length(author_name)) FROM messages",
    ] {
        let sizes = select(&server, acme, sql).await.remove(0);
        assert!(sizes.iter().all(|size| size.parse::<u32>().unwrap() < 16_500), "{sql}: {sizes:?}");
    }
    server.start().await;
    sign_in(&server, "one@acme.example", "acme").await;
}

/// Moments at the ends of the calendar survive the import, the desk and an archive.
#[tokio::test]
async fn a_moment_at_the_end_of_the_calendar_is_kept_or_told() {
    let mut server = Server::new();
    server.create_company("before");
    let at = |ms: i64| bson::DateTime::from_millis(ms);
    let users = [
        with(user(1, "acme", "one@acme.example", "admin"), "createdAt", at(-377_705_023_201_000)),
        with(user(2, "acme", "two@acme.example", "user"), "createdAt", at(32_000_000_000_000)),
    ];
    let tickets = [
        with(ticket(101, "acme", 1), "createdAt", at(-377_705_023_201_000)),
        with(ticket(102, "acme", 1), "createdAt", at(i64::MIN)),
        with(ticket(103, "acme", 1), "updatedAt", at(i64::MAX)),
        with(ticket(104, "acme", 1), "createdAt", at(-62_135_596_800_000)),
    ];
    let dump = write_dump(server.folder(), &users, &tickets, &[]);
    let import = Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(3);
    for (id, field) in [(102, "createdAt"), (103, "updatedAt"), (2, "createdAt")] {
        import.reason(&oid(id).to_hex(), field);
    }
    server.start().await;
    let admin = sign_in(&server, "one@acme.example", "acme").await;
    for sort in ["createdAt", "-createdAt", "updatedAt", "-updatedAt"] {
        // Page by page, so that moments stand in cursors.
        let tickets = admin.all(&format!("/api/tickets?sort={sort}&limit=1")).await;
        assert_eq!(tickets.len(), 4, "{sort}");
    }
    assert_eq!(admin.all("/api/admin/users").await.len(), 2);
    server.terminate().await;
    server.run_well(&["tenant", "export", "acme", "--out", "acme.zip"], "");
    server.run_well(&["tenant", "erase", "acme", "--yes"], "");
    server.run_well(&["tenant", "import", "acme.zip"], "");
    server.start().await;
    let admin = sign_in(&server, "one@acme.example", "acme").await;
    assert_eq!(admin.all("/api/tickets").await.len(), 4);
}

/// Beside a server that has the data, a step goes through its door as one line, which has a bound.
#[tokio::test]
async fn large_documents_go_beside_a_running_server() {
    let server = Server::with_companies(&["before"]).await;
    let users = [user(1, "acme", "one@acme.example", "admin")];
    // One byte here is six there.
    let dear = "\u{1}".repeat(15 << 20);
    let logs: Vec<_> = (501..503)
        .map(|n| doc! { "_id": oid(n), "customerId": "acme", "action": "SEEN", "details": dear.as_str() })
        .collect();
    let dump = write_dump(server.folder(), &users, &[], &logs);
    let import = Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(3);
    assert!(import.printed.contains("took 1 people, 0 tickets, 0 messages, 2 entries"), "{}", import.printed);
}

/// Who makes a company of that name while an import is about to keeps it as it is.
#[tokio::test]
async fn a_company_that_came_meanwhile_is_not_taken() {
    let server = Server::with_companies(&["acme"]).await;
    let make = json!({ "import": { "make": { "slug": "acme", "name": "Acme", "locale": "en", "source": "mongodump",
        "customer": "Acme" } } });
    let path = server.data().join("operator.sock");
    let mut door = until("the door", async || tokio::net::UnixStream::connect(&path).await.ok()).await;
    tokio::io::AsyncWriteExt::write_all(&mut door, format!("{make}\n").as_bytes()).await.unwrap();
    let mut told = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut door, &mut told).await.unwrap();
    assert!(told.contains("Refused") && told.contains("has been used by now"), "{told}");
    server.web().sign_in("admin@acme.example").await;
}
