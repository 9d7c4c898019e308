//! Running one statement: binding by number, rows in place, errors in the store's words.

use flowbit_domain::{StoreError, Value, tx::Row};
use rusqlite::{
    CachedStatement, ErrorCode, StatementStatus, ToSql,
    types::{ToSqlOutput, Type, ValueRef},
};
use uuid::Uuid;

use super::connection::Link;
use crate::counters::{Counters, count};

/// What a statement that answers rows may do besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing.
    ReadOnly,
    /// Change what it answers, by `RETURNING`.
    Any,
}

/// Runs a statement that answers rows.
pub(crate) fn query<T>(
    link: &mut Link,
    sql: &str,
    params: &[Value],
    kind: Kind,
    mut map: impl FnMut(&dyn Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let outcome = (|| {
        let mut statement = prepare(link, sql, params)?;
        if kind == Kind::ReadOnly && !statement.readonly() {
            return Err(Fault::Said(StoreError::Failed(format!("a query may not change anything: {sql:?}"))));
        }
        let mut answer = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            answer.push(map(&RowInPlace(row)).map_err(Fault::Said)?);
        }
        drop(rows);
        settle(&statement, &link.counters);
        Ok(answer)
    })();
    outcome.map_err(|fault| report(link, sql, fault))
}

/// Runs a statement that answers no rows; how many it touched.
pub(crate) fn execute(link: &mut Link, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
    let outcome = (|| {
        let mut statement = prepare(link, sql, params)?;
        let touched = statement.raw_execute()?;
        settle(&statement, &link.counters);
        Ok(touched as u64)
    })();
    outcome.map_err(|fault| report(link, sql, fault))
}

enum Fault {
    Engine(rusqlite::Error),
    Said(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(e: rusqlite::Error) -> Self {
        Self::Engine(e)
    }
}

fn prepare<'l>(link: &'l Link, sql: &str, params: &[Value]) -> Result<CachedStatement<'l>, Fault> {
    let mut statement = link.conn.prepare_cached(sql)?;
    if statement.get_status(StatementStatus::Run) == 0 {
        count(&link.counters.prepared);
    }
    bind(&mut statement, params)?;
    Ok(statement)
}

/// SQLite takes `$3` for a name and numbers names as they appear, so each is bound by the number in
/// its name. All of `$1` to `$n` must be there, as on the other engine.
fn bind(statement: &mut CachedStatement<'_>, params: &[Value]) -> Result<(), Fault> {
    let names = statement.parameter_count();
    if names != params.len() {
        let text = format!("the statement has {names} parameters and was given {}", params.len());
        return Err(Fault::Said(StoreError::Failed(text)));
    }
    for index in 1..=names {
        let name = statement.parameter_name(index).unwrap_or_default();
        // Names differ from each other, so if each is a number up to n, each number is there.
        let value = name
            .strip_prefix('$')
            .and_then(|number| number.parse::<usize>().ok())
            .and_then(|number| params.get(number.checked_sub(1)?));
        let Some(value) = value else {
            let text = format!("the statement has a parameter {name:?} beside {} values", params.len());
            return Err(Fault::Said(StoreError::Failed(text)));
        };
        statement.raw_bind_parameter(index, Bound(value))?;
    }
    Ok(())
}

fn settle(statement: &CachedStatement<'_>, counters: &Counters) {
    let again = statement.reset_status(StatementStatus::RePrepare);
    if let Ok(again @ 1..) = u64::try_from(again) {
        counters.reprepared.fetch_add(again, std::sync::atomic::Ordering::Relaxed);
    }
}

struct Bound<'v>(&'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(v) => ValueRef::Integer(i64::from(*v)),
            Value::Int(v) => ValueRef::Integer(*v),
            Value::Text(v) => ValueRef::Text(v.as_bytes()),
            Value::Uuid(v) => ValueRef::Blob(v.as_bytes()),
            Value::Bytes(v) => ValueRef::Blob(v),
        }))
    }
}

struct RowInPlace<'r, 's>(&'r rusqlite::Row<'s>);

impl RowInPlace<'_, '_> {
    fn value(&self, column: usize) -> Result<ValueRef<'_>, StoreError> {
        self.0.get_ref(column).map_err(|e| StoreError::Failed(format!("column {column}: {e}")))
    }

    fn wrong<T>(&self, column: usize, wanted: &str, found: Type) -> Result<T, StoreError> {
        let name = self.0.as_ref().column_name(column).unwrap_or("?");
        Err(StoreError::Failed(format!("column {column} ({name}) is {found}, wanted {wanted}")))
    }
}

impl Row for RowInPlace<'_, '_> {
    fn text(&self, column: usize) -> Result<&str, StoreError> {
        match self.opt_text(column)? {
            Some(text) => Ok(text),
            None => self.wrong(column, "text", Type::Null),
        }
    }

    fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                Err(e) => Err(StoreError::Failed(format!("column {column}: {e}"))),
            },
            other => self.wrong(column, "text", other.data_type()),
        }
    }

    fn int(&self, column: usize) -> Result<i64, StoreError> {
        match self.opt_int(column)? {
            Some(int) => Ok(int),
            None => self.wrong(column, "an integer", Type::Null),
        }
    }

    fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(int) => Ok(Some(int)),
            other => self.wrong(column, "an integer", other.data_type()),
        }
    }

    fn bool(&self, column: usize) -> Result<bool, StoreError> {
        match self.value(column)? {
            ValueRef::Integer(int @ (0 | 1)) => Ok(int == 1),
            other => self.wrong(column, "a truth value", other.data_type()),
        }
    }

    fn uuid(&self, column: usize) -> Result<Uuid, StoreError> {
        match self.opt_uuid(column)? {
            Some(uuid) => Ok(uuid),
            None => self.wrong(column, "a UUID", Type::Null),
        }
    }

    fn opt_uuid(&self, column: usize) -> Result<Option<Uuid>, StoreError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => match Uuid::from_slice(bytes) {
                Ok(uuid) => Ok(Some(uuid)),
                Err(e) => Err(StoreError::Failed(format!("column {column}: {e}"))),
            },
            other => self.wrong(column, "a UUID", other.data_type()),
        }
    }

    fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        match self.value(column)? {
            ValueRef::Blob(bytes) => Ok(bytes),
            other => self.wrong(column, "bytes", other.data_type()),
        }
    }
}

/// Notes a fault of the file on the connection, and puts the error in the store's words.
fn report(link: &mut Link, sql: &str, fault: Fault) -> StoreError {
    match fault {
        Fault::Said(said) => said,
        Fault::Engine(e) => {
            if is_damage(&e) {
                link.fault = Some(e.to_string());
            }
            match failure(&e) {
                StoreError::Failed(text) => StoreError::Failed(format!("{text} in {sql:?}")),
                unavailable => unavailable,
            }
        }
    }
}

fn is_damage(e: &rusqlite::Error) -> bool {
    use ErrorCode::{CannotOpen, DatabaseCorrupt, NotADatabase, SystemIoFailure};
    matches!(e.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase | SystemIoFailure | CannotOpen))
}

/// An error of the engine in the store's words: whether trying later, or the operator, may help.
pub(crate) fn failure(e: &rusqlite::Error) -> StoreError {
    use ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase,
        OperationInterrupted, OutOfMemory, PermissionDenied, ReadOnly, SystemIoFailure,
    };
    match e.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => StoreError::Unavailable(format!("its file is damaged: {e}")),
        Some(
            DiskFull | SystemIoFailure | DatabaseBusy | DatabaseLocked | CannotOpen | ReadOnly | OutOfMemory
            | PermissionDenied,
        ) => StoreError::Unavailable(e.to_string()),
        Some(OperationInterrupted) => StoreError::Unavailable("a query took too long".to_owned()),
        _ => StoreError::Failed(e.to_string()),
    }
}
