use flowbit_domain::Role;

use crate::support::{Desk, PASSWORD};

/// A desk behind a proxy, so that tests can come from everywhere.
async fn behind_a_proxy() -> Desk {
    let desk = Desk::start_with(&[("FLOWBIT_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let tenant = desk.company("acme").await;
    desk.person(tenant, "ada@example.com", Role::Admin).await;
    desk
}

async fn guess(desk: &Desk, ip: &str, password: &str, cookie: &str) -> u16 {
    let body = serde_json::json!({ "email": "ada@example.com", "password": password });
    let request = desk
        .client
        .post(desk.url("/api/auth/login"))
        .header("x-forwarded-for", ip)
        .header("cookie", cookie)
        .header("content-type", "application/json");
    let answer = desk.send(request.body(body.to_string())).await;
    if answer.status == 429 {
        // These limits give one attempt back a minute, and the clock stands still.
        assert_eq!(answer.headers["retry-after"], "60");
    }
    answer.status.as_u16()
}

#[tokio::test]
async fn guessing_from_one_address_ends() {
    let desk = behind_a_proxy().await;
    let guesses = (0..14).map(|_| guess(&desk, "203.0.113.1", "wrong password", ""));
    let statuses = futures_util::future::join_all(guesses).await;
    assert_eq!(statuses.iter().filter(|s| **s == 401).count(), 10, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|s| **s == 429).count(), 4, "{statuses:?}");
    assert_eq!(guess(&desk, "203.0.113.1", PASSWORD, "").await, 429, "not even the right one");
    assert_eq!(guess(&desk, "203.0.113.2", PASSWORD, "").await, 200, "elsewhere it is");
    desk.pass(60_000);
    assert_eq!(guess(&desk, "203.0.113.1", PASSWORD, "").await, 200, "and later");
}

#[tokio::test]
async fn an_attacker_everywhere_does_not_lock_out_a_known_device() {
    let desk = behind_a_proxy().await;
    let known = desk.login("ada@example.com").await;
    let device = format!("flowbit_device={}", known.device);
    let ips: Vec<String> = (0..40).map(|n| format!("203.0.113.{n}")).collect();
    let guesses = ips.iter().map(|ip| guess(&desk, ip, "wrong password", ""));
    let statuses = futures_util::future::join_all(guesses).await;
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(guess(&desk, "198.51.100.1", PASSWORD, "").await, 429, "unknown devices wait");
    assert_eq!(guess(&desk, "198.51.100.1", PASSWORD, &device).await, 200, "a known one does not");
    assert_eq!(guess(&desk, "198.51.100.1", PASSWORD, "flowbit_device=forged").await, 429);
}

#[tokio::test]
async fn right_passwords_do_not_count() {
    let desk = behind_a_proxy().await;
    for _ in 0..15 {
        assert_eq!(guess(&desk, "203.0.113.1", PASSWORD, "").await, 200);
    }
}

#[tokio::test]
async fn limits_can_be_switched_off() {
    let desk = Desk::start_with(&[("FLOWBIT_RATE_LIMITS", "off")]).await;
    let guesses = (0..12).map(|_| guess(&desk, "203.0.113.1", "wrong password", ""));
    let statuses = futures_util::future::join_all(guesses).await;
    assert!(statuses.iter().all(|s| *s == 401), "{statuses:?}");
}
