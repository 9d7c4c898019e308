//! What is counted and made in the database for all nodes: attempts, and signing keys.

use flowbit_domain::{Timestamp, control::SigningKey};
use flowbit_store::Attempt;
use tokio::task::JoinSet;

use crate::support::{APP, database, open_at};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn attempt(key: u8) -> Attempt {
    Attempt { key: [key; 32], burst: 3, every_ms: 1_000 }
}

#[tokio::test]
async fn a_burst_then_one_at_a_time() {
    let database = database().await;
    let stores = [
        open_at(&database.address(APP), |_| {}).await.unwrap(),
        open_at(&database.address(APP), |_| {}).await.unwrap(),
    ];
    let take =
        async |node: usize, key, now| stores[node].control().take_attempt(&attempt(key), now).await.unwrap();
    for n in 0..3 {
        assert_eq!(take(n % 2, 1, NOW).await, Ok(()));
    }
    assert_eq!(take(1, 1, NOW).await, Err(1_000));
    assert_eq!(take(0, 1, NOW.plus_ms(400)).await, Err(600));
    assert_eq!(take(0, 2, NOW).await, Ok(()), "another key has its own");
    assert_eq!(take(0, 1, NOW.plus_ms(1_000)).await, Ok(()));
    assert_eq!(take(1, 1, NOW.plus_ms(1_500)).await, Err(500));
    stores[0].control().give_back(&[attempt(1), attempt(2)]).await.unwrap();
    assert_eq!(take(1, 1, NOW.plus_ms(1_500)).await, Ok(()));
    assert_eq!(take(0, 1, NOW.plus_ms(1_500)).await, Err(500));
    // A clock that is behind gives nobody more, and after a long time there is no more than a burst.
    assert!(take(0, 1, NOW).await.is_err());
    let later = NOW.plus_ms(3_600_000);
    for _ in 0..3 {
        assert_eq!(take(0, 1, later).await, Ok(()));
    }
    assert_eq!(take(0, 1, later).await, Err(1_000));
    // Forgetting changes nothing but the room that they take.
    stores[1].control().forget_attempts(later).await.unwrap();
    let admin = database.connect("postgres").await.unwrap();
    let left = "SELECT count(*) FROM flowbit_control.attempts";
    assert_eq!(admin.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 1);
    assert_eq!(take(0, 1, later).await, Err(1_000));
    assert_eq!(take(0, 2, later).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_are_counted_all() {
    let database = database().await;
    let store = open_at(&database.address(APP), |_| {}).await.unwrap();
    let mut taking = JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        taking.spawn(async move { store.control().take_attempt(&attempt(7), NOW).await.unwrap().is_ok() });
    }
    let taken = taking.join_all().await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_nodes_one_makes_the_key() {
    let database = database().await;
    let store = open_at(&database.address(APP), |_| {}).await.unwrap();
    let mut making = JoinSet::new();
    for n in 0..20_u8 {
        let store = store.clone();
        let key =
            SigningKey { kid: format!("k{n}"), pkcs8: vec![n; 80], public: vec![n; 32], created_at: NOW };
        making.spawn(async move { store.control().add_signing_key(key, NOW.plus_ms(-1_000)).await.unwrap() });
    }
    assert_eq!(making.join_all().await.into_iter().filter(|made| *made).count(), 1);
    assert_eq!(store.control().signing_keys().await.unwrap().len(), 1);
    // The next one when it is time.
    let key = SigningKey {
        kid: "next".into(),
        pkcs8: vec![1; 80],
        public: vec![1; 32],
        created_at: NOW.plus_ms(9),
    };
    assert!(store.control().add_signing_key(key, NOW.plus_ms(1)).await.unwrap());
}
