//! Statements that a use-case has said it will ask travel with the next flight; their answers wait here. What was
//! answered of a company's settings serves the commands that follow in the same transaction.

use std::sync::Arc;

use flowbit_domain::{
    StoreError, Value,
    tx::{DAILY, Row, SearchDialect},
};

use super::{
    connection::{Answer, Each, Step},
    statement::RowInPlace,
};

/// Statements that a use-case has said it will ask, and the answers that are there.
#[derive(Default)]
pub(super) struct Ahead(Vec<Foreseen>);

#[derive(Clone)]
struct Foreseen {
    sql: &'static str,
    params: Vec<Value>,
    rows: Option<Arc<Vec<tokio_postgres::Row>>>,
    /// For [`Settings`] as well.
    is_setting: bool,
}

/// Answers about a company's settings, as they are within a transaction that nobody else can change them beside: it
/// holds the company's head.
#[derive(Default)]
pub(super) struct Settings(Vec<Foreseen>);

impl Settings {
    /// Forgets them, if this statement may have changed them.
    pub(super) fn note_written(&mut self, sql: &str, search: &SearchDialect) {
        if !is_daily(sql, search) {
            self.0.clear();
        }
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Whether a statement reads, or writes to what no setting comes from.
fn is_daily(sql: &str, search: &SearchDialect) -> bool {
    if [search.add, search.remove, search.remove_all].contains(&sql) {
        return true;
    }
    let mut words = sql.split_whitespace();
    let table = match words.next() {
        Some("SELECT") => return true,
        Some("UPDATE") => words.next(),
        Some("INSERT" | "DELETE") => words.nth(1),
        _ => None,
    };
    table.is_some_and(|table| DAILY.contains(&table))
}

impl Ahead {
    /// Whether nothing was said.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn note(&mut self, sql: &'static str, params: &[Value]) {
        self.0.push(Foreseen { sql, params: params.to_vec(), rows: None, is_setting: false });
    }

    /// As [`Self::note`], of a setting, which may be known.
    pub(super) fn note_setting(&mut self, sql: &'static str, params: &[Value], known: &Settings) {
        debug_assert!(
            !sql.split(|c: char| c != '_' && !c.is_alphanumeric()).any(|word| DAILY.contains(&word)),
            "an answer that may change with every ticket is no setting: {sql}"
        );
        let known = known.0.iter().find(|known| known.sql == sql && known.params == params).cloned();
        let unknown = || Foreseen { sql, params: params.to_vec(), rows: None, is_setting: true };
        self.0.push(known.unwrap_or_else(unknown));
    }

    /// Whether a statement asks for a setting that nobody has asked for yet.
    pub(super) fn is_unsent_setting(&self, sql: &str, params: &[Value]) -> bool {
        let same = |foreseen: &Foreseen| foreseen.sql == sql && foreseen.params == params;
        self.0.iter().any(|foreseen| foreseen.is_setting && foreseen.rows.is_none() && same(foreseen))
    }

    /// The answer to a statement, if it is there; one that was not sent yet need not be.
    pub(super) fn take(&mut self, sql: &str, params: &[Value]) -> Option<Arc<Vec<tokio_postgres::Row>>> {
        let place = self.0.iter().position(|foreseen| foreseen.sql == sql && foreseen.params == params)?;
        self.0.swap_remove(place).rows
    }

    /// What is to be sent with the next flight.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let unsent = self.0.iter().filter(|foreseen| foreseen.rows.is_none());
        unsent.map(|foreseen| Step::Asked(foreseen.sql.into(), (&foreseen.params[..]).into()))
    }

    /// Takes in the answers to [`Self::steps`], in that order, and the settings among them into `known`, if there is
    /// one.
    pub(super) fn fill(&mut self, answers: impl Iterator<Item = Answer>, mut known: Option<&mut Settings>) {
        let waiting = self.0.iter_mut().filter(|foreseen| foreseen.rows.is_none());
        for (foreseen, answer) in waiting.zip(answers) {
            foreseen.rows = Some(Arc::new(answer.rows));
            if let Some(known) = known.as_deref_mut().filter(|_| foreseen.is_setting) {
                known.0.push(foreseen.clone());
            }
        }
    }
}

/// A transaction that can be asked, now or ahead.
pub(super) trait Asking {
    fn ahead(&mut self) -> &mut Ahead;

    /// Asks now; the rows are handed to `each`.
    fn ask_rows(
        &mut self,
        sql: &str,
        params: &[Value],
        each: Each<'_>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Puts the rows of an answer, which may be there already, through a use-case's mapping.
pub(super) async fn query<T, F>(
    tx: &mut (impl Asking + Send),
    sql: &str,
    params: &[Value],
    mut map: F,
) -> Result<Vec<T>, StoreError>
where
    T: Send,
    F: FnMut(&dyn Row) -> Result<T, StoreError> + Send,
{
    if let Some(rows) = tx.ahead().take(sql, params) {
        return rows.iter().map(|row| map(&RowInPlace(row))).collect();
    }
    let mut mapped = Vec::new();
    let mut each = |row: &tokio_postgres::Row| {
        mapped.push(map(&RowInPlace(row))?);
        Ok(())
    };
    tx.ask_rows(sql, params, Some(&mut each)).await?;
    Ok(mapped)
}
