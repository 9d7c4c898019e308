//! `/metrics` as a scraper reads it.

use std::collections::BTreeSet;

use prometheus_parse::{Sample, Scrape, Value};
use reqwest::Method;
use serde_json::json;

use super::{
    callback,
    files::{documented, named_in},
    harness::{
        Server,
        client::{Request, until},
        server::free_port,
        socket::Socket,
    },
    with_workflow,
};

/// A server, not started, and where its metrics will be.
pub(crate) fn watched() -> (Server, String) {
    let mut server = Server::new();
    let address = format!("127.0.0.1:{}", free_port());
    server.set("FLOWBIT_METRICS_LISTEN", &address);
    (server, format!("http://{address}/metrics"))
}

pub(crate) async fn scrape(url: &str) -> Scrape {
    let answer = reqwest::get(url).await.expect("metrics are served");
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = without_braces(&answer.text().await.expect("text"));
    let scrape = Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).expect("the exposition format");
    // The parser passes over what it does not understand: nothing may be left out.
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
    let parsed: usize = scrape.samples.iter().map(|sample| size(&sample.value)).sum();
    assert_eq!(lines, parsed, "{text}");
    scrape
}

/// The parser takes a brace in a label's value for the end of the labels: `{id}` becomes `:id`.
fn without_braces(text: &str) -> String {
    text.replace("/{", "/:").replace("}/", "/").replace("}\"", "\"")
}

fn size(value: &Value) -> usize {
    match value {
        Value::Histogram(buckets) => buckets.len(),
        Value::Summary(quantiles) => quantiles.len(),
        Value::Counter(_) | Value::Gauge(_) | Value::Untyped(_) => 1,
    }
}

fn has(sample: &Sample, labels: &[(&str, &str)]) -> bool {
    labels.iter().all(|(name, value)| sample.labels.get(name) == Some(value))
}

/// The sum of a metric over all series with these labels.
#[track_caller]
pub(crate) fn value(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    let found: Vec<f64> = scrape
        .samples
        .iter()
        .filter(|sample| sample.metric == name && has(sample, labels))
        .map(|sample| match &sample.value {
            Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value) => *value,
            other => panic!("{name} is {other:?}"),
        })
        .collect();
    assert!(!found.is_empty(), "there is no {name} {labels:?}");
    found.iter().sum()
}

/// The families' names: without what a histogram adds.
fn families(scrape: &Scrape) -> BTreeSet<String> {
    let samples = scrape.samples.iter().map(|sample| sample.metric.as_str());
    samples
        .map(|name| {
            let of_histogram = ["_sum", "_count", "_bucket"].iter().find_map(|end| name.strip_suffix(end));
            of_histogram.filter(|base| scrape.docs.contains_key(*base)).unwrap_or(name).to_owned()
        })
        .collect()
}

/// A server that has done some of everything, and what it shows afterwards.
async fn busy() -> (Server, Scrape) {
    let (mut server, url) = watched();
    server.create_company("acme");
    server.start().await;
    let (admin, mut deliveries) = with_workflow(&server).await;
    let socket = Socket::open(&server.web(), &admin.token).await;
    admin.post("/api/tickets", &json!({ "title": "A pallet is late" })).await.expect(201);
    let delivered = deliveries.recv().await.unwrap();
    let callback = callback(&delivered);
    for _ in 0..2 {
        server.web().send(&callback).await.expect(200);
    }
    let wrong = callback.clone().header("x-webhook-secret", "wrong");
    server.web().send(&wrong).await.expect(401);
    delivered.answer.send(200).unwrap();
    until("the delivery's end, and the sockets' count", async || {
        let seen = scrape(&url).await;
        let ended = value(&seen, "flowbit_deliveries_ended_total", &[("state", "delivered")]);
        let sockets = value(&seen, "flowbit_sockets", &[]);
        (ended > 0.5 && sockets > 0.5).then_some(())
    })
    .await;
    // From here on nothing changes, and answers can be kept.
    for _ in 0..3 {
        admin.get("/api/tickets?limit=7").await.expect(200);
    }
    let tag = admin.get("/api/tickets?limit=7").await.header("etag").unwrap().to_owned();
    let again = admin.request(Method::GET, "/api/tickets?limit=7").header("if-none-match", &tag);
    assert_eq!(server.web().send(&again).await.status, 304);
    assert_eq!(admin.get("/api/tickets/not-an-id").await.status, 404);
    let brew = Request::new(Method::from_bytes(b"BREW").unwrap(), "/api/tickets/whoever");
    assert_eq!(server.web().send(&brew).await.status, 405);
    let seen = scrape(&url).await;
    drop(socket);
    (server, seen)
}

#[tokio::test]
async fn what_happened_is_counted_where_it_belongs() {
    let (_server, seen) = busy().await;
    let is = |name: &str, labels: &[(&str, &str)], wanted: f64| {
        let found = value(&seen, name, labels);
        assert!((found - wanted).abs() < 0.5, "{name} {labels:?} is {found}, not {wanted}");
    };
    let at_least = |name: &str, labels: &[(&str, &str)], wanted: f64| {
        let found = value(&seen, name, labels);
        assert!(found >= wanted, "{name} {labels:?} is {found}, less than {wanted}");
    };
    let requests = "flowbit_http_request_duration_seconds_count";
    is(requests, &[("method", "POST"), ("route", "/api/tickets"), ("status", "2xx")], 1.0);
    is(requests, &[("method", "GET"), ("route", "/api/tickets"), ("status", "2xx")], 4.0);
    is(requests, &[("method", "GET"), ("route", "/api/tickets"), ("status", "3xx")], 1.0);
    is(requests, &[("method", "GET"), ("route", "/api/tickets/:id"), ("status", "4xx")], 1.0);
    is(requests, &[("method", "other"), ("status", "4xx")], 1.0);
    is("flowbit_http_answers_total", &[("from", "store")], 1.0);
    is("flowbit_http_answers_total", &[("from", "memory")], 3.0);
    is("flowbit_http_answers_total", &[("from", "unchanged")], 1.0);
    at_least("flowbit_session_checks_total", &[("from", "memory")], 3.0);
    at_least("flowbit_session_checks_total", &[("from", "store")], 1.0);
    is("flowbit_sockets", &[], 1.0);
    is("flowbit_socket_companies", &[], 1.0);
    at_least("flowbit_socket_deliveries_total", &[], 1.0);
    at_least("flowbit_socket_lag_seconds_count", &[], 1.0);
    is("flowbit_delivery_attempts_total", &[("result", "delivered")], 1.0);
    is("flowbit_delivery_attempts_total", &[("result", "failed")], 0.0);
    is("flowbit_delivery_lag_seconds_count", &[], 1.0);
    is("flowbit_delivery_attempt_duration_seconds_count", &[], 1.0);
    is("flowbit_callbacks_total", &[("outcome", "applied")], 1.0);
    is("flowbit_callbacks_total", &[("outcome", "repeated")], 1.0);
    is("flowbit_callbacks_refused_total", &[("company", "recorded")], 1.0);
    is("flowbit_tenants", &[], 1.0);
    is("flowbit_leader", &[], 1.0);
    is("flowbit_store_current", &[], 1.0);
    is("flowbit_store_reprepared_total", &[], 0.0);
    let engine = [("engine", if _server.place().database().is_some() { "postgres" } else { "embedded" })];
    for (name, fewest) in [
        ("flowbit_store_read_duration_seconds_count", 3.0),
        ("flowbit_store_write_duration_seconds_count", 5.0),
        ("flowbit_store_wait_duration_seconds_count", 5.0),
        ("flowbit_store_commit_duration_seconds_count", 5.0),
        ("flowbit_store_batch_commands_sum", 5.0),
    ] {
        at_least(name, &engine, fewest);
    }
    let (waits, writes) = (
        value(&seen, "flowbit_store_wait_duration_seconds_sum", &engine),
        value(&seen, "flowbit_store_write_duration_seconds_sum", &engine),
    );
    assert!(waits <= writes, "a wait is a part of its write: {waits} of {writes}");
    at_least("flowbit_http_connections", &[], 1.0);
    at_least("process_resident_memory_bytes", &[], 1e6);
}

/// However many companies there are, there are no more series.
#[tokio::test]
async fn no_label_tells_of_a_company_or_grows_with_them() {
    const LABELS: [&str; 12] = [
        "method", "route", "status", "from", "limit", "reason", "engine", "result", "state", "outcome",
        "company", "version",
    ];
    let (server, seen) = busy().await;
    let routes: BTreeSet<String> = {
        let document: serde_json::Value = serde_json::from_str(
            &std::fs::read_to_string(super::files::root().join("docs/openapi.json")).unwrap(),
        )
        .unwrap();
        document["paths"]
            .as_object()
            .unwrap()
            .keys()
            .map(|route| without_braces(&format!("{route}\"")).replace('"', ""))
            .chain(["-".to_owned()])
            .collect()
    };
    for sample in &seen.samples {
        for (name, text) in sample.labels.iter() {
            assert!(LABELS.contains(&name.as_str()), "{name} of {}", sample.metric);
            assert!(text.len() < 64 && !text.contains("acme"), "{name}={text} of {}", sample.metric);
            assert!(name != "route" || routes.contains(text), "{text} is no route");
            assert!(name != "company" || ["recorded", "unknown"].contains(&text.as_str()));
        }
    }
    drop(server);
}

/// What is documented is there, and what is there is documented.
#[tokio::test]
async fn the_table_of_metrics_is_what_is_served() {
    let (_server, seen) = busy().await;
    let served: BTreeSet<String> =
        families(&seen).into_iter().filter(|name| name.starts_with("flowbit_")).collect();
    assert_eq!(documented(), served, "docs/OPERATIONS.md on the left, /metrics on the right");
    for name in &served {
        assert!(seen.docs.get(name).is_some_and(|what| !what.is_empty()), "{name} is not described");
    }
}

/// The dashboard and the alerts ask for nothing that is not there.
#[tokio::test]
async fn dashboard_and_alerts_name_what_is_served() {
    let (_server, seen) = busy().await;
    let served = families(&seen);
    for file in
        ["deploy/grafana/flowbit.json", "deploy/prometheus/alerts.yml", "deploy/prometheus/alerts.test.yml"]
    {
        let named = named_in(file);
        assert!(named.len() > 5, "{file} names only {named:?}");
        for name in named {
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            let known = served.contains(&name) || base.is_some_and(|base| served.contains(base));
            assert!(known, "{file} asks for {name}, which is not served");
        }
    }
}
