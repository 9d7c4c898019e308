//! Start, readiness, the web, metrics, stop.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::program::{PASSWORD, Place, Served, ask, assert_refused, code, sign_in, stderr, stdout};

#[tokio::test]
async fn it_is_ready_then_stops_gracefully() {
    let place = Place::new();
    let served = Served::start(&place, &[]);
    assert_eq!(ask(&served, "GET", "/healthz", None, None).await, (200, json!("ok\n")));
    assert_eq!(
        ask(&served, "GET", "/readyz", None, None).await,
        (200, json!({ "ready": true, "missing": [] }))
    );
    let address = served.url.trim_start_matches("http://").to_owned();
    let healthcheck = || place.command(&["healthcheck"]).env("FLOWBIT_LISTEN", &address).output().unwrap();
    let answer = healthcheck();
    assert_eq!((code(&answer), stdout(&answer).as_str()), (0, "ready\n"));
    let (status, log) = served.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("Flowbit has stopped"), "{log}");
    let answer = healthcheck();
    assert_eq!((code(&answer), stdout(&answer).as_str()), (1, ""));
    assert!(
        stderr(&answer).starts_with(&format!("flowbit: http://{address}/readyz: ")),
        "{}",
        stderr(&answer)
    );
}

/// Time for a proxy to send requests elsewhere; whoever says it twice does not want to wait.
#[tokio::test]
async fn it_says_that_it_is_about_to_stop_and_serves_on_for_a_while() {
    let place = Place::new();
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("FLOWBIT_SHUTDOWN_DELAY", "300");
    let served = Served::run(command);
    let told = std::process::Command::new("kill").args(["-TERM", &served.id().to_string()]).status();
    assert!(told.unwrap().success());
    // Each on a connection of its own: there is one to be had all the time.
    while ask(&served, "GET", "/readyz", None, None).await.0 == 200 {}
    let (status, body) = ask(&served, "GET", "/readyz", None, None).await;
    assert_eq!((status, &body["missing"]), (503, &json!(["the server is stopping"])));
    let address = served.url.trim_start_matches("http://");
    let unhealthy = place.command(&["healthcheck"]).env("FLOWBIT_LISTEN", address).output().unwrap();
    assert_eq!(code(&unhealthy), 1);
    assert!(stderr(&unhealthy).contains("the server is stopping"), "{}", stderr(&unhealthy));
    assert_eq!(ask(&served, "GET", "/healthz", None, None).await.0, 200);
    let (status, log) = served.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[tokio::test]
async fn the_web_is_served_with_a_nonce_of_its_own_each_time() {
    let place = Place::new();
    let served = Served::start(&place, &[]);
    let mut nonces = std::collections::HashSet::new();
    for path in ["/", "/tickets/4711", "/invite"] {
        let response = reqwest::get(format!("{}{path}", served.url)).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("nonce=\"{nonce}\"")), "{page}");
        assert!(!page.contains("__CSP_NONCE__"));
        nonces.insert(nonce);
    }
    assert_eq!(nonces.len(), 3);
    for path in ["/api/nothing", "/webhook/nothing", "/static/nothing.js", "/remotes/nothing.json"] {
        let (status, body) = ask(&served, "GET", path, None, None).await;
        assert_eq!((status, &body["code"]), (404, &json!("not_found")), "{path}");
    }
}

#[tokio::test]
async fn metrics_are_on_a_listener_of_their_own() {
    let place = Place::new();
    // A port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    std::fs::write(place.path("flowbit.toml"), "log = \"info\"\nmax_connections = 100\n").unwrap();
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0", "--config", "flowbit.toml"]);
    command.env("FLOWBIT_METRICS_LISTEN", free.to_string());
    let served = Served::run(command);
    ask(&served, "GET", "/api/me", None, None).await;
    assert_eq!(ask(&served, "GET", "/metrics", None, None).await.0, 404, "neither metrics nor the page");
    let text = reqwest::get(format!("http://{free}/metrics")).await.unwrap().text().await.unwrap();
    assert!(text.contains("flowbit_store_reprepared_total 0"), "{text}");
    assert!(text.contains("route=\"/api/me\""), "{text}");
    assert!(!text.contains("customer") && !text.contains("slug"), "{text}");

    // Named by the operator and taken: no start.
    let other = Place::new();
    let mut command = other.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("FLOWBIT_METRICS_LISTEN", free.to_string());
    assert_refused(&command.output().unwrap(), 1, &["metrics_listen"]);
}

/// What happened is in the log under the names of the API, and nothing that anybody said or keeps secret.
#[tokio::test]
async fn the_log_tells_who_did_what_to_which_ticket() {
    let place = Place::new();
    place.found("acme");
    let served = Served::start(&place, &[]);
    let admin = sign_in(&served, "admin@acme.example", PASSWORD).await;
    let (_, me) = ask(&served, "GET", "/api/me", Some(&admin), None).await;
    let body = json!({ "title": "An unusual title", "description": "unusual words" });
    let (status, ticket) = ask(&served, "POST", "/api/tickets", Some(&admin), Some(body)).await;
    assert_eq!(status, 201, "{ticket}");
    let (_, log) = served.terminate();

    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let recorded = |action: &str| {
        let found = lines.iter().find(|l| l["message"] == "recorded" && l["action"] == action);
        found.unwrap_or_else(|| panic!("no {action} in {log}"))
    };
    let created = recorded("ticket.created");
    assert_eq!(created["userId"], me["user"]["id"]);
    assert_eq!(created["customerId"], me["customer"]["id"]);
    assert_eq!(created["ticketId"], ticket["id"]);
    assert!(created["timestamp"].is_string() && created["seq"].is_u64(), "{created}");
    assert_eq!(recorded("auth.login")["userId"], me["user"]["id"]);
    let answered = lines.iter().find(|l| l["message"] == "answered" && l["route"] == "/api/tickets").unwrap();
    assert_eq!(answered["requestId"], created["requestId"]);
    assert_eq!((&answered["userId"], &answered["customerId"]), (&created["userId"], &created["customerId"]));
    for secret in ["nusual", PASSWORD, &admin, "admin@acme.example"] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
