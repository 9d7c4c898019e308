//! One statement: its values on the way there, its rows on the way back, errors in the store's words.

use std::{borrow::Cow, error::Error as StdError, fmt};

use bytes::BytesMut;
use flowbit_domain::{StoreError, Value, tx::Row};
use tokio_postgres::{
    Error,
    error::SqlState,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};
use uuid::Uuid;

/// The shared SQL as this engine runs it: what must be unique must be so within the tenant, whose id leads
/// every key here.
pub(crate) fn localize(sql: &str) -> Cow<'_, str> {
    const CONFLICT: &str = "ON CONFLICT (";
    if sql.contains(CONFLICT) {
        Cow::Owned(sql.replace(CONFLICT, "ON CONFLICT (tenant_id, "))
    } else {
        Cow::Borrowed(sql)
    }
}

/// A value on its way. It shows itself nowhere: the driver would log it.
pub(crate) struct Bound<'v>(pub(crate) &'v Value);

impl fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Bound<'_> {
    /// What the value is, for statements that are not prepared before; NULL is left to the statement.
    pub(crate) fn declared(&self) -> Type {
        match self.0 {
            Value::Null => Type::UNKNOWN,
            Value::Bool(_) => Type::BOOL,
            Value::Int(_) => Type::INT8,
            Value::Text(_) => Type::TEXT,
            Value::Uuid(_) => Type::UUID,
            Value::Bytes(_) => Type::BYTEA,
        }
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let wrong = |given: &str| Err(format!("the statement wants {wanted} and was given {given}").into());
        match (self.0, wanted) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Bool(v), &Type::BOOL) => v.to_sql(wanted, out),
            (Value::Bool(_), _) => wrong("a truth value"),
            (Value::Int(v), &Type::INT8) => v.to_sql(wanted, out),
            (Value::Int(v), &Type::INT4) => match i32::try_from(*v) {
                Ok(v) => v.to_sql(wanted, out),
                Err(_) => wrong("a larger integer"),
            },
            (Value::Int(_), _) => wrong("an integer"),
            (Value::Text(v), &(Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN)) => {
                v.to_sql(wanted, out)
            }
            (Value::Text(_), _) => wrong("text"),
            (Value::Uuid(v), &Type::UUID) => v.to_sql(wanted, out),
            (Value::Uuid(_), _) => wrong("a UUID"),
            (Value::Bytes(v), &Type::BYTEA) => v.to_sql(wanted, out),
            (Value::Bytes(_), _) => wrong("bytes"),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A row of an answer.
pub(crate) struct RowInPlace<'r>(pub(crate) &'r tokio_postgres::Row);

impl RowInPlace<'_> {
    fn wrong<T>(&self, column: usize, wanted: &str) -> Result<T, StoreError> {
        let found = self.0.columns().get(column);
        let (name, found) = found.map_or(("?", "out of range"), |c| (c.name(), c.type_().name()));
        Err(StoreError::Failed(format!("column {column} ({name}) is {found}, wanted {wanted}")))
    }

    fn opt<'a, T: FromSql<'a>>(&'a self, column: usize, wanted: &str) -> Result<Option<T>, StoreError> {
        match self.0.try_get(column) {
            Ok(value) => Ok(value),
            Err(_) => self.wrong(column, wanted),
        }
    }

    fn some<'a, T: FromSql<'a>>(&'a self, column: usize, wanted: &str) -> Result<T, StoreError> {
        match self.opt(column, wanted)? {
            Some(value) => Ok(value),
            None => {
                let name = self.0.columns().get(column).map_or("?", |c| c.name());
                Err(StoreError::Failed(format!("column {column} ({name}) is NULL, wanted {wanted}")))
            }
        }
    }
}

impl Row for RowInPlace<'_> {
    fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.some(column, "text")
    }

    fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        self.opt(column, "text")
    }

    fn int(&self, column: usize) -> Result<i64, StoreError> {
        match self.opt_int(column)? {
            Some(int) => Ok(int),
            None => self.some(column, "an integer"),
        }
    }

    fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        // Literals are of the shorter type.
        if self.0.columns().get(column).is_some_and(|c| *c.type_() == Type::INT4) {
            return Ok(self.opt::<i32>(column, "an integer")?.map(i64::from));
        }
        self.opt(column, "an integer")
    }

    fn bool(&self, column: usize) -> Result<bool, StoreError> {
        self.some(column, "a truth value")
    }

    fn uuid(&self, column: usize) -> Result<Uuid, StoreError> {
        self.some(column, "a UUID")
    }

    fn opt_uuid(&self, column: usize) -> Result<Option<Uuid>, StoreError> {
        self.opt(column, "a UUID")
    }

    fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        self.some(column, "bytes")
    }
}

/// Whether the connection, or what is kept prepared on it, is of no use any more.
pub(crate) fn is_broken(e: &Error) -> bool {
    let Some(code) = e.code() else {
        // A value that can't be bound is the statement's fault; everything else is the link's.
        return e.is_closed() || !e.to_string().starts_with("error serializing parameter");
    };
    // 0A000: a kept plan no longer fits the tables; 26000: it is not kept any more; 25006: this database
    // takes no writes (any more); 57P..: the server goes down.
    matches!(code.code().get(..2), Some("08" | "57" | "58" | "26" | "XX"))
        && *code != SqlState::QUERY_CANCELED
        || *code == SqlState::FEATURE_NOT_SUPPORTED
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
}

/// Whether a connection that could not be made may be made later, though nobody puts anything right: nobody listens
/// there yet, or the server is starting, stopping or full. Not so a wrong password, database or certificate.
pub(crate) fn may_pass(e: &Error) -> bool {
    if let Some(code) = e.code() {
        return matches!(code.code().get(..2), Some("08" | "53" | "57" | "58"));
    }
    let mut cause = e.source();
    while let Some(e) = cause {
        if let Some(io) = e.downcast_ref::<std::io::Error>() {
            // A certificate that is not believed comes as data that is not valid.
            return io.kind() != std::io::ErrorKind::InvalidData;
        }
        cause = e.source();
    }
    e.is_closed()
}

/// An error in the store's words: whether trying later, or the operator, may help. Only the server's plain
/// message is told; details may have a tenant's values in them.
pub(crate) fn failure(e: &Error) -> StoreError {
    let Some(db) = e.as_db_error() else {
        let said = describe(e);
        return if is_broken(e) {
            StoreError::Unavailable(format!("the database can't be reached: {said}"))
        } else {
            StoreError::Failed(said)
        };
    };
    let text = format!("{} ({})", db.message(), db.code().code());
    let passing = matches!(db.code().code().get(..2), Some("08" | "40" | "53" | "55" | "57" | "58" | "XX"));
    if passing { StoreError::Unavailable(text) } else { StoreError::Failed(text) }
}

/// What an error of the driver says, with its causes.
pub(crate) fn describe(e: &Error) -> String {
    if let Some(db) = e.as_db_error() {
        return format!("{} ({})", db.message(), db.code().code());
    }
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(e) = cause {
        let said = e.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = e.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_conflicts_are_led_by_the_tenant() {
        assert_eq!(
            localize("INSERT … ON CONFLICT (email) DO NOTHING"),
            "INSERT … ON CONFLICT (tenant_id, email) DO NOTHING"
        );
        assert_eq!(localize("… ON CONFLICT DO NOTHING"), "… ON CONFLICT DO NOTHING");
    }

    #[test]
    fn no_value_shows_itself() {
        for secret in [Value::Text("hunter2".into()), Value::Bytes(b"hunter2".to_vec())] {
            assert!(!format!("{:?}", Bound(&secret)).contains("hunter2"));
        }
    }
}
