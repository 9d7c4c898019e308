//! Behind PgBouncer. In transaction mode each transaction may have another connection; Debian's is older than
//! the releases that follow prepared statements there.

use flowbit_cluster::{Pooler, Pooling};
use flowbit_domain::{
    audit::ReadLedger,
    event::ChainVerifier,
    id::TicketId,
    message::{CreateMessage, NewMessage},
    ticket::{CountTickets, DeleteTicket},
};
use flowbit_store::OpenError;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{APP, database, found, open_at};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_pooler_in_transaction_mode_all_holds() {
    let database = database().await;
    let pooler = Pooler::before(&database, APP, 2).unwrap();
    // Eight connections of ours share two of the database's.
    let store =
        open_at(&pooler.address(APP, &database), |o| (o.connections, o.prepares) = (8, false)).await.unwrap();
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
    let pooler = Pooler::before(&database, APP, 1).unwrap();
    let address = pooler.address(APP, &database);
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
        input: NewMessage { body: "hello".into(), internal: false, ..NewMessage::default() },
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

/// What a start with prepared statements comes to.
async fn open_preparing(address: &str) -> Result<(), OpenError> {
    let store = open_at(address, |o| o.connections = 1).await?;
    store.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prepared_statements_are_refused_where_the_pooler_does_not_follow_them() {
    for connections in [1, 2, 20] {
        let database = database().await;
        let pooler = Pooler::before(&database, APP, connections).unwrap();
        let address = pooler.address(APP, &database);
        let refused = open_preparing(&address).await.unwrap_err();
        assert!(matches!(refused, OpenError::Setting { key: "database_prepares", .. }), "{refused}");
        assert!(refused.to_string().contains("PgBouncer before 1.21"), "{refused}");
        // The same for those who come when names have been left behind, and when others are at work there.
        let store = open_at(&address, |o| o.prepares = false).await.unwrap();
        let (company, _) = found(&store, "alpha").await;
        let mut others = JoinSet::new();
        for _ in 0..6 {
            let (store, company) = (store.clone(), company.clone());
            others.spawn(async move {
                loop {
                    store.write(&company.ctx, company.raise("Meanwhile")).await.unwrap();
                }
            });
        }
        for _ in 0..10 {
            let refused = open_preparing(&address).await.unwrap_err();
            assert!(matches!(refused, OpenError::Setting { key: "database_prepares", .. }), "{refused}");
        }
        others.shutdown().await;
    }
}

#[tokio::test]
async fn prepared_statements_are_taken_where_a_connection_is_ones_own() {
    let database = database().await;
    open_preparing(&database.address(APP)).await.unwrap();
    let pooler = Pooler::start(&database, APP, 20, Pooling::Session).unwrap();
    open_preparing(&pooler.address(APP, &database)).await.unwrap();
}
