//! Behind PgBouncer in transaction mode, where each transaction may have another connection.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::{MetadataExt, chown},
    process::{Child, Command, Stdio},
};

use flowbit_cluster::Database;
use flowbit_domain::{
    audit::ReadLedger,
    event::ChainVerifier,
    id::TicketId,
    message::{CreateMessage, NewMessage},
    ticket::{CountTickets, DeleteTicket},
};
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{APP, database, found, open_at};

/// PgBouncer before a database; gone with this.
struct Pooler {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Pooler {
    fn before(database: &Database, connections: usize) -> Self {
        let cluster = database.cluster();
        let folder = tempfile::Builder::new().prefix("flowbit-pooler-").tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = folder.path();
        // Like the database itself it refuses to run as root.
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let user = if is_root { "user = postgres\n" } else { "" };
        let settings = format!(
            "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 100\n{user}",
            cluster.folder().display(),
            cluster.port(),
        );
        // With `any` it signs in everybody as whoever the database's entry names.
        let settings = settings.replace("* = ", "* = user=flowbit ");
        fs::write(path.join("pgbouncer.ini"), settings).unwrap();
        let owner = fs::metadata(cluster.folder()).unwrap();
        let owner = (owner.uid(), owner.gid());
        chown(path, Some(owner.0), Some(owner.1)).unwrap();
        chown(path.join("pgbouncer.ini"), Some(owner.0), Some(owner.1)).unwrap();
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", "/usr/sbin/pgbouncer"])
            .arg(path.join("pgbouncer.ini"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("process up") {
            assert_ne!(log.read_line(&mut said).unwrap(), 0, "pgbouncer did not start: {said}");
        }
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, folder, port }
    }

    fn address(&self, database: &Database) -> String {
        format!("postgresql://{APP}@127.0.0.1:{}/{}", self.port, database.name())
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        assert!(self.folder.path().exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_pooler_in_transaction_mode_all_holds() {
    let database = database().await;
    let pooler = Pooler::before(&database, 2);
    // Eight connections of ours share two of the database's.
    let store =
        open_at(&pooler.address(&database), |o| (o.connections, o.prepares) = (8, false)).await.unwrap();
    let mut companies = Vec::new();
    for n in 0..4 {
        companies.push(found(&store, &format!("company-{n}")).await.0);
    }
    let mut tasks = JoinSet::new();
    for caller in 0..12 {
        let (store, company) = (store.clone(), companies[caller % 4].clone());
        tasks.spawn(async move {
            for n in 0..25 {
                store.write(&company.ctx, company.raise(&format!("{caller}-{n}"))).await.unwrap();
                let counts =
                    store.read(&company.ctx, CountTickets { principal: company.admin.clone() }).await;
                assert!(counts.unwrap().all > n);
                store.ledger_seq(&company.ctx).await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    for company in &companies {
        let counts =
            store.read(&company.ctx, CountTickets { principal: company.admin.clone() }).await.unwrap();
        assert_eq!(counts.all, 1 + 3 * 25);
        let mut verifier = ChainVerifier::default();
        for event in store.read(&company.ctx, ReadLedger { after: 0, limit: 10_000 }).await.unwrap() {
            verifier.check(&event).unwrap();
        }
    }
}

#[tokio::test]
async fn nothing_of_a_transaction_is_left_on_the_connection() {
    let database = database().await;
    let pooler = Pooler::before(&database, 1);
    let address = pooler.address(&database);
    let store = open_at(&address, |o| o.prepares = false).await.unwrap();
    let (a, ticket) = found(&store, "alpha").await;
    // Another program's, to which the pooler gives the same connection.
    let (next, connection) = tokio_postgres::connect(&address, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let backend = async || {
        let row = next.simple_query("SELECT pg_backend_pid(), current_setting('app.tenant', true), current_setting('statement_timeout'), count(*) FROM tickets");
        let row = row.await.unwrap();
        let tokio_postgres::SimpleQueryMessage::Row(row) = &row[1] else { panic!("{row:?}") };
        let text = |column| row.get(column).unwrap_or_default().to_owned();
        [text(0), text(1), text(2), text(3)]
    };
    let [pid, ..] = backend().await;
    let message = CreateMessage {
        principal: a.admin.clone(),
        origin: a.origin(),
        ticket: ticket.id,
        input: NewMessage { body: "hello".into(), internal: false },
        idempotency: None,
    };
    store.write(&a.ctx, message).await.unwrap();
    assert_eq!(backend().await, [pid.as_str(), "", "0", "0"]);
    store.read(&a.ctx, CountTickets { principal: a.admin.clone() }).await.unwrap();
    assert_eq!(backend().await, [pid.as_str(), "", "0", "0"]);
    let refused = store.write(
        &a.ctx,
        DeleteTicket { principal: a.admin.clone(), origin: a.origin(), id: TicketId(Uuid::max()) },
    );
    assert!(refused.await.is_err());
    assert_eq!(backend().await, [pid.as_str(), "", "0", "0"]);
}
