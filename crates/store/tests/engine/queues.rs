//! Who waits for whom: turns round the tenants, bounded queues, callers that have gone.

use flowbit_domain::Error;

use crate::support::{Bench, Count, Hold, add, begin, hold};

#[tokio::test]
async fn a_flood_delays_others_by_one_batch() {
    let bench = Bench::with(|o| (o.writers, o.batch_max) = (1, 4)).await;
    let (a, b, c) = (bench.tenant("a").await, bench.tenant("b").await, bench.tenant("c").await);
    let (command, begun, release) = hold();
    let held = begin(bench.store.write::<Hold>(&a, command));
    begun.await.unwrap();
    let mut calls: Vec<_> = (0..20).map(|n| begin(bench.store.write(&a, add(format!("{n}"))))).collect();
    calls.push(begin(bench.store.write(&b, add("1"))));
    calls.push(begin(bench.store.write(&c, add("1"))));
    drop(release);
    held.await.unwrap();
    for call in calls {
        call.await.unwrap();
    }
    let heard = bench.heard.0.lock().unwrap().clone();
    let sizes: Vec<_> = heard.iter().map(|(_, _, events)| *events).collect();
    let owners: Vec<_> = heard.iter().map(|(tenant, _, _)| *tenant).collect();
    let (ta, tb, tc) = (a.tenant(), b.tenant(), c.tenant());
    // The held batch takes three of the flood; then the round goes on.
    assert_eq!(owners, [ta, ta, tb, tc, ta, ta, ta, ta]);
    assert_eq!(sizes, [3, 4, 1, 1, 4, 4, 4, 1]);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_only_its_own_tenant() {
    let bench = Bench::with(|o| (o.writers, o.readers, o.queue_per_tenant) = (1, 1, 3)).await;
    let (a, b) = (bench.tenant("a").await, bench.tenant("b").await);
    let (command, begun, release) = hold();
    let held = begin(bench.store.write::<Hold>(&a, command));
    begun.await.unwrap();
    let mut calls: Vec<_> = (0..3).map(|n| begin(bench.store.write(&a, add(format!("{n}"))))).collect();
    let refused = bench.store.write(&a, add("4")).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    calls.push(begin(bench.store.write(&b, add("1"))));
    let stats = bench.store.stats();
    assert_eq!((stats.refused, stats.commands_waiting), (1, 4));
    drop(release);
    held.await.unwrap();
    for call in calls {
        call.await.unwrap();
    }
    bench.store.write(&a, add("4")).await.unwrap();

    let (query, begun, release) = hold();
    let held = begin(bench.store.read::<Hold>(&a, query));
    begun.await.unwrap();
    let waiting: Vec<_> = (0..3).map(|_| begin(bench.store.read(&a, Count))).collect();
    assert!(matches!(bench.store.read(&a, Count).await, Err(Error::Unavailable(_))));
    let other = begin(bench.store.read(&b, Count));
    drop(release);
    assert_eq!(held.await.unwrap(), (4, 4));
    for call in waiting {
        assert_eq!(call.await.unwrap(), 4);
    }
    assert_eq!(other.await.unwrap(), 1);
}

#[tokio::test]
async fn those_who_wait_read_one_state_and_who_comes_later_reads_what_was_acknowledged_before() {
    let bench = Bench::with(|o| o.readers = 1).await;
    let (a, b) = (bench.tenant("a").await, bench.tenant("b").await);
    let (query, begun, release_other) = hold();
    let other = begin(bench.store.read::<Hold>(&b, query));
    begun.await.unwrap();
    let (query, begun, release) = hold();
    let first = begin(bench.store.read::<Hold>(&a, query));
    let second = begin(bench.store.read(&a, Count));
    drop(release_other);
    begun.await.unwrap();
    bench.store.write(&a, add("1")).await.unwrap();
    let later = begin(bench.store.read(&a, Count));
    drop(release);
    assert_eq!(first.await.unwrap(), (0, 0));
    assert_eq!(second.await.unwrap(), 0);
    assert_eq!(later.await.unwrap(), 1);
    assert_eq!(other.await.unwrap(), (0, 0));
}

#[tokio::test]
async fn a_command_whose_caller_has_gone_is_not_begun() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    let (command, begun, release) = hold();
    let held = begin(bench.store.write::<Hold>(&a, command));
    begun.await.unwrap();
    drop(begin(bench.store.write(&a, add("gone"))));
    let stays = begin(bench.store.write(&a, add("stays")));
    drop(release);
    held.await.unwrap();
    stays.await.unwrap();
    assert_eq!(bench.names(&a).await, ["stays"]);
    assert_eq!(bench.store.stats().commands_abandoned, 1);
}

#[tokio::test]
async fn a_command_that_was_begun_commits_unheard() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    let (command, begun, release) = hold();
    let held = begin(bench.store.write::<Hold>(&a, command));
    begun.await.unwrap();
    drop(held);
    let next = begin(bench.store.write(&a, add("1")));
    drop(release);
    next.await.unwrap();
    assert_eq!(bench.store.stats().commands, 2);
}

#[tokio::test]
async fn closing_finishes_what_waits_and_refuses_what_comes() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    let (command, begun, release) = hold();
    let held = begin(bench.store.write::<Hold>(&a, command));
    begun.await.unwrap();
    let waits = begin(bench.store.write(&a, add("1")));
    let closing = begin(bench.store.close());
    let refused = bench.store.write(&a, add("2")).await;
    assert!(matches!(refused, Err(Error::Unavailable(why)) if why.contains("closed")));
    drop(release);
    closing.await;
    held.await.unwrap();
    waits.await.unwrap();
    assert!(bench.store.check().await.is_err());
    let log = bench.file(&a).with_extension("db-wal");
    assert!(!log.exists(), "the log was written back");
    let bench = Bench::in_folder(bench.folder, |_| {}).await;
    assert_eq!(bench.names(&a).await, ["1"]);
}
