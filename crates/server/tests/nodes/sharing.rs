//! What all nodes have as one: how often somebody may guess, the keys that sign, and who leads.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::{
    harness::{Answer, PASSWORD, Server, client::Request},
    nodes::{Nodes, took},
};

const LEADING: &str =
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 1700441717
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

async fn sign_in(server: &Server, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    server.web().send(&Request::new(Method::POST, "/api/auth/login").json(&body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_on_all_nodes_is_guessing_no_more_often_than_on_one() {
    let nodes = Nodes::start(3, &["alpha"], |server| server.set("FLOWBIT_RATE_LIMITS", "on")).await;
    let ada = "admin@alpha.example";
    // Right ones do not count, on whichever node.
    for n in 0..15 {
        sign_in(&nodes.servers[n % 3], ada, PASSWORD).await.expect(200);
    }
    for n in 0..10 {
        sign_in(&nodes.servers[n % 3], ada, "a wrong password")
            .await
            .expect_problem(401, "invalid_credentials");
    }
    for server in &nodes.servers {
        let refused = sign_in(server, ada, PASSWORD).await;
        refused.expect_problem(429, "rate_limited");
        let wait: u64 = refused.header("retry-after").expect("a time to wait").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
    }
    // Others are not concerned.
    sign_in(&nodes.servers[0], "bert@alpha.example", PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_make_one_key_and_believe_each_others_tokens() {
    let mut nodes = Nodes::prepare(3, |_| {}).await;
    nodes.start_all().await;
    assert_eq!(nodes.count("SELECT count(*) FROM flowbit_control.signing_keys").await, 1);
    let mut published = Vec::new();
    for server in &nodes.servers {
        let web = server.web();
        published.push(web.send(&web.get_request("/.well-known/jwks.json")).await.expect(200));
    }
    assert_eq!(published[0]["keys"].as_array().map(Vec::len), Some(1), "{published:?}");
    assert!(published.iter().all(|keys| *keys == published[0]), "{published:?}");
    nodes.servers[2].create_company("alpha");
    for issuer in &nodes.servers {
        let ada = issuer.web().sign_in("admin@alpha.example").await;
        for server in &nodes.servers {
            let me = Request::new(Method::GET, "/api/me").bearer(&ada.token);
            let me: Json = server.web().send(&me).await.expect(200);
            assert_eq!(me["user"]["id"], ada.id.as_str());
        }
        // A session is renewed once, wherever.
        let renew = |server: &Server| {
            let cookie = format!("flowbit_refresh={}", ada.refresh);
            let request = Request::new(Method::POST, "/api/auth/refresh").header("cookie", &cookie);
            let web = server.web();
            async move { web.send(&request).await.status }
        };
        assert_eq!(renew(&nodes.servers[0]).await, 200);
        assert_eq!(renew(&nodes.servers[1]).await, 401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_leads_and_another_takes_over_when_it_is_killed_or_stops() {
    let mut nodes = Nodes::start(3, &[], |_| {}).await;
    let leads = |server: &Server| server.log().contains("this node leads");
    for left in [3, 2] {
        took("one leads", async || nodes.servers.iter().any(&leads)).await;
        took("it has the lock", async || nodes.count(LEADING).await == 1).await;
        assert_eq!(nodes.servers.iter().filter(|server| leads(server)).count(), 1, "of {left}");
        let at = nodes.servers.iter().position(&leads).expect("one leads");
        let mut leader = nodes.servers.remove(at);
        if left == 3 {
            leader.kill();
        } else {
            leader.terminate().await;
        }
    }
    took("the last one leads", async || leads(&nodes.servers[0])).await;
}
