//! One trace from the request to the callback, as a collector sees it.

use serde_json::json;

use super::{
    callback,
    collector::{Collector, Span},
    harness::Server,
    with_workflow,
};

/// A server that sends its traces to the collector.
async fn followed(collector: &Collector) -> Server {
    let mut server = Server::new();
    server.set("FLOWBIT_OTLP_ENDPOINT", &collector.url);
    server.create_company("acme");
    server.start().await;
    server
}

#[track_caller]
fn find<'a>(spans: &'a [Span], name: &str, of: impl Fn(&Span) -> bool) -> &'a Span {
    let found = spans.iter().find(|span| span.name == name && of(span));
    found.unwrap_or_else(|| panic!("no {name} in {spans:#?}"))
}

#[tokio::test]
async fn a_ticket_its_delivery_and_its_callback_are_one_trace() {
    let collector = Collector::start().await;
    let mut server = followed(&collector).await;
    let (admin, mut deliveries) = with_workflow(&server).await;
    let ticket = admin.post("/api/tickets", &json!({ "title": "A pallet is late" })).await;
    let request_id = ticket.header("x-request-id").unwrap().to_owned();
    ticket.expect(201);
    let delivered = deliveries.recv().await.unwrap();
    let sent = delivered.header("traceparent").to_owned();
    // As n8n does: it knows nothing of traces, and brings back the token.
    server.web().send(&callback(&delivered)).await.expect(200);
    delivered.answer.send(200).unwrap();
    // The last ones are sent before it ends.
    server.terminate().await;

    let spans = collector.spans();
    let request = find(&spans, "POST /api/tickets", |_| true);
    let of = |name: &str, parent: &Span| {
        find(&spans, name, |span| span.parent == parent.id && span.trace == request.trace)
    };
    assert_eq!(request.parent, "", "it begins the trace");
    assert_eq!(request.attributes["request_id"], request_id);
    assert_eq!(request.attributes["http.response.status_code"], "201");
    assert_eq!(request.attributes["customerId"], admin.company);
    assert_eq!(request.attributes["userId"], admin.id);
    assert_eq!(request.resource["service.name"], "flowbit");

    let write = find(&spans, "write", |span| span.parent == request.id);
    assert_eq!(write.attributes["use_case"], "CreateTicket");
    let (wait, commit) = (of("wait", write), of("commit", write));
    assert!(commit.attributes["batch"].parse::<u32>().unwrap() >= 1);
    assert!(wait.time.1 <= commit.time.0, "it waits before it commits");
    assert!(write.time.0 <= wait.time.0 && commit.time.1 <= write.time.1);

    let delivery = of("deliver ticket.created", request);
    assert!(delivery.time.0 >= commit.time.0, "nothing is delivered before it is there");
    assert_eq!(sent, format!("00-{}-{}-01", delivery.trace, delivery.id), "what the workflow was told");
    assert_eq!(delivery.attributes["http.response.status_code"], "200");
    assert!(!delivery.failed);
    assert_eq!(of("write", delivery).attributes["use_case"], "FinishAttempt");

    let answer = of("apply callback", delivery);
    let called = find(&spans, "POST /webhook/ticket-done", |_| true);
    assert_ne!(called.trace, request.trace, "it came without a trace");
    assert_eq!(answer.links, [called.trace.as_str()]);
    assert_eq!(of("write", answer).attributes["use_case"], "ApplyCallback");

    for span in &spans {
        let told = format!("{span:?}");
        assert!(!told.contains("pallet") && !told.contains("example"), "{told}");
    }
}

#[tokio::test]
async fn a_callback_that_brings_its_trace_through_a_trusted_proxy_is_in_it_as_a_whole() {
    let collector = Collector::start().await;
    let mut server = Server::new();
    server.set("FLOWBIT_OTLP_ENDPOINT", &collector.url);
    server.set("FLOWBIT_TRUSTED_PROXIES", "127.0.0.1");
    server.create_company("acme");
    server.start().await;
    let (admin, mut deliveries) = with_workflow(&server).await;
    admin.post("/api/tickets", &json!({ "title": "A" })).await.expect(201);
    let delivered = deliveries.recv().await.unwrap();
    let sent = delivered.header("traceparent").to_owned();
    let request = callback(&delivered).header("traceparent", &sent);
    server.web().send(&request).await.expect(200);
    delivered.answer.send(500).unwrap();
    server.terminate().await;
    let spans = collector.spans();
    let delivery = find(&spans, "deliver ticket.created", |_| true);
    assert!(delivery.failed, "500 is no success");
    let called = find(&spans, "POST /webhook/ticket-done", |_| true);
    assert_eq!((&called.trace, &called.parent), (&delivery.trace, &delivery.id));
    let answer = find(&spans, "apply callback", |_| true);
    assert_eq!((&answer.parent, answer.links.len()), (&called.id, 0));
}

/// Callbacks come from anywhere: what they say of traces makes nobody send spans, and joins no trace.
#[tokio::test]
async fn a_callbacks_word_alone_is_not_believed() {
    let theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for ratio in ["0", "1"] {
        let collector = Collector::start().await;
        let mut server = Server::new();
        server.set("FLOWBIT_OTLP_ENDPOINT", &collector.url);
        server.set("FLOWBIT_TRACE_RATIO", ratio);
        server.create_company("acme");
        server.start().await;
        let (admin, mut deliveries) = with_workflow(&server).await;
        admin.post("/api/tickets", &json!({ "title": "A" })).await.expect(201);
        let delivered = deliveries.recv().await.unwrap();
        let request = callback(&delivered).header("traceparent", theirs);
        server.web().send(&request.clone().header("x-webhook-secret", "wrong")).await.expect(401);
        server.web().send(&request).await.expect(200);
        delivered.answer.send(200).unwrap();
        server.terminate().await;
        let spans = collector.spans();
        assert_eq!(spans.is_empty(), ratio == "0", "{spans:#?}");
        assert!(spans.iter().all(|span| span.trace != theirs[3..35]), "{spans:#?}");
    }
}

#[tokio::test]
async fn a_trace_is_believed_of_a_trusted_proxy_alone() {
    let theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (proxies, believed) in [("", false), ("127.0.0.1", true)] {
        let collector = Collector::start().await;
        let mut server = Server::new();
        server.set("FLOWBIT_OTLP_ENDPOINT", &collector.url);
        server.set("FLOWBIT_TRUSTED_PROXIES", proxies);
        server.create_company("acme");
        server.start().await;
        let admin = server.web().sign_in("admin@acme.example").await;
        // Twice: the second is answered from memory, and still to be seen.
        for _ in 0..2 {
            let request = admin.request(reqwest::Method::GET, "/api/tickets").header("traceparent", theirs);
            server.web().send(&request).await.expect(200);
        }
        server.terminate().await;
        let spans = collector.spans();
        let lists: Vec<&Span> = spans.iter().filter(|span| span.name == "GET /api/tickets").collect();
        assert_eq!(lists.len(), 2, "{spans:#?}");
        for span in lists {
            assert_eq!(span.trace == theirs[3..35] && span.parent == theirs[36..52], believed, "{span:?}");
        }
    }
}

#[tokio::test]
async fn as_much_is_sent_as_was_asked_for() {
    let collector = Collector::start().await;
    let mut server = Server::new();
    server.set("FLOWBIT_OTLP_ENDPOINT", &collector.url);
    server.set("FLOWBIT_TRACE_RATIO", "0");
    server.create_company("acme");
    server.start().await;
    let (admin, mut deliveries) = with_workflow(&server).await;
    admin.post("/api/tickets", &json!({ "title": "A" })).await.expect(201);
    let delivered = deliveries.recv().await.unwrap();
    assert!(delivered.header("traceparent").ends_with("-00"), "the workflow is told that nobody follows");
    delivered.answer.send(200).unwrap();
    server.terminate().await;
    assert!(collector.spans().is_empty(), "{:#?}", collector.spans());
}

#[tokio::test]
async fn without_a_collector_nothing_is_said_of_traces() {
    let mut server = Server::new();
    // Whatever the log is asked for: spans of traces are not its.
    server.set("FLOWBIT_LOG", "debug,flowbit_trace=trace");
    server.create_company("acme");
    server.start().await;
    let (admin, mut deliveries) = with_workflow(&server).await;
    admin.post("/api/tickets", &json!({ "title": "A" })).await.expect(201);
    let delivered = deliveries.recv().await.unwrap();
    assert!(!delivered.headers.contains_key("traceparent"));
    delivered.answer.send(200).unwrap();
    server.terminate().await;
    let log = server.log();
    assert!(log.contains("DEBUG") && log.contains("requestId"), "{log}");
    assert!(!log.contains("traceId") && !log.contains("use_case"), "{log}");
}
