//! The audit trail over HTTP, and the document that describes the API.

use flowbit_domain::{
    archive::LedgerLine,
    event::{ChainVerifier, checkpoint_bytes},
    time::Timestamp,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Desk;

#[tokio::test]
async fn the_trail_is_read_verified_and_exported() {
    let (desk, tenant) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let title = "=cmd|' /C calc'!A0";
    let ticket = desk
        .json(Method::POST, "/api/tickets", &ada.token, json!({ "title": title }))
        .await
        .expect(201)
        .json();

    let id = ticket["id"].as_str().unwrap();
    let page = desk.get(&format!("/api/admin/audit?ticketId={id}"), &ada.token).await.expect(200).json();
    let item = &page["items"][0];
    assert_eq!(item["action"], "ticket.created");
    assert_eq!(item["ip"], "127.0.0.1");
    assert!(item["requestId"].is_string() && item["hash"].is_string());
    desk.get("/api/admin/audit?action=nonsense", &ada.token).await.problem(422, "validation_failed");

    let found = desk.get("/api/admin/audit/verify", &ada.token).await.expect(200).json();
    assert_eq!((&found["ok"], &found["firstBad"]), (&json!(true), &Value::Null));

    let export = desk.get("/api/admin/audit?format=ndjson", &ada.token).await.expect(200);
    assert_eq!(export.headers["content-type"], "application/x-ndjson");
    let checkpoint = desk.get("/api/admin/audit/checkpoint", &ada.token).await.expect(200).json();
    let mut chain = ChainVerifier::default();
    for line in export.text.lines() {
        let line: LedgerLine = serde_json::from_str(line).unwrap();
        chain.check(&line.into_event().unwrap()).unwrap();
    }
    assert_eq!(checkpoint["size"], chain.size);
    assert_eq!(checkpoint["head"], hex::encode(chain.head));
    let at = Timestamp::parse(checkpoint["timestamp"].as_str().unwrap()).unwrap();
    let public = hex::decode(checkpoint["publicKey"].as_str().unwrap()).unwrap();
    aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, public)
        .verify(
            &checkpoint_bytes(tenant, chain.size, &chain.head, at),
            &hex::decode(checkpoint["signature"].as_str().unwrap()).unwrap(),
        )
        .unwrap();

    let csv = desk.get("/api/admin/audit?format=csv&action=ticket.created", &ada.token).await.expect(200);
    assert!(csv.headers["content-disposition"].to_str().unwrap().contains("audit.csv"));
    let mut reader = csv::Reader::from_reader(csv.text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].len(), reader.headers().unwrap().len());
    let dangerous = |cell: &&str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    assert!(!rows.iter().flat_map(|row| row.iter()).any(|cell| dangerous(&cell)), "{rows:?}");
    assert_eq!(desk.actions(tenant).await.iter().filter(|a| *a == "audit.exported").count(), 2);
}

#[tokio::test]
async fn the_trail_is_for_admins() {
    let (desk, _) = Desk::with_people().await;
    let bob = desk.login("bob@example.com").await;
    for path in ["", "?format=csv", "/verify", "/checkpoint"] {
        desk.get(&format!("/api/admin/audit{path}"), &bob.token).await.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn a_long_export_comes_whole() {
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let creates = (0..600)
        .map(|n| desk.json(Method::POST, "/api/tickets", &ada.token, json!({ "title": format!("t{n}") })));
    futures_util::future::join_all(creates).await;
    let export =
        desk.get("/api/admin/audit?format=ndjson&action=ticket.created", &ada.token).await.expect(200);
    assert_eq!(export.text.lines().count(), 600);
}

#[tokio::test]
async fn the_document_describes_what_there_is() {
    let desk = Desk::start().await;
    let document = desk.get("/api/openapi.json", "").await.expect(200).json();
    assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path}"));
            assert!(names.insert(name.to_owned()), "{name} is there twice");
            let fault = operation["responses"]["500"]["$ref"].as_str().unwrap_or_default();
            let fault = document.pointer(fault.trim_start_matches('#')).unwrap_or(&serde_json::Value::Null);
            let problem = &fault["content"]["application/problem+json"];
            assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem", "{method} {path}");
            // Every route that a person must be signed in for says 401 to those who are not.
            let open = operation["security"].as_array().is_some_and(|s| s.contains(&json!({})));
            if !open && method == "get" && !path.contains('{') {
                desk.get(path, "nonsense").await.problem(401, "unauthenticated");
            }
        }
    }
    for name in ["login", "list_tickets", "create_user", "get_checkpoint", "list_events"] {
        assert!(names.contains(name), "{name}");
    }
    let text = document.to_string();
    for reference in text.split("\"#").skip(1) {
        let place = reference.split('"').next().unwrap();
        assert!(document.pointer(place).is_some(), "{place} is referred to and not there");
    }
}
