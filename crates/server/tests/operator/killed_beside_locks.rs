//! Erasures on a database whose process is killed in their midst: it waits for rows that the test holds, so the place
//! is chosen rather than met by chance.

use std::{process::Child, time::Duration};

use serde_json::Value;
use tokio_postgres::{Client, NoTls};

use crate::{
    archive::{furnish, run_well},
    killed::{assert_erased, examine, export_ledger, may_sign_in},
    program::{Place, Served},
};

/// Nothing that is waited for takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

async fn connect(place: &Place) -> Client {
    let (client, connection) = tokio_postgres::connect(&place.admin_address(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn count(admin: &Client, sql: &str) -> i64 {
    admin.query_one(sql, &[]).await.unwrap().get(0)
}

/// Waits until a count is as it should be.
async fn until(admin: &Client, sql: &str, is_well: impl Fn(i64) -> bool, mut child: Option<&mut Child>) {
    let waiting = async {
        while !is_well(count(admin, sql).await) {
            if let Some(child) = child.as_mut() {
                assert!(child.try_wait().unwrap().is_none(), "it was over before it could be killed");
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect(sql);
}

/// Runs a command, holds rows until it waits for them, kills it, and lets go of them. What it had sent already is not
/// done either: its connections are cut off.
async fn kill_before(place: &Place, arguments: &[&str], rows: &str) {
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND usename = 'flowbit' AND wait_event_type = 'Lock'";
    const CUT_OFF: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE datname = current_database() AND usename = 'flowbit'";
    const THERE: &str =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'flowbit'";
    let (holder, admin) = (connect(place).await, connect(place).await);
    holder.batch_execute("BEGIN").await.unwrap();
    let held = holder.query(&format!("SELECT FROM {rows} FOR UPDATE"), &[]).await.unwrap();
    assert!(!held.is_empty(), "there is nothing to hold in {rows}");
    let mut child = place.command(arguments).spawn().unwrap();
    until(&admin, WAITING, |n| n > 0, Some(&mut child)).await;
    child.kill().unwrap();
    child.wait().unwrap();
    count(&admin, CUT_OFF).await;
    until(&admin, THERE, |n| n == 0, None).await;
    holder.batch_execute("ROLLBACK").await.unwrap();
}

fn id_of(place: &Place, slug: &str) -> String {
    let listed: Value = serde_json::from_str(&run_well(place, &["tenant", "list", "--json"])).unwrap();
    let found = listed.as_array().unwrap().iter().find(|tenant| tenant["slug"] == slug).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_killed_between_its_pieces_is_finished_by_the_command_or_a_start() {
    let place = Place::of_database();
    place.found("other");
    let erase = ["tenant", "erase", "acme", "--yes"];
    let within = [
        "flowbit.head WHERE tenant_id",
        "flowbit.endpoints WHERE tenant_id",
        "flowbit.messages WHERE tenant_id",
        "flowbit.users WHERE tenant_id",
        "flowbit.events WHERE tenant_id",
        "flowbit_control.directory WHERE tenant",
    ];
    for (round, rows) in within.into_iter().enumerate() {
        furnish(&place, "acme", 1).await;
        let id = id_of(&place, "acme");
        kill_before(&place, &erase, &format!("{rows} = '{id}'")).await;
        let listed = run_well(&place, &["tenant", "list"]);
        assert!(!listed.contains("acme"), "{rows}: {listed}");
        let said = examine(&place);
        assert!(said.contains("the erasure of acme is under way or goes on"), "{rows}: {said}");
        if round % 2 == 0 {
            let said = run_well(&place, &erase);
            assert!(said.contains("acme and everything that it had is gone"), "{rows}: {said}");
        } else {
            let served = Served::start(&place, &[]);
            assert!(!may_sign_in(&served, "admin@acme.example").await);
            assert!(may_sign_in(&served, "admin@other.example").await);
        }
        assert_erased(&place, "acme");
        let admin = connect(&place).await;
        for rows in within {
            assert_eq!(count(&admin, &format!("SELECT count(*) FROM {rows} = '{id}'")).await, 0, "{rows}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_whose_erasure_is_killed_on_a_database_is_there_or_erased() {
    let place = Place::of_database();
    furnish(&place, "acme", 2).await;
    let erase = ["user", "erase", "--tenant", "acme", "--email", "zoe@acme.example", "--texts", "--yes"];
    let ledger = || {
        let text = Value::from(export_ledger(&place)).to_string();
        (text.contains("zoe@acme.example"), text.contains("user.erased"))
    };
    // In its transaction: nothing of it has happened.
    kill_before(&place, &erase, "flowbit.messages").await;
    assert_eq!(ledger(), (true, false));
    let said = examine(&place);
    assert!(said.contains("acme: its data is sound") && !said.contains("zoe@"), "{said}");
    let served = Served::start(&place, &[]);
    assert!(may_sign_in(&served, "zoe@acme.example").await);
    drop(served);
    // Behind its commit: what is left is named.
    kill_before(&place, &erase, "flowbit_control.directory WHERE email = 'zoe@acme.example'").await;
    assert_eq!(ledger(), (false, true));
    let admin = connect(&place).await;
    const LEFT: &str = "SELECT count(*) FROM flowbit_control.directory WHERE email = 'zoe@acme.example'";
    assert_eq!(count(&admin, LEFT).await, 1);
    let served = Served::start(&place, &[]);
    assert!(!may_sign_in(&served, "zoe@acme.example").await, "the address leads to nobody");
    drop(served);
    assert!(examine(&place).contains("zoe@acme.example is in the directory and nobody's"));
    assert!(run_well(&place, &erase).contains("zoe@acme.example is erased"));
    assert_eq!(count(&admin, LEFT).await, 0);
    let said = examine(&place);
    assert!(said.contains("acme: its data is sound") && !said.contains("zoe@"), "{said}");
}
