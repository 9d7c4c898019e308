//! Control: tenants, the directories, keys.

use flowbit_domain::{
    Timestamp,
    control::{SecretOwner, SigningKey, TenantState},
    id::EndpointId,
};
use flowbit_store::{ControlError, NewTenant};
use uuid::Uuid;

use crate::support::{Bench, Count, Hold, add, begin, hold, new_tenant};

#[tokio::test]
async fn tenants_are_known_by_id_slug_and_page_also_after_a_restart() {
    let bench = Bench::new().await;
    for slug in ["c", "a", "b"] {
        bench.tenant(slug).await;
    }
    let taken = bench.store.control().create_tenant(new_tenant("b")).await;
    assert!(matches!(taken, Err(ControlError::SlugTaken(slug)) if slug == "b"));
    let b = bench.store.control().tenant_by_slug("b").await.unwrap().unwrap();
    bench.store.control().set_tenant_state(b.id, TenantState::Suspended).await.unwrap();
    let bench = bench.reopen(|_| {}).await;
    let control = bench.store.control();
    let now = control.tenant(b.id).await.unwrap().unwrap();
    assert_eq!((now.state, now.created_at), (TenantState::Suspended, b.created_at));
    let slugs = |page: Vec<std::sync::Arc<flowbit_domain::control::Tenant>>| -> String {
        page.iter().map(|t| t.slug.as_str()).collect()
    };
    assert_eq!(slugs(control.tenants().await.unwrap()), "abc");
    assert_eq!(slugs(control.tenants_page(None, 2).await.unwrap()), "ab");
    assert_eq!(slugs(control.tenants_page(Some("b"), 2).await.unwrap()), "c");
    assert!(control.tenant_by_slug("d").await.unwrap().is_none());
}

#[tokio::test]
async fn a_tenant_that_cannot_be_is_refused_with_why() {
    let bench = Bench::new().await;
    let good = new_tenant("good");
    for (field, bad) in [
        ("slug", NewTenant { slug: "Über".into(), ..good.clone() }),
        ("slug", NewTenant { slug: "-a".into(), ..good.clone() }),
        ("slug", NewTenant { slug: "../a".into(), ..good.clone() }),
        ("slug", NewTenant { slug: String::new(), ..good.clone() }),
        ("name", NewTenant { name: " ".into(), ..good.clone() }),
        ("locale", NewTenant { locale: "fr".into(), ..good.clone() }),
        ("accentColor", NewTenant { accent_color: "red".into(), ..good.clone() }),
    ] {
        let refused = bench.store.control().create_tenant(bad).await;
        assert!(
            matches!(&refused, Err(ControlError::Invalid { field: f, .. }) if *f == field),
            "{refused:?}"
        );
    }
    assert!(bench.store.control().tenants().await.unwrap().is_empty());
}

#[tokio::test]
async fn erasing_waits_for_what_is_under_way_and_leaves_nothing() {
    let bench = Bench::with(|o| o.writers = 1).await;
    let (a, b) = (bench.tenant("a").await, bench.tenant("b").await);
    let control = bench.store.control();
    let owner = SecretOwner { tenant: a.tenant(), endpoint: EndpointId(Uuid::from_u128(1)) };
    control.add_email("x@a.example", a.tenant()).await.unwrap();
    control.add_secret([7; 32], owner).await.unwrap();
    bench.store.write(&a, add("1")).await.unwrap();
    bench.store.read(&a, Count).await.unwrap();
    let (command, begun, release) = hold();
    let held = begin(bench.store.write::<Hold>(&a, command));
    begun.await.unwrap();
    let waiting = begin(bench.store.write(&a, add("2")));
    let erasing = begin(control.erase_tenant(a.tenant(), "{}"));
    drop(release);
    held.await.unwrap();
    erasing.await.unwrap();
    // In the batch that was under way, or too late.
    let _ = waiting.await;
    assert!(bench.store.write(&a, add("3")).await.is_err());
    assert!(bench.store.read(&a, Count).await.is_err());
    assert!(control.tenant(a.tenant()).await.unwrap().is_none());
    assert!(control.tenants_of_email("x@a.example").await.unwrap().is_empty());
    assert!(control.find_secret([7; 32]).await.unwrap().is_none());
    assert!(matches!(control.erase_tenant(a.tenant(), "{}").await, Err(ControlError::UnknownTenant)));
    let left: Vec<_> = std::fs::read_dir(bench.folder.path().join("data/tenants"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(&a.tenant().to_string()))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    bench.store.write(&b, add("1")).await.unwrap();
    bench.tenant("a").await;
}

#[tokio::test]
async fn directories_and_keys() {
    let bench = Bench::new().await;
    let (a, b) = (bench.tenant("a").await, bench.tenant("b").await);
    let control = bench.store.control();
    for _ in 0..2 {
        control.add_email("x@x.example", a.tenant()).await.unwrap();
        control.add_email("x@x.example", b.tenant()).await.unwrap();
    }
    assert_eq!(control.tenants_of_email("x@x.example").await.unwrap().len(), 2);
    control.remove_email("x@x.example", a.tenant()).await.unwrap();
    assert_eq!(control.tenants_of_email("x@x.example").await.unwrap(), [b.tenant()]);

    let owner = |n| SecretOwner { tenant: a.tenant(), endpoint: EndpointId(Uuid::from_u128(n)) };
    for (secret, n) in [([1; 32], 1), ([2; 32], 1), ([3; 32], 2)] {
        control.add_secret(secret, owner(n)).await.unwrap();
    }
    assert_eq!(control.find_secret([2; 32]).await.unwrap(), Some(owner(1)));
    control.remove_secrets(owner(1).endpoint).await.unwrap();
    assert_eq!(control.find_secret([2; 32]).await.unwrap(), None);
    assert_eq!(control.find_secret([3; 32]).await.unwrap(), Some(owner(2)));

    // Not when there is one that is young enough.
    for (at, since, added) in [(1, 9, true), (3, 9, true), (2, 9, true), (4, 3, false), (5, 4, true)] {
        let kid = format!("k{at}");
        let key = SigningKey { kid, pkcs8: vec![1; 80], public: vec![2; 32], created_at: Timestamp(at) };
        assert_eq!(control.add_signing_key(key, Timestamp(since)).await.unwrap(), added, "{at}");
    }
    let kids: Vec<_> = control.signing_keys().await.unwrap().into_iter().map(|k| k.kid).collect();
    assert_eq!(kids, ["k5", "k3", "k2", "k1"]);
}
