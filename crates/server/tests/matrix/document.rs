//! The OpenAPI document as the matrix reads it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value as Json;

use super::rows::{Access, Place, Row};
use crate::harness::client::Request;

/// One operation of the document.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// With `{id}` where an id goes.
    pub(crate) path: String,
    /// Whether it says that no token is needed.
    pub(crate) open: bool,
    /// The places where it takes an id, as `path`, `query assigneeId`, `body assigneeId`.
    pub(crate) ids: BTreeSet<String>,
}

pub(crate) struct Document(Json);

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

impl Document {
    pub(crate) fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("the document is JSON"))
    }

    fn resolve<'d>(&'d self, schema: &'d Json) -> &'d Json {
        match schema["$ref"].as_str() {
            Some(reference) => self.0.pointer(&reference[1..]).expect("references lead somewhere"),
            None => schema,
        }
    }

    fn ids(&self, operation: &Json) -> BTreeSet<String> {
        let is_id = |name: &str| name == "id" || name.ends_with("Id");
        let mut ids = BTreeSet::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let (name, place) =
                (parameter["name"].as_str().unwrap_or(""), parameter["in"].as_str().unwrap_or(""));
            match place {
                "path" => ids.insert("path".to_owned()),
                "query" if is_id(name) => ids.insert(format!("query {name}")),
                _ => false,
            };
        }
        let schema = self.resolve(&operation["requestBody"]["content"]["application/json"]["schema"]);
        for name in schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys()) {
            if is_id(name) {
                ids.insert(format!("body {name}"));
            }
        }
        ids
    }

    pub(crate) fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in self.0["paths"].as_object().expect("paths") {
            for method in METHODS {
                let Some(operation) = item.get(method) else { continue };
                // What an operation says of security wins over what the document says.
                let security = operation.get("security").unwrap_or(&self.0["security"]);
                let open =
                    security.as_array().is_none_or(|all| all.iter().any(|one| *one == serde_json::json!({})));
                operations.push(Operation {
                    id: operation["operationId"].as_str().expect("operations have ids").to_owned(),
                    method: method.to_uppercase().parse().expect("a method"),
                    path: path.clone(),
                    open,
                    ids: self.ids(operation),
                });
            }
        }
        operations
    }

    /// The methods that a path does not have.
    pub(crate) fn absent_methods(&self) -> Vec<(Method, String)> {
        let paths = self.0["paths"].as_object().expect("paths");
        let absent = |(path, item): (&String, &Json)| {
            let missing = METHODS.iter().filter(|m| item.get(**m).is_none());
            missing.map(|m| (m.to_uppercase().parse().expect("a method"), path.clone())).collect::<Vec<_>>()
        };
        paths.iter().flat_map(absent).collect()
    }
}

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

/// Every request of the matrix has this id, so that answers can be compared byte for byte.
const REQUEST_ID: &str = "the-same-for-all";

/// The request of a row with this id in its place. `own_ticket` goes into the path when the id stands
/// elsewhere.
pub(crate) fn request(operation: &Operation, row: &Row, id: &str, own_ticket: &str) -> Request {
    let in_path = if row.place == Place::Path { id } else { own_ticket };
    let mut path = operation.path.replace("{id}", in_path);
    if let Place::Query(name) = row.place {
        path = format!("{path}?{name}={id}");
    }
    let mut request = Request::new(operation.method.clone(), &path).header("x-request-id", REQUEST_ID);
    if let Some(body) = &row.body {
        let mut body = body.clone();
        if let Place::Body(name) = row.place {
            body[name] = id.into();
        }
        request = request.json(&body);
    }
    request
}
