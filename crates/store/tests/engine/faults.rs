//! What is wrong with one tenant's file costs that tenant alone; what was acknowledged stays.

use std::fs;

use flowbit_domain::{Error, TenantCtx};

use crate::support::{Bench, Count, add};

async fn with_neighbour() -> (Bench, TenantCtx, TenantCtx) {
    let bench = Bench::with(|o| o.writers = 1).await;
    let (a, b) = (bench.tenant("a").await, bench.tenant("b").await);
    for tenant in [&a, &b] {
        for n in 0..200 {
            bench.store.write(tenant, add(format!("{n}"))).await.unwrap();
        }
    }
    bench.store.close().await;
    (bench, a, b)
}

async fn only_a_is_unavailable(bench: Bench, a: &TenantCtx, b: &TenantCtx, says: &str) -> Bench {
    let bench = Bench::in_folder(bench.folder, |o| o.writers = 1).await;
    for _ in 0..2 {
        let read = bench.store.read(a, Count).await;
        assert!(matches!(&read, Err(Error::Unavailable(why)) if why.contains(says)), "{read:?}");
        let written = bench.store.write(a, add("new")).await;
        assert!(matches!(&written, Err(Error::Unavailable(why)) if why.contains(says)), "{written:?}");
        bench.store.write(b, add(uuid::Uuid::from_u128(bench.store.stats().commits.into()))).await.unwrap();
    }
    assert_eq!(bench.store.read(b, Count).await.unwrap(), 202);
    bench.store.check().await.unwrap();
    bench
}

#[tokio::test]
async fn a_file_that_is_garbage() {
    let (bench, a, b) = with_neighbour().await;
    fs::write(bench.file(&a), vec![7; 100_000]).unwrap();
    only_a_is_unavailable(bench, &a, &b, "damaged").await;
}

#[tokio::test]
async fn a_file_that_was_emptied_is_not_made_anew() {
    let (bench, a, b) = with_neighbour().await;
    fs::write(bench.file(&a), []).unwrap();
    let bench = only_a_is_unavailable(bench, &a, &b, "emptied").await;
    assert_eq!(bench.file(&a).metadata().unwrap().len(), 0);
}

#[tokio::test]
async fn a_file_that_is_missing_is_not_made_anew() {
    let (bench, a, b) = with_neighbour().await;
    fs::remove_file(bench.file(&a)).unwrap();
    let bench = only_a_is_unavailable(bench, &a, &b, "missing").await;
    assert!(!bench.file(&a).exists());
}

#[tokio::test]
async fn a_file_that_was_cut_off() {
    let (bench, a, b) = with_neighbour().await;
    let file = fs::OpenOptions::new().write(true).open(bench.file(&a)).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    only_a_is_unavailable(bench, &a, &b, "damaged").await;
}

#[tokio::test]
async fn a_ledger_whose_end_was_cut_off() {
    let (bench, a, b) = with_neighbour().await;
    let file = rusqlite::Connection::open(bench.file(&a)).unwrap();
    file.execute_batch("DROP TRIGGER events_no_delete; DELETE FROM events WHERE seq > 190").unwrap();
    drop(file);
    let bench = Bench::in_folder(bench.folder, |_| {}).await;
    let refused = bench.store.write(&a, add("new")).await;
    assert!(
        matches!(&refused, Err(Error::Unavailable(why)) if why.contains("ledger ends at 190")),
        "{refused:?}"
    );
    bench.store.write(&b, add("new")).await.unwrap();
}

#[tokio::test]
async fn a_file_damaged_while_it_is_open() {
    let (bench, a, b) = with_neighbour().await;
    let bench = Bench::in_folder(bench.folder, |_| {}).await;
    bench.store.write(&b, add("one")).await.unwrap();
    bench.store.read(&b, Count).await.unwrap();
    fs::write(bench.file(&a), vec![7; 4096]).unwrap();
    assert!(matches!(bench.store.read(&a, Count).await, Err(Error::Unavailable(_))));
    fs::OpenOptions::new().write(true).open(bench.file(&b)).unwrap().set_len(4096).unwrap();
    // Whatever it answers, it answers, and the store lives on.
    let _ = bench.store.write(&b, add("two")).await;
    let _ = bench.store.read(&b, Count).await;
    let c = bench.tenant("c").await;
    bench.store.write(&c, add("one")).await.unwrap();
    bench.store.check().await.unwrap();
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let bench = Bench::with(|o| (o.writers, o.file_pages) = (1, Some(120))).await;
    let (a, b) = (bench.tenant("a").await, bench.tenant("b").await);
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for n in 0..400 {
        let email = format!("{n:03}{}", "x".repeat(900));
        match bench.store.write(&a, add(email.clone())).await {
            Ok(_) => acknowledged.push(email),
            Err(Error::Unavailable(why)) => {
                assert!(why.contains("full"), "{why}");
                refused += 1;
            }
            Err(e) => panic!("{e}"),
        }
    }
    assert!(acknowledged.len() > 20 && refused > 20, "{} {refused}", acknowledged.len());
    bench.store.write(&b, add("unharmed")).await.unwrap();
    assert_eq!(bench.names(&a).await, acknowledged);
    assert_eq!(bench.verified(&a).await, acknowledged.len() as i64);
    // Room again.
    let bench = bench.reopen(|_| {}).await;
    assert_eq!(bench.names(&a).await, acknowledged);
    bench.store.write(&a, add("room")).await.unwrap();
    assert_eq!(bench.verified(&a).await, acknowledged.len() as i64 + 1);
}
