//! Statements that a use-case has said it will ask travel with the next flight; their answers wait here.

use flowbit_domain::{StoreError, Value, tx::Row};

use super::{
    connection::{Answer, Each, Step},
    statement::RowInPlace,
};

/// Statements that a use-case has said it will ask, and the answers that are there.
#[derive(Default)]
pub(super) struct Ahead(Vec<Foreseen>);

struct Foreseen {
    sql: &'static str,
    params: Vec<Value>,
    rows: Option<Vec<tokio_postgres::Row>>,
}

impl Ahead {
    pub(super) fn note(&mut self, sql: &'static str, params: &[Value]) {
        self.0.push(Foreseen { sql, params: params.to_vec(), rows: None });
    }

    /// The answer to a statement, if it is there; one that was not sent yet need not be.
    pub(super) fn take(&mut self, sql: &str, params: &[Value]) -> Option<Vec<tokio_postgres::Row>> {
        let place = self.0.iter().position(|foreseen| foreseen.sql == sql && foreseen.params == params)?;
        self.0.swap_remove(place).rows
    }

    /// What is to be sent with the next flight.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let unsent = self.0.iter().filter(|foreseen| foreseen.rows.is_none());
        unsent.map(|foreseen| Step::Asked(foreseen.sql.into(), (&foreseen.params[..]).into()))
    }

    /// Takes in the answers to [`Self::steps`], in that order.
    pub(super) fn fill(&mut self, answers: impl Iterator<Item = Answer>) {
        let waiting = self.0.iter_mut().filter(|foreseen| foreseen.rows.is_none());
        for (foreseen, answer) in waiting.zip(answers) {
            foreseen.rows = Some(answer.rows);
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
