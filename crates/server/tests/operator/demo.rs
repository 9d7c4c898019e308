//! The demo, by the binary.

use serde_json::json;

use crate::program::{Place, Served, ask, assert_refused, code, sign_in, stderr, stdout};

const PASSWORD: &str = "StrongDemo@2025!";

#[tokio::test]
async fn demo_companies_are_made_once_and_only_when_asked_for() {
    let place = Place::new();
    let served = Served::start(&place, &[]);
    let credentials = json!({ "email": "admin@logisticsco.com", "password": PASSWORD });
    assert_eq!(ask(&served, "POST", "/api/auth/login", None, Some(credentials)).await.0, 401);
    drop(served);

    let mut counts = Vec::new();
    for _ in 0..2 {
        let served = Served::start(&place, &["--demo"]);
        let mut seen = Vec::new();
        for (email, locale, first) in [
            ("admin@logisticsco.com", "en", "Support tickets"),
            ("admin@retailgmbh.com", "de", "Kundenanfragen"),
        ] {
            let token = sign_in(&served, email, PASSWORD).await;
            let (_, me) = ask(&served, "GET", "/api/me", Some(&token), None).await;
            assert_eq!(me["customer"]["locale"], locale);
            let (_, screens) = ask(&served, "GET", "/api/me/screens", Some(&token), None).await;
            assert_eq!(screens["screens"][0]["title"], first);
            let (_, count) = ask(&served, "GET", "/api/tickets/counts", Some(&token), None).await;
            assert!(count["all"].as_i64().unwrap() >= 36, "{count}");
            seen.push(count["all"].clone());
        }
        counts.push(seen);
        let (status, log) = served.terminate();
        assert_eq!(status.code(), Some(0), "{log}");
    }
    assert_eq!(counts[0], counts[1]);
}

#[test]
fn many_tickets_are_made_in_demo_companies_alone() {
    let place = Place::new();
    place.found("acme");
    assert_refused(&place.run(&["demo", "--tickets", "10", "--tenant", "acme"]), 1, &["not a demo company"]);
    let output = place.run(&["demo", "--tickets", "600", "--tenant", "demo-many"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).starts_with("made 600 tickets in demo-many"), "{}", stdout(&output));
}
