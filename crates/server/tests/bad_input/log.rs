//! What the log never says, however much it is told to say.

use flowbit_cluster::{Cluster, Database};
use serde_json::json;

use crate::harness::{PASSWORD, Server};

#[tokio::test]
async fn with_a_database_no_secret_and_nothing_that_was_written_is_logged() {
    let script = flowbit_store::script("flowbit").unwrap();
    let database = Database::make(Cluster::for_tests().unwrap(), &script).await.unwrap();
    let mut server = Server::new();
    server.set("FLOWBIT_DATABASE_URL", &database.address("flowbit:hunter2"));
    server.create_company("ours");
    server.set("FLOWBIT_LOG", "trace");
    server.start().await;
    let admin = server.web().sign_in("admin@ours.example").await;
    let body = json!({ "title": "Unmistakable", "description": "Between us" });
    admin.post("/api/tickets", &body).await.expect(201);
    admin.get("/api/tickets?q=unmistakable").await.expect(200);
    // A statement that fails is told with its text, and without its values.
    let superuser = database.connect("postgres").await.unwrap();
    superuser.batch_execute("ALTER TABLE flowbit.tickets ADD CHECK (title <> 'Unbearable')").await.unwrap();
    let broken =
        admin.post("/api/tickets", &json!({ "title": "Unbearable", "description": "Between us" })).await;
    assert_eq!(broken.status, 500, "{broken:?}");
    server.kill();
    let log = server.log();
    assert!(log.contains("INSERT INTO tickets") && log.contains("23514"), "it logs statements: {log}");
    for secret in ["hunter2", PASSWORD, "Unmistakable", "Unbearable", "Between us"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
}
