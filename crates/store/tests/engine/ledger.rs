//! The ledger: append-only by the engine, and a chain that holds whatever happens around it.

use flowbit_domain::Error;
use tokio::task::JoinSet;

use crate::support::{AddThen, Bench, End, Execute, add};

#[tokio::test]
async fn the_engine_lets_nobody_change_the_ledger() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    for n in 0..3 {
        bench.store.write(&a, add(format!("{n}"))).await.unwrap();
    }
    const COPY: &str = "id, at, action, actor_kind, actor_id, actor_name, ticket_id, requester_id, audience, ip, \
                        request_id, data, data_hash, prev_hash, hash FROM events WHERE seq = 2";
    let copy =
        |verb: &str, seq: i64| -> &'static str { format!("{verb} INTO events SELECT {seq}, {COPY}").leak() };
    for sql in [
        "UPDATE events SET data = '{}' WHERE seq = 2",
        "UPDATE OR IGNORE events SET data = '{}'",
        // What is personal may be taken out, and nothing else.
        "UPDATE events SET data = '{\"erasedBy\":\"0198c0de-1234-7abc-8def-0123456789ab\"}' WHERE seq = 2",
        "UPDATE events SET ip = NULL, actor_name = '(erased)' WHERE seq = 2",
        "UPDATE events SET ip = NULL, actor_name = '(erased)', hash = data_hash, \
         data = '{\"erasedBy\":\"0198c0de-1234-7abc-8def-0123456789ab\"}' WHERE seq = 2",
        "UPDATE events SET ip = NULL, actor_name = '(erased)', seq = 9, \
         data = '{\"erasedBy\":\"0198c0de-1234-7abc-8def-0123456789ab\"}' WHERE seq = 3",
        "DELETE FROM events WHERE seq = 3",
        "DELETE FROM events",
        copy("INSERT OR REPLACE", 2),
        copy("REPLACE", 3),
        copy("INSERT", 5),
        copy("INSERT", 0),
        copy("INSERT OR IGNORE", 7),
        "INSERT INTO events SELECT 1, id, at, action, actor_kind, actor_id, actor_name, ticket_id, requester_id, \
         audience, ip, request_id, data, data_hash, prev_hash, hash FROM events WHERE seq = 2 \
         ON CONFLICT (seq) DO UPDATE SET data = '{}'",
    ] {
        let refused = bench.store.write(&a, Execute(sql, vec![])).await;
        assert!(
            matches!(&refused, Err(Error::Internal(why)) if why.contains("the ledger")),
            "{sql}: {refused:?}"
        );
    }
    assert_eq!(bench.verified(&a).await, 3);
}

#[tokio::test]
async fn the_chain_holds_after_many_concurrent_commands_with_failures_between() {
    let bench = Bench::new().await;
    let tenants = [bench.tenant("a").await, bench.tenant("b").await, bench.tenant("c").await];
    // What dangles takes its whole batch along, perhaps every batch of a tenant: one each is kept in any case.
    for tenant in &tenants {
        bench.store.write(tenant, add("before")).await.unwrap();
    }
    let mut tasks = JoinSet::new();
    for caller in 0..16 {
        let (store, tenants) = (bench.store.clone(), tenants.clone());
        tasks.spawn(async move {
            let mut kept = [0; 3];
            for n in 0..30 {
                let which = (caller + n) % 3;
                let tenant = &tenants[which];
                let answer = match (caller * 7 + n) % 11 {
                    0 => store.write(tenant, AddThen("x", End::Refuse)).await,
                    1 => store.write(tenant, AddThen("x", End::Panic)).await,
                    2 => store.write(tenant, AddThen("x", End::Unheard)).await,
                    3 => store.write(tenant, AddThen("x", End::Rollback)).await,
                    4 => store.write(tenant, AddThen("x", End::Dangle)).await,
                    _ => store.write(tenant, add(format!("{caller}-{n}"))).await,
                };
                kept[which] += i64::from(answer.is_ok());
            }
            kept
        });
    }
    let mut kept = [1; 3];
    while let Some(of_task) = tasks.join_next().await {
        let of_task = of_task.unwrap();
        for which in 0..3 {
            kept[which] += of_task[which];
        }
    }
    for (tenant, kept) in tenants.iter().zip(kept) {
        assert_eq!(bench.verified(tenant).await, kept);
        assert_eq!(bench.names(tenant).await.len() as i64, kept);
    }
    let bench = bench.reopen(|_| {}).await;
    for (tenant, kept) in tenants.iter().zip(kept) {
        bench.store.write(tenant, add("after")).await.unwrap();
        assert_eq!(bench.verified(tenant).await, kept + 1);
    }
}
