//! Opening: who else is there, what a crash left, which schema the files have.

use std::fs;

use flowbit_domain::Error;
use flowbit_store::{Mode, OpenError, Store};

use crate::support::{Bench, Count, add, ctx, options};

#[tokio::test]
async fn a_second_writer_is_refused_and_told_who_is_there() {
    let bench = Bench::new().await;
    let data = bench.folder.path().join("data");
    let Err(OpenError::InUse { pid, .. }) = Store::open(options(&data)).await else { panic!("it opened") };
    assert_eq!(pid, Some(std::process::id()));
    bench.store.close().await;
    Store::open(options(&data)).await.unwrap().close().await;
}

#[tokio::test]
async fn a_reader_works_beside_a_writer_and_changes_nothing() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    let data = bench.folder.path().join("data");
    let mut reading = options(&data);
    reading.mode = Mode::ReadOnly;
    let reader = Store::open(reading).await.unwrap();
    assert_eq!(reader.control().tenant_by_slug("a").await.unwrap().unwrap().id, a.tenant());
    for n in 1..4 {
        bench.store.write(&a, add(format!("{n}"))).await.unwrap();
        assert_eq!(reader.read(&a, Count).await.unwrap(), n);
        assert_eq!(reader.ledger_seq(&a).await.unwrap(), n);
    }
    let pid = format!("process {}", std::process::id());
    let refused = reader.write(&a, add("no")).await;
    assert!(matches!(&refused, Err(Error::Unavailable(why)) if why.contains(&pid)), "{refused:?}");
    let refused = reader.control().add_email("x@a.example", a.tenant()).await;
    assert!(refused.unwrap_err().to_string().contains(&pid));
    reader.check().await.unwrap();
    reader.export_tenant(&a, &bench.folder.path().join("copy.db")).await.unwrap();
    reader.close().await;
    bench.store.write(&a, add("4")).await.unwrap();
    assert_eq!(bench.verified(&a).await, 4);
}

#[tokio::test]
async fn a_reader_finds_nothing_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut reading = options(&folder.path().join("data"));
    reading.mode = Mode::ReadOnly;
    assert!(matches!(Store::open(reading).await, Err(OpenError::Absent(_))));
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn a_store_that_is_dropped_lets_go() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    bench.store.write(&a, add("1")).await.unwrap();
    let Bench { store, folder, .. } = bench;
    drop(store);
    // Its threads end by themselves; until then the folder is in use.
    let bench = loop {
        match Store::open(options(&folder.path().join("data"))).await {
            Ok(store) => break store,
            Err(OpenError::InUse { .. }) => tokio::task::yield_now().await,
            Err(e) => panic!("{e}"),
        }
    };
    assert_eq!(bench.read(&a, Count).await.unwrap(), 1);
    bench.close().await;
}

#[tokio::test]
async fn what_a_crash_left_half_done_is_finished() {
    let bench = Bench::new().await;
    let (kept, creating, erasing) =
        (bench.tenant("kept").await, bench.tenant("creating").await, bench.tenant("erasing").await);
    let control = bench.store.control();
    for tenant in [&kept, &erasing] {
        control.add_email("x@a.example", tenant.tenant()).await.unwrap();
    }
    bench.store.write(&kept, add("1")).await.unwrap();
    bench.store.close().await;
    let data = bench.folder.path().join("data");
    let file = rusqlite::Connection::open(data.join("control.db")).unwrap();
    for state in ["creating", "erasing"] {
        file.execute("UPDATE tenants SET state = ?1 WHERE slug = ?1", [state]).unwrap();
    }
    drop(file);
    // The one was not yet renamed into place, the other already removed but for its log.
    let unfinished = data.join(format!("tenants/{}.unfinished", creating.tenant()));
    fs::rename(bench.file(&creating), &unfinished).unwrap();
    fs::rename(bench.file(&erasing), bench.file(&erasing).with_extension("db-wal")).unwrap();

    let bench = Bench::in_folder(bench.folder, |_| {}).await;
    let control = bench.store.control();
    let slugs: Vec<_> = control.tenants().await.unwrap().iter().map(|t| t.slug.clone()).collect();
    assert_eq!(slugs, ["kept"]);
    assert_eq!(control.tenants_of_email("x@a.example").await.unwrap(), [kept.tenant()]);
    assert!(!unfinished.exists());
    assert!(!bench.file(&erasing).with_extension("db-wal").exists());
    assert_eq!(bench.store.read(&kept, Count).await.unwrap(), 1);
    let again = bench.tenant("creating").await;
    assert_ne!(again, creating);
    assert!(matches!(bench.store.read(&ctx(erasing.tenant()), Count).await, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn files_of_a_newer_program_are_refused() {
    let bench = Bench::new().await;
    let (a, b) = (bench.tenant("a").await, bench.tenant("b").await);
    bench.store.close().await;
    let newer = "INSERT INTO migrations SELECT max(number) + 1, 'next', x'00', 0 FROM migrations";
    rusqlite::Connection::open(bench.file(&a)).unwrap().execute_batch(newer).unwrap();
    let bench = Bench::in_folder(bench.folder, |_| {}).await;
    let refused = bench.store.read(&a, Count).await;
    assert!(matches!(&refused, Err(Error::Unavailable(why)) if why.contains("newer")), "{refused:?}");
    assert_eq!(bench.store.read(&b, Count).await.unwrap(), 0);
    bench.store.close().await;

    let data = bench.folder.path().join("data");
    rusqlite::Connection::open(data.join("control.db")).unwrap().execute_batch(newer).unwrap();
    let refused = Store::open(options(&data)).await;
    assert!(matches!(&refused, Err(OpenError::Schema(why)) if why.contains("newer")), "{refused:?}");
}

#[tokio::test]
async fn settings_that_cannot_be_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (key, change) in [
        ("writers", (|o| o.writers = 17) as fn(&mut flowbit_store::StoreOptions)),
        ("readers", |o| o.readers = 0),
        ("connections", |o| o.connections = 5),
        ("batch_max", |o| o.batch_max = 0),
    ] {
        let mut options = options(folder.path());
        change(&mut options);
        let refused = Store::open(options).await;
        assert!(matches!(&refused, Err(OpenError::Setting { key: k, .. }) if *k == key), "{refused:?}");
    }
}
