//! Limits of requests: configured, told to whoever meets them, and counted.

use reqwest::Method;

use super::{
    harness::{Person, Server},
    metrics::{scrape, value, watched},
};

/// Reads until it is told to wait; answers how often it was let.
async fn until_refused(person: &Person) -> usize {
    for n in 0..1000 {
        let answer = person.get("/api/me").await;
        if answer.status == 200 {
            continue;
        }
        let problem = answer.expect(429);
        assert_eq!(problem["code"], "rate_limited");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let wait: u64 = answer.header("retry-after").expect("a time").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        return n;
    }
    panic!("never refused");
}

async fn limited(settings: &[(&str, &str)]) -> (Server, String) {
    let (mut server, metrics) = watched();
    server.set("FLOWBIT_RATE_LIMITS", "on");
    for (name, value) in settings {
        server.set(name, value);
    }
    server.create_company("loud");
    server.create_company("quiet");
    server.start().await;
    (server, metrics)
}

#[tokio::test]
async fn a_token_has_a_limit_and_its_company_goes_on() {
    let (server, metrics) = limited(&[("FLOWBIT_LIMIT_TOKEN", "1/10")]).await;
    let loud = server.web().sign_in("admin@loud.example").await;
    let colleague = loud.add("colleague@loud.example", "agent").await;
    // Adding the colleague was a request.
    assert!((9..=11).contains(&until_refused(&loud).await));
    colleague.get("/api/me").await.expect(200);
    let again = server.web().sign_in("admin@loud.example").await;
    again.get("/api/me").await.expect(200);
    let seen = scrape(&metrics).await;
    assert!(value(&seen, "flowbit_requests_limited_total", &[("limit", "token")]) >= 1.0);
    assert!(value(&seen, "flowbit_requests_limited_total", &[("limit", "company")]).abs() < 0.5);
}

#[tokio::test]
async fn a_company_has_a_limit_and_another_does_not_feel_it() {
    let (server, metrics) = limited(&[("FLOWBIT_LIMIT_COMPANY", "1/10")]).await;
    let loud = server.web().sign_in("admin@loud.example").await;
    let colleague = loud.add("colleague@loud.example", "agent").await;
    let quiet = server.web().sign_in("admin@quiet.example").await;
    assert!((9..=11).contains(&until_refused(&loud).await));
    assert_eq!(colleague.get("/api/me").await.status, 429, "it is the company's");
    for _ in 0..9 {
        quiet.get("/api/me").await.expect(200);
    }
    let seen = scrape(&metrics).await;
    assert!(value(&seen, "flowbit_requests_limited_total", &[("limit", "company")]) >= 2.0);
    let refused = [("route", "/api/me"), ("status", "4xx"), ("method", "GET")];
    assert!(value(&seen, "flowbit_http_request_duration_seconds_count", &refused) >= 2.0);
}

/// What is answered from memory counts as well.
#[tokio::test]
async fn the_short_way_is_limited_too() {
    let (server, metrics) = limited(&[("FLOWBIT_LIMIT_TOKEN", "1/10")]).await;
    let loud = server.web().sign_in("admin@loud.example").await;
    let mut answers = Vec::new();
    for _ in 0..15 {
        answers.push(loud.get("/api/tickets").await);
    }
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!((statuses[8], statuses[14]), (200, 429), "{statuses:?}");
    // Told as on the long way, and counted once.
    let long = loud.get("/api/tickets?limit=3").await;
    for refused in [&long, &answers[14]] {
        refused.expect_problem(429, "rate_limited");
        assert_eq!(refused.headers.keys().collect::<Vec<_>>(), long.headers.keys().collect::<Vec<_>>());
    }
    let limited = 1 + statuses.iter().filter(|status| **status == 429).count();
    let counted = value(&scrape(&metrics).await, "flowbit_requests_limited_total", &[]);
    assert!((counted - limited as f64).abs() < 0.5, "{counted} were counted of {limited}");
}

#[tokio::test]
async fn an_address_has_a_limit_whoever_asks_from_it_and_on_the_short_way_too() {
    let (server, metrics) = limited(&[("FLOWBIT_LIMIT_ADDRESS", "1/25")]).await;
    let loud = server.web().sign_in("admin@loud.example").await;
    let quiet = server.web().sign_in("admin@quiet.example").await;
    let mut statuses = Vec::new();
    for _ in 0..40 {
        // From the second on it is answered from memory.
        statuses.push(loud.get("/api/tickets").await.status);
    }
    assert_eq!((statuses[5], statuses[39]), (200, 429), "{statuses:?}");
    assert_eq!(quiet.get("/api/me").await.status, 429, "they come from the same address");
    let seen = scrape(&metrics).await;
    assert!(value(&seen, "flowbit_requests_limited_total", &[("limit", "address")]) >= 2.0);
    assert!(value(&seen, "flowbit_requests_limited_total", &[("limit", "token")]).abs() < 0.5);
}

/// Behind a proxy the address is the client's, whichever way the answer comes: read, or from memory.
#[tokio::test]
async fn each_client_of_a_proxy_has_a_limit_of_its_own() {
    let settings = [("FLOWBIT_LIMIT_ADDRESS", "1/10"), ("FLOWBIT_TRUSTED_PROXIES", "127.0.0.1")];
    let (server, _) = limited(&settings).await;
    let loud = server.web().sign_in("admin@loud.example").await;
    let ask = async |path: &str, ip: &str| {
        let request = loud.request(Method::GET, path).header("x-forwarded-for", ip);
        loud.web.send(&request).await
    };
    for (path, one, another) in
        [("/api/me", "203.0.113.1", "203.0.113.2"), ("/api/tickets", "203.0.113.3", "203.0.113.4")]
    {
        for n in 0..9 {
            assert_eq!(ask(path, one).await.status, 200, "{path} {n}");
        }
        let mut refused = ask(path, one).await;
        for _ in 0..5 {
            refused = ask(path, one).await;
        }
        refused.expect_problem(429, "rate_limited");
        assert_eq!(refused.header("retry-after"), Some("1"), "{path}");
        for n in 0..9 {
            assert_eq!(ask(path, another).await.status, 200, "{path} {n}");
        }
    }
}

#[test]
fn a_setting_that_is_none_is_refused() {
    for (name, wrong, allowed) in [
        ("FLOWBIT_LIMIT_TOKEN", "100", "500/5000"),
        ("FLOWBIT_LIMIT_COMPANY", "0/5", "500/5000"),
        ("FLOWBIT_LIMIT_COMPANY", "4294967297/5", "500/5000"),
        ("FLOWBIT_LIMIT_TOKEN", "1e3/5", "500/5000"),
        ("FLOWBIT_LIMIT_TOKEN", "5/-5", "500/5000"),
        ("FLOWBIT_LIMIT_ADDRESS", "off", "500/5000"),
        ("FLOWBIT_TRACE_RATIO", "NaN", "0 to 1"),
        ("FLOWBIT_LIMIT_ADDRESS", "5/5/5", "500/5000"),
        ("FLOWBIT_OTLP_ENDPOINT", "127.0.0.1:4318", "http://127.0.0.1:4318"),
        ("FLOWBIT_TRACE_RATIO", "1.1", "0 to 1"),
    ] {
        let mut server = Server::new();
        server.set(name, wrong);
        let output = server.run(&["serve"], "");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(name) && said.contains(allowed), "{said}");
    }
}
