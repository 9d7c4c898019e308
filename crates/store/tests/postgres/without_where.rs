//! With every condition taken out of every statement, a company still sees nothing but its own: the database
//! keeps tenants apart, not the statements.

use flowbit_domain::{
    Query, Result, TenantRead, Value,
    archive::ReadArchive,
    audit::{AuditFilter, GetHead, ListAudit, ReadLedger},
    delivery::{DeliveryFilter, GetBacklog, ListDeliveries},
    endpoint::ListEndpoints,
    feed::{ListEvents, TailEvents},
    id::TenantId,
    message::ListMessages,
    session::{CheckSession, FindLogin},
    ticket::{CountTickets, GetTicket, ListTickets, TicketFilter, TicketSort},
    time::Timestamp,
    tx::{Row, SearchDialect},
    user::{FindPassword, GetProfile, ListUsers},
};
use std::sync::{Arc, Mutex};

use crate::support::{Bench, Company};

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

/// A transaction in which no statement has a condition. It notes what it was shown.
struct Stripped<'t, T> {
    tx: &'t mut T,
    seen: Arc<Mutex<Vec<String>>>,
}

/// Everything that a row has, for looking whether anything of another company is in it.
struct Noting<'r>(&'r dyn Row, Arc<Mutex<Vec<String>>>);

impl Noting<'_> {
    fn note<T: std::fmt::Debug>(
        &self,
        read: Result<T, flowbit_domain::StoreError>,
    ) -> Result<T, flowbit_domain::StoreError> {
        if let Ok(value) = &read {
            self.1.lock().unwrap().push(format!("{value:?}"));
        }
        read
    }
}

impl Row for Noting<'_> {
    fn text(&self, column: usize) -> Result<&str, flowbit_domain::StoreError> {
        self.note(self.0.text(column))
    }
    fn opt_text(&self, column: usize) -> Result<Option<&str>, flowbit_domain::StoreError> {
        self.note(self.0.opt_text(column))
    }
    fn int(&self, column: usize) -> Result<i64, flowbit_domain::StoreError> {
        self.0.int(column)
    }
    fn opt_int(&self, column: usize) -> Result<Option<i64>, flowbit_domain::StoreError> {
        self.0.opt_int(column)
    }
    fn bool(&self, column: usize) -> Result<bool, flowbit_domain::StoreError> {
        self.0.bool(column)
    }
    fn uuid(&self, column: usize) -> Result<uuid::Uuid, flowbit_domain::StoreError> {
        self.note(self.0.uuid(column))
    }
    fn opt_uuid(&self, column: usize) -> Result<Option<uuid::Uuid>, flowbit_domain::StoreError> {
        self.note(self.0.opt_uuid(column))
    }
    fn bytes(&self, column: usize) -> Result<&[u8], flowbit_domain::StoreError> {
        self.0.bytes(column)
    }
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
    async fn query<R, F>(
        &mut self,
        sql: &str,
        params: &[Value],
        mut map: F,
    ) -> Result<Vec<R>, flowbit_domain::StoreError>
    where
        R: Send,
        F: FnMut(&dyn Row) -> Result<R, flowbit_domain::StoreError> + Send,
    {
        let seen = Arc::clone(&self.seen);
        self.tx.query(&without_where(sql), params, move |row| map(&Noting(row, Arc::clone(&seen)))).await
    }
}

/// A query whose statements have no conditions.
struct Without<Q>(Q, Arc<Mutex<Vec<String>>>);

impl<Q: Query> Query for Without<Q> {
    type Output = Q::Output;
    async fn run(self, tx: &mut impl TenantRead) -> Result<Q::Output> {
        self.0.run(&mut Stripped { tx, seen: self.1 }).await
    }
}

#[tokio::test]
async fn without_conditions_a_company_sees_its_own_alone() {
    let bench = Bench::new(|_| {}).await;
    for (me, other, ticket) in
        [(&bench.a, &bench.b, &bench.ticket_of_b), (&bench.b, &bench.a, &bench.ticket_of_a)]
    {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut queries = 0;
        macro_rules! ask {
            ($query:expr) => {
                queries += 1;
                // What it makes of rows that it did not ask for is its own affair.
                let _ = bench.store.read(&me.ctx, Without($query, Arc::clone(&seen))).await;
            };
        }
        let principal = || me.admin.clone();
        let list = |filter: TicketFilter| ListTickets {
            principal: principal(),
            filter,
            sort: TicketSort::NumberAsc,
            limit: 100,
            cursor: None,
        };
        // By the other company's ids and words.
        ask!(GetTicket { principal: principal(), id: ticket.id });
        ask!(list(TicketFilter::default()));
        ask!(list(TicketFilter { text: Some("secret".into()), ..TicketFilter::default() }));
        ask!(list(TicketFilter {
            tag: Some("x".into()),
            requester: Some(other.admin.user),
            ..TicketFilter::default()
        }));
        ask!(CountTickets { principal: principal() });
        ask!(ListMessages { principal: principal(), ticket: ticket.id, limit: 100, cursor: None });
        ask!(ListEvents { principal: principal(), after: 0, limit: 100, ticket: None });
        ask!(ListEvents { principal: principal(), after: 0, limit: 100, ticket: Some(ticket.id) });
        ask!(TailEvents { after: 0, limit: 100 });
        ask!(ListAudit { principal: principal(), filter: AuditFilter::default(), limit: 100, cursor: None });
        ask!(ReadLedger { after: 0, limit: 100 });
        ask!(GetHead);
        ask!(ListUsers { principal: principal(), text: Some("admin".into()), limit: 100, cursor: None });
        ask!(GetProfile { principal: other.admin.clone() });
        ask!(FindLogin { email: "admin@beta.example".into() });
        ask!(FindPassword { user: other.admin.user });
        ask!(CheckSession { session: other.admin.session, user: other.admin.user });
        ask!(ListEndpoints { principal: principal(), limit: 100, cursor: None });
        let filter = DeliveryFilter { state: None, endpoint: None, ticket: None };
        ask!(ListDeliveries { principal: principal(), filter, limit: 100, cursor: None });
        ask!(GetBacklog { per_endpoint: 4 });
        ask!(ReadArchive { sink: Box::new(|_| Ok(())) });
        let seen = seen.lock().unwrap().join("\n");
        let (slug, foreign) = (slug(me), slug(other));
        assert!(queries > 15 && seen.contains(slug), "{slug} saw nothing");
        for trace in [foreign, &other.admin.user.to_string(), &ticket.id.to_string()] {
            assert!(!seen.contains(trace), "{slug} saw {trace}:\n{seen}");
        }
    }
}

fn slug(company: &Company) -> &str {
    company.admin.name.trim_start_matches("Admin of ")
}
