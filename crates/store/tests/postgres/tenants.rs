//! What one node changes of the tenants the others read, and no more than that.

use std::time::{Duration, Instant};

use flowbit_domain::{control::TenantState, id::TenantId};
use flowbit_store::{NewTenant, Store};

use crate::support::{APP, database, open_at};

fn new(slug: &str) -> NewTenant {
    NewTenant { slug: slug.into(), name: slug.into(), locale: "en".into(), accent_color: "#1f6feb".into() }
}

/// How many tenants a node reads until `is_so`.
async fn read_until(store: &Store, is_so: impl AsyncFn() -> bool) -> u64 {
    let (before, begun) = (store.stats().tenants_read, Instant::now());
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is not taken in");
        tokio::task::yield_now().await;
    }
    store.stats().tenants_read - before
}

/// Whether a node knows a tenant as it is, without being asked for one that it does not know.
async fn is_known(store: &Store, id: TenantId, state: Option<TenantState>) -> bool {
    let known = store.control().tenants().await.unwrap();
    known.iter().find(|tenant| tenant.id == id).map(|tenant| tenant.state) == state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_reads_what_another_has_changed_and_all_only_if_it_must() {
    let database = database().await;
    let a = open_at(&database.address(APP), |_| {}).await.unwrap();
    for n in 0..50 {
        a.control().create_tenant(new(&format!("company-{n}"))).await.unwrap();
    }
    let b = open_at(&database.address(APP), |_| {}).await.unwrap();
    assert_eq!(b.stats().tenants_read, 50, "all at the start");
    let id = b.control().tenant_by_slug("company-7").await.unwrap().unwrap().id;

    a.control().set_tenant_state(id, TenantState::Suspended).await.unwrap();
    let read = read_until(&b, async || is_known(&b, id, Some(TenantState::Suspended)).await).await;
    assert_eq!(read, 1, "suspended");
    a.control().set_tenant_state(id, TenantState::Active).await.unwrap();
    let read = read_until(&b, async || is_known(&b, id, Some(TenantState::Active)).await).await;
    assert_eq!(read, 1, "resumed");
    let made = a.control().create_tenant(new("another")).await.unwrap().id;
    let read = read_until(&b, async || is_known(&b, made, Some(TenantState::Active)).await).await;
    assert_eq!(read, 1, "made");
    a.control().erase_tenant(id, "{}").await.unwrap();
    let read = read_until(&b, async || is_known(&b, id, None).await).await;
    assert!(read <= 2, "it is being erased, then it is: {read}");
    assert_eq!(b.control().tenants().await.unwrap().len(), 50);
    assert!(b.control().tenant_by_slug("company-7").await.unwrap().is_none());

    // A node of the release before says that something was changed, and not what.
    let admin = database.connect("postgres").await.unwrap();
    let elsewhere = "UPDATE flowbit_control.tenants SET state = 'suspended' WHERE slug = 'company-9';
        UPDATE flowbit_control.revision SET number = number + 1";
    let id = b.control().tenant_by_slug("company-9").await.unwrap().unwrap().id;
    admin.batch_execute(elsewhere).await.unwrap();
    let read = read_until(&b, async || is_known(&b, id, Some(TenantState::Suspended)).await).await;
    assert!(read >= 50, "all: {read}");
    // And after that, what was changed alone.
    let before = b.stats().tenants_read;
    a.control().set_tenant_state(id, TenantState::Active).await.unwrap();
    read_until(&b, async || is_known(&b, id, Some(TenantState::Active)).await).await;
    assert_eq!(b.stats().tenants_read - before, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_not_kept_for_ever_and_who_has_missed_some_reads_all() {
    let database = database().await;
    let a = open_at(&database.address(APP), |_| {}).await.unwrap();
    let id = a.control().create_tenant(new("alpha")).await.unwrap().id;
    let admin = database.connect("postgres").await.unwrap();
    admin.batch_execute(
        "INSERT INTO flowbit_control.changes SELECT n, gen_random_uuid() FROM generate_series(2, 1500) AS n;
         UPDATE flowbit_control.revision SET number = 1500; UPDATE flowbit_control.tenants SET state = 'suspended'",
    ).await.unwrap();
    read_until(&a, async || is_known(&a, id, Some(TenantState::Suspended)).await).await;
    a.control().set_tenant_state(id, TenantState::Active).await.unwrap();
    let kept =
        admin.query_one("SELECT count(*), min(number) FROM flowbit_control.changes", &[]).await.unwrap();
    assert_eq!((kept.get::<_, i64>(0), kept.get::<_, i64>(1)), (1_000, 502));
}
