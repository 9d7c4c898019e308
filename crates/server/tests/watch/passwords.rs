//! Who signs in with an address that nobody has, or with one that can't sign in, waits for a password to be verified
//! as everybody does: the time gives nothing away.

use serde_json::json;

use super::{
    harness::{Answer, PASSWORD, Server, client::Request},
    metrics::{scrape, value, watched},
};

async fn sign_in(server: &Server, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    server.web().send(&Request::new(reqwest::Method::POST, "/api/auth/login").json(&body)).await
}

#[tokio::test]
async fn each_refusal_costs_one_verification_whatever_the_reason() {
    let (mut server, metrics) = watched();
    server.create_company("acme");
    server.start().await;
    let verified = async || value(&scrape(&metrics).await, "flowbit_passwords_total", &[]);
    let admin = server.web().sign_in("admin@acme.example").await;
    let disabled = admin.add("disabled@acme.example", "agent").await;
    let off = json!({ "active": false });
    admin.patch(&format!("/api/admin/users/{}", disabled.id), &off).await.expect(200);
    let invited = json!({ "email": "invited@acme.example", "name": "Not here yet", "role": "agent" });
    admin.post("/api/admin/users", &invited).await.expect(201);

    let before = verified().await;
    sign_in(&server, "admin@acme.example", PASSWORD).await.expect(200);
    assert!((verified().await - before - 1.0).abs() < 0.5, "one who signs in");
    for (email, password) in [
        ("admin@acme.example", "not the password"),
        ("nobody@acme.example", "not the password"),
        ("disabled@acme.example", PASSWORD),
        ("invited@acme.example", PASSWORD),
        ("no address", PASSWORD),
        ("nobody@acme.example", &"x".repeat(5_000)),
        ("admin@acme.example", &"x".repeat(5_000)),
        (&format!("{}@acme.example", "x".repeat(500)), PASSWORD),
    ] {
        let before = verified().await;
        let answer = sign_in(&server, email, password).await;
        let what: String = email.chars().take(30).collect();
        answer.expect_problem(401, "invalid_credentials");
        let cost = verified().await - before;
        assert!((cost - 1.0).abs() < 0.5, "{what} costs {cost}");
    }
}
