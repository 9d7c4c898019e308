//! With every condition taken out of every statement, a company still sees nothing but its own: the database
//! keeps tenants apart, not the statements.

use std::{
    collections::HashSet,
    fmt::Debug,
    sync::{Arc, Mutex},
};

use flowbit_domain::{
    Command, Query, Result, StoreError, TenantRead, TenantTx, Value,
    event::EventDraft,
    id::{EventId, TenantId},
    time::Timestamp,
    tx::{Row, SearchDialect},
};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::{
    support::{Furnished, tenant_tables},
    use_cases::{Known, every_command, every_query},
};

/// Makes every condition true: `WHERE x` becomes `WHERE true OR (x)`, which the planner takes for no condition
/// at all; the values that stand in it keep their types.
fn without_where(sql: &str) -> String {
    const ENDS: [&str; 6] = ["ORDER BY", "GROUP BY", "LIMIT", "RETURNING", "ON CONFLICT", "UNION"];
    let mut out = String::with_capacity(sql.len() + 32);
    // The depths of brackets at which a condition is open.
    let (mut depth, mut open) = (0_usize, Vec::new());
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let at_word = out.chars().last().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let ends = open.last() == Some(&depth) && at_word && ENDS.iter().any(|end| rest.starts_with(end));
        if ends {
            open.pop();
            out.push_str(") ");
        }
        if at_word && rest.starts_with("WHERE ") {
            open.push(depth);
            out.push_str("WHERE true OR (");
            rest = &rest["WHERE ".len()..];
            continue;
        }
        match c {
            '(' => depth += 1,
            ')' => {
                if open.last() == Some(&depth) {
                    open.pop();
                    out.push(')');
                }
                depth -= 1;
            }
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out.extend(open.iter().map(|_| ')'));
    out
}

#[test]
fn conditions_are_taken_out_at_every_depth() {
    assert_eq!(without_where("SELECT 1"), "SELECT 1");
    assert_eq!(
        without_where(
            "SELECT (SELECT 1 FROM a WHERE x = (2)) FROM b WHERE c IN (SELECT d FROM e WHERE f) ORDER BY g LIMIT 1"
        ),
        "SELECT (SELECT 1 FROM a WHERE true OR (x = (2))) FROM b WHERE true OR (c IN (SELECT d FROM e WHERE true OR (f)) ) ORDER BY g LIMIT 1"
    );
}

/// What a company was shown.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn note<T: Debug>(&self, read: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Ok(value) = &read {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
        read
    }

    /// Leaves out what the company's own ledger says, which may name whatever the company once asked about.
    async fn forget_own_ledger(&self, me: &Known, superuser: &Client) {
        let sql = "SELECT data FROM flowbit.events WHERE tenant_id = $1";
        let own = superuser.query(sql, &[&me.ctx.tenant().0]).await.unwrap();
        let own: HashSet<String> = own.iter().map(|row| format!("{:?}", row.get::<_, String>(0))).collect();
        self.0.lock().unwrap().retain(|text| !own.contains(text));
    }

    /// That something of a company is in it, and nothing of another.
    fn check(&self, me: &Known, other: &Known) {
        let seen = self.0.lock().unwrap().join("\n");
        assert!(seen.contains(&me.slug), "{} saw nothing", me.slug);
        for trace in [
            other.slug.clone(),
            other.ctx.tenant().to_string(),
            other.admin.user.to_string(),
            other.ticket.to_string(),
            other.endpoint.to_string(),
        ] {
            let line = seen.lines().find(|line| line.contains(&trace));
            assert_eq!(line, None, "{} saw {trace}", me.slug);
        }
    }
}

/// A row that notes what is read of it.
struct Noting<'r>(&'r dyn Row, &'r Seen);

impl Row for Noting<'_> {
    fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.1.note(self.0.text(column))
    }
    fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        self.1.note(self.0.opt_text(column))
    }
    fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.0.int(column)
    }
    fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.0.opt_int(column)
    }
    fn bool(&self, column: usize) -> Result<bool, StoreError> {
        self.0.bool(column)
    }
    fn uuid(&self, column: usize) -> Result<Uuid, StoreError> {
        self.1.note(self.0.uuid(column))
    }
    fn opt_uuid(&self, column: usize) -> Result<Option<Uuid>, StoreError> {
        self.1.note(self.0.opt_uuid(column))
    }
    fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        self.0.bytes(column)
    }
}

/// A transaction in which no statement has a condition.
struct Stripped<'t, T> {
    tx: &'t mut T,
    seen: Seen,
}

impl<T: TenantRead> TenantRead for Stripped<'_, T> {
    fn tenant(&self) -> TenantId {
        self.tx.tenant()
    }
    fn now(&self) -> Timestamp {
        self.tx.now()
    }
    fn search(&self) -> &'static SearchDialect {
        self.tx.search()
    }
    async fn query<R, F>(&mut self, sql: &str, params: &[Value], mut map: F) -> Result<Vec<R>, StoreError>
    where
        R: Send,
        F: FnMut(&dyn Row) -> Result<R, StoreError> + Send,
    {
        let seen = self.seen.clone();
        self.tx.query(&without_where(sql), params, move |row| map(&Noting(row, &seen))).await
    }
}

impl<T: TenantTx> TenantTx for Stripped<'_, T> {
    fn new_id(&mut self) -> Uuid {
        self.tx.new_id()
    }
    fn random(&mut self) -> [u8; 32] {
        self.tx.random()
    }
    async fn take_number(&mut self) -> Result<i64, StoreError> {
        self.tx.take_number().await
    }
    async fn skip_numbers(&mut self, up_to: i64) -> Result<(), StoreError> {
        self.tx.skip_numbers(up_to).await
    }
    async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        self.tx.execute(&without_where(sql), params).await
    }
    fn put(&mut self, sql: &'static str, params: Vec<Value>) {
        // Statements that travel are kept for as long as the program runs.
        self.tx.put(without_where(sql).leak(), params);
    }
    fn append(&mut self, draft: EventDraft) -> EventId {
        self.tx.append(draft)
    }
}

/// A use-case whose statements have no conditions.
#[derive(Clone)]
struct Without<U>(U, Seen);

impl<Q: Query> Query for Without<Q> {
    type Output = Q::Output;
    async fn run(self, tx: &mut impl TenantRead) -> Result<Q::Output> {
        self.0.run(&mut Stripped { tx, seen: self.1 }).await
    }
}

impl<C: Command> Command for Without<C> {
    type Output = C::Output;
    async fn run(self, tx: &mut impl TenantTx) -> Result<C::Output> {
        self.0.run(&mut Stripped { tx, seen: self.1 }).await
    }
}

#[tokio::test]
async fn without_conditions_a_company_sees_its_own_alone() {
    let bench = Furnished::new(|_| {}).await;
    for (me, other) in [(&bench.a, &bench.b), (&bench.b, &bench.a)] {
        let seen = Seen::default();
        macro_rules! ask {
            ($name:ident, $query:expr) => {
                // What it makes of rows that it did not ask for is its own affair.
                let _ = bench.store.read(&me.ctx, Without($query, seen.clone())).await;
            };
        }
        // By the other company's ids and words, and by its own.
        every_query!(me, other, ask);
        every_query!(me, me, ask);
        seen.check(me, other);
    }
}

#[tokio::test]
async fn without_conditions_a_company_changes_its_own_alone() {
    let bench = Furnished::new(|_| {}).await;
    let superuser = bench.database.connect("postgres").await.unwrap();
    let tables = tenant_tables(&superuser).await;
    let rows_of = async |company: &Known| {
        let mut rows = Vec::new();
        for table in &tables {
            let tenant = company.ctx.tenant();
            let sql = format!(
                "SELECT coalesce(string_agg(t::text, ';' ORDER BY t::text), '') FROM flowbit.{table} t WHERE tenant_id = '{tenant}'"
            );
            rows.push((table.clone(), superuser.query_one(&sql, &[]).await.unwrap().get::<_, String>(0)));
        }
        rows
    };
    let (before, other) = (rows_of(&bench.b).await, rows_of(&bench.a).await);
    let seen = Seen::default();
    let mut succeeded = 0;
    macro_rules! command {
        ($name:ident, $command:expr) => {
            let done = bench.store.write(&bench.a.ctx, Without($command, seen.clone())).await;
            succeeded += usize::from(done.is_ok());
        };
    }
    every_command!(&bench.a, &bench.b, 0, command);
    every_command!(&bench.a, &bench.a, 1, command);
    assert!(succeeded > 30, "hardly anything was done: {succeeded}");
    seen.forget_own_ledger(&bench.a, &superuser).await;
    seen.check(&bench.a, &bench.b);
    assert_eq!(rows_of(&bench.b).await, before);
    assert_ne!(rows_of(&bench.a).await, other);
}
