use flowbit_domain::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, PASSWORD, Session};

async fn id_of(desk: &Desk, token: &str) -> String {
    desk.get("/api/me", token).await.expect(200).json()["user"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_invitation_is_good_once() {
    let (desk, tenant) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let body = json!({ "email": "Dora@Example.com", "name": "Dora", "role": "agent" });
    let created = desk.json(Method::POST, "/api/admin/users", &ada.token, body).await.expect(201).json();
    assert_eq!(created["email"], "dora@example.com");
    assert_eq!(created["invited"], true);
    assert_eq!(created["user"]["id"], created["id"]);
    let url = created["invitation"]["url"].as_str().unwrap();
    let (page, token) = url.split_once('#').unwrap();
    assert_eq!(page, desk.url("/invite"));

    let accept = |token: &str, password: &str| json!({ "token": token, "password": password });
    let path = "/api/auth/accept-invitation";
    desk.post(path, "", Some(accept(token, "short"))).await.problem(422, "validation_failed");
    desk.post(path, "", Some(accept(&ada.token, "a long password"))).await.problem(401, "invalid_invitation");
    let answer = desk.post(path, "", Some(accept(token, "a long password"))).await.expect(200);
    let dora = Session::of(&answer);
    desk.get("/api/me", &dora.token).await.expect(200);
    desk.post(path, "", Some(accept(token, "another password"))).await.problem(401, "invalid_invitation");
    desk.try_login("dora@example.com", "a long password", "").await.expect(200);

    // A new one helps who forgot their password; it ends the sessions and the one before it.
    let invite = format!("/api/admin/users/{}/invitation", created["id"].as_str().unwrap());
    let link = |answer: &Value| answer["url"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
    let older = link(&desk.json(Method::POST, &invite, &ada.token, Value::Null).await.expect(201).json());
    let newer = link(&desk.json(Method::POST, &invite, &ada.token, Value::Null).await.expect(201).json());
    desk.post(path, "", Some(accept(&older, "a third password"))).await.problem(401, "invalid_invitation");
    desk.post(path, "", Some(accept(&newer, "a third password"))).await.expect(200);
    desk.get("/api/me", &dora.token).await.problem(401, "unauthenticated");

    let late = link(&desk.json(Method::POST, &invite, &ada.token, Value::Null).await.expect(201).json());
    desk.pass(7 * 24 * 3600 * 1000 + 1000);
    desk.post(path, "", Some(accept(&late, "a fourth password"))).await.problem(401, "invalid_invitation");
    let actions = desk.actions(tenant).await;
    for action in ["user.created", "user.invited", "user.invitationAccepted", "auth.login"] {
        assert!(actions.contains(&action.to_owned()), "{action}");
    }
}

#[tokio::test]
async fn the_last_admin_stays() {
    let (desk, tenant) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let me = format!("/api/admin/users/{}", id_of(&desk, &ada.token).await);
    for change in [json!({ "active": false }), json!({ "role": "agent" })] {
        desk.json(Method::PATCH, &me, &ada.token, change).await.problem(409, "last_admin");
    }
    // Someone who has yet to choose a password could not help.
    desk.person_with(tenant, "invited@example.com", Role::Admin, None).await;
    desk.json(Method::PATCH, &me, &ada.token, json!({ "role": "agent" })).await.problem(409, "last_admin");
    let eve = desk.person(tenant, "eve@example.com", Role::Admin).await;
    desk.json(Method::PATCH, &me, &ada.token, json!({ "role": "agent" })).await.expect(200);
    let eve = format!("/api/admin/users/{eve}");
    desk.json(Method::PATCH, &eve, &ada.token, json!({ "active": false })).await.problem(403, "forbidden");
}

#[tokio::test]
async fn addresses_are_unique_in_a_company_alone() {
    let (desk, _) = Desk::with_people().await;
    let other = desk.company("other").await;
    desk.person(other, "zoe@example.com", Role::Admin).await;
    let ada = desk.login("ada@example.com").await;
    let body = |email: &str| json!({ "email": email, "name": "N", "role": "user", "password": PASSWORD });
    let path = "/api/admin/users";
    desk.json(Method::POST, path, &ada.token, body("BOB@example.com")).await.problem(409, "email_taken");
    desk.json(Method::POST, path, &ada.token, body("zoe@example.com")).await.expect(201);
    let both = json!({ "email": "nonsense", "name": " ", "role": "user", "password": "short" });
    let problem = desk.json(Method::POST, path, &ada.token, both).await.problem(422, "validation_failed");
    let paths: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| e["path"].clone()).collect();
    assert_eq!(paths, ["email", "name", "password"]);
}

#[tokio::test]
async fn people_are_listed_in_pages_and_found_by_letters() {
    let (desk, tenant) = Desk::with_people().await;
    for name in ["Özlem", "örsted", "100%", "under_score"] {
        desk.person_with(tenant, &format!("{name}@example.com").to_lowercase(), Role::User, None).await;
    }
    let ada = desk.login("ada@example.com").await;
    let mut names = Vec::new();
    let mut path = "/api/admin/users?limit=2".to_owned();
    loop {
        let page = desk.get(&path, &ada.token).await.expect(200).json();
        names
            .extend(page["items"].as_array().unwrap().iter().map(|u| u["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/api/admin/users?limit=2&cursor={cursor}");
    }
    assert_eq!(names.len(), 7, "{names:?}");
    assert!(names.is_sorted(), "{names:?}");
    for (q, found) in [("%C3%96", 2), ("BOB", 1), ("%25", 1), ("_", 1), ("example.com", 7), ("nobody", 0)] {
        let page = desk.get(&format!("/api/admin/users?q={q}"), &ada.token).await.expect(200).json();
        assert_eq!(page["items"].as_array().unwrap().len(), found, "{q}: {page}");
    }
    desk.get("/api/admin/users?cursor=nonsense", &ada.token).await.problem(422, "validation_failed");
}

#[tokio::test]
async fn who_may_not_administer_learns_nothing_from_what_is_wrong() {
    let (desk, _) = Desk::with_people().await;
    for name in ["bob", "cid"] {
        let who = desk.login(&format!("{name}@example.com")).await;
        for (method, path, body) in [
            (Method::POST, "/api/admin/users", "{}"),
            (Method::POST, "/api/admin/users", "no JSON"),
            (Method::PATCH, "/api/admin/users/not-an-id", "{}"),
            (Method::POST, "/api/admin/endpoints", "{}"),
            (Method::PATCH, "/api/admin/screens", "{}"),
            (Method::GET, "/api/admin/users?limit=0", ""),
            (Method::GET, "/api/admin/audit?format=xml", ""),
            (Method::GET, "/api/admin/deliveries?state=lost", ""),
            (Method::POST, "/api/admin/deliveries/not-an-id/replay", ""),
        ] {
            let request = desk.request(method, path, &who.token).header("content-type", "application/json");
            desk.send(request.body(body)).await.problem(403, "forbidden");
        }
    }
}
