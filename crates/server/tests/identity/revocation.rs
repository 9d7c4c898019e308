use reqwest::Method;
use serde_json::json;

use crate::support::{Desk, PASSWORD, Session};

#[tokio::test]
async fn a_refresh_token_used_twice_ends_its_session() {
    let (desk, tenant) = Desk::with_people().await;
    let first = desk.login("ada@example.com").await;
    let other = desk.login("ada@example.com").await;
    let second = Session::of(&desk.refresh(&first.refresh).await.expect(200));
    desk.get("/api/me", &second.token).await.expect(200);

    desk.refresh(&first.refresh).await.problem(401, "unauthenticated");
    desk.refresh(&second.refresh).await.problem(401, "unauthenticated");
    for token in [&first.token, &second.token] {
        desk.get("/api/me", token).await.problem(401, "unauthenticated");
    }
    desk.get("/api/me", &other.token).await.expect(200);
    let reuses = desk.actions(tenant).await.iter().filter(|a| *a == "auth.refreshReuse").count();
    assert_eq!(reuses, 1);
}

#[tokio::test]
async fn two_renewals_at_once_are_a_reuse_too() {
    let (desk, _) = Desk::with_people().await;
    let session = desk.login("ada@example.com").await;
    let (one, two) = tokio::join!(desk.refresh(&session.refresh), desk.refresh(&session.refresh));
    let good = [&one, &two].iter().filter(|a| a.status == 200).count();
    assert_eq!(good, 1, "{one:?} {two:?}");
    desk.get("/api/me", &session.token).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn sessions_end_when_unused_and_in_any_case() {
    const DAY: i64 = 24 * 3600 * 1000;
    let (desk, _) = Desk::with_people().await;
    let session = desk.login("ada@example.com").await;
    desk.pass(14 * DAY + 1000);
    desk.refresh(&session.refresh).await.problem(401, "unauthenticated");

    let mut session = desk.login("ada@example.com").await;
    let mut lived = 0;
    loop {
        desk.pass(10 * DAY);
        lived += 10;
        let answer = desk.refresh(&session.refresh).await;
        if answer.status != 200 {
            break;
        }
        session = Session::of(&answer);
    }
    assert_eq!(lived, 90, "however diligently it is renewed");
}

#[tokio::test]
async fn disabling_acts_on_the_next_request() {
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let bob = desk.login("bob@example.com").await;
    let id = desk.get("/api/me", &bob.token).await.expect(200).json()["user"]["id"].clone();
    let path = format!("/api/admin/users/{}", id.as_str().unwrap());
    desk.json(Method::PATCH, &path, &ada.token, json!({ "active": false })).await.expect(200);
    desk.get("/api/me", &bob.token).await.problem(401, "unauthenticated");
    desk.refresh(&bob.refresh).await.problem(401, "unauthenticated");
    desk.try_login("bob@example.com", PASSWORD, "").await.problem(401, "invalid_credentials");

    desk.json(Method::PATCH, &path, &ada.token, json!({ "active": true })).await.expect(200);
    desk.get("/api/me", &bob.token).await.problem(401, "unauthenticated");
    desk.login("bob@example.com").await;
}

#[tokio::test]
async fn a_new_role_acts_on_the_next_request() {
    let (desk, tenant) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let bob = desk.login("bob@example.com").await;
    desk.get("/api/admin/users", &bob.token).await.problem(403, "forbidden");
    let id = desk.get("/api/me", &bob.token).await.json()["user"]["id"].clone();
    let path = format!("/api/admin/users/{}", id.as_str().unwrap());
    desk.json(Method::PATCH, &path, &ada.token, json!({ "role": "admin" })).await.expect(200);
    desk.get("/api/admin/users", &bob.token).await.expect(200);
    desk.json(Method::PATCH, &path, &ada.token, json!({ "role": "user" })).await.expect(200);
    desk.get("/api/admin/users", &bob.token).await.problem(403, "forbidden");
    desk.get("/api/assignees", &bob.token).await.problem(403, "forbidden");
    assert!(desk.actions(tenant).await.contains(&"access.denied".to_owned()));
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let (desk, tenant) = Desk::with_people().await;
    let here = desk.login("ada@example.com").await;
    let elsewhere = desk.login("ada@example.com").await;
    let change = |current: &str, new: &str| json!({ "currentPassword": current, "newPassword": new });
    let path = "/api/me/password";
    let problem = desk.json(Method::POST, path, &here.token, change("wrong", "a new long password")).await;
    assert_eq!(problem.problem(422, "validation_failed")["errors"][0]["path"], "currentPassword");
    let problem = desk.json(Method::POST, path, &here.token, change(PASSWORD, "short")).await;
    assert_eq!(problem.problem(422, "validation_failed")["errors"][0]["path"], "newPassword");
    desk.json(Method::POST, path, &here.token, change(PASSWORD, "a new long password")).await.expect(204);

    desk.get("/api/me", &here.token).await.expect(200);
    desk.get("/api/me", &elsewhere.token).await.problem(401, "unauthenticated");
    desk.try_login("ada@example.com", PASSWORD, "").await.problem(401, "invalid_credentials");
    desk.try_login("ada@example.com", "a new long password", "").await.expect(200);
    assert!(desk.actions(tenant).await.contains(&"auth.passwordChanged".to_owned()));
}
