//! E-mails, by the real server and a real mail server (aiosmtpd, of Debian's python3-aiosmtpd).

#![cfg(test)]

#[path = "../harness/mod.rs"]
mod harness;
mod postbox;

use harness::{Person, Server, client::Request};
use postbox::Postbox;
use reqwest::Method;
use serde_json::json;

/// What stands in an internal note, and may stand in no e-mail.
const NOTE: &str = "their insurance has lapsed";

/// A server with a company that e-mails, to this port.
async fn serve(server: &mut Server, port: u16, delay: &str) {
    server.set("FLOWBIT_SMTP_URL", &format!("smtp://127.0.0.1:{port}"));
    server.set("FLOWBIT_MAIL_FROM", "Flowbit <desk@example.org>");
    server.set("FLOWBIT_MAIL_DELAY", delay);
    server.start().await;
}

/// Somebody who raises tickets, and a ticket of theirs.
async fn raise(admin: &Person, title: &str) -> (Person, String) {
    let user = admin.add("uwe@ours.example", "user").await;
    let made = user.post("/api/tickets", &json!({ "title": title })).await.expect(201);
    (user, made["id"].as_str().unwrap().to_owned())
}

async fn say(by: &Person, ticket: &str, body: &str, internal: bool) {
    let message = json!({ "body": body, "internal": internal });
    by.post(&format!("/api/tickets/{ticket}/messages"), &message).await.expect(201);
}

/// The path and query of the link by which an e-mail is the last one.
fn link(mail: &str) -> String {
    let line = mail.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: <")).unwrap();
    let (_, path) = line.trim_end_matches('>').split_once("/unsubscribe").unwrap();
    format!("/unsubscribe{path}")
}

#[tokio::test]
async fn mail_tells_a_requester_of_an_answer_until_they_want_no_more() {
    let mut server = Server::new();
    server.create_company("ours");
    server.create_company("theirs");
    let postbox = Postbox::start(server.folder());
    serve(&mut server, postbox.port, "0").await;
    let web = server.web();
    let admin = web.sign_in("admin@ours.example").await;
    let (user, ticket) = raise(&admin, "Pallet 7 is late").await;
    say(&admin, &ticket, NOTE, true).await;
    say(&admin, &ticket, "It has left Hamburg", false).await;
    let mails = postbox.until(1).await;
    let mail = &mails[0];
    for part in [
        "X-RcptTo: uwe@ours.example",
        "From: Flowbit <desk@example.org>",
        "Subject: [#1] Pallet 7 is late: ",
        "Auto-Submitted: auto-generated",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        &format!("{}/requests/{ticket}", server.url()),
    ] {
        assert!(mail.contains(part), "{part}\n{mail}");
    }

    // The page only asks; its token signs nobody in, and a token that does is none of its kind.
    let link = link(mail);
    let page = web.get(&link).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8")),
        "{page:?}"
    );
    assert!(page.text().contains("<form method=\"post\">"), "{page:?}");
    assert_eq!(user.get("/api/me/notices").await.expect(200)["email"], "instant");
    let token = link.split_once("token=").unwrap().1;
    web.send(&web.get_request("/api/me").bearer(token)).await.expect_problem(401, "unauthenticated");
    let signed_in = Request::new(Method::POST, &format!("/unsubscribe?token={}", user.token));
    assert_eq!(web.send(&signed_in).await.status, 404);
    assert_eq!(user.get("/api/me/notices").await.expect(200)["email"], "instant");
    for _ in 0..2 {
        let mut request = Request::new(Method::POST, &link);
        request.body = Some(b"List-Unsubscribe=One-Click".to_vec());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(web.send(&request).await.status, 200);
    }
    assert_eq!(user.get("/api/me/notices").await.expect(200)["email"], "off");

    // What comes next is the admin's, who watches the ticket by now.
    say(&admin, &ticket, "It is in Bremen", false).await;
    say(&user, &ticket, "Thank you", false).await;
    let mails = postbox.until(2).await;
    assert_eq!(mails.len(), 2, "{mails:?}");
    // Each is led to the screen that they have.
    for part in ["X-RcptTo: admin@ours.example", &format!("{}/tickets/{ticket}", server.url())] {
        assert!(mails[1].contains(part), "{part}\n{}", mails[1]);
    }
    for text in [NOTE, "It has left Hamburg", "It is in Bremen", "Thank you", "theirs.example"] {
        assert!(!mails.iter().any(|mail| mail.contains(text)), "{text}");
    }
    assert!(!server.log().contains("uwe@ours.example"), "the log has an address");
    server.terminate().await;
}

#[tokio::test]
async fn mail_waits_for_a_mail_server_and_survives_a_kill() {
    let mut server = Server::new();
    server.create_company("ours");
    let port = harness::server::free_port();
    serve(&mut server, port, "0").await;
    let admin = server.web().sign_in("admin@ours.example").await;
    let (_, ticket) = raise(&admin, "Pallet 7").await;
    say(&admin, &ticket, "One", false).await;
    harness::client::until("a mail server that is missed", async || {
        server.log().contains("the mail server takes nothing").then_some(())
    })
    .await;
    server.kill();
    server.start().await;
    let postbox = Postbox::start_at(server.folder(), port);
    let mails = postbox.until(1).await;
    assert!(mails[0].contains("X-RcptTo: uwe@ours.example"), "{}", mails[0]);
    server.terminate().await;
}

#[tokio::test]
async fn mail_that_waits_holds_up_no_other() {
    let mut server = Server::new();
    server.create_company("ours");
    let postbox = Postbox::start(server.folder());
    serve(&mut server, postbox.port, "1").await;
    let admin = server.web().sign_in("admin@ours.example").await;
    for name in ["full", "first", "second"] {
        let agent = admin.add(&format!("{name}@ours.example"), "agent").await;
        let made = admin.post("/api/tickets", &json!({ "title": format!("For {name}") })).await.expect(201);
        // After an event that nobody is told of.
        let path = format!("/api/tickets/{}", made["id"].as_str().unwrap());
        admin.patch(&path, &json!({ "assigneeId": agent.id })).await.expect(200);
        if name == "full" {
            harness::client::until("a mailbox that is full", async || {
                server.log().contains("an e-mail is to be tried again").then_some(())
            })
            .await;
        } else {
            let count = if name == "first" { 1 } else { 2 };
            let mails = postbox.until(count).await;
            assert!(mails[count - 1].contains(&format!("X-RcptTo: {name}@ours.example")), "{mails:?}");
            // Before the other one was tried again.
            assert_eq!(server.log().matches("an e-mail is to be tried again").count(), 1);
        }
    }
    server.terminate().await;
}
