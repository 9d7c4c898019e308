//! Who is shut out on one node is shut out on all within a second.

use serde_json::json;

use crate::{
    harness::{Person, Server, client::Request, socket::Socket},
    nodes::{A_SECOND, Nodes, took},
};

/// Whether the person's token is still good at a node, by a question that has nothing to do with them.
async fn is_let_in(server: &Server, person: &Person) -> bool {
    let question = Request::new(reqwest::Method::GET, "/api/events?after=0&limit=1").bearer(&person.token);
    let answer = server.web().send(&question).await;
    assert!([200, 401].contains(&answer.status), "{answer:?}");
    answer.status == 200
}

/// How long after `deed` a person who was known at every node is refused at each, with their sockets cut.
async fn shut_out(nodes: &Nodes, person: &Person, deed: impl AsyncFnOnce()) {
    let mut sockets = Vec::new();
    for server in &nodes.servers {
        sockets.push(Socket::open(&server.web(), &person.token).await);
        // Remembered from here on.
        assert!(is_let_in(server, person).await);
        assert!(is_let_in(server, person).await);
    }
    deed().await;
    let done = std::time::Instant::now();
    for (n, server) in nodes.servers.iter().enumerate() {
        let late = took("the token is refused", async || !is_let_in(server, person).await).await;
        assert!(late < A_SECOND, "node {n} let them in for {late:?}");
    }
    for socket in &sockets {
        took("the socket is cut", async || socket.farewell().is_some()).await;
        assert_eq!(socket.farewell().as_deref(), Some("revoked"));
    }
    let late = done.elapsed();
    println!("shut out everywhere after {late:?}");
    assert!(late < A_SECOND, "a socket went on for {late:?}");
}

async fn revoke_everywhere(direct: Option<&str>) {
    let set = |server: &mut Server| {
        if let Some(direct) = direct {
            server.set("FLOWBIT_DATABASE_DIRECT_URL", direct);
        }
    };
    let nodes = Nodes::start(2, &["alpha"], set).await;
    let ada = nodes.servers[0].web().sign_in("admin@alpha.example").await;

    let bert = ada.add("bert@alpha.example", "agent").await;
    shut_out(&nodes, &bert, async || {
        let change = json!({ "active": false });
        ada.patch(&format!("/api/admin/users/{}", bert.id), &change).await.expect(200);
    })
    .await;

    let cleo = ada.add("cleo@alpha.example", "user").await;
    shut_out(&nodes, &cleo, async || {
        let request = cleo.request(reqwest::Method::POST, "/api/auth/logout");
        nodes.servers[0].web().send(&request).await.expect_empty(204);
    })
    .await;

    // By the operator, on a command line that is no node.
    let dora = ada.add("dora@alpha.example", "agent").await;
    shut_out(&nodes, &dora, async || {
        let reset = [
            "user",
            "reset-password",
            "--tenant",
            "alpha",
            "--email",
            "dora@alpha.example",
            "--password-stdin",
        ];
        nodes.servers[0].run_well(&reset, "another long password\n");
    })
    .await;
    let eric = ada.add("eric@alpha.example", "agent").await;
    shut_out(&nodes, &eric, async || {
        nodes.servers[0].run_well(&["tenant", "suspend", "alpha"], "");
    })
    .await;
    assert!(!is_let_in(&nodes.servers[1], &ada).await, "nobody of it is let in");
    nodes.servers[1].run_well(&["tenant", "resume", "alpha"], "");
    for server in &nodes.servers {
        took("the company is back", async || is_let_in(server, &ada).await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_shut_out_on_one_node_is_shut_out_on_all() {
    revoke_everywhere(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_shut_out_is_so_within_a_second_though_no_notification_comes() {
    revoke_everywhere(Some("off")).await;
}

/// A node that can't ask what others have committed, though it can ask everything else, trusts nothing that it
/// remembers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_does_not_know_what_others_did_asks_each_time() {
    let nodes = Nodes::start(1, &["alpha"], |_| {}).await;
    let ada = nodes.servers[0].web().sign_in("admin@alpha.example").await;
    // What it hears of a company for the first time makes it forget that company's sessions.
    nodes.until_looked().await;
    assert!(is_let_in(&nodes.servers[0], &ada).await, "and from here on it is remembered");
    let mut superuser = nodes.database.connect("postgres").await.unwrap();
    let blocking = superuser.transaction().await.unwrap();
    blocking.batch_execute("LOCK TABLE flowbit_control.ledgers IN ACCESS EXCLUSIVE MODE").await.unwrap();
    // Nobody is told of it.
    let quietly = nodes.database.connect("postgres").await.unwrap();
    quietly.batch_execute("UPDATE flowbit.users SET active = false").await.unwrap();
    let late = took("the token is refused", async || !is_let_in(&nodes.servers[0], &ada).await).await;
    assert!(late < A_SECOND, "{late:?}");
    blocking.rollback().await.unwrap();
}
