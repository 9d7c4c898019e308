//! Nodes behind PgBouncer in transaction mode, whose connections no node has for itself.

use flowbit_cluster::Pooler;
use serde_json::json;

use crate::{
    harness::{Person, socket::Socket},
    nodes::{A_SECOND, LISTENING, Nodes, ROLE, took},
};

async fn start(direct: Option<&str>) -> (Nodes, Pooler) {
    let mut nodes = Nodes::prepare(2, |_| {}).await;
    nodes.servers[0].create_company("alpha");
    let pooler = Pooler::before(&nodes.database, ROLE, 10).expect("PgBouncer starts");
    // Debian's is older than the releases that follow prepared statements.
    nodes.set("FLOWBIT_DATABASE_PREPARES", "off");
    nodes.set("FLOWBIT_DATABASE_URL", &pooler.address(ROLE, &nodes.database));
    if let Some(direct) = direct {
        let address = if direct == "around" { nodes.database.address(ROLE) } else { direct.to_owned() };
        nodes.set("FLOWBIT_DATABASE_DIRECT_URL", &address);
    }
    nodes.start_all().await;
    (nodes, pooler)
}

/// What is created at one node is heard at the other, within a second.
async fn hear(nodes: &Nodes, title: &str) {
    let ada = nodes.servers[0].web().sign_in("admin@alpha.example").await;
    let socket = Socket::open(&nodes.servers[1].web(), &ada.token).await;
    ada.post("/api/tickets", &json!({ "title": title })).await.expect(201);
    let heard = async || socket.heard().iter().any(|event| event["data"]["title"] == title);
    let late = took("it is heard", heard).await;
    assert!(late < A_SECOND, "{late:?}");
    let at_other = Person { web: nodes.servers[1].web(), ..ada };
    assert!(at_other.get("/api/tickets").await.text().contains(title));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_is_noticed_and_every_node_sees_to_everything() {
    let (nodes, _pooler) = start(None).await;
    for server in &nodes.servers {
        took("it says so", async || server.log().contains("this seems to be a pooler")).await;
        assert!(!server.log().contains("this node leads"), "{}", server.log());
    }
    // Nothing is left behind on the pooler's connections that would be somebody else's.
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(nodes.count(locks).await, 0);
    hear(&nodes, "Looked up").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn around_the_pooler_notifications_come_and_one_leads() {
    let (nodes, _pooler) = start(Some("around")).await;
    took("both listen", async || nodes.count(&format!("SELECT count(*) {LISTENING}")).await == 2).await;
    let leads = || nodes.servers.iter().filter(|server| server.log().contains("this node leads")).count();
    took("one leads", async || leads() == 1).await;
    hear(&nodes, "Told").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notifications_can_be_switched_off() {
    let (nodes, _pooler) = start(Some("off")).await;
    hear(&nodes, "Looked up").await;
    for server in &nodes.servers {
        assert!(!server.log().contains("no notifications"), "{}", server.log());
    }
}
