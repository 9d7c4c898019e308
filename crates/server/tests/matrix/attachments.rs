//! Files over HTTP: what is taken in is what is handed out, to those who may have it.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::{
    MISSING,
    company::Desk,
    harness::{Person, client::Answer},
};

async fn upload(person: &Person, name: &str, bytes: &[u8]) -> Answer {
    let path = format!("/api/attachments?name={name}");
    let request = person.request(Method::POST, &path).raw(bytes);
    person.web.send(&request.header("content-type", "application/octet-stream")).await
}

async fn taken(person: &Person, name: &str, bytes: &[u8]) -> String {
    upload(person, name, bytes).await.expect(201)["id"].as_str().expect("an id").to_owned()
}

async fn said(person: &Person, ticket: &str, internal: bool, files: &[&str]) -> Answer {
    let message = json!({ "body": "See there", "internal": internal, "attachments": files });
    person.post(&format!("/api/tickets/{ticket}/messages"), &message).await
}

/// The beginning of a picture, as far as anybody looks.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";

#[tokio::test]
async fn what_is_handed_out_is_what_was_taken_in_and_never_a_page() {
    let desk = Desk::open().await;
    let user = &desk.ours.user;
    // Longer than what is compressed, sent at once, or kept in one piece.
    let mut page = b"<!DOCTYPE html><script>alert(1)</script>".to_vec();
    page.extend(std::iter::repeat_n(b"0123456789abcdef".as_slice(), 600_000).flatten());
    let file = upload(user, "Rechnung%20%22M%C3%A4rz%22.png", &page).await.expect(201);
    assert_eq!(file["name"], "Rechnung \"März\".png");
    assert_eq!((&file["mediaType"], &file["size"]), (&json!("text/html"), &json!(page.len())));
    assert_eq!((&file["ticketId"], &file["messageId"]), (&Json::Null, &Json::Null));
    let id = file["id"].as_str().unwrap();
    let message = said(user, &desk.ours.ticket, false, &[id]).await.expect(201);
    assert_eq!(message["attachments"][0]["id"], *id);
    assert_eq!(message["attachments"][0]["messageId"], message["id"]);

    let path = format!("/api/attachments/{id}");
    let found = desk.ours.agent.get(&path).await;
    assert_eq!(found.status, 200);
    assert!(found.body == page, "{} bytes", found.body.len());
    for (name, value) in [
        ("content-type", "text/html"),
        ("content-disposition", "attachment; filename*=UTF-8''Rechnung%20%22M%C3%A4rz%22.png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "private, no-cache"),
        ("content-length", &page.len().to_string()),
    ] {
        assert_eq!(found.header(name), Some(value), "{name}");
    }
    assert_eq!(found.header("content-encoding"), None);
    let tag = found.header("etag").expect("a tag").to_owned();
    let again = desk.ours.agent.request(Method::GET, &path).header("if-none-match", &tag);
    assert_eq!(desk.ours.agent.web.send(&again).await.status, 304);
    // Whoever knows the tag learns nothing by it.
    let stranger = desk.theirs.agent.request(Method::GET, &path).header("if-none-match", &tag);
    desk.theirs.agent.web.send(&stranger).await.expect_problem(404, "not_found");
    let picture = upload(user, "page.html", PICTURE).await.expect(201);
    assert_eq!(picture["mediaType"], "image/png");
}

#[tokio::test]
async fn a_file_is_there_for_who_sees_its_message_alone() {
    let desk = Desk::open().await;
    let (user, agent, admin) = (&desk.ours.user, &desk.ours.agent, &desk.ours.admin);
    let strangers = &desk.theirs;
    let unsent = taken(agent, "unsent.png", PICTURE).await;
    let public = taken(agent, "public.png", PICTURE).await;
    let secret = taken(agent, "zebra.png", PICTURE).await;
    let ticket = &desk.ours.ticket;
    let before = desk.state().await;
    for other in [user, admin, &strangers.user, &strangers.agent, &strangers.admin] {
        let path = format!("/api/attachments/{unsent}");
        other.get(&path).await.expect_problem(404, "not_found");
        other.delete(&path).await.expect_problem(404, "not_found");
    }
    // Nobody sends what another has uploaded, nor what nobody has.
    let theirs = &strangers.ticket;
    for (sender, at) in [(admin, ticket), (user, ticket), (&strangers.agent, theirs)] {
        for id in [unsent.as_str(), MISSING] {
            let refused = said(sender, at, false, &[id]).await;
            refused.expect_problem(422, "validation_failed");
            assert_eq!(refused.wrong_paths(), ["attachments[0]"]);
            let refused = sender.post("/api/tickets", &json!({ "title": "New", "attachments": [id] })).await;
            refused.expect_problem(422, "validation_failed");
            assert_eq!(refused.wrong_paths(), ["attachments[0]"]);
        }
    }
    assert!(before == desk.state().await, "something changed");
    said(agent, ticket, false, &[&public]).await.expect(201);
    said(agent, ticket, true, &[&secret]).await.expect(201);
    for (id, seen_by) in [(&public, vec![user, agent, admin]), (&secret, vec![agent, admin])] {
        let path = format!("/api/attachments/{id}");
        for reader in [user, agent, admin, &strangers.user, &strangers.agent, &strangers.admin] {
            let found = reader.get(&path).await;
            if seen_by.iter().any(|seer| seer.id == reader.id) {
                assert_eq!(found.status, 200);
                assert_eq!(found.body, PICTURE);
            } else {
                found.expect_problem(404, "not_found");
            }
        }
    }
    // On no path does the requester learn of a note's file.
    for path in [
        format!("/api/tickets/{ticket}/attachments"),
        format!("/api/tickets/{ticket}/messages"),
        "/api/events?after=0&limit=100".to_owned(),
        "/api/tickets?q=zebra".to_owned(),
    ] {
        let seen = user.get(&path).await;
        assert!(seen.status == 200 && !seen.text().contains("zebra"), "{path}: {seen:?}");
        assert!(!seen.text().contains(&secret), "{path}: {seen:?}");
    }
    let staff = agent.get(&format!("/api/tickets/{ticket}/attachments")).await.expect(200);
    assert!(staff.to_string().contains("zebra"), "{staff}");
}

#[tokio::test]
async fn what_is_too_large_or_breaks_off_leaves_nothing() {
    let desk = Desk::open().await;
    let user = &desk.ours.user;
    let largest = user.get("/api/attachments").await.expect(200)["largest"].as_u64().unwrap();
    assert_eq!(largest, 25 << 20);
    let before = desk.state().await;
    let whole = vec![7; usize::try_from(largest).unwrap() + 1];
    upload(user, "large.bin", &whole).await.expect_problem(413, "payload_too_large");
    for name in ["", "a%2Fb", "a%0Ab", "%E2%80%AEgnp.exe"] {
        let refused = upload(user, name, PICTURE).await;
        refused.expect_problem(422, "validation_failed");
        assert_eq!(refused.wrong_paths(), ["name"], "{name:?}");
    }
    upload(user, "a.png&color=red", PICTURE).await.expect_problem(422, "validation_failed");
    assert!(before == desk.state().await, "something changed");
    let fits = whole.get(1..).unwrap();
    let id = taken(user, "fits.bin", fits).await;
    let found = user.get(&format!("/api/attachments/{id}")).await;
    assert!(found.body == fits, "{} bytes", found.body.len());
}
