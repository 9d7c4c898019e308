//! Statements: binding, rows, search, and that each is prepared once.

use std::time::Duration;

use flowbit_domain::{Command, Error, Query, Result, TenantRead, TenantTx, Value, tx::SearchDialect};
use uuid::Uuid;

use crate::support::{Bench, Count, Execute, Hold, add, begin, hold};

/// Runs a statement and shows its rows' first columns.
struct Texts(&'static str, Vec<Value>);

impl Query for Texts {
    type Output = Vec<Option<String>>;
    async fn run(self, tx: &mut impl TenantRead) -> Result<Self::Output> {
        Ok(tx.query(self.0, &self.1, |row| Ok(row.opt_text(0)?.map(str::to_owned))).await?)
    }
}

#[tokio::test]
async fn parameters_are_bound_by_their_number() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    let texts = |sql, values: Vec<Value>| bench.store.read(&a, Texts(sql, values));
    let abc = || vec!["a".into(), "b".into(), "c".into()];
    assert_eq!(texts("SELECT $3 || $1 || $2 || $3", abc()).await.unwrap(), [Some("cabc".into())]);
    let eleven: Vec<Value> = (1..=11).map(|n| Value::Text(format!("{n} "))).collect();
    let sql = "SELECT $11 || $10 || $9 || $8 || $7 || $6 || $5 || $4 || $3 || $2 || $1";
    assert_eq!(texts(sql, eleven).await.unwrap(), [Some("11 10 9 8 7 6 5 4 3 2 1 ".into())]);
    assert_eq!(texts("SELECT $1", vec![Value::Null]).await.unwrap(), [None]);
    for (sql, values) in [
        ("SELECT $1 || $2", abc()),
        ("SELECT $1 || $2 || $4", abc()),
        ("SELECT $0 || $1 || $2", abc()),
        ("SELECT :a || $1 || $2", abc()),
        ("SELECT $1 || $2 || $3", vec!["a".into()]),
    ] {
        let refused = texts(sql, values).await;
        assert!(matches!(refused, Err(Error::Internal(_))), "{sql}: {refused:?}");
    }
}

struct Values(Vec<Value>);

impl Query for Values {
    type Output = (i64, Option<i64>, bool, Uuid, Option<Uuid>, Vec<u8>, Vec<u8>);
    async fn run(self, tx: &mut impl TenantRead) -> Result<Self::Output> {
        let row = tx.query_one("SELECT $1, $2, $3, $4, $5, $6, $7", &self.0, |row| {
            let wrong = row.text(0).unwrap_err().to_string();
            assert!(wrong.contains("column 0"), "{wrong}");
            assert!(
                row.int(1).is_err() && row.uuid(4).is_err() && row.uuid(5).is_err() && row.int(9).is_err()
            );
            Ok((
                row.int(0)?,
                row.opt_int(1)?,
                row.bool(2)?,
                row.uuid(3)?,
                row.opt_uuid(4)?,
                row.bytes(5)?.to_vec(),
                row.bytes(6)?.to_vec(),
            ))
        });
        Ok(row.await?.unwrap())
    }
}

#[tokio::test]
async fn every_kind_of_value_comes_back() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    let id = Uuid::from_u128(0x0123_4567_89ab_7def_8123_4567_89ab_cdef);
    let values = vec![
        i64::MIN.into(),
        Value::Null,
        true.into(),
        id.into(),
        Value::Null,
        vec![0, 255].into(),
        vec![].into(),
    ];
    let row = bench.store.read(&a, Values(values)).await.unwrap();
    assert_eq!(row, (i64::MIN, None, true, id, None, vec![0, 255], vec![]));
}

#[tokio::test]
async fn a_query_changes_nothing_and_no_statement_reaches_another_file() {
    let bench = Bench::new().await;
    let (a, b) = (bench.tenant("a").await, bench.tenant("b").await);
    bench.store.write(&b, add("1")).await.unwrap();
    for sql in ["DELETE FROM screen_settings", "UPDATE head SET last_number = 7 RETURNING 'x'"] {
        let refused = bench.store.read(&a, Texts(sql, vec![])).await;
        assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
    }
    let attach: &'static str = format!("ATTACH '{}' AS other", bench.file(&b).display()).leak();
    assert!(bench.store.read(&a, Texts(attach, vec![])).await.is_err());
    assert!(bench.store.write(&a, Execute(attach, vec![])).await.is_err());
    assert_eq!(bench.store.read(&a, Count).await.unwrap(), 0);
    assert_eq!(bench.store.read(&b, Count).await.unwrap(), 1);
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_ended_and_frees_its_reader() {
    let bench = Bench::with(|o| {
        o.readers = 1;
        o.read_timeout = Duration::from_millis(100);
    })
    .await;
    let a = bench.tenant("a").await;
    bench.store.write(&a, add("1")).await.unwrap();
    let endless =
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT 'x' FROM n WHERE x < 0";
    let ended = bench.store.read(&a, Texts(endless, vec![])).await;
    assert!(matches!(&ended, Err(Error::Unavailable(why)) if why.contains("too long")), "{ended:?}");
    // The same connection serves the next, whose time begins anew.
    assert_eq!(bench.store.read(&a, Count).await.unwrap(), 1);
}

#[tokio::test]
async fn cached_statements_are_never_prepared_again() {
    let bench = Bench::with(|o| o.readers = 1).await;
    let a = bench.tenant("a").await;
    let like = |word: Option<&str>| {
        let sql = "SELECT screen_id FROM screen_settings WHERE (screen_id >= $1 OR $1 IS NULL) AND enabled = $2 ORDER BY position LIMIT $3";
        Texts(sql, vec![word.into(), true.into(), 10.into()])
    };
    let mut prepared = 0;
    // Few enough that no checkpoint borrows the reader's connection.
    for n in 0..50 {
        bench.store.write(&a, add(format!("{n}"))).await.unwrap();
        bench.store.read(&a, like(if n % 2 == 0 { None } else { Some("S") })).await.unwrap();
        // The first read's transaction ends after its answer, but before the second read.
        if n == 1 {
            prepared = bench.store.stats().prepared;
        }
    }
    let stats = bench.store.stats();
    assert!(prepared > 0);
    assert_eq!((stats.prepared, stats.reprepared), (prepared, 0));
}

#[derive(Clone)]
struct Index(i64, i64, [&'static str; 3]);

impl Command for Index {
    type Output = ();
    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let add = tx.search().add;
        let texts = self.2.iter().map(|text| Value::from(Some(*text).filter(|t| !t.is_empty())));
        let values: Vec<Value> = [self.0.into(), self.1.into()].into_iter().chain(texts).collect();
        tx.put(add, values);
        Ok(())
    }
}

struct Dialect;

impl Query for Dialect {
    type Output = &'static SearchDialect;
    async fn run(self, tx: &mut impl TenantRead) -> Result<Self::Output> {
        Ok(tx.search())
    }
}

struct Find(&'static str, bool);

impl Query for Find {
    type Output = Vec<i64>;
    async fn run(self, tx: &mut impl TenantRead) -> Result<Vec<i64>> {
        let dialect = tx.search();
        let Some(query) = (dialect.query)(self.0, self.1) else { return Ok(vec![]) };
        let sql = format!(
            "SELECT t.number FROM (SELECT 1 AS number UNION SELECT 2) t WHERE {} ORDER BY 1",
            dialect.matches.replace("$Q", "$1").replace("$ALSO", "")
        );
        Ok(tx.query(&sql, &[query.into()], |row| row.int(0)).await?)
    }
}

#[tokio::test]
async fn search_finds_words_beginnings_and_notes_only_for_those_who_may() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    for document in [
        Index(1, 0, ["Palette beschädigt: Größe XL", "", ""]),
        Index(1, 1, ["", "The driver said NOT today", ""]),
        Index(1, 2, ["", "", "secret discount"]),
        Index(2, 0, ["Scanner broken", "", ""]),
    ] {
        bench.store.write(&a, document).await.unwrap();
    }
    let find = |typed, internal| bench.store.read(&a, Find(typed, internal));
    for (typed, internal, found) in [
        ("palette", false, &[1][..]),
        ("grosse", false, &[]),
        ("GROSS", false, &[]),
        ("große", false, &[1]),
        ("größe", false, &[1]),
        ("groß", false, &[1]),
        ("pal", false, &[1]),
        ("p", false, &[]),
        ("driver today", false, &[1]),
        ("palette today", false, &[]),
        ("not", false, &[1]),
        ("\" OR scanner", false, &[]),
        ("scan* NEAR(", false, &[]),
        ("internal_text:secret", true, &[]),
        ("secret", false, &[]),
        ("secret", true, &[1]),
        ("broken scanner", true, &[2]),
        ("***", true, &[]),
    ] {
        assert_eq!(find(typed, internal).await.unwrap(), found, "{typed}");
    }
    let dialect = bench.store.read(&a, Dialect).await.unwrap();
    let (remove, remove_all) = (dialect.remove, dialect.remove_all);
    bench.store.write(&a, Execute(remove, vec![2.into(), 0.into()])).await.unwrap();
    assert_eq!(find("scanner", true).await.unwrap(), [0_i64; 0]);
    bench.store.write(&a, Execute(remove_all, vec![1.into()])).await.unwrap();
    assert_eq!(find("palette", true).await.unwrap(), [0_i64; 0]);
}

/// Indexes a document in the way given, looks what is found, and then fails if so wished.
#[derive(Clone)]
struct IndexAndLook(i64, &'static str, bool);

impl Command for IndexAndLook {
    type Output = Vec<i64>;
    async fn run(self, tx: &mut impl TenantTx) -> Result<Vec<i64>> {
        Index(self.0, 0, [self.1, "", ""]).run(tx).await?;
        let found = Find(self.1, true).run(tx).await?;
        if self.2 { Err(Error::NotFound) } else { Ok(found) }
    }
}

#[tokio::test]
async fn what_waits_to_be_indexed_is_seen_when_looked_for_and_survives_anothers_failure() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    let (command, begun, release) = hold();
    let held = begin(bench.store.write::<Hold>(&a, command));
    begun.await.unwrap();
    let first = begin(bench.store.write(&a, Index(1, 0, ["first", "", ""])));
    let failed = begin(bench.store.write(&a, IndexAndLook(2, "failed", true)));
    let second = begin(bench.store.write(&a, IndexAndLook(2, "second", false)));
    drop(release);
    held.await.unwrap();
    first.await.unwrap();
    assert!(matches!(failed.await, Err(Error::NotFound)));
    assert_eq!(second.await.unwrap(), [2]);
    assert_eq!(bench.store.stats().commits, 1);
    for (word, found) in [("first", &[1][..]), ("failed", &[]), ("second", &[2])] {
        assert_eq!(bench.store.read(&a, Find(word, true)).await.unwrap(), found, "{word}");
    }
}

/// How the connection is set up.
#[derive(Clone)]
struct Settings;

const SETTINGS: &[&str] =
    &["synchronous", "foreign_keys", "recursive_triggers", "wal_autocheckpoint", "query_only"];

async fn settings(tx: &mut impl TenantRead) -> Result<Vec<i64>> {
    let mut values = Vec::new();
    for setting in SETTINGS {
        let value = tx.query_one(&format!("PRAGMA {setting}"), &[], |row| row.int(0)).await?;
        values.push(value.unwrap());
    }
    Ok(values)
}

impl Query for Settings {
    type Output = Vec<i64>;
    async fn run(self, tx: &mut impl TenantRead) -> Result<Self::Output> {
        settings(tx).await
    }
}

impl Command for Settings {
    type Output = Vec<i64>;
    async fn run(self, tx: &mut impl TenantTx) -> Result<Self::Output> {
        settings(tx).await
    }
}

#[tokio::test]
async fn every_connection_is_set_up_to_lose_nothing() {
    let bench = Bench::new().await;
    let a = bench.tenant("a").await;
    // Synchronous is FULL (2); checkpoints are run beside the commits.
    assert_eq!(bench.store.write(&a, Settings).await.unwrap(), [2, 1, 1, 0, 0]);
    assert_eq!(bench.store.read(&a, Settings).await.unwrap(), [2, 1, 1, 0, 1]);
    assert!(bench.file(&a).with_extension("db-wal").exists());
}
