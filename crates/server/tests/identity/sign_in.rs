use flowbit_domain::Role;
use flowbit_domain::control::TenantState;
use serde_json::json;

use crate::support::{Desk, PASSWORD, Session};

#[tokio::test]
async fn a_session_from_its_beginning_to_its_end() {
    let (desk, tenant) = Desk::with_people().await;
    let answer = desk.try_login(" Ada@Example.com ", PASSWORD, "").await.expect(200);
    let body = answer.json();
    assert_eq!(body["tokenType"], "Bearer");
    assert_eq!(body["expiresIn"], 900);
    assert_eq!(body["user"]["email"], "ada@example.com");
    assert_eq!(body["user"]["role"], "admin");
    assert_eq!(body["user"]["customerId"], tenant.to_string());
    assert_eq!(body["customer"]["slug"], "acme");
    assert_eq!(answer.headers["cache-control"], "no-store");
    for cookie in answer.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/api/auth"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
    let session = Session::of(&answer);

    let me = desk.get("/api/me", &session.token).await.expect(200).json();
    assert_eq!(me["user"]["name"], "ada");
    assert_eq!(me["customer"]["name"], "ACME");

    let renewed = Session::of(&desk.refresh(&session.refresh).await.expect(200));
    desk.get("/api/me", &renewed.token).await.expect(200);
    desk.get("/api/me", &session.token).await.expect(200);

    let out = desk.post("/api/auth/logout", &format!("flowbit_refresh={}", renewed.refresh), None).await;
    assert_eq!(out.cookie("flowbit_refresh").as_deref(), Some(""));
    out.expect(204);
    for token in [&session.token, &renewed.token] {
        desk.get("/api/me", token).await.problem(401, "unauthenticated");
    }
    desk.refresh(&renewed.refresh).await.problem(401, "unauthenticated");
    assert!(desk.actions(tenant).await.ends_with(&["auth.login".into(), "auth.logout".into()]));
}

#[tokio::test]
async fn cookies_travel_by_tls_alone_when_the_desk_does() {
    let desk = Desk::start_with(&[("FLOWBIT_PUBLIC_URL", "https://desk.example.com")]).await;
    let tenant = desk.company("acme").await;
    desk.person(tenant, "ada@example.com", Role::Admin).await;
    let answer = desk.try_login("ada@example.com", PASSWORD, "").await.expect(200);
    for cookie in answer.headers.get_all("set-cookie") {
        assert!(cookie.to_str().unwrap().ends_with("; Secure"));
    }
    assert!(answer.headers["strict-transport-security"].to_str().unwrap().starts_with("max-age="));
}

#[tokio::test]
async fn wrong_address_and_wrong_password_are_one_answer() {
    let (desk, tenant) = Desk::with_people().await;
    desk.person_with(tenant, "invited@example.com", Role::User, None).await;
    let mut bodies = Vec::new();
    for (email, password) in [
        ("ada@example.com", "wrong password"),
        ("nobody@example.com", PASSWORD),
        ("invited@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("ada@example.com", &"x".repeat(5000)),
    ] {
        let began = std::time::Instant::now();
        let answer = desk.try_login(email, password, "").await;
        assert!(began.elapsed().as_millis() >= 250, "answered too soon: {email}");
        assert!(answer.cookie("flowbit_refresh").is_none());
        let mut body = answer.problem(401, "invalid_credentials");
        body["requestId"] = json!(null);
        bodies.push(body);
    }
    assert!(bodies.windows(2).all(|two| two[0] == two[1]), "{bodies:?}");

    // What was refused stands in the ledger, and not as an act of the person.
    let ada = desk.login("ada@example.com").await;
    let audit = desk.get("/api/admin/audit?action=auth.refused", &ada.token).await.expect(200).json();
    let items = audit["items"].as_array().unwrap();
    assert_eq!(items.len(), 3, "{audit}");
    assert!(items.iter().all(|i| i["userId"].is_null() && i["ip"] == "127.0.0.1"), "{audit}");
    assert_eq!(items[1]["data"]["reason"], "noPassword");
}

#[tokio::test]
async fn an_address_in_several_companies() {
    let desk = Desk::start().await;
    let one = desk.company("one").await;
    let two = desk.company("two").await;
    let three = desk.company("three").await;
    for tenant in [one, two] {
        desk.person(tenant, "ada@example.com", Role::Admin).await;
    }
    let other = bcrypt::hash("another password", 4).unwrap();
    desk.person_with(three, "ada@example.com", Role::Admin, Some(other)).await;

    desk.try_login("ada@example.com", "wrong password", "").await.problem(401, "invalid_credentials");
    let problem = desk.try_login("ada@example.com", PASSWORD, "").await.problem(409, "tenant_required");
    assert_eq!(
        problem["tenants"],
        json!([{ "slug": "one", "name": "ONE" }, { "slug": "two", "name": "TWO" }]),
        "only those in which the password is right"
    );
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "tenant": "two" });
    let answer = desk.post("/api/auth/login", "", Some(body)).await.expect(200);
    assert_eq!(answer.json()["customer"]["slug"], "two");
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "tenant": "three" });
    desk.post("/api/auth/login", "", Some(body)).await.problem(401, "invalid_credentials");
    let answer = desk.try_login("ada@example.com", "another password", "").await.expect(200);
    assert_eq!(answer.json()["customer"]["slug"], "three");
}

#[tokio::test]
async fn a_suspended_company_is_closed() {
    let (desk, tenant) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let control = desk.running.store().control().clone();
    control.set_tenant_state(tenant, TenantState::Suspended).await.unwrap();
    desk.try_login("ada@example.com", PASSWORD, "").await.problem(401, "invalid_credentials");
    desk.get("/api/me", &ada.token).await.problem(401, "unauthenticated");
    desk.refresh(&ada.refresh).await.problem(401, "unauthenticated");
    control.set_tenant_state(tenant, TenantState::Active).await.unwrap();
    desk.get("/api/me", &ada.token).await.expect(200);
}

#[tokio::test]
async fn a_bcrypt_hash_is_upgraded_at_sign_in() {
    let (desk, tenant) = Desk::with_people().await;
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    let user = desk.person_with(tenant, "old@example.com", Role::User, Some(hash)).await;
    desk.login("old@example.com").await;
    let find = flowbit_domain::user::FindPassword { user };
    let hash = desk.running.store().read(&crate::support::ctx(tenant), find).await.unwrap().unwrap();
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    desk.login("old@example.com").await;
}

#[tokio::test]
async fn another_sites_page_can_not_sign_a_browser_in() {
    let (desk, _) = Desk::with_people().await;
    let request = desk.client.post(desk.url("/api/auth/refresh")).header("sec-fetch-site", "cross-site");
    desk.send(request).await.problem(403, "forbidden");
    let body = format!("{{\"email\":\"ada@example.com\",\"password\":\"{PASSWORD}\"}}");
    let request =
        desk.client.post(desk.url("/api/auth/login")).header("content-type", "text/plain").body(body);
    desk.send(request).await.problem(415, "unsupported_media_type");
}
