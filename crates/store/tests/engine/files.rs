//! Open files: bounded however many tenants there are, and apart from each other.

use std::{os::unix::fs::PermissionsExt, sync::Arc};

use flowbit_domain::{StoreError, event::ChainVerifier};
use tokio::task::JoinSet;

use crate::support::{Bench, Count, Ledger, add};

#[tokio::test]
async fn each_tenant_has_its_own_file_that_only_its_owner_reads() {
    let bench = Bench::new().await;
    let (a, b) = (bench.tenant("a").await, bench.tenant("b").await);
    bench.store.write(&a, add("only")).await.unwrap();
    assert_eq!(bench.names(&a).await, ["only"]);
    assert!(bench.names(&b).await.is_empty());
    let data = bench.folder.path().join("data");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("tenants"))), (0o700, 0o700));
    let mut files = 0;
    for folder in [data.clone(), data.join("tenants")] {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files >= 6, "the lock, control and the tenants with their logs: {files}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn more_tenants_than_connections() {
    let bench = Bench::with(|o| o.connections = 8).await;
    let mut tenants = Vec::new();
    for n in 0..50 {
        tenants.push(bench.tenant(&format!("t{n:02}")).await);
    }
    let tenants = Arc::new(tenants);
    let mut tasks = JoinSet::new();
    for caller in 0..12 {
        let (store, tenants) = (bench.store.clone(), Arc::clone(&tenants));
        tasks.spawn(async move {
            for n in 0..50 {
                let tenant = &tenants[(caller * 13 + n * 7) % 50];
                store.write(tenant, add(format!("{caller}-{n}"))).await.unwrap();
                assert!(store.read(tenant, Count).await.unwrap() > 0);
                assert!(store.stats().connections_open <= 8);
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let mut total = 0;
    for tenant in tenants.iter() {
        total += bench.verified(tenant).await;
    }
    assert_eq!(total, 600);
    let stats = bench.store.stats();
    assert!(stats.connections_evicted > 50, "{stats:?}");
    assert_eq!(stats.reprepared, 0);
    bench.store.close().await;
    assert_eq!(bench.store.stats().connections_open, 0);
}

#[tokio::test]
async fn a_scan_asks_every_active_tenant_and_keeps_no_file_open() {
    let bench = Bench::new().await;
    let mut tenants = Vec::new();
    for n in 0..20 {
        let tenant = bench.tenant(&format!("t{n:02}")).await;
        for i in 0..n % 3 {
            bench.store.write(&tenant, add(format!("{i}"))).await.unwrap();
        }
        tenants.push(tenant);
    }
    let suspended = flowbit_domain::control::TenantState::Suspended;
    bench.store.control().set_tenant_state(tenants[4].tenant(), suspended).await.unwrap();
    std::fs::remove_file(bench.file(&tenants[5])).unwrap();
    let bench = bench.reopen(|_| {}).await;
    assert_eq!(bench.store.stats().connections_opened, 0, "no tenant's file is opened at start");
    let answers = bench.store.scan_tenants(|_| Count).await.unwrap();
    assert_eq!(answers.len(), 19);
    for (tenant, answer) in answers {
        let n: i64 = tenant.slug[1..].parse().unwrap();
        match answer {
            Ok(count) => assert_eq!(count, n % 3),
            Err(e) => assert_eq!(n, 5, "{e}"),
        }
    }
    let failed = bench.store.migrate_tenants().await.unwrap();
    assert_eq!(failed.iter().map(|(t, _)| t.slug.as_str()).collect::<Vec<_>>(), ["t05"]);
    bench.store.close().await;
    assert_eq!(bench.store.stats().connections_evicted, 0);
}

#[tokio::test]
async fn a_long_log_is_copied_back_and_begins_anew() {
    let bench = Bench::with(|o| o.writers = 1).await;
    let a = bench.tenant("a").await;
    let log = bench.file(&a).with_extension("db-wal");
    // 80 MB in all, of which the log may hold 32 before its writer copies it back.
    for n in 0..200 {
        bench.store.write(&a, add(format!("{n}{}", "x".repeat(200_000)))).await.unwrap();
    }
    assert_eq!(bench.store.read(&a, Count).await.unwrap(), 200);
    assert!(bench.store.stats().checkpoints > 0);
    let (log_size, size) = (log.metadata().unwrap().len(), bench.file(&a).metadata().unwrap().len());
    assert!(log_size < 40 << 20 && size > 40 << 20, "{log_size} {size}");
    bench.store.close().await;
    assert!(!log.exists());
}

#[tokio::test]
async fn closing_leaves_whole_files_and_no_logs() {
    let bench = Bench::new().await;
    for n in 0..60 {
        let tenant = bench.tenant(&format!("t{n:02}")).await;
        bench.store.write(&tenant, add("last".to_owned())).await.unwrap();
        // A second connection to the file, closed in the same moment as the first.
        assert_eq!(bench.store.read(&tenant, Count).await.unwrap(), 1);
    }
    bench.store.close().await;
    assert_eq!(bench.store.stats().connections_open, 0);
    let folder = bench.folder.path().join("data/tenants").read_dir().unwrap();
    let mut names: Vec<_> = folder.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with(".db"));
    assert_eq!(names, Vec::<String>::new());
}

#[tokio::test]
async fn an_export_is_a_whole_tenant_in_one_private_file() -> Result<(), StoreError> {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    for n in 0..10 {
        bench.store.write(&a, add(format!("{n}"))).await.unwrap();
    }
    let copy = bench.folder.path().join("copy.db");
    bench.store.export_tenant(&a, &copy).await.unwrap();
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(bench.store.export_tenant(&a, &copy).await.is_err(), "it overwrites nothing");
    // Put in the tenant's place, it is the tenant.
    let events = bench.store.read(&a, Ledger).await.unwrap();
    bench.store.close().await;
    std::fs::rename(&copy, bench.file(&a)).unwrap();
    let bench = Bench::in_folder(bench.folder, |_| {}).await;
    assert_eq!(bench.store.read(&a, Ledger).await.unwrap(), events);
    let mut verifier = ChainVerifier::default();
    events.iter().for_each(|e| verifier.check(e).unwrap());
    bench.store.write(&a, add("more")).await.unwrap();
    assert_eq!(bench.verified(&a).await, 11);
    Ok(())
}
