//! Group commit: what shares a commit, and what one command's failure does to the others.

use flowbit_domain::Error;

use crate::support::{AddThen, Bench, Count, End, Hold, add, begin, hold};

/// Holds the writer, lets `queue` put calls behind it, which makes one batch of them, and lets it go.
async fn behind_a_hold<T>(bench: &Bench, tenant: &flowbit_domain::TenantCtx, queue: impl FnOnce() -> T) -> T {
    let (command, begun, release) = hold();
    let held = begin(bench.store.write::<Hold>(tenant, command));
    begun.await.unwrap();
    let calls = queue();
    drop(release);
    // It is in the batch as well, and shares its fate.
    let _ = held.await;
    calls
}

#[tokio::test]
async fn what_waits_shares_a_commit() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    let calls = behind_a_hold(&bench, &a, || {
        (0..50).map(|n| begin(bench.store.write(&a, add(format!("{n:02}"))))).collect::<Vec<_>>()
    })
    .await;
    let mut ids = Vec::new();
    for call in calls {
        ids.push(call.await.unwrap());
    }
    assert!(ids.is_sorted(), "ids of one tenant go up");
    let stats = bench.store.stats();
    assert_eq!((stats.commits, stats.commands, stats.largest_batch), (1, 51, 51));
    assert_eq!(*bench.heard.0.lock().unwrap(), [(a.tenant(), 50, 50)]);
    assert_eq!(bench.names(&a).await.len(), 50);
    assert_eq!(bench.verified(&a).await, 50);
}

#[tokio::test]
async fn one_commit_per_write_when_asked_for() {
    let bench = Bench::with(|o| o.batch_max = 1).await;
    let a = bench.tenant("a").await;
    let calls = behind_a_hold(&bench, &a, || {
        (0..5).map(|n| begin(bench.store.write(&a, add(format!("{n}"))))).collect::<Vec<_>>()
    })
    .await;
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(bench.store.stats().commits, 5);
    assert_eq!(bench.verified(&a).await, 5);
}

#[tokio::test]
async fn a_command_that_fails_leaves_no_trace_and_costs_the_others_nothing() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    let write = |email, end| begin(bench.store.write(&a, AddThen(email, end)));
    let (first, refused, panicked, unheard, last) = behind_a_hold(&bench, &a, || {
        (
            begin(bench.store.write(&a, add("first"))),
            write("refused", End::Refuse),
            write("panicked", End::Panic),
            write("unheard", End::Unheard),
            begin(bench.store.write(&a, add("last"))),
        )
    })
    .await;
    first.await.unwrap();
    assert!(matches!(refused.await, Err(Error::Conflict { code: "refused", .. })));
    assert!(matches!(panicked.await, Err(Error::Internal(why)) if why.contains("meant to")));
    assert!(matches!(unheard.await, Err(Error::Internal(why)) if why.contains("UNIQUE")));
    last.await.unwrap();
    assert_eq!(bench.names(&a).await, ["first", "last"]);
    assert_eq!(bench.verified(&a).await, 2);
    let stats = bench.store.stats();
    assert_eq!((stats.commits, stats.batches_lost), (1, 0));
}

#[tokio::test]
async fn the_first_of_a_batch_fails_alone_too() {
    let bench = Bench::with(|o| o.writers = 1).await;
    let (a, b) = (bench.tenant("a").await, bench.tenant("b").await);
    let write = |email, end| begin(bench.store.write(&a, AddThen(email, end)));
    // Held by another tenant, so that the batch begins with those that fail.
    let (refused, panicked, kept, unheard, last) = behind_a_hold(&bench, &b, || {
        (
            write("refused", End::Refuse),
            write("panicked", End::Panic),
            begin(bench.store.write(&a, add("kept"))),
            write("unheard", End::Unheard),
            begin(bench.store.write(&a, add("last"))),
        )
    })
    .await;
    assert!(matches!(refused.await, Err(Error::Conflict { code: "refused", .. })));
    assert!(matches!(panicked.await, Err(Error::Internal(why)) if why.contains("meant to")));
    assert!(matches!(unheard.await, Err(Error::Internal(why)) if why.contains("UNIQUE")));
    kept.await.unwrap();
    last.await.unwrap();
    assert_eq!(bench.names(&a).await, ["kept", "last"]);
    assert_eq!(bench.verified(&a).await, 2);
    // A batch of nothing but failures commits nothing and leaves the file as it was.
    for end in [End::Refuse, End::Panic] {
        bench.store.write(&a, AddThen("alone", end)).await.unwrap_err();
    }
    assert_eq!(bench.verified(&a).await, 2);
    let stats = bench.store.stats();
    assert_eq!((stats.commits, stats.batches_lost), (1, 0));
}

#[tokio::test]
async fn a_command_that_drops_the_transaction_fails_every_caller_of_the_batch() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    bench.store.write(&a, add("kept")).await.unwrap();
    let (before, culprit, after) = behind_a_hold(&bench, &a, || {
        (
            begin(bench.store.write(&a, add("before"))),
            begin(bench.store.write(&a, AddThen("culprit", End::Rollback))),
            begin(bench.store.write(&a, add("after"))),
        )
    })
    .await;
    assert!(matches!(before.await, Err(Error::Unavailable(_))));
    assert!(matches!(culprit.await, Err(Error::Internal(why)) if why.contains("UNIQUE")));
    after.await.unwrap();
    assert_eq!(bench.names(&a).await, ["after", "kept"]);
    assert_eq!(bench.verified(&a).await, 2);
    assert_eq!(bench.store.stats().batches_lost, 1);
}

#[tokio::test]
async fn a_commit_that_fails_fails_every_caller_and_leaves_the_state_as_before() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    bench.store.write(&a, add("kept")).await.unwrap();
    let heard = bench.heard.0.lock().unwrap().len();
    let (before, culprit) = behind_a_hold(&bench, &a, || {
        (
            begin(bench.store.write(&a, add("before"))),
            begin(bench.store.write(&a, AddThen("culprit", End::Dangle))),
        )
    })
    .await;
    for answer in [before.await, culprit.await] {
        assert!(matches!(answer, Err(Error::Unavailable(why)) if why.contains("nothing was changed")));
    }
    assert_eq!(bench.heard.0.lock().unwrap().len(), heard, "the listener hears of commits only");
    assert_eq!(bench.names(&a).await, ["kept"]);
    assert_eq!(bench.verified(&a).await, 1);
    bench.store.write(&a, add("later")).await.unwrap();
    assert_eq!(bench.verified(&a).await, 2);
}

#[tokio::test]
async fn a_reader_sees_what_was_answered_and_one_state_throughout() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    bench.store.write(&a, add("1")).await.unwrap();
    assert_eq!(bench.store.read(&a, Count).await.unwrap(), 1);
    let (query, begun, release) = hold();
    let reading = begin(bench.store.read(&a, query));
    begun.await.unwrap();
    bench.store.write(&a, add("2")).await.unwrap();
    assert_eq!(bench.store.read(&a, Count).await.unwrap(), 2);
    drop(release);
    assert_eq!(reading.await.unwrap(), (1, 1));
}

#[tokio::test]
async fn the_listener_and_the_memory_know_before_the_caller() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    assert_eq!(bench.store.ledger_seq(&a).await.unwrap(), 0);
    for seq in 1..=20 {
        bench.store.write(&a, add(format!("{seq}"))).await.unwrap();
        assert_eq!(bench.heard.0.lock().unwrap().last(), Some(&(a.tenant(), seq, 1)));
        assert_eq!(bench.store.ledger_seq(&a).await.unwrap(), seq);
    }
}
