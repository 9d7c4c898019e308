//! Endpoints, deliveries and callbacks over HTTP, with a receiver on this machine.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can not go on has failed")]

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use flowbit_domain::{Role, id::TenantId};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};

use support::{Answer, Desk};

#[path = "../harness/place.rs"]
mod place;
#[path = "../identity/support.rs"]
#[expect(dead_code, reason = "shared with the suite of identity")]
mod support;

const CALLBACK: &str = "/webhook/ticket-done";

/// What arrived at a receiver: headers and body.
type Arrivals = mpsc::UnboundedReceiver<(HeaderMap, Value)>;

async fn receiver() -> (String, Arrivals) {
    async fn accept(
        State(arrivals): State<mpsc::UnboundedSender<(HeaderMap, Value)>>,
        headers: HeaderMap,
        body: Bytes,
    ) {
        let _ = arrivals.send((headers, serde_json::from_slice(&body).unwrap()));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, arrivals) = mpsc::unbounded_channel();
    tokio::spawn(
        async move { axum::serve(listener, Router::new().fallback(accept).with_state(sender)).await },
    );
    (url, arrivals)
}

/// A company whose admin has an endpoint at the receiver.
struct Company {
    tenant: TenantId,
    token: String,
    endpoint: Value,
    arrivals: Arrivals,
}

impl Company {
    async fn of(desk: &Desk, slug: &str) -> Self {
        let tenant = desk.company(slug).await;
        let admin = format!("admin@{slug}.example");
        desk.person(tenant, &admin, Role::Admin).await;
        let token = desk.login(&admin).await.token;
        let (url, arrivals) = receiver().await;
        let body = json!({ "url": url, "events": ["ticket.created"], "description": "n8n" });
        let endpoint = desk.json(Method::POST, "/api/admin/endpoints", &token, body).await.expect(201).json();
        Self { tenant, token, endpoint, arrivals }
    }

    fn path(&self) -> String {
        format!("/api/admin/endpoints/{}", self.endpoint["id"].as_str().unwrap())
    }

    fn shared(&self) -> &str {
        self.endpoint["sharedSecret"].as_str().unwrap()
    }

    /// Raises a ticket and answers what the receiver was told of it.
    async fn deliver(&mut self, desk: &Desk) -> Value {
        let body = json!({ "title": "A pallet is late" });
        desk.json(Method::POST, "/api/tickets", &self.token, body).await.expect(201);
        let (headers, body) = self.arrivals.recv().await.unwrap();
        assert_eq!(headers["x-webhook-secret"], self.shared());
        body["data"].clone()
    }

    async fn refusals(&self, desk: &Desk) -> usize {
        desk.actions(self.tenant).await.iter().filter(|a| *a == "workflow.callbackRefused").count()
    }
}

async fn desk() -> Desk {
    Desk::start_with(&[("FLOWBIT_WEBHOOK_ALLOW", "127.0.0.0/8")]).await
}

/// An ngrok agent's API with the tunnel that it says it has, and a word for each time that it is asked.
async fn agent(tunnel: watch::Receiver<Option<&'static str>>) -> (String, mpsc::UnboundedReceiver<()>) {
    type Agent = (watch::Receiver<Option<&'static str>>, mpsc::UnboundedSender<()>);
    async fn list(State((tunnel, asked)): State<Agent>) -> Response {
        let _ = asked.send(());
        let Some(url) = *tunnel.borrow() else { return StatusCode::BAD_GATEWAY.into_response() };
        let tcp = json!({ "name": "other", "public_url": "tcp://0.tcp.ngrok.io:1", "proto": "tcp" });
        let https = json!({ "name": "command_line", "public_url": url, "proto": "https" });
        axum::Json(json!({ "tunnels": [tcp, https], "uri": "/api/tunnels" })).into_response()
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, asked) = mpsc::unbounded_channel();
    let router = Router::new().route("/api/tunnels", get(list)).with_state((tunnel, sender));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, asked)
}

#[tokio::test]
async fn a_tunnels_address_is_where_workflows_call_back() {
    let (tunnel, seen) = watch::channel(Some("https://a1b2.ngrok.app"));
    let (api, mut asked) = agent(seen).await;
    let desk = Desk::start_with(&[
        ("FLOWBIT_WEBHOOK_ALLOW", "127.0.0.0/8"),
        ("FLOWBIT_CALLBACK_URL", "http://flowbit:3000"),
        ("FLOWBIT_TUNNEL_API", &api),
    ])
    .await;
    // Once it asks again, it has read what it was told before.
    let mut look = async || {
        while asked.try_recv().is_ok() {}
        for _ in 0..2 {
            asked.recv().await.unwrap();
        }
    };
    let mut acme = Company::of(&desk, "acme").await;
    look().await;
    let data = acme.deliver(&desk).await;
    assert_eq!(data["callbackUrl"], "https://a1b2.ngrok.app/webhook/ticket-done");
    let page = desk.get("/api/admin/deliveries", &acme.token).await.expect(200).json();
    let path = format!("/api/admin/deliveries/{}", page["items"][0]["id"].as_str().unwrap());
    let shown = desk.get(&path, &acme.token).await.expect(200).json();
    assert_eq!(shown["request"]["body"]["data"]["callbackUrl"], data["callbackUrl"]);

    // An agent that starts again gets another address, and nothing is edited or restarted here.
    tunnel.send(Some("https://c3d4.ngrok.app")).unwrap();
    look().await;
    assert_eq!(acme.deliver(&desk).await["callbackUrl"], "https://c3d4.ngrok.app/webhook/ticket-done");
    tunnel.send(None).unwrap();
    look().await;
    assert_eq!(acme.deliver(&desk).await["callbackUrl"], "http://flowbit:3000/webhook/ticket-done");
}

/// With a wrong authtoken the agent has no tunnel, or is not there at all: its process has ended.
#[tokio::test]
async fn an_agent_without_a_tunnel_or_none_at_all_changes_nothing() {
    async fn none(State(asked): State<mpsc::UnboundedSender<()>>) -> axum::Json<Value> {
        let _ = asked.send(());
        axum::Json(json!({ "tunnels": [], "uri": "/api/tunnels" }))
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let empty = format!("http://{}", listener.local_addr().unwrap());
    let (sender, mut asked) = mpsc::unbounded_channel();
    let router = Router::new().route("/api/tunnels", get(none)).with_state(sender);
    tokio::spawn(async move { axum::serve(listener, router).await });
    // Bound and let go: nothing listens there.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for api in [empty, format!("http://{gone}")] {
        let desk = Desk::start_with(&[
            ("FLOWBIT_WEBHOOK_ALLOW", "127.0.0.0/8"),
            ("FLOWBIT_CALLBACK_URL", "http://flowbit:3000"),
            ("FLOWBIT_TUNNEL_API", &api),
        ])
        .await;
        let mut acme = Company::of(&desk, "acme").await;
        if !api.ends_with(&gone.port().to_string()) {
            for _ in 0..2 {
                asked.recv().await.unwrap();
            }
        }
        assert_eq!(
            acme.deliver(&desk).await["callbackUrl"],
            "http://flowbit:3000/webhook/ticket-done",
            "{api}"
        );
    }
}

async fn call_back(desk: &Desk, secret: Option<&str>, body: impl ToString) -> Answer {
    let mut request = desk.client.post(desk.url(CALLBACK)).header("content-type", "application/json");
    if let Some(secret) = secret {
        request = request.header("x-webhook-secret", secret);
    }
    desk.send(request.body(body.to_string())).await
}

fn reply(data: &Value) -> Value {
    json!({
        "ticketId": data["ticketId"],
        "callbackToken": data["callbackToken"],
        "status": "in_progress",
        "message": "We are on it.",
    })
}

#[tokio::test]
async fn a_ticket_goes_out_and_its_answer_comes_back_once() {
    let desk = desk().await;
    let mut acme = Company::of(&desk, "acme").await;
    let data = acme.deliver(&desk).await;
    assert_eq!(data["callbackUrl"], desk.url(CALLBACK));
    assert_eq!(data["customerId"], acme.tenant.to_string());
    let answer = call_back(&desk, Some(acme.shared()), reply(&data)).await.expect(200);
    assert_eq!(answer.json(), json!({ "applied": true }));
    let answer = call_back(&desk, Some(acme.shared()), reply(&data)).await.expect(200);
    assert_eq!(answer.json(), json!({ "applied": false }));

    let path = format!("/api/tickets/{}", data["ticketId"].as_str().unwrap());
    let ticket = desk.get(&path, &acme.token).await.expect(200).json();
    assert_eq!((&ticket["status"], &ticket["workflow"]["state"]), (&json!("in_progress"), &json!("done")));
    let messages = desk.get(&format!("{path}/messages"), &acme.token).await.expect(200).json();
    assert_eq!(messages["items"].as_array().unwrap().len(), 1);
    assert_eq!(messages["items"][0]["author"]["kind"], "workflow");
    assert_eq!(messages["items"][0]["author"]["name"], "n8n");
}

#[tokio::test]
async fn whatever_is_wrong_with_a_callback_the_answer_is_the_same_and_the_right_company_hears_of_it() {
    let desk = desk().await;
    let mut acme = Company::of(&desk, "acme").await;
    let mut rival = Company::of(&desk, "rival").await;
    let (ours, theirs) = (acme.deliver(&desk).await, rival.deliver(&desk).await);
    let other = acme.deliver(&desk).await;
    let with = |field: &str, value: Value| {
        let mut body = reply(&ours);
        body[field] = value;
        body
    };
    let mut no_token = reply(&ours);
    no_token.as_object_mut().unwrap().remove("callbackToken");
    let access_token = json!(acme.token);
    // Secret, body, and who hears of it: acme, rival.
    let wrong = [
        (None, reply(&ours), (1, 0)),
        (Some("fbs_guessed"), reply(&ours), (1, 0)),
        (Some(acme.shared()), with("callbackToken", json!("guessed")), (1, 0)),
        (Some(acme.shared()), with("callbackToken", access_token), (1, 0)),
        (Some(acme.shared()), with("callbackToken", other["callbackToken"].clone()), (1, 0)),
        (Some(acme.shared()), with("ticketId", theirs["ticketId"].clone()), (1, 0)),
        (Some(acme.shared()), no_token, (1, 0)),
        (Some(acme.shared()), reply(&theirs), (1, 0)),
        (Some(rival.shared()), reply(&ours), (0, 1)),
        (Some("fbs_guessed"), reply(&theirs), (0, 1)),
        (Some("fbs_guessed"), with("callbackToken", json!("guessed")), (0, 0)),
        (None, json!("nonsense"), (0, 0)),
    ];
    for (secret, body, heard) in wrong {
        let before = (acme.refusals(&desk).await, rival.refusals(&desk).await);
        let problem = call_back(&desk, secret, &body).await.problem(401, "invalid_callback");
        assert_eq!(
            problem.as_object().unwrap().len(),
            5,
            "nothing but the constant and the request's id: {problem}"
        );
        let after = (acme.refusals(&desk).await, rival.refusals(&desk).await);
        assert_eq!((after.0 - before.0, after.1 - before.1), heard, "{secret:?} {body}");
    }
    for (company, data) in [(&acme, &ours), (&rival, &theirs)] {
        let path = format!("/api/tickets/{}", data["ticketId"].as_str().unwrap());
        assert_eq!(desk.get(&path, &company.token).await.expect(200).json()["status"], "open");
    }
    // Whoever is who they say is told what is wrong with what they say.
    call_back(&desk, Some(acme.shared()), "{").await.problem(400, "malformed_json");
    call_back(&desk, Some(acme.shared()), with("more", json!(1))).await.problem(422, "validation_failed");
    call_back(&desk, Some(acme.shared()), with("status", json!("gone")))
        .await
        .problem(422, "validation_failed");
    call_back(&desk, Some(acme.shared()), with("message", json!(""))).await.problem(422, "validation_failed");
    call_back(&desk, Some(acme.shared()), reply(&ours)).await.expect(200);
}

#[tokio::test]
async fn endpoints_are_administered() {
    let desk = desk().await;
    let mut acme = Company::of(&desk, "acme").await;
    let first = acme.deliver(&desk).await;
    let path = acme.path();
    let patch = json!({ "description": "first answers", "deadlineSeconds": 60 });
    let changed = desk.json(Method::PATCH, &path, &acme.token, patch).await.expect(200).json();
    assert_eq!(changed["deadlineSeconds"], 60);
    assert!(changed.get("secret").is_none() && changed.get("sharedSecret").is_none());
    let cleared = desk.json(Method::PATCH, &path, &acme.token, json!({ "deadlineSeconds": null })).await;
    assert!(cleared.expect(200).json()["deadlineSeconds"].is_null());

    let test = format!("{path}/test");
    let started = desk.json(Method::POST, &test, &acme.token, json!({})).await.expect(202).json();
    let (headers, body) = acme.arrivals.recv().await.unwrap();
    assert_eq!(started["deliveryId"], headers["webhook-id"].to_str().unwrap());
    assert_eq!((&body["type"], &body["data"]["callbackToken"]), (&json!("endpoint.test"), &Value::Null));

    let rotate = format!("{path}/rotate-secret");
    let rotated = desk.json(Method::POST, &rotate, &acme.token, json!({})).await.expect(200).json();
    let new = rotated["sharedSecret"].as_str().unwrap().to_owned();
    assert_ne!(new, acme.shared());
    call_back(&desk, Some(acme.shared()), reply(&first)).await.expect(200);
    call_back(&desk, Some(&new), reply(&first)).await.expect(200);

    desk.send(desk.request(Method::DELETE, &path, &acme.token)).await.expect(204);
    desk.send(desk.request(Method::DELETE, &path, &acme.token)).await.problem(404, "not_found");
    call_back(&desk, Some(&new), reply(&first)).await.problem(401, "invalid_callback");
    let list = desk.get("/api/admin/endpoints", &acme.token).await.expect(200).json();
    assert_eq!(list, json!({ "items": [], "nextCursor": null }));
}

#[tokio::test]
async fn an_address_that_may_not_be_reached_is_refused_where_it_is_entered() {
    let desk = desk().await;
    let acme = Company::of(&desk, "acme").await;
    for url in
        ["http://10.0.0.1/", "http://169.254.169.254/latest", "http://[::1]/", "ftp://example.com/", "x"]
    {
        let create = json!({ "url": url, "events": ["ticket.created"] });
        let refused = desk.json(Method::POST, "/api/admin/endpoints", &acme.token, create).await;
        assert_eq!(refused.problem(422, "validation_failed")["errors"][0]["path"], "url", "{url}");
        let refused = desk.json(Method::PATCH, &acme.path(), &acme.token, json!({ "url": url })).await;
        assert_eq!(refused.problem(422, "validation_failed")["errors"][0]["path"], "url", "{url}");
    }
}

#[tokio::test]
async fn deliveries_are_shown_and_made_again() {
    let desk = desk().await;
    let mut acme = Company::of(&desk, "acme").await;
    let rival = Company::of(&desk, "rival").await;
    let data = acme.deliver(&desk).await;
    // The answer ends the delivery, whether or not the acceptance is written down yet.
    call_back(&desk, Some(acme.shared()), reply(&data)).await.expect(200);
    let query = format!("?ticketId={}", data["ticketId"].as_str().unwrap());
    let list = desk.get(&format!("/api/admin/deliveries{query}"), &acme.token).await.expect(200).json();
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/admin/deliveries/{id}");
    let detail = desk.get(&path, &acme.token).await.expect(200);
    assert!(!detail.text.contains(acme.shared()));
    assert_eq!(detail.json()["request"]["body"]["data"]["callbackToken"], "[redacted]");
    desk.get("/api/admin/deliveries?state=lost", &acme.token).await.problem(422, "validation_failed");

    let missing = desk.get("/api/admin/deliveries/00000000-0000-7000-8000-000000000000", &rival.token).await;
    let foreign = desk.get(&path, &rival.token).await;
    assert_eq!(missing.problem(404, "not_found")["title"], foreign.problem(404, "not_found")["title"]);
    let replay = format!("{path}/replay");
    desk.json(Method::POST, &replay, &rival.token, json!({})).await.problem(404, "not_found");

    // Once it is written down it can be made again, with the same id.
    let mut again = desk.json(Method::POST, &replay, &acme.token, json!({})).await;
    while again.status == 409 {
        again = desk.json(Method::POST, &replay, &acme.token, json!({})).await;
    }
    assert_eq!(again.expect(202).json()["id"], id);
    let (headers, _) = acme.arrivals.recv().await.unwrap();
    assert_eq!(headers["webhook-id"].to_str().unwrap(), id);
}

#[tokio::test]
async fn only_admins_see_any_of_it() {
    let (desk, _) = Desk::with_people().await;
    for email in ["bob@example.com", "cid@example.com"] {
        let token = desk.login(email).await.token;
        desk.get("/api/admin/endpoints", &token).await.problem(403, "forbidden");
        desk.get("/api/admin/deliveries", &token).await.problem(403, "forbidden");
        let body = json!({ "url": "https://example.com/", "events": ["ticket.created"] });
        desk.json(Method::POST, "/api/admin/endpoints", &token, body).await.problem(403, "forbidden");
    }
}
