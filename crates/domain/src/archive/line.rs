//! One row as one line of JSON, and back: nothing is lost on the way, whichever engine it goes to.

use std::collections::HashMap;

use serde::{Deserialize, Serialize, ser::SerializeMap};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::table::{Column, Kind, Table, camel_case};
use crate::{
    rich,
    ticket::damaged,
    time::Timestamp,
    tx::{Row, StoreError, Value},
};

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LineFault(pub(super) String);

pub(super) fn raw(value: &impl Serialize) -> Result<Box<RawValue>, StoreError> {
    serde_json::value::to_raw_value(value).map_err(|e| StoreError::Failed(e.to_string()))
}

impl Table {
    /// A row that was read by [`Table::select`] as a line.
    ///
    /// # Errors
    /// When a column is not what it should be.
    pub fn line_of(&self, row: &dyn Row) -> Result<Box<RawValue>, StoreError> {
        let cells = self.columns.iter().enumerate().map(|(place, column)| read(row, place, column.kind));
        let cells = cells.collect::<Result<Vec<_>, _>>()?;
        raw(&Line { columns: self.columns, cells })
    }

    /// The values of a line, in the order of [`Table::insert`]. A field that it does not have because it is older than
    /// that column is what it usually is.
    ///
    /// # Errors
    /// When it is no such line: it has other fields, or a value that can't be.
    pub fn values_of(&self, line: &[u8]) -> Result<Vec<Value>, LineFault> {
        let mut fields: HashMap<&str, &RawValue> =
            serde_json::from_slice(line).map_err(|e| LineFault(e.to_string()))?;
        let mut values = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            let name = camel_case(column.name);
            values.push(match (fields.remove(name.as_str()), column.usual) {
                (Some(field), _) => {
                    parse(field, column.kind).map_err(|why| LineFault(format!("{name}: {why}")))?
                }
                (None, Some(usual)) => usual.into(),
                (None, None) => return Err(LineFault(format!("the field {name:?} is missing"))),
            });
        }
        match fields.keys().next() {
            Some(unknown) => Err(LineFault(format!("the field {unknown:?} is not known"))),
            None => Ok(values),
        }
    }
}

/// A value as it is written.
enum Cell {
    Null,
    Int(i64),
    Bool(bool),
    Text(String),
    Json(Box<RawValue>),
    Uuid(Uuid),
    Time(Timestamp),
}

struct Line {
    columns: &'static [Column],
    cells: Vec<Cell>,
}

impl Serialize for Line {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.cells.len()))?;
        for (column, cell) in self.columns.iter().zip(&self.cells) {
            let name = camel_case(column.name);
            match cell {
                Cell::Null => map.serialize_entry(&name, &())?,
                Cell::Int(v) => map.serialize_entry(&name, v)?,
                Cell::Bool(v) => map.serialize_entry(&name, v)?,
                Cell::Text(v) => map.serialize_entry(&name, v)?,
                Cell::Json(v) => map.serialize_entry(&name, v)?,
                Cell::Uuid(v) => map.serialize_entry(&name, v)?,
                Cell::Time(v) => map.serialize_entry(&name, v)?,
            }
        }
        map.end()
    }
}

fn read(row: &dyn Row, place: usize, kind: Kind) -> Result<Cell, StoreError> {
    let text = |text: &str| Cell::Text(text.to_owned());
    Ok(match kind {
        Kind::Int => Cell::Int(row.int(place)?),
        Kind::OptInt => row.opt_int(place)?.map_or(Cell::Null, Cell::Int),
        Kind::Bool => Cell::Bool(row.bool(place)?),
        Kind::Text => text(row.text(place)?),
        Kind::OptText | Kind::OptHtml => row.opt_text(place)?.map_or(Cell::Null, text),
        Kind::Json => {
            let json = row.text(place)?;
            // A line ends where a row does.
            let json = Some(json.to_owned()).filter(|json| !json.contains('\n'));
            let json = json.and_then(|json| RawValue::from_string(json).ok());
            Cell::Json(json.ok_or_else(|| damaged("JSON text"))?)
        }
        Kind::Uuid => Cell::Uuid(row.uuid(place)?),
        Kind::OptUuid => row.opt_uuid(place)?.map_or(Cell::Null, Cell::Uuid),
        Kind::Time => Cell::Time(row.time(place)?),
        Kind::OptTime => row.opt_time(place)?.map_or(Cell::Null, Cell::Time),
        Kind::Bytes => Cell::Text(hex::encode(row.bytes(place)?)),
    })
}

fn parse(field: &RawValue, kind: Kind) -> Result<Value, String> {
    fn typed<T: for<'a> Deserialize<'a>>(field: &RawValue) -> Result<T, String> {
        serde_json::from_str(field.get()).map_err(|e| e.to_string())
    }
    // PostgreSQL keeps no such text: what comes from one engine must be able to go to the other.
    let plain = |text: String| match text.contains('\0') {
        true => Err("it contains U+0000".to_owned()),
        false => Ok(text),
    };
    Ok(match kind {
        Kind::Int => typed::<i64>(field)?.into(),
        Kind::OptInt => typed::<Option<i64>>(field)?.into(),
        Kind::Bool => typed::<bool>(field)?.into(),
        Kind::Text => plain(typed(field)?)?.into(),
        Kind::OptText => typed::<Option<String>>(field)?.map(plain).transpose()?.into(),
        Kind::OptHtml => {
            let html = typed::<Option<String>>(field)?.map(plain).transpose()?;
            html.as_deref().and_then(rich::sanitise).into()
        }
        Kind::Json => plain(field.get().to_owned())?.into(),
        Kind::Uuid => typed::<Uuid>(field)?.into(),
        Kind::OptUuid => typed::<Option<Uuid>>(field)?.into(),
        Kind::Time => typed::<Timestamp>(field)?.into(),
        Kind::OptTime => typed::<Option<Timestamp>>(field)?.into(),
        Kind::Bytes => hex::decode(typed::<String>(field)?).map_err(|e| e.to_string())?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::table::Usual;

    const fn column(name: &'static str, kind: Kind, usual: Option<Usual>) -> Column {
        Column { name, kind, usual }
    }

    static PARCELS: Table = Table {
        name: "parcels",
        order: "number",
        columns: &[
            column("number", Kind::Int, None),
            column("colour", Kind::OptText, Some(Usual::Null)),
            column("weight", Kind::Int, Some(Usual::Int(7))),
            column("is_fragile", Kind::Bool, Some(Usual::Bool(true))),
            column("labels", Kind::Json, Some(Usual::Text("[]"))),
        ],
        is_later: false,
    };

    /// What another server has kept, or somebody has written into the archive, gets no further than a person's.
    #[test]
    fn html_that_is_brought_in_is_sanitised_anew() {
        static COLUMNS: &[Column] = &[column("html", Kind::OptHtml, Some(Usual::Null))];
        let table = Table { name: "things", order: "html", columns: COLUMNS, is_later: false };
        let line = br#"{"html":"<p onclick=\"x()\">a<script>x()</script></p>"}"#;
        assert_eq!(table.values_of(line).unwrap(), [Value::from("<p>a</p>")]);
        for line in [r#"{"html":null}"#, "{}"] {
            assert_eq!(table.values_of(line.as_bytes()).unwrap(), [Value::Null]);
        }
    }

    #[test]
    fn what_is_older_than_a_column_has_its_usual_value_there() {
        let values = |line: &str| PARCELS.values_of(line.as_bytes());
        let old: Vec<Value> = vec![1_i64.into(), Value::Null, 7_i64.into(), true.into(), "[]".into()];
        assert_eq!(values(r#"{"number":1}"#), Ok(old));
        let said = r#"{"isFragile":false,"number":1,"labels":["x"],"weight":0,"colour":"red"}"#;
        let new: Vec<Value> = vec![1_i64.into(), "red".into(), 0_i64.into(), false.into(), r#"["x"]"#.into()];
        assert_eq!(values(said), Ok(new));
        let fault = |line: &str| values(line).unwrap_err().to_string();
        assert!(fault(r#"{"colour":"red"}"#).contains(r#""number" is missing"#));
        assert!(fault(r#"{"number":1,"color":"red"}"#).contains(r#""color" is not known"#));
        // What is there is read, and not passed over for what is usual.
        assert!(fault(r#"{"number":1,"weight":null}"#).starts_with("weight: "));
    }
}
