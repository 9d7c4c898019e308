//! Who gets what: every operation of the OpenAPI document × every way not to be signed in and every
//! role × an id of one's own, another company's, and one that does not exist.
//!
//! The table is in `harness/rows.rs`. An operation without a row fails, and so does an id that an
//! operation takes and the table does not try. What a person may not see must answer exactly as what
//! does not exist, and what is refused must change nothing.

#![cfg(test)]

#[path = "matrix/attachments.rs"]
mod attachments;
#[path = "matrix/buckets.rs"]
mod buckets;
#[path = "matrix/callbacks.rs"]
mod callbacks;
#[path = "matrix/company.rs"]
mod company;
#[path = "matrix/coverage.rs"]
mod coverage;
#[path = "matrix/exports.rs"]
mod exports;
mod harness;
#[path = "matrix/own.rs"]
mod own;
#[path = "matrix/presence.rs"]
mod presence;

use company::Desk;
use coverage::differences;
use harness::{
    Answer, Person, Server,
    client::Request,
    document::{Document, Operation, request},
    rows::{Access, Place, Row, Thing, rows},
    socket,
    tokens::{Forge, claims_of, with},
};
use serde_json::json;

/// An id of the right form that is nobody's.
const MISSING: &str = "0198c0de-1234-7abc-8def-0123456789ab";

/// The operations, from the document that the server serves.
async fn operations(desk: &Desk) -> Vec<Operation> {
    let document = desk.server.web().get("/api/openapi.json").await;
    document.expect(200);
    Document::parse(&document.text()).operations()
}

fn operation_of<'o>(operations: &'o [Operation], row: &Row) -> &'o Operation {
    operations.iter().find(|o| o.id == row.operation).expect("the row is of an operation")
}

/// An answer without what may differ from one request to the next: the time, and the ids asked for.
/// Request ids are the same throughout, because [`request`] sends one.
fn essence(answer: &Answer, id: &str) -> (u16, Vec<String>, String) {
    // The tag of a list is of its address, which holds the id.
    const VARYING: [&str; 2] = ["date", "etag"];
    let fields = answer.headers.iter().filter(|(name, _)| !VARYING.contains(&name.as_str()));
    let mut fields: Vec<String> = fields.map(|(name, value)| format!("{name}: {value:?}")).collect();
    fields.sort();
    (answer.status, fields, if id.is_empty() { answer.text() } else { answer.text().replace(id, "ID") })
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let document = Document::parse(&Server::new().run_well(&["openapi"], ""));
    let operations = document.operations();
    assert!(operations.len() > 30, "{} operations", operations.len());
    let differences = differences(&operations, &rows());
    assert!(differences.is_empty(), "the table and the document differ:\n{}", differences.join("\n"));
}

#[tokio::test]
async fn the_document_is_the_servers_and_undocumented_methods_are_refused() {
    let server = Server::with_companies(&["ours"]).await;
    let web = server.web();
    let served = web.get("/api/openapi.json").await;
    let printed = server.run_well(&["openapi"], "");
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(parse(&served.text()), parse(&printed));
    for (method, path) in Document::parse(&printed).absent_methods() {
        let answer = web.send(&Request::new(method.clone(), &path.replace("{id}", MISSING))).await;
        assert_eq!(answer.status, 405, "{method} {path}: {answer:?}");
        answer.expect_problem(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn no_bad_token_opens_anything() {
    let desk = Desk::open().await;
    let operations = operations(&desk).await;
    let forge = Forge::new(&desk.server).await;
    let web = desk.server.web();
    let now_s = harness::beside::now().0 / 1000;
    let admin = &desk.ours.admin;
    let tokens = forge.bad_tokens(&admin.token, &admin.refresh, now_s);
    // The forge itself works: what it signs without changing a word is accepted.
    let good = forge.sign(&claims_of(&admin.token));
    web.send(&web.get_request("/api/me").bearer(&good)).await.expect(200);

    let before = desk.state().await;
    assert_eq!(socket::refusal(&web, &admin.token).await, None);
    for (kind, token) in &tokens {
        let refusal = socket::refusal(&web, token).await;
        assert_eq!(refusal.as_deref(), Some(r#"44{"message":"unauthenticated"}"#), "a socket and {kind}");
    }
    for row in rows() {
        let operation = operation_of(&operations, &row);
        for (whose, id) in ids_for(&desk, &row) {
            let bare = request(operation, &row, &id, &desk.ours.ticket);
            let unsigned = web.send(&bare).await;
            let what = format!("{} with {whose} id", row.operation);
            match row.access {
                Access::Open(status) => assert_eq!(unsigned.status, status, "{what}: {unsigned:?}"),
                Access::SignedIn => {
                    unsigned.expect_problem(401, "unauthenticated");
                    assert_eq!(unsigned.header("www-authenticate"), Some("Bearer"), "{what}");
                }
            }
            for (kind, token) in &tokens {
                let answer = web.send(&bare.clone().bearer(token)).await;
                if matches!(row.access, Access::SignedIn) {
                    assert_eq!(essence(&answer, &id), essence(&unsigned, &id), "{what} and {kind}");
                } else {
                    assert_eq!(answer.status, unsigned.status, "{what} and {kind}: {answer:?}");
                }
            }
        }
        assert!(before == desk.state().await, "{} changed something for nobody", row.operation);
    }
}

/// The ids to try for a row: of one's own, another company's, one that does not exist.
fn ids_for(desk: &Desk, row: &Row) -> Vec<(&'static str, String)> {
    match row.thing {
        None => vec![("no", String::new())],
        Some(thing) => vec![
            ("an own", desk.ours.the(thing).to_owned()),
            ("another company's", desk.theirs.the(thing).to_owned()),
            ("a missing", MISSING.to_owned()),
        ],
    }
}

#[tokio::test]
async fn each_role_gets_what_the_table_says_and_refusals_change_nothing() {
    let desk = Desk::open().await;
    let operations = operations(&desk).await;
    let rows: Vec<Row> = rows().into_iter().filter(|row| row.access == Access::SignedIn).collect();
    // First all that is refused, while nothing else happens; then what is allowed.
    let before = desk.state().await;
    for row in &rows {
        let operation = operation_of(&operations, row);
        for (at, (role, person)) in desk.ours.people().into_iter().enumerate() {
            refuse_elsewhere(&desk, operation, row, role, person, row.elsewhere[at]).await;
            if row.own[at] >= 400 {
                let id = row.thing.map_or("", |thing| desk.ours.the(thing));
                let answer = ask(person, &request(operation, row, id, &desk.ours.ticket)).await;
                assert_eq!(answer.status, row.own[at], "{} by a {role}: {answer:?}", row.operation);
            }
            if row.own[at] >= 400 || row.thing.is_some() {
                let after = desk.state().await;
                assert!(before == after, "{} by a {role} was refused and changed something", row.operation);
            }
        }
    }
    for row in &rows {
        let operation = operation_of(&operations, row);
        for (at, (role, person)) in desk.ours.people().into_iter().enumerate() {
            if row.own[at] < 400 {
                let id = match row.thing {
                    Some(thing) => desk.ours.make(thing).await,
                    None => String::new(),
                };
                let answer = ask(person, &request(operation, row, &id, &desk.ours.ticket)).await;
                assert_eq!(answer.status, row.own[at], "{} by a {role}: {answer:?}", row.operation);
                assert!(before[1] == desk.their_state().await, "{} changed the other company", row.operation);
            }
        }
    }
}

/// Another company's id gets the answer of one that does not exist, and so does, for a user, a ticket
/// that somebody else raised.
async fn refuse_elsewhere(
    desk: &Desk,
    operation: &Operation,
    row: &Row,
    role: &str,
    person: &Person,
    status: u16,
) {
    let Some(thing) = row.thing else { return };
    let missing = ask(person, &request(operation, row, MISSING, &desk.ours.ticket)).await;
    assert_eq!(missing.status, status, "{} by a {role} with a missing id: {missing:?}", row.operation);
    let mut others = vec![("another company's", desk.theirs.the(thing))];
    if thing == Thing::Ticket && role == "user" {
        others.push(("a colleague's", &desk.ours.colleagues_ticket));
    }
    for (whose, id) in others {
        let answer = ask(person, &request(operation, row, id, &desk.ours.ticket)).await;
        assert_eq!(
            essence(&answer, id),
            essence(&missing, MISSING),
            "{} by a {role} with {whose} id is not answered as a missing one",
            row.operation
        );
    }
    // A query that only narrows a list is allowed and finds nothing.
    if status < 400 {
        assert!(matches!(row.place, Place::Query(_)), "{} is allowed with a stranger's id", row.operation);
        assert_eq!(missing.json()["items"], json!([]), "{}", row.operation);
    }
}

async fn ask(person: &Person, request: &Request) -> Answer {
    person.web.send(&request.clone().bearer(&person.token)).await
}

/// What a token says of role and company counts for nothing, even under a good signature: the store
/// is asked.
#[tokio::test]
async fn claims_raise_nobody() {
    let desk = Desk::open().await;
    let forge = Forge::new(&desk.server).await;
    let (user, admin, stranger) = (&desk.ours.user, &desk.ours.admin, &desk.theirs.admin);
    let claims = claims_of(&user.token);
    let send = async |changes: serde_json::Value| {
        let token = forge.sign(&with(&claims, &changes));
        user.web.send(&user.web.get_request("/api/admin/users").bearer(&token)).await
    };
    send(json!({ "role": "admin" })).await.expect_problem(403, "forbidden");
    // The session is this user's and no one else's, and this company's.
    send(json!({ "sub": admin.id, "userId": admin.id, "role": "admin" }))
        .await
        .expect_problem(401, "unauthenticated");
    send(json!({ "userId": admin.id })).await.expect_problem(401, "unauthenticated");
    send(json!({ "customerId": stranger.company })).await.expect_problem(401, "unauthenticated");
    let theirs = claims_of(&stranger.token);
    send(json!({ "customerId": stranger.company, "sid": theirs["sid"] }))
        .await
        .expect_problem(401, "unauthenticated");
    // A role taken away is gone with the next request, whatever the token says.
    let agent = &desk.ours.agent;
    agent.get("/api/assignees").await.expect(200);
    let path = format!("/api/admin/users/{}", agent.id);
    admin.patch(&path, &json!({ "role": "user" })).await.expect(200);
    agent.get("/api/assignees").await.expect_problem(403, "forbidden");
    admin.patch(&path, &json!({ "active": false })).await.expect(200);
    agent.get("/api/me").await.expect_problem(401, "unauthenticated");
}
