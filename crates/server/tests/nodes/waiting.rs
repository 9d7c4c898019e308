//! A server whose database is not there waits for it; commands, and what waiting does not help, end at once.

use std::process::Output;

use flowbit_cluster::Database;
use reqwest::Method;
use serde_json::Value as Json;
use tokio::net::{TcpListener, UnixStream};

use crate::{
    harness::{Server, client::Request},
    nodes::{Nodes, ROLE, took},
};

/// A port on which nobody listens yet.
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Lets the database be reached on a port.
async fn open_way(port: u16, database: &Database) {
    let cluster = database.cluster();
    let socket = cluster.folder().join(format!(".s.PGSQL.{}", cluster.port()));
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is still free");
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let socket = socket.clone();
            tokio::spawn(async move {
                let mut server = UnixStream::connect(&socket).await.expect("the database listens");
                // Whoever hangs up first ends both.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
}

/// One server, which looks for its database on a port where nobody listens.
async fn prepare() -> (Nodes, u16) {
    let port = free_port().await;
    let mut nodes = Nodes::prepare(1, |_| {}).await;
    let address = format!("postgresql://{ROLE}:hunter2@127.0.0.1:{port}/{}", nodes.database.name());
    nodes.set("FLOWBIT_DATABASE_URL", &address);
    (nodes, port)
}

async fn until_waiting(server: &Server) {
    took("it says that it waits", async || server.log().contains("waiting for the database")).await;
}

fn assert_one_line(refused: &Output, words: &str) {
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    let line = said.lines().find(|line| line.starts_with("flowbit: ")).unwrap_or_default();
    assert!(line.contains(words), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_waits_for_its_database_and_says_so() {
    let (mut nodes, port) = prepare().await;
    nodes.servers[0].spawn();
    until_waiting(&nodes.servers[0]).await;
    let web = nodes.servers[0].web();
    for _ in 0..3 {
        assert_eq!(web.send(&web.get_request("/healthz")).await.text(), "ok\n");
        let ready: Json = web.send(&web.get_request("/readyz")).await.expect(503);
        assert_eq!(ready["ready"], false);
        assert!(ready["missing"][0].as_str().is_some_and(|why| why.contains("can't be reached")), "{ready}");
    }
    let refused = web.send(&Request::new(Method::POST, "/api/auth/login")).await;
    refused.expect_problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), Some("1"));
    open_way(port, &nodes.database).await;
    nodes.servers[0].until_ready().await;
    let log = nodes.servers[0].log();
    assert_eq!(log.matches("waiting for the database").count(), 1, "{log}");
    assert!(log.contains("127.0.0.1") && !log.contains("hunter2"), "{log}");
    nodes.servers[0].create_company("alpha");
    web.sign_in("admin@alpha.example").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_waits_ends_at_once_when_told() {
    let (mut nodes, _) = prepare().await;
    nodes.servers[0].spawn();
    until_waiting(&nodes.servers[0]).await;
    let begun = std::time::Instant::now();
    nodes.servers[0].terminate().await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(nodes.servers[0].log().contains("stopped while waiting"), "{}", nodes.servers[0].log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_do_not_wait() {
    let (nodes, port) = prepare().await;
    let admin = format!("postgresql://postgres:hunter2@127.0.0.1:{port}/postgres");
    for arguments in [&["migrate"][..], &["migrate", "--admin-url", &admin], &["tenant", "list"]] {
        let refused = nodes.servers[0].run(arguments, "");
        assert_one_line(&refused, "127.0.0.1");
        assert_eq!(String::from_utf8_lossy(&refused.stderr).lines().count(), 1, "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_pass_by_itself_is_not_waited_for() {
    let (mut nodes, _) = prepare().await;
    let port = nodes.database.cluster().port();
    let name = nodes.database.name().to_owned();
    for (address, words) in [
        // By TCP the cluster wants a password.
        (format!("postgresql://{ROLE}:hunter2@127.0.0.1:{port}/{name}"), "(28P01)"),
        (nodes.database.address(ROLE).replace(&name, "no_such_database"), "(3D000)"),
        (format!("postgresql://{ROLE}:hunter2@127.0.0.1:{port}/{name}?sslmode=require"), "TLS"),
        (nodes.database.address("postgres"), "is a superuser"),
        (nodes.database.address(ROLE).replace(&name, "postgres"), "no Flowbit schema"),
    ] {
        nodes.set("FLOWBIT_DATABASE_URL", &address);
        assert_one_line(&nodes.servers[0].run(&["serve"], ""), words);
    }
}
