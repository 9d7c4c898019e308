//! PostgreSQL back to a moment, by a base backup and the archived log, as docs/OPERATIONS.md says it.

use flowbit_cluster::{Cluster, Durability};
use serde_json::json;
use tokio_postgres::{Client, NoTls};

use crate::program::{PASSWORD, Place, Served, ask, code, feed, sign_in, stderr, stdout};

async fn connect(cluster: &Cluster, database: &str) -> Client {
    let address = cluster.address("postgres", database);
    let (client, connection) = tokio_postgres::connect(&address, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn raise(served: &Served, token: &str, title: &str) {
    let (status, ticket) =
        ask(served, "POST", "/api/tickets", Some(token), Some(json!({ "title": title }))).await;
    assert_eq!(status, 201, "{ticket}");
}

/// Runs a command on the database of a cluster.
#[track_caller]
fn run_on(place: &Place, cluster: &Cluster, arguments: &[&str], line: &str) -> String {
    let mut command = place.command(arguments);
    command.env("FLOWBIT_DATABASE_URL", cluster.address("flowbit", "desk"));
    let output = feed(command, line);
    assert_eq!(code(&output), 0, "{arguments:?}: {}\n{}", stderr(&output), stdout(&output));
    stdout(&output)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restored_to_a_moment() {
    // Commands of the server run in its data folder.
    let archiving = ["archive_mode=on", "archive_command=test ! -f ../wal/%f && cp %p ../wal/%f"];
    let cluster = Cluster::start_with(Durability::Full, &archiving).unwrap();
    let wal = cluster.make_folder("wal").unwrap();
    let place = Place::of_files();
    run_on(&place, &cluster, &["migrate", "--admin-url", &cluster.address("postgres", "postgres")], "");
    for slug in ["acme", "globex"] {
        let email = format!("admin@{slug}.example");
        let found = ["tenant", "create", "--slug", slug, "--name", slug, "--admin-email", &email];
        run_on(&place, &cluster, &[&found[..], &["--admin-password-stdin"]].concat(), PASSWORD);
    }
    let base = cluster.back_up("base").unwrap();

    let served = Served::start(&place, &["--database-url", &cluster.address("flowbit", "desk")]);
    let token = sign_in(&served, "admin@acme.example", PASSWORD).await;
    raise(&served, &token, "Before").await;
    let admin = connect(&cluster, "desk").await;
    let moment: String = admin.query_one("SELECT clock_timestamp()::text", &[]).await.unwrap().get(0);
    raise(&served, &token, "After").await;
    drop(served);
    run_on(&place, &cluster, &["tenant", "erase", "globex", "--yes"], "");
    let last: String = admin.query_one("SELECT pg_walfile_name(pg_switch_wal())", &[]).await.unwrap().get(0);
    let archived = async {
        while !wal.join(&last).exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), archived).await.expect("the log is archived");

    let restore = format!("restore_command=cp {}/%f %p", wal.display());
    let target = format!("recovery_target_time={moment}");
    let settings = [restore.as_str(), &target, "recovery_target_action=promote"];
    let restored = Cluster::recover(&base, &settings).unwrap();
    let said = run_on(&place, &restored, &["doctor"], "");
    assert!(said.contains("acme: its data is sound") && said.contains("globex: its data is sound"), "{said}");
    assert_eq!(run_on(&place, &restored, &["tenant", "erasures"], ""), "");
    let served = Served::start(&place, &["--database-url", &restored.address("flowbit", "desk")]);
    let token = sign_in(&served, "admin@acme.example", PASSWORD).await;
    let (_, tickets) = ask(&served, "GET", "/api/tickets", Some(&token), None).await;
    let titles: Vec<&str> =
        tickets["items"].as_array().unwrap().iter().map(|t| t["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Before"]);
    // It goes on from there.
    raise(&served, &token, "Anew").await;
}
