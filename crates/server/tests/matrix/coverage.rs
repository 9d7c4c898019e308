//! That the table and the document speak of the same operations and ids.

use std::collections::BTreeSet;

use crate::harness::{
    document::Operation,
    rows::{Access, Place, Row},
};

/// What differs between the document and the table; nothing should.
pub(crate) fn differences(operations: &[Operation], rows: &[Row]) -> Vec<String> {
    let mut found = Vec::new();
    for operation in operations {
        let of: Vec<&Row> = rows.iter().filter(|row| row.operation == operation.id).collect();
        if of.is_empty() {
            found.push(format!("{} has no row", operation.id));
            continue;
        }
        let open = of.iter().all(|row| matches!(row.access, Access::Open(_)));
        if open != operation.open {
            found.push(format!(
                "{}: open by the document: {}, by the table: {open}",
                operation.id, operation.open
            ));
        }
        let covered: BTreeSet<String> = of.iter().filter_map(|row| place_name(row.place)).collect();
        for id in operation.ids.symmetric_difference(&covered) {
            found.push(format!(
                "{}: the id at `{id}` is only in the table or only in the document",
                operation.id
            ));
        }
    }
    for row in rows {
        if !operations.iter().any(|operation| operation.id == row.operation) {
            found.push(format!("the row {} is of no operation", row.operation));
        }
    }
    found
}

fn place_name(place: Place) -> Option<String> {
    match place {
        Place::Nowhere => None,
        Place::Path => Some("path".to_owned()),
        Place::Query(name) => Some(format!("query {name}")),
        Place::Body(name) => Some(format!("body {name}")),
    }
}
