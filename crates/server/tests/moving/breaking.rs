//! An import that is killed in its midst, and run again.

use std::process::Stdio;

use bson::doc;

use crate::{
    harness::{
        Server,
        beside::{Beside, assert_whole, select},
        client::{a_moment, until},
    },
    mongodump::{sign_in, try_sign_in},
    sources::{Import, OLD_PASSWORD, minute, oid, ticket, user, with, write_dump},
};

/// So many tickets: several batches.
const TICKETS: u32 = 4_000;

#[tokio::test]
async fn killed_in_its_midst_and_run_again_it_is_whole() {
    let mut server = Server::new();
    server.create_company("before");
    let users = [user(1, "acme", "one@acme.example", "admin"), user(2, "acme", "two@acme.example", "user")];
    let talk = |n: u32| vec![doc! { "user": oid(2), "text": format!("word {n}"), "createdAt": minute(12) }];
    let tickets: Vec<_> = (0..TICKETS)
        .map(|n| with(with(ticket(1_000 + n, "acme", 2), "comments", talk(n)), "number", i64::from(n) + 1))
        .collect();
    let logs: Vec<_> = (0..600)
        .map(|n| doc! { "_id": oid(50_000 + n), "customerId": "acme", "action": "SEEN", "ticketId": oid(1_000 + n) })
        .collect();
    let dump = write_dump(server.folder(), &users, &tickets, &logs);
    let arguments = ["import", "mongodump", dump.to_str().unwrap(), "--report", "killed.ndjson"];
    let mut child = server.command(&arguments).stdout(Stdio::null()).spawn().unwrap();

    // Until the first tickets are there.
    let counts = "SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM messages), \
        (SELECT count(*) FROM imported WHERE kind = 'ticket'), (SELECT count(*) FROM events WHERE action = 'ticket.imported')";
    let tenant = until("the company", async || {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it could be killed");
        let beside = Beside::open(&server).await;
        let found = beside.store.control().tenant_by_slug("acme").await.unwrap();
        beside.store.close().await;
        found.map(|tenant| tenant.id)
    })
    .await;
    until("the first tickets", async || {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it could be killed");
        a_moment().await;
        let seen = select(&server, tenant, "SELECT count(*) FROM tickets").await;
        (seen[0][0] != "0").then_some(())
    })
    .await;
    child.kill().unwrap();
    child.wait().unwrap();

    // Whole batches, each ticket with its words and its memory; and nobody is let in to half a company.
    let seen = select(&server, tenant, counts).await.remove(0);
    let taken: u32 = seen[0].parse().unwrap();
    assert!(taken > 0 && taken < TICKETS && taken.is_multiple_of(500), "{seen:?}");
    assert!(seen.iter().all(|count| *count == seen[0]), "{seen:?}");
    server.start().await;
    assert_eq!(try_sign_in(&server, "one@acme.example", OLD_PASSWORD, None).await.0, 401);
    server.terminate().await;

    let again = Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(0);
    assert!(
        again.printed.contains(&format!("took 0 people, {} tickets", TICKETS - taken)),
        "{}",
        again.printed
    );
    let seen = select(&server, tenant, counts).await.remove(0);
    assert_eq!(seen, [TICKETS.to_string(), TICKETS.to_string(), TICKETS.to_string(), TICKETS.to_string()]);
    let entries = "SELECT count(*), count(DISTINCT data) FROM events WHERE action = 'history.imported'";
    assert_eq!(select(&server, tenant, entries).await, [["600", "600"]]);
    server.start().await;
    let admin = sign_in(&server, "one@acme.example", "acme").await;
    let last = admin.get("/api/tickets?sort=-number&limit=1").await.expect(200);
    assert_eq!(last["items"][0]["number"], TICKETS);
    assert_eq!(admin.all("/api/tickets?q=word+3999").await.len(), 1);
    assert_whole(&Beside::open(&server).await.ledger(tenant).await);

    // A third time there is nothing left.
    let third = Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(0);
    assert!(third.printed.contains("took 0 people, 0 tickets, 0 messages, 0 entries"), "{}", third.printed);
    assert_eq!(third.said, "", "no bar where there is no terminal");
}

/// Beside a server the import's steps are the server's.
#[tokio::test]
async fn a_server_that_is_killed_beneath_an_import_costs_nothing() {
    let mut server = Server::with_companies(&["before"]).await;
    let users = [user(1, "acme", "one@acme.example", "admin"), user(2, "acme", "two@acme.example", "user")];
    let tickets: Vec<_> = (0..TICKETS).map(|n| ticket(1_000 + n, "acme", 2)).collect();
    let dump = write_dump(server.folder(), &users, &tickets, &[]);
    let arguments = ["import", "mongodump", dump.to_str().unwrap(), "--report", "killed.ndjson"];
    let mut import = server.command(&arguments);
    let import = import.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let tenant = until("the company", async || {
        let beside = Beside::open(&server).await;
        let found = beside.store.control().tenant_by_slug("acme").await.unwrap();
        beside.store.close().await;
        found.map(|tenant| tenant.id)
    })
    .await;
    let count = "SELECT count(*), (SELECT count(*) FROM imported WHERE kind = 'ticket') FROM tickets";
    until("the first tickets", async || {
        a_moment().await;
        let seen = select(&server, tenant, count).await;
        (seen[0][0] != "0").then_some(())
    })
    .await;
    server.kill();
    let ended = import.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("the server that") && said.lines().count() == 1, "{said}");
    let taken = select(&server, tenant, count).await.remove(0);
    assert!(taken[0] == taken[1] && taken[0] != TICKETS.to_string(), "{taken:?}");

    server.start().await;
    assert_eq!(try_sign_in(&server, "one@acme.example", OLD_PASSWORD, None).await.0, 401);
    Import::run(&server, &["mongodump", dump.to_str().unwrap()]).expect(0);
    assert_eq!(select(&server, tenant, count).await, [[TICKETS.to_string(), TICKETS.to_string()]]);
    let admin = sign_in(&server, "one@acme.example", "acme").await;
    let last = admin.get("/api/tickets?sort=-number&limit=1").await.expect(200);
    assert_eq!(last["items"][0]["number"], TICKETS);
    assert_whole(&Beside::open(&server).await.ledger(tenant).await);
}
